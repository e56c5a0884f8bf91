#!/bin/bash
# setup.sh - `make setup`: install what the build, the tests and the demo need, and nothing twice.
#
# SDL=0 leaves out the packages of the window. Prints the list before it installs; uses sudo only
# when it is not root; with everything there it asks dpkg once and says so.
set -u

build=(pkg-config libpcap-dev liblua5.4-dev)
window=(libsdl2-dev libsdl2-ttf-dev libpng-dev fonts-inter fonts-jetbrains-mono)
tests=(check clang llvm libclang-rt-14-dev tshark curl netcat-openbsd iputils-ping iproute2 python3
       dnsmasq-base traceroute nmap hping3 procps xvfb xdotool imagemagick librsvg2-bin ffmpeg
       valgrind libc6-dbg)

die() { echo "setup: $*" >&2; exit 1; }

packages=("${build[@]}" "${tests[@]}")
[ "${SDL:-1}" = 1 ] && packages+=("${window[@]}")

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "setup: this is for Debian and its kin, and there is no apt-get here." >&2
    echo "setup: with your own package manager, please install" >&2
    echo "  to build:       pkg-config libpcap lua-5.4" >&2
    [ "${SDL:-1}" = 1 ] &&
        echo "  for the window: SDL2 SDL2_ttf libpng; fonts Inter, JetBrains Mono" >&2
    echo "  for the tests:  ${tests[*]}" >&2
    die "then leave setup out: make demo, make check."
fi

# pkgconf may stand in for pkg-config; a package is there when dpkg says "installed".
status=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null)
missing=()
for p in "${packages[@]}"; do
    case $'\n'"$status"$'\n' in
    *$'\n'"$p installed"$'\n'*) ;;
    *) missing+=("$p") ;;
    esac
done
if [ ${#missing[@]} = 0 ]; then
    echo "setup: all ${#packages[@]} packages are there."
    exit 0
fi

echo "setup: will install ${#missing[@]} packages of Debian:"
printf '  %s\n' "${missing[@]}"

as_root=(env)
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "not root, and there is no sudo: run 'make setup' as root."
    as_root=(sudo env)
fi
# No questions: tshark would ask whether all may capture, tzdata where we are.
apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
"${apt[@]}" update ||
    die "apt-get update failed (above): is there a network, and are the sources right?"
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
    die "apt-get could not install (above): ${missing[*]}"
echo "setup: installed ${#missing[@]} packages."
