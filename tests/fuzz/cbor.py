"""Seeds for cbor.c: one file for each message, in the directory named; also
those of the captures, where they are."""
import json
import os
import sys

CAPTURES = os.environ.get("TBMS_CAPTURES", "../shared/data")

SEEDS = (
    "85f6fa41540000", "8570444541444330444542414144434f4445fa41540000",
    "85f6a51871fa415400001874 82fa41bb3333fa41c000001880f5187ef418730019",
    "1f1831a2101903e81871fa41540000", "1f1831851903e8fa41540000f6f7f97bff",
    "85f6c482213 81f", "a3f66466616c73", "85fb400921fb54442d18",
    "0a85f6ceca0a1f00a11840cecd0a", "85f6420102",
)
try:
    with open(CAPTURES + "/thingset/node-c-vectors.json") as vectors:
        SEEDS += tuple(one[side] for one in json.load(vectors)
                       for side in ("request", "response")
                       if one["kind"] == "hex")
except OSError:
    pass
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        file.write(bytes.fromhex(seed.replace(" ", "")))
