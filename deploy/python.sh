#!/bin/sh
# Bring Python to a machine that has none; everything after that is `python3 -m deploy`.
set -eu
install="apt-get install -y -q --no-install-recommends python3 python3-venv"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q >/dev/null && $install >/dev/null
elif command -v sudo >/dev/null && command -v apt-get >/dev/null; then
    sudo apt-get update -q >/dev/null && sudo $install >/dev/null
else
    echo "Python 3.11 is missing and this user cannot install it; as root run: $install" >&2
    exit 1
fi
