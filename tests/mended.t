#!/bin/sh
# A profile that was wrong, was mended, and its frames replayed: the database
# says what it would say if the profile had been right from the start.
. "$(dirname "$0")/lib.sh"

make_tenant() { # ROOT
	TBMS_ROOT=$1
	mkdir -p "$TBMS_ROOT"
	tenant-db create --tenant eds --timezone UTC
	put_fleet eds 48 15 '1 2' pylontech-can
	# of which a wrong profile raises the first, and the second as often
	echo '{"code":"over","severity":"critical","category":"voltage","kind":"battery","expression":"pack_voltage > 60","for_ms":60000,"title":"Over","message":"x"}
{"code":"under","severity":"warning","category":"current","kind":"battery","expression":"pack_current < -20","title":"Under","message":"x"}' |
	    tenant-db put --tenant eds alert_rules
}
sum() {
	rollup --tenant eds
	tenant-db digest --tenant eds | jq -r .sha256
}
put() { # FRAMES: through the spool, as from the field
	spool put "$TBMS_ROOT/spool" <"$1" >/dev/null
	spool each --once "$TBMS_ROOT/spool" -- bms-normalize '|' \
	    tenant-db append --all >/dev/null 2>&1
}
replay() { # OPTION ...
	spool replay --tenant eds "$@" "$TBMS_ROOT/spool" | bms-normalize 2>/dev/null |
	    tenant-db append --tenant eds >/dev/null
}
differs() { # what is not as it should be
	for part in readings suspects fault_events history \
	    cell_history; do
		tenant-db digest --tenant eds --lines $part >"$T/got"
		TBMS_ROOT=$T/right tenant-db digest --tenant eds \
		    --lines $part >"$T/wanted"
		diff "$T/got" "$T/wanted" | sed "s/^/# $part: /" |
		    cut -c 1-200 | head -n 5
	done
}
mended() { # NAME
	got=$(sum)
	is "$got" "$right" "$1"
	[ "$got" = "$right" ] || differs
}

seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
echo "# SEED=$seed"
python3 "$TESTS/mended.py" "$seed" >"$T/frames"
head -n 150 "$T/frames" >"$T/frames.1"
tail -n +151 "$T/frames" >"$T/frames.2"

# Wrong: twice the voltage, and a state of charge that is nothing of the
# sort: a frame with no more than that gives no reading.
right_share=$T/right-share
cp -R "$TBMS_SHARE" "$right_share"
jq '.measurements |= map(select(.name | test("^so[ch]_percent$") | not))
    | .can.must -= ["state"]' \
    "$TBMS_SHARE/profiles/pylontech-can.json" \
    >"$right_share/profiles/pylontech-can.json"
cp -R "$TBMS_SHARE" "$T/share"
sed 's/^\( SG_ voltage .*\)(0\.01,0)/\1(0.02,0)/' \
    "$TBMS_SHARE/profiles/pylontech-can.dbc" \
    >"$T/share/profiles/pylontech-can.dbc"

TBMS_SHARE=$right_share
make_tenant "$T/right"
put "$T/frames"
right=$(sum)
alert-eval --tenant eds >/dev/null
alerts=$(tenant-db digest --tenant eds --lines alerts | grep -v silence)
like "$alerts" under 'alerts were raised'
made=$(db eds 'SELECT count(*) FROM readings')

TBMS_SHARE=$T/share
make_tenant "$T/wrong"
put "$T/frames"
wrong=$(sum)
alert-eval --tenant eds >/dev/null
wrong_alerts=$(db eds "SELECT count(*) FROM alerts WHERE alert_code = 'over'")
[ "$wrong_alerts" -gt 0 ]
ok $? 'a wrong profile raises alerts'
[ "$wrong" != "$right" ]
ok $? 'a wrong profile makes other data'
[ "$(db eds 'SELECT count(*) FROM readings')" -gt "$made" ]
ok $? '... and readings where there should be none'
cp -R "$TBMS_ROOT" "$T/kept"

# ---- mended ---------------------------------------------------------------
again() {
	TBMS_ROOT=$T/wrong
	rm -rf "$TBMS_ROOT"
	cp -R "$T/kept" "$TBMS_ROOT"
	TBMS_SHARE=$right_share
}
again
replay
mended 'replayed: the same data'
alert-eval --tenant eds >"$T/alerts"
is "$(tenant-db digest --tenant eds --lines alerts | grep -v silence)" \
    "$alerts" 'the alerts that were not so are withdrawn'
is "$(db eds "SELECT count(*), count(withdrawn_at), count(resolved_at)
    FROM alerts WHERE alert_code = 'over'")" \
    "$wrong_alerts|$wrong_alerts|$wrong_alerts" '... they stay in the table'
is "$(db eds 'SELECT count(*) FROM alert_again')" 0 '... looked at once'
again
tenant-db seal --tenant eds
is "$(db eds 'SELECT count(*) FROM readings')" 0 'all is sealed'
replay
mended '... replayed: the same data'
tenant-db seal --tenant eds
before=$(db eds 'SELECT max(seq) FROM touched')
replay
is "$(db eds 'SELECT max(seq) FROM touched')" "$before" \
    'once more: nothing has changed for those who follow'
mended '... and nothing has'
again
tenant-db seal --tenant eds
replay --device d-2
replay --to 2026-03-01T12:00:00Z
tenant-db seal --tenant eds
rollup --tenant eds
replay --device d-1 --from 2026-03-01T12:00:00Z
mended 'piece by piece'
again
tenant-db annul --tenant eds -b b-1 -m pack_current --reason r --by me \
    --from 2026-03-01T11:00:00Z --to 2026-03-01T12:30:00Z >/dev/null
TBMS_ROOT=$T/right tenant-db annul --tenant eds -b b-1 -m pack_current \
    --reason r --by me --from 2026-03-01T11:00:00Z \
    --to 2026-03-01T12:30:00Z >/dev/null
right=$(TBMS_ROOT=$T/right sum)
replay
mended 'what was annulled stays so'

# ---- mended halfway: the rest came with the right profile ---------------
make_tenant "$T/half"
TBMS_SHARE=$T/share
put "$T/frames.1"
rollup --tenant eds
tenant-db seal --tenant eds
TBMS_SHARE=$right_share
put "$T/frames.2"
tenant-db annul --tenant eds -b b-1 -m pack_current --reason r --by me \
    --from 2026-03-01T11:00:00Z --to 2026-03-01T12:30:00Z >/dev/null
replay
mended 'mended halfway'
done_testing
