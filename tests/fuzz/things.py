"""Seeds for things.c: reports, questions' answers, one after the other."""
import sys

SEEDS = (
    ("1f1831a2101903e81871fa41540000", "85f68163745f73"),
    ("1f1831851903e8fa41540000f6f7f9", "85f6851018711873187c187f",
     "85f6846561626364656566673163612f6263612f63"),
    ("1f63307863307869", "1f633078431871", "1f63307843a16330786301"),
    ("1f6161a11871f5", "85f6a1187101", "1f187100"),
    ("1f1831a3190701011907 02f619070502".replace(" ", ""),
     "85f683674e65737465642f6a4e65737465642f4f626a666e6f7065",),
)
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        for message in seed:
            data = bytes.fromhex(message)
            file.write(bytes([len(data), 2]) + data)
