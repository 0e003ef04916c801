"""prune.py DAYS: two batteries for so many days to 2026-06-30, a reading each
ten minutes; a fault now and then."""
import json
import sys
from datetime import datetime, timedelta, timezone

end = datetime(2026, 6, 30, tzinfo=timezone.utc)
days = int(sys.argv[1])
for n in range(days * 144):
    t = end - timedelta(days=days) + timedelta(minutes=10 * n)
    for b in (1, 2):
        v = 13 + 0.2 * ((n * (b + 1)) % 97) / 97
        print(json.dumps({
            "kind": "battery", "time": t.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "tenant": "eds", "device": "d-%d" % b, "profile": "p",
            "pack_voltage": round(v, 3),
            "pack_current": round(1 + (n * 7919 % 1000) / 1000, 3),
            "cell_voltages": [round(v / 4 + (n * 31 * c % 9) / 1000, 3)
                              for c in range(1, 5)],
            "temperatures": [round(20 + (n % 50) / 10, 2)],
            "fault_codes": ["cell_overvoltage"]
            if b == 1 and n % 1440 in (100, 101, 102) else [],
        }, separators=(",", ":")))
