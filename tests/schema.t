#!/bin/sh
# The JSON Schemas of the lines: their examples hold, lines that our parsers
# refuse do not, and reading's agrees with the table in reading(5).
. "$(dirname "$0")/lib.sh"

cat >"$T/table.py" <<'PY'
import json, re, sys
top = sys.argv[1]
schema = json.load(open(top + '/share/schema/json/reading.schema.json'))
rows = re.findall(r'^\.It (\w+) Ta (\w+) Ta (\S+) Ta (\S+) Ta (\w+) Ta (.+)$',
    open(top + '/man/reading.5', encoding='utf-8').read(), re.M)
assert len(rows) > 40, rows
head = {'kind', 'time', 'tenant', 'device', 'profile', 'battery', 'gen',
    'error'}
names = {row[0] for row in rows}
assert names | head == set(schema['properties']), \
    names ^ set(schema['properties'])
for name, shape, unit, decimals, kind, bounds in rows:
    has = schema['properties'][name]
    if shape in ('number', 'list'):
        if bounds.startswith(r'\(+-'):
            bounds = '-{0} to {0}'.format(bounds[4:])
        low, high = map(int, bounds.split(' to '))
        of = has if shape == 'number' else has['items']
        assert (of['minimum'], of['maximum']) == (low, high), name
    if unit != '-':
        assert has['description'] == unit, name
for rule in schema['allOf']:
    kind = rule['if']['properties']['kind']['const']
    allowed = set(rule['then']['propertyNames']['enum']) - head
    assert allowed == {row[0] for row in rows if kind != 'status' and
        row[4] in (kind, 'both')}, kind
PY
status 0 "reading's schema agrees with reading(5)" \
    python3 "$T/table.py" "$B"

cat >"$T/check.py" <<'PY'
import copy, json, sys
import jsonschema
path, wrong = sys.argv[1], sys.argv[2:]
schema = json.load(open(path))
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)
assert schema['examples']
for example in schema['examples']:
    check.validate(example)
    for name in schema['required']:
        less = copy.deepcopy(example)
        del less[name]
        assert not check.is_valid(less), (name, less)
    assert not check.is_valid({**example, 'no_such_member': 1})
for change in wrong:
    bad = {**schema['examples'][0], **json.loads(change)}
    assert not check.is_valid(bad), change
PY
if ! python3 -c 'import jsonschema
jsonschema.Draft202012Validator' 2>/dev/null; then
	skip "no python3-jsonschema" "the schemas' examples hold"
	done_testing
fi
# wrong NAME CHANGE...: changes of the first example that are refused
wrong() {
	name=$1
	shift
	schema=$TOP/share/schema/json/$name.schema.json
	[ -f "$schema" ] || schema=$B/share/schema/json/$name.schema.json
	status 0 "examples of $name.schema.json" python3 "$T/check.py" \
	    "$schema" "$@"
}
wrong reading '{"pack_voltage":2000.1}' '{"power_w":1}' '{"kind":"x"}' \
    '{"tenant":"A"}' '{"cell_voltages":[9]}' '{"operation_mode":"off"}' \
    '{"time":"now"}' '{"fault_codes":[1]}'
wrong frame '{"blocks":[]}' '{"messages":["1#"]}' '{"device":"../x"}' \
    '{"blocks":[{"function":5,"address":0,"data":"00"}]}'
wrong device '{"address":"gopher://x"}' '{"unit":256}' '{"interval_ms":-1}'
wrong alert '{"event":"x"}' '{"battery":"../x"}' '{"severity":"bad"}' \
    '{"trigger_value":"1"}'
wrong rollup '{"period":"yearly"}' '{"data_points_count":-1}' \
    '{"start":"2026-03-01"}' '{"zone":""}'
wrong mark '{"segment":-1}' '{"wait":["../x"]}' '{"sync":1}'

done_testing
