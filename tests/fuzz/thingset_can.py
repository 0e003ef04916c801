"""Seeds for thingset_can.c: the frames of a request and of a report."""
import sys

SEEDS = (
    "18000001#101285F683FA4154 18000001#210000FAC048F5C3"
    " 18000001#22FA42A30000 18000001#300801 18000001#0785F6FA41540000",
    "1D004001#1F1831A31871FA41 1D005101#5400001873FAC048"
    " 1D005201#F5C3187CFA42A300 1D006301#00 1E123402#F6",
)
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        for frame in seed.split():
            ident, data = map(bytes.fromhex, frame.split("#"))
            file.write(ident + bytes([len(data)]) + data)
