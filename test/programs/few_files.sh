#!/bin/sh
# Runs a program with so few open files that a large pool cannot start.
ulimit -n "$FILES"
exec "$@"
