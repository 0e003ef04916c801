"""Seeds of the record harness: the examples of the schemas, canonical."""
import glob
import json
import sys

out = sys.argv[1]
for path in glob.glob('share/schema/json/*.schema.json*'):
    text = open(path, encoding='utf-8').read()
    at = text.find('"examples"')
    if at < 0:
        continue
    examples, _ = json.JSONDecoder().raw_decode(text, text.index('[', at))
    for number, example in enumerate(examples):
        for key, decimals in (('pack_voltage', 3), ('power_w', 2)):
            if key in example:
                example[key] = round(example[key], decimals)
        name = '%s/%s-%d' % (out, path.split('/')[-1].split('.')[0], number)
        with open(name, 'w', encoding='utf-8') as file:
            json.dump(example, file, separators=(',', ':'))
