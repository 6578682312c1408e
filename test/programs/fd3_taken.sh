#!/bin/sh
# Runs a program with a file at number 3, where it says by LISTEN_PID (own, or of another process) that sockets begin.
exec 3</dev/null
if [ "$LISTEN_PID" = own ]; then export LISTEN_PID=$$; fi
exec "$@"
