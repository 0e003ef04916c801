#!/bin/sh
# Each program has its manual page and its test.
for path in bin/*; do
	name=${path#bin/}
	case $name in *.c) name=${name%.c} ;; *.sh) name=${name%.sh} ;; esac
	[ -f "man/$name.1" ] || echo "$path: has no man/$name.1"
	[ -L "$path" ] && continue
	for test in "tests/$name.t" "tests/$name"-*.t; do
		[ -e "$test" ] && continue 2
	done
	echo "$path: has no tests/$name.t"
done
exit 0
