#!/bin/sh
# uml.sh OUT [SECONDS]: run OUT/job.sh in a user-mode Linux and exit with its
# status; what it printed is in OUT/log. OUT is all that it can write; its disk
# is OUT/disk.img, where there is one. With SECONDS its power is cut so long
# after the job has made OUT/going.
#
# bwrap: when the kernel is killed, what ran in it goes on as processes of
# this machine; in here they find nothing to write to and die with it.
#
# The cut: the kernel is frozen, so that it writes no more; then what runs in
# it and its own input and output are killed, and it last. What the guest had
# not given to its disk is gone.
here=$(dirname "$(readlink -f "$0")")
OUT=$(readlink -f "$1")
disk=
[ ! -f "$OUT/disk.img" ] || disk=$OUT/disk.img
rm -f "$OUT/rc" "$OUT/log" "$OUT/going"
[ -f "$OUT/xstate.so" ] ||
    cc -O2 -D_GNU_SOURCE -shared -fPIC -o "$OUT/xstate.so" "$here/xstate.c" ||
    exit 125
timeout -k 5 "${UML_TIMEOUT:-300}" \
    bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /dev/shm \
    --bind "$OUT" "$OUT" --unshare-pid --unshare-net --unshare-ipc \
    --die-with-parent --setenv LD_PRELOAD "$OUT/xstate.so" \
    --setenv HOME "$OUT" --setenv TMPDIR /dev/shm --chdir "$OUT" \
    linux.uml mem=256M ${disk:+"ubd0=$disk"} quiet rootfstype=hostfs \
    root=/dev/root hostfs=/ ro uml_dir=/dev/shm/uml/ init="$here/init.sh" \
    OUT="$OUT" con=null con0=null,fd:1 </dev/null >"$OUT/console" 2>&1 &
cage=$!
# all that runs under a process
under() {
	cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n' |
	while read -r child; do
		[ -n "$child" ] || continue
		echo "$child"
		under "$child"
	done
}
if [ $# -gt 1 ]; then
	n=0
	until [ -e "$OUT/going" ] || [ $n -gt 600 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	if ! [ -e "$OUT/going" ]; then
		kill -9 $cage
		tail -n 5 "$OUT/console" >&2
		exit 125
	fi
	sleep "$2"
	kernel=
	for pid in $(under $cage); do
		case $(tr '\0' ' ' <"/proc/$pid/cmdline") in
		linux.uml*) kernel=${kernel:-$pid} ;;
		esac
	done
	[ -n "$kernel" ] || exit 125
	kill -STOP "$kernel"
	for pid in $(under "$kernel"); do kill -9 "$pid"; done 2>/dev/null
	kill -9 "$kernel" $cage
	wait $cage 2>/dev/null
	n=0
	while kill -0 "$kernel" 2>/dev/null && [ $n -lt 50 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	exit 0
fi
wait $cage
[ -f "$OUT/rc" ] && exit "$(cat "$OUT/rc")"
tail -n 5 "$OUT/console" >&2
exit 125
