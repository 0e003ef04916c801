"""Seeds for slcan.c: one file for each line below, in the directory named."""
import sys

SEEDS = (
    b"t220817200080C3000032", b"T18000100403011871", b"r1238", b"R123456784",
    b"t12321122EA5F", b"d1239112233445566778899AABBCC", b"V1013", b"z",
    b"D12345678F" + b"00" * 64, b"t8000",
)
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        file.write(seed)
