#!/usr/bin/env bash
# Runs a Windows program under the Wine of `scripts/windows/wine_root.ts`:
#
#   unshare --mount --pid --fork --kill-child bash wine.sh WINE PREFIX REPOSITORY KOFFI RUN program.exe argument...
#
# The script is the first process of a pid namespace. When it ends, by itself or with its parent, the kernel also ends Wine's
# server, its services and every Windows program. No process is left, and no run sees another.
#
# A Windows program sees the repository as Z:\w. Two more views of it are Z:\koffi\w, with koffi installed beside it, and
# Z:\wrong\w, with a koffi that lacks its part for Windows. Z:\run is the folder of this run.
set -eu
wine=$1 prefix=$2 repository=$3 koffi=$4 run=$5
shift 5
root=$wine/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$prefix" "$root/prefix"
mount --bind "$run" "$root/run"
for place in w koffi/w wrong/w; do mount --bind "$repository" "$root/$place"; done
mount --bind "$koffi" "$root/koffi/node_modules"
mount --bind "$koffi/koffi" "$root/wrong/node_modules/koffi"

# With an empty environment: a variable of Linux such as NODE_EXTRA_CA_CERTS would name a file that Windows does not have.
inside() {
  env -i PATH=/usr/bin:/usr/sbin HOME=/root USER=root TERM=dumb WINEPREFIX=/prefix WINEDEBUG=-all \
    WINESERVER=/usr/lib/wine/wineserver64 WINELOADER=/usr/lib/wine/wine64 \
    'WINEDLLOVERRIDES=mscoree,mshtml=;winemenubuilder.exe=d' \
    chroot "$root" "$@"
}

code=0
inside /usr/lib/wine/wine64 "$@" || code=$?
# Wine's server writes the registry when it is asked to end.
inside /usr/lib/wine/wineserver64 -k >/dev/null 2>&1 || true
inside /usr/lib/wine/wineserver64 -w >/dev/null 2>&1 || true
exit "$code"
