"""schemas.py A.db B.db: do two databases have the same tables, indexes,
views and triggers, but for blanks and comments? Says what differs."""
import re
import sqlite3
import sys


def schema(path):
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    found = {}
    for kind, name, sql in db.execute(
            "SELECT type, name, sql FROM sqlite_schema"
            " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"):
        sql = re.sub(r"--[^\n]*", " ", sql)
        # the shell may write a name with quotes
        sql = sql.replace('"%s"' % name, name)
        found[kind, name] = re.sub(r"\s+|(?<=[(,])\s*|\s*(?=[),])", " ",
                                   sql).replace(" ", "")
    found["pragma", "application_id"] = db.execute(
        "PRAGMA application_id").fetchone()[0]
    found["pragma", "user_version"] = db.execute(
        "PRAGMA user_version").fetchone()[0]
    return found


a, b = schema(sys.argv[1]), schema(sys.argv[2])
for key in sorted(set(a) | set(b)):
    if a.get(key) != b.get(key):
        print("%s %s:\n  %s\n  %s" % (*key, a.get(key), b.get(key)))
sys.exit(a != b)
