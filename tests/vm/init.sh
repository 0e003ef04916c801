#!/bin/sh
# The first process of a user-mode Linux whose root is the machine's own,
# read-only: $OUT/job.sh is run beside a vcan0; log and rc are left in $OUT.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t tmpfs tmp /run
mkdir -p /dev/pts
busybox mount -t devpts -o ptmxmode=666 devpts /dev/pts
busybox mount -t hostfs -o "$OUT" none "$OUT"
cd "$OUT" || exit 1
modules=/usr/lib/uml/modules/$(uname -r)/kernel
for module in net/can/can net/can/can-raw drivers/net/can/dev/can-dev \
    drivers/net/can/vcan drivers/net/can/slcan/slcan; do
	insmod "$modules/$module.ko"
done
ip link set lo up
ip link add dev vcan0 type vcan && ip link set vcan0 mtu 72 up
sh ./job.sh >log 2>&1
echo $? >rc
sync
busybox poweroff -f
