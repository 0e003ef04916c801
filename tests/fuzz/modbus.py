"""Seeds for modbus.c: one file for each line below, in the directory named."""
import sys

SEEDS = (
    bytes.fromhex("010301" "00010000000701030453756E53"),
    bytes.fromhex("010301" "01030453756E5396F0"),
    bytes.fromhex("010302" "000100000003018302"),
    bytes.fromhex("010302" "018302C0F1"),
    bytes.fromhex("010012" "010103CD6B054282"),
)
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        file.write(seed)
