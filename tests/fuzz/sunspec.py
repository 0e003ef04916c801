"""Seeds for sunspec.c: maps of a few models, and the published images where
they are there."""
import glob
import os
import struct
import sys

out = sys.argv[1]
captures = os.environ.get("TBMS_CAPTURES", "../shared/data")
vectors = os.environ.get("TBMS_VECTORS", "../shared/protocols")


def put(name, control, data):
    with open("%s/seed-%s" % (out, name), "wb") as file:
        file.write(bytes(control) + data)


def chain(*models):
    words = [0x5375, 0x6E53]
    for model, length in models:
        words += [model, length] + [0xFFFF] * length
    words += [0xFFFF, 0]
    return struct.pack(">%dH" % len(words), *words)


put("battery", (0, 0), chain((1, 66), (802, 62), (803, 58)))
put("cells", (20, 0), chain((805, 50), (805, 46), (804, 62)))
put("refused", (0, 5), chain((802, 62), (714, 68), (713, 7)))
for path in (glob.glob(captures + "/modbus/sunspec/*.bin") +
             glob.glob(vectors + "/data/sunspec/*.bin")):
    put(os.path.basename(path), (0, 0), open(path, "rb").read())
