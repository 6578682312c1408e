#!/bin/sh
# Runs a program on a terminal of its own, which script(1) makes.
line=
for word in "$@"; do line="$line '$word'"; done
exec script --quiet --return --command "exec $line" /dev/null
