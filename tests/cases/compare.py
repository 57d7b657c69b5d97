"""compare.py - hold the tables of a schema against a bundle made of the same events.

    compare.py CONNINFO SCHEMA BUNDLE REPORT

Values are compared as what they are: 1.50 in a column of doubles is 1.5, true is t. Rows are
compared without their order. Prints what differs and ends with 1 if anything does.
"""

import collections
import csv
import json
import os
import subprocess
import sys

NULL = "\1NULL\1"
UNPRINTED = {0x10FFFE: None, 0x10FFFF: None}  # psql leaves them out
TYPES = {"character varying": "varchar", "timestamp without time zone": "timestamp"}


def query(conninfo, sql, width):
    """The rows of a query that has so many columns, as lists of texts and None."""
    command = ["psql", "-X", "-A", "-t", "-q", "-z", "-0", "-P", f"null={NULL}", "-v",
               "ON_ERROR_STOP=1", "-d", conninfo, "-c", "SET extra_float_digits TO 2", "-c", sql]
    out = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    fields = [None if field == NULL else field for field in out.split("\0")[:-1]]
    return [fields[i:i + width] for i in range(0, len(fields), width)]


def short(name):
    base, bracket, rest = name.partition("(")
    return TYPES.get(base, base) + bracket + rest


def value_of(text, kind):
    """A value in the form in which equal values are equal."""
    if text is None:
        return None
    if kind == "boolean":
        return text in ("t", "true")
    if kind == "bigint":
        return int(text)
    if kind == "double precision":
        return float(text)
    if kind == "timestamp":
        return text.rstrip("0").rstrip(".") if "." in text else text
    return text.translate(UNPRINTED)


def rows_of(rows, kinds):
    return collections.Counter(
        tuple(value_of(text, kind) for text, kind in zip(row, kinds)) for row in rows)


def read_csv(path, null):
    with open(path, newline="", encoding="utf-8") as file:
        return [[None if field == null else field for field in row] for row in csv.reader(file)]


class Comparison:
    def __init__(self, conninfo, schema, bundle):
        self.conninfo, self.schema, self.bundle = conninfo, schema, bundle
        self.failures = 0
        csv.field_size_limit(1 << 30)

    def fail(self, text):
        print(text)
        self.failures += 1

    def ask(self, sql, width):
        return query(self.conninfo, sql, width)

    def same(self, what, wanted, actual):
        for row, count in (wanted - actual).items():
            self.fail(f"{what}: missing {count} of {str(row)[:400]}")
        for row, count in (actual - wanted).items():
            self.fail(f"{what}: {count} too many of {str(row)[:400]}")

    def columns(self):
        found = {}
        for table, column, kind in self.ask(f"""
                SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                WHERE n.nspname = '{self.schema}' AND c.relkind = 'r'
                ORDER BY c.relname, a.attnum""", 3):
            if not table.startswith("rs_"):
                found.setdefault(table, []).append((column, short(kind)))
        return found

    def tables(self):
        with open(os.path.join(self.bundle, "schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        found = self.columns()
        wanted = {table["name"]: [(c["name"], c["type"]) for c in table["columns"]]
                  for table in schema["tables"]}
        if wanted != found:
            for name in sorted(wanted.keys() | found.keys()):
                if wanted.get(name) != found.get(name):
                    self.fail(f"columns of {name}: {wanted.get(name)}, found {found.get(name)}")
            return
        for table in schema["tables"]:
            kinds = [column["type"] for column in table["columns"]]
            rows = [row for name in table["files"]
                    for row in read_csv(os.path.join(self.bundle, name), schema["null"])]
            names = ", ".join('"' + column["name"].replace('"', '""') + '"'
                              for column in table["columns"])
            stored = self.ask(f'SELECT {names} FROM "{self.schema}"."{table["name"]}"',
                              len(kinds))
            self.same(f'rows of {table["name"]}', rows_of(rows, kinds), rows_of(stored, kinds))

    def discards(self):
        rows = read_csv(os.path.join(self.bundle, "discards.csv"), "\\N")[1:]
        stored = self.ask(f"""SELECT table_name, column_name, row_id, received_at, value, reason
                              FROM "{self.schema}".rs_discards""", 6)
        kinds = ["varchar", "varchar", "varchar", "timestamp", "varchar", "varchar"]
        self.same("rs_discards", rows_of([row[:-1] for row in rows], kinds), rows_of(stored, kinds))

    def rejects(self):
        with open(os.path.join(self.bundle, "rejects.ndjson"), encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        names = ["input", "line", "byte_offset", "reason", "text"]
        stored = self.ask(f'SELECT {", ".join(names)} FROM "{self.schema}".rs_rejects', len(names))
        kinds = ["varchar", "bigint", "bigint", "varchar", "varchar"]
        self.same("rs_rejects", rows_of([[r[name] for name in names] for r in rows], kinds),
                  rows_of(stored, kinds))


def main():
    conninfo, schema, bundle, _ = sys.argv[1:]
    comparison = Comparison(conninfo, schema, bundle)
    comparison.tables()
    comparison.discards()
    comparison.rejects()
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
