"""Seeds for candump.c in the directory named: a file for each line below, and
for some of the captures' where they are."""
import glob
import os
import sys

SEEDS = (
    b"(1436509052.249713) can0 123#1122334455667788_E R",
    b"(1436509052.249713123)  vcan0 12345678#11.22", b"(0.000000) c 123#R8",
    b"(2024-05-01 12:00:00.123456) can0 123##1112233",
    b"  can0  123   [2]  11 22", b"  can0  123  [03]  11 22 33",
    b"  can0  123   [0]  remote request",
    b"(1700000000.000001) can0 20000004#000C000000006060",
    b" (001.250000)  can0  TX B E  123  [03]  11 22 33",
    b"(1.000000) can0 00123#81:00:12345678#1122",
)
top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
captures = os.environ.get("TBMS_CAPTURES", top + "/../shared/data")
for path in glob.glob(captures + "/can/*/*candump*"):
    SEEDS += tuple(open(path, "rb").read().splitlines()[:20])
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        file.write(seed)
