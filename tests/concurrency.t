#!/bin/sh
# Pipeline, cron's jobs, dashboard, backup, queries and edits at once on one
# tenant: none finds the database locked, nothing is lost, and the log of the
# database stays small. TBMS_SECONDS is for how long.
. "$(dirname "$0")/lib.sh"

need 'all at once' '' python3 sqlite3
case $B in
*/san) rows=60000 ;;
*) rows=240000 ;;
esac
export PYTHONPATH="$TESTS" PYTHONDONTWRITEBYTECODE=1
timeout $((${TBMS_SECONDS:-5} + 200)) python3 "$TESTS/concurrency.py" \
    "${TBMS_SECONDS:-5}" $rows >report 2>err
is $? 0 "all at once: no 111, nobody is locked out, the log is small"
cat report
sed 's/^/# /' err | head -n 20
done_testing
