#!/bin/sh
# From the mark of spool put to the tenant's file: whatever is killed with
# SIGKILL, at any instant, loses nothing and doubles nothing. TBMS_KILLS is how
# often each program is killed, SEED what the instants are drawn from.
. "$(dirname "$0")/lib.sh"

need 'kills at random instants' '' python3 sqlite3 zstd flock
case $B in
*/san) kills=3 ;;
*) kills=10 ;;
esac
PYTHONPATH=$TESTS
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
python3 "$TESTS/durable_kill.py" "${SEED:-$(date +%s)}" "${TBMS_KILLS:-$kills}" \
    >report 2>err
durable=$?
is $durable 0 "each program is killed, nothing is lost and nothing is doubled"
cat report
sed 's/^/# /' err | head -n 20
[ $durable -eq 0 ] ||
    tail -n 20 each.err cron.err replay.err last.err put.err | sed 's/^/# /'
done_testing
