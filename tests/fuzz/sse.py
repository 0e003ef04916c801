"""Seeds for sse.c: one file for each stream below."""
import sys

SEEDS = (
    b"\0data: {\"v\":1}\n\nevent: cells\ndata: [1,\ndata: 2]\n\n",
    b"\0: hello\r\rdata\r\n\r\n\xef\xbb\xbfretry: 5\nid: 1\n\n",
    b"\1{\"v\":1}\r\n[1]\n\n3\r",
)
for number, seed in enumerate(SEEDS):
    with open("%s/seed-%d" % (sys.argv[1], number), "wb") as file:
        file.write(seed)
