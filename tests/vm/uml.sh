#!/bin/sh
# uml.sh OUT: run OUT/job.sh in a user-mode Linux and exit with its status;
# what it printed is in OUT/log. OUT is all that it can write.
#
# bwrap: when the kernel is killed, what ran in it goes on as processes of
# this machine; in here they find nothing to write to and die with it.
here=$(dirname "$(readlink -f "$0")")
OUT=$(readlink -f "$1")
rm -f "$OUT/rc" "$OUT/log"
cc -O2 -D_GNU_SOURCE -shared -fPIC -o "$OUT/xstate.so" "$here/xstate.c" ||
    exit 125
timeout -k 5 "${UML_TIMEOUT:-300}" \
    bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /dev/shm \
    --bind "$OUT" "$OUT" --unshare-pid --unshare-net --unshare-ipc \
    --die-with-parent --setenv LD_PRELOAD "$OUT/xstate.so" \
    --setenv HOME "$OUT" --setenv TMPDIR /dev/shm --chdir "$OUT" \
    linux.uml mem=256M quiet rootfstype=hostfs root=/dev/root hostfs=/ ro \
    uml_dir=/dev/shm/uml/ init="$here/init.sh" OUT="$OUT" con=null \
    con0=null,fd:1 </dev/null >"$OUT/console" 2>&1
[ -f "$OUT/rc" ] && exit "$(cat "$OUT/rc")"
tail -n 5 "$OUT/console" >&2
exit 125
