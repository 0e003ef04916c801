"""Seeds for dbc.c in the directory named: the beginnings of the files that
ship, those of the captures where they are, and rarer statements."""
import glob
import os
import sys

top = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
captures = os.environ.get('TBMS_CAPTURES', top + '/../shared/data')
seeds = {
    'mux': b'BO_ 1 A: 8 N\n SG_ a M : 0|4@1+ (1,0) [0|0] "" N\n'
           b' SG_ b m3M : 4|4@0- (1E-3,-4) [0|0] "" N\n'
           b'SIG_VALTYPE_ 1 a : 1;\nSG_MUL_VAL_ 1 b a 3-5, 7-7;\n',
    'words': b'BO_ 1 A: 8 N\n SG_ a : 0|4@1+ (1,0) [0|0] "" N\n'
             b' SG_ b : 4|4@1+ (1,0) [0|0] "" N\n'
             b'VAL_TABLE_ t 0 "no \\"fault\\"" -1 "\xe9t\xe9" ;\n'
             b'VAL_ 1 a 0 "x" 1 "y; z" ;\nVAL_ 1 b t ;\nVAL_ env 0 "q" ;\n'
             b'BA_ "SystemSignalLongSymbol" SG_ 1 a "a_longer_name";\n'
             b'BA_ "SystemMessageLongSymbol" BO_ 1 "A_longer_name";\n'}
for path in (glob.glob(top + '/share/profiles/*.dbc') +
             glob.glob(captures + '/dbc/*/*.dbc') +
             glob.glob(captures + '/can/*/*.dbc')):
    text = open(path, 'rb').read()
    seeds[os.path.basename(path)] = text[:2000]
    seeds['end-' + os.path.basename(path)] = text[-1000:]
for name, text in seeds.items():
    with open('%s/seed-%s' % (sys.argv[1], name), 'wb') as file:
        file.write(text)
