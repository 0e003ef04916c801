#!/bin/sh
# make install: what is installed works from there, completions included.
. "$(dirname "$0")/lib.sh"

make -s -C "$TOP" install DESTDIR="$T/to" PREFIX=/usr >"$T/log" 2>&1
ok $? "make install into DESTDIR"
for program in "$B"/bin/*; do
	name=$(basename "$program")
	[ -x "$T/to/usr/bin/$name" ] || echo "$name"
done >"$T/absent"
is "$(cat "$T/absent")" "" "each program is installed"
for page in "$TOP"/man/*.[157]; do
	[ -f "$T/to/usr/share/man/man${page##*.}/$(basename "$page")" ] ||
	    echo "$page"
done >"$T/absent"
is "$(cat "$T/absent")" "" "each page is installed"
for folder in profiles schema web i18n; do
	[ -d "$T/to/usr/share/trackingbms/$folder" ] || echo "$folder"
done >"$T/absent"
is "$(cat "$T/absent")" "" "profiles, schemas and the site's parts are"
sqlite3 :memory: ".load $T/to/usr/lib/trackingbms/trackingbms" \
    "SELECT 1 FROM pragma_module_list WHERE name = 'bms_data'" \
    >"$T/words" 2>&1
is "$(cat "$T/words")" 1 "the extension is, and SQLite loads it"
PATH=$T/to/usr/bin:$PATH bash -c '
	. "$1/usr/share/bash-completion/completions/trackingbms"
	COMP_WORDS=(bms-normalize --pro) COMP_CWORD=1
	_trackingbms; echo "${COMPREPLY[0]}"' - "$T/to" >"$T/words" 2>&1
is "$(cat "$T/words")" "--profiles" "bash completes an option"
PATH=$T/to/usr/bin:$PATH bash -c '
	. "$1/usr/share/bash-completion/completions/trackingbms"
	COMP_WORDS=(tenant-db app) COMP_CWORD=1
	_trackingbms; echo "${COMPREPLY[0]}"' - "$T/to" >"$T/words" 2>&1
is "$(cat "$T/words")" "append" "bash completes a subcommand"
PATH=$T/to/usr/bin:$PATH bash -c '
	. "$1/usr/share/bash-completion/completions/trackingbms"
	COMP_WORDS=(tenant-db move --fr) COMP_CWORD=2
	_trackingbms; echo "${COMPREPLY[0]}"
	COMP_WORDS=(bms-poll probe -D) COMP_CWORD=2
	_trackingbms; echo "${COMPREPLY[0]}"' - "$T/to" >"$T/words" 2>&1
is "$(cat "$T/words")" "--from
-D" "and an option of a subcommand"

mkdir -p "$T/root/tenants/eds" "$T/root/tenants/aurora" \
    "$T/root/tenants/\$(touch ran)"
PATH=$T/to/usr/bin:$PATH TBMS_ROOT=$T/root bash -c '
	. "$1/usr/share/bash-completion/completions/trackingbms"
	words() {
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_trackingbms; echo "${COMPREPLY[*]}"
	}
	words tenant-db key ""
	words tenant-db key rotate ""
	words tenant-db status --tenant ""
	words tenant-db status --tenant eds s
	words tenant-db seal --root "$2" --tenant e
	words tenant-db seal ""' - "$T/to" "$T/root" >"$T/words" 2>&1
is "$(cat "$T/words")" 'create escrow init pair recover rotate

aurora eds
suspended
eds' "and its words, and the tenants that there are"
[ ! -e "$T/ran" ]
ok $? "a folder's name is not run"

done_testing
