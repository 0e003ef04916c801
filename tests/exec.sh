#!/bin/sh
# exec.sh FILE: how prove starts a shell test or a unit test.
case $1 in
*.t) exec sh "$@" ;;
*) exec "$@" ;;
esac
