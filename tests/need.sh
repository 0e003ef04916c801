#!/bin/sh
# need.sh build|check|packages [build|check|demo]: name what is missing.
# "packages" prints the Debian packages instead of judging.
build='gcc make pkg-config libc6-dev libsqlite3-dev libjansson-dev
libmodbus-dev libsodium-dev libzstd-dev libmicrohttpd-dev libseccomp-dev
gnuplot-nox libjs-dygraphs tzdata'
check='clang libcmocka-dev mandoc shellcheck clang-format cppcheck jq sqlite3
socat mbpoll python3 python3-pymodbus python3-serial-asyncio strace curl zstd
perl procps iproute2'

case $1 in
packages)
	shift
	for set in "$@"; do
		case $set in
		build) printf '%s\n' $build ;;
		check) printf '%s\n' $check ;;
		esac
	done
	exit 0 ;;
build) want=$build ;;
check) want="$build $check" ;;
*) echo "usage: need.sh build|check|packages SET..." >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null || exit 0
missing=
for package in $want; do
	dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null |
	    grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "missing Debian packages:$missing" >&2
echo "get them: apt-get install --no-install-recommends$missing" >&2
exit 2
