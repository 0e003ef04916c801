"""Seeds for thingset.c: one file for each line below, in the directory named."""
import sys

SEEDS = (
    b":85 {\"rVoltage_V\":12.9,\"a\":[1,null]}", b":85 Content. 12.9",
    b":85/DEADC0DEBAADCODE {\"a\":\"\\u00e9\"}", b":84 E096F11A#",
    b":85 13.25 0106A428#", b":A4 \"Invalid endpoint\"", b"#mLive {}",
    b"#mLive {\"t_s\":1000,\"Meas\":{\"rPackVoltage_V\":13.25}} E81C82B5#",
    b"# {\"Bat_V\":14.1}",
)
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        file.write(seed)
