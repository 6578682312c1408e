#!/usr/bin/env bash
# Runs a Windows program under the Wine of `scripts/windows/wine_root.ts`:
#
#   unshare --mount --pid --fork --kill-child bash wine.sh WINE PREFIX REPOSITORY KOFFI RUN program.exe argument...
#
# As the first process of a pid namespace: when this ends, by itself or with who started it, the kernel ends
# Wine's server, its services and every Windows program along. Nothing is left behind, and no run meets another.
#
# What a Windows program sees: the repository is Z:\w, and once more Z:\koffi\w, where koffi is installed beside
# it, and Z:\wrong\w, where it is without the part for Windows; Z:\run is the folder of this run.
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

# Of the environment nothing: NODE_EXTRA_CA_CERTS of Linux, say, names no file of Windows.
inside() {
  env -i PATH=/usr/bin:/usr/sbin HOME=/root USER=root TERM=dumb WINEPREFIX=/prefix WINEDEBUG=-all \
    WINESERVER=/usr/lib/wine/wineserver64 WINELOADER=/usr/lib/wine/wine64 \
    'WINEDLLOVERRIDES=mscoree,mshtml=;winemenubuilder.exe=d' \
    chroot "$root" "$@"
}

code=0
inside /usr/lib/wine/wine64 "$@" || code=$?
# The server writes the registry when it is asked to end.
inside /usr/lib/wine/wineserver64 -k >/dev/null 2>&1 || true
inside /usr/lib/wine/wineserver64 -w >/dev/null 2>&1 || true
exit "$code"
