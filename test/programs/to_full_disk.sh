#!/bin/sh
# Runs a program whose outputs are a device that is always full.
exec "$@" >/dev/full 2>/dev/full
