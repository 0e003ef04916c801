"""Seeds for thingset.c: one file for each line below, in the directory named."""
import json
import os
import sys

CAPTURES = os.environ.get("TBMS_CAPTURES", "../shared/data")

SEEDS = (
    b":85 {\"rVoltage_V\":12.9,\"a\":[1,null]}", b":85 Content. 12.9",
    b":85/DEADC0DEBAADCODE {\"a\":\"\\u00e9\"}", b":84 E096F11A#",
    b":85 13.25 0106A428#", b":A4 \"Invalid endpoint\"", b"#mLive {}",
    b"#mLive {\"t_s\":1000,\"Meas\":{\"rPackVoltage_V\":13.25}} E81C82B5#",
    b"# {\"Bat_V\":14.1}",
)
try:
    with open(CAPTURES + "/thingset/node-c-vectors.json") as vectors:
        SEEDS += tuple(one["response"].encode() for one in json.load(vectors)
                       if one["kind"] == "text")
except OSError:
    pass
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        file.write(seed)
