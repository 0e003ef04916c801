"""Seeds for json_path.c: the paths of the profiles with their vectors."""
import glob
import json
import sys

number = 0
for name in sorted(glob.glob("share/profiles/*.json")):
    top = json.load(open(name))
    if top.get("protocol") != "http":
        continue
    for rule in top["measurements"]:
        items = rule.get("item", [])
        for item in [items] if isinstance(items, str) else items:
            request, _, path = item.rpartition("#")
            for vector in top.get("vectors", []):
                for answer in vector["frame"]["answers"]:
                    if request not in ("", answer["path"]):
                        continue
                    number += 1
                    with open("%s/seed-%d" % (sys.argv[1], number),
                              "wb") as file:
                        file.write((path + "\n" + json.dumps(
                            answer["values"])).encode()[:4000])
