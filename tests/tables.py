# Conditions of all sorts on the virtual tables and on plain copies of them.
#   tables.py copy DATABASE        plain_ tables; bms_* rows from stdin as JSON
#   tables.py ask SEED COUNT       statements: 1 where both say the same
import json
import random
import sqlite3
import sys

DAY = 86400000
TABLES = {
    # what is copied, battery, start, period, words of periods
    "bms_data_history": ("battery_id", "period_start", "period_type",
                         ["'hourly'", "'daily'", "'monthly'", "NULL", "5",
                          "'HOURLY' COLLATE NOCASE"]),
    "cell_history": ("battery_id", "start", "period",
                     ["0", "1", "3", "NULL", "'0'", "0.0"]),
    "bms_cell_history": ("battery_id", "period_start", "period_type",
                         ["'hourly'", "'daily'", "NULL",
                          "'HOURLY' COLLATE NOCASE"]),
    "bms_data": ("battery_id", "timestamp", "battery",
                 ["'tor'", "'par'", "NULL", "'TOR' COLLATE NOCASE"]),
}


def copy(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE plain_bms_data_history AS"
               " SELECT * FROM history_rows")
    db.execute("CREATE TABLE plain_cell_history AS SELECT * FROM cell_rows")
    db.execute("CREATE TABLE plain_bms_data (battery_id INTEGER,"
               " battery TEXT, timestamp INTEGER)")
    db.execute("CREATE TABLE plain_bms_cell_history (battery_id INTEGER,"
               " period_type TEXT, period_start INTEGER)")
    for line in sys.stdin:
        row = json.loads(line)
        table = "bms_data" if "timestamp" in row else "bms_cell_history"
        names = sorted(row)
        db.execute("INSERT INTO plain_%s (%s) VALUES (%s)" % (
            table, ", ".join(names), ", ".join("?" for _ in names)),
            [row[name] for name in names])
    db.commit()


class Maker:
    def __init__(self, seed, start):
        self.rnd = random.Random(seed)
        self.start = start

    def time(self):
        rnd = self.rnd
        at = self.start + rnd.randint(-3, 80) * DAY + rnd.choice(
            (0, 0, 3600000, 1800000, -1))
        return rnd.choice([str(at)] * 6 + [
            "%d.5" % at, "'%d'" % at, "NULL", "-1", "9e99", "'abc'",
            "9223372036854775807", "-9223372036854775808"])

    def battery(self):
        return self.rnd.choice(("1", "2", "3", "1", "2", "4", "-1", "NULL",
                                "1.0", "'2'", "2.5", "4294967297"))

    def one(self, names, depth=0):
        rnd = self.rnd
        battery, start, period, words = names
        kind = rnd.randint(0, 10)
        if kind <= 2:
            return "%s %s %s" % (battery, rnd.choice(
                ("=", "=", "=", "IS", "!=", ">")), self.battery())
        if kind <= 4:
            return "%s %s %s" % (start, rnd.choice(
                ("<", ">", "<=", ">=", "=", "IS")), self.time())
        if kind == 5:
            return "%s BETWEEN %s AND %s" % (start, self.time(), self.time())
        if kind == 6:
            return "%s %s %s" % (period, rnd.choice(("=", "=", "!=", "IS")),
                                 rnd.choice(words))
        if kind == 7:
            return "%s IN (%s)" % (battery, ", ".join(
                self.battery() for _ in range(3)))
        if kind == 8:
            return "%s IN (%s)" % (period, ", ".join(
                word.split(" ")[0] for word in rnd.sample(words, 2)))
        if depth == 2:
            return "1"
        return "(%s %s %s)" % (self.one(names, depth + 1), rnd.choice(
            ("OR", "OR", "AND")), self.one(names, depth + 1))

    def statement(self):
        rnd = self.rnd
        table = rnd.choice(list(TABLES))
        names = ["x." + n for n in TABLES[table][:3]] + [TABLES[table][3]]
        where = " AND ".join(self.one(names)
                             for _ in range(rnd.randint(1, 3)))
        if rnd.random() < 0.4:
            where = "(%s) OR (%s)" % (where, " AND ".join(
                self.one(names) for _ in range(2)))
        what = "count(*) || ' ' || ifnull(sum(%s), '-')" % names[1]
        shape = rnd.choice((
            "SELECT " + what + " FROM %s x WHERE " + where,
            "SELECT " + what + " FROM batteries b JOIN %s x"
            " ON x.battery_id = b.id WHERE " + where,
            "SELECT group_concat(n) FROM (SELECT count(x.battery_id) AS n"
            " FROM batteries b LEFT JOIN %s x ON x.battery_id = b.id AND ("
            + where + ") GROUP BY b.id ORDER BY b.id)",
            "SELECT group_concat(n) FROM (SELECT " + names[1] + " AS n"
            " FROM %s x WHERE " + where + " ORDER BY 1 DESC LIMIT 20)"))
        return "SELECT (%s) IS (%s) AS same" % (
            shape % table, shape % ("plain_" + table))


if sys.argv[1] == "copy":
    copy(sys.argv[2])
else:
    maker = Maker(int(sys.argv[2]), 1767225600000)
    for _ in range(int(sys.argv[3])):
        print(maker.statement())
