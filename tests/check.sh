#!/bin/sh
# Set up a bare Debian 12 as far as the tests need it, build, and run them.
set -eu
cd "$(dirname "$0")/.."
sh tests/need.sh install build check
exec make check
