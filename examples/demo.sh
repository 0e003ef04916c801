#!/bin/sh
# Set up a bare Debian 12 as far as the demonstration needs it, build, and
# run it: two customers, a month of history, live values, a site to open.
set -eu
cd "$(dirname "$0")/.."
sh tests/need.sh install build demo
exec make -s demo
