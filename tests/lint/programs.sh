#!/bin/sh
# Each program has its manual page and its test.
for path in bin/*; do
	name=${path#bin/}
	case $name in *.c) name=${name%.c} ;; *.sh) name=${name%.sh} ;; esac
	[ -f "man/$name.1" ] || echo "$path: has no man/$name.1"
	ls "tests/$name.t" "tests/$name"-*.t >/dev/null 2>&1 ||
	    [ -L "$path" ] || echo "$path: has no tests/$name.t"
done
exit 0
