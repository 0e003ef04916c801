#!/bin/sh
# need.sh check|install SET...: the Debian packages of build, check, demo
# or bench (the peers).
# "check" names what is missing and how to get it (status 2); "install" gets
# it, with sudo where we are not root.
set -u

packages() {
	case $1 in
	build) echo gcc make pkg-config libc6-dev libsqlite3-dev \
	    libjansson-dev libsodium-dev libzstd-dev \
	    libmicrohttpd-dev libgnutls28-dev libseccomp-dev \
	    libcurl4-openssl-dev libwebsockets-dev libcbor-dev \
	    libsocketcan-dev gnuplot-nox libjs-dygraphs tzdata ;;
	demo) echo curl ;;
	bench) echo jq sqlite3 sqlite-utils influxdb miller strace time \
	    libsqlite3-dev python3 python3-pymodbus ;;
	check) echo clang libcmocka-dev mandoc shellcheck clang-format \
	    cppcheck jq sqlite3 socat mbpoll python3 python3-pymodbus \
	    python3-serial-asyncio python3-jsonschema python3-websockets \
	    python3-cbor2 strace curl zstd openssl perl procps iproute2 \
	    util-linux git ;;
	*) echo "need.sh: no set named $1" >&2; exit 2 ;;
	esac
}

missing() {
	for set in "$@"; do
		for package in $(packages "$set"); do
			dpkg-query -W -f '${Status}\n' "$package" \
			    2>/dev/null | grep -q 'ok installed' ||
			    printf ' %s' "$package"
		done
	done
}

act=${1:-}
[ $# -gt 1 ] || { echo "usage: need.sh check|install SET..." >&2; exit 2; }
shift
# Elsewhere than on Debian the compiler will say what it misses.
command -v dpkg-query >/dev/null || exit 0
list=$(missing "$@")
[ -n "$list" ] || exit 0
case $act in
check)
	echo "missing Debian packages:$list" >&2
	echo "get them: sudo apt-get install --no-install-recommends$list" >&2
	exit 2 ;;
install)
	sudo=
	[ "$(id -u)" -eq 0 ] || sudo=sudo
	echo "installing Debian packages:$list" >&2
	$sudo apt-get -qq update >&2
	# shellcheck disable=SC2086 # a list of names
	exec $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	    -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
	    --no-install-recommends install $list >&2 ;;
*) echo "usage: need.sh check|install SET..." >&2; exit 2 ;;
esac
