#!/bin/bash
# setup_test.sh - `make setup` against a machine made of paper: dpkg-query, apt-get, id and sudo are
# scripts that write down how they were called.
cd "$(dirname "$0")/../.." && . tests/tap.sh || exit 1
bin=$SCRATCH/bin calls=$SCRATCH/calls

says() { grep -q -- "$1" "$SCRATCH/out"; }
called() { grep -q -- "$1" "$calls"; }

# paper USER INSTALLED APT-STATUS: the tools of a Debian where INSTALLED packages are there.
paper() {
    rm -rf "$bin" && mkdir -p "$bin" && : > "$calls"
    ln -s "$(command -v bash)" "$(command -v env)" "$(command -v sed)" "$bin"
    printf '#!/bin/bash\necho %s\n' "$1" > "$bin/id"
    printf '#!/bin/bash\necho dpkg-query >> %s\nfor p in %s; do echo "$p installed"; done\n' \
        "$calls" "$2" > "$bin/dpkg-query"
    printf '#!/bin/bash\necho "apt-get $DEBIAN_FRONTEND $*" >> %s\nexit %s\n' "$calls" "$3" \
        > "$bin/apt-get"
    chmod +x "$bin"/*
}
sudo_too() {
    printf '#!/bin/bash\necho "sudo $*" >> %s\n"$@"\n' "$calls" > "$bin/sudo"
    chmod +x "$bin/sudo"
}
setup() { PATH=$bin SDL=${window:-1} bash tests/setup.sh > "$SCRATCH/out" 2>&1; status=$?; }

all="pkg-config libpcap-dev liblua5.4-dev check clang llvm libclang-rt-14-dev tshark curl
     netcat-openbsd iputils-ping iproute2 python3 dnsmasq-base traceroute nmap hping3 procps
     xvfb xdotool imagemagick
     librsvg2-bin ffmpeg valgrind libc6-dbg
     libsdl2-dev libsdl2-ttf-dev libpng-dev fonts-inter fonts-jetbrains-mono"
all=$(echo $all)

paper 0 "$all" 0; setup
ok "with everything there it succeeds" [ $status = 0 ]
ok "asks dpkg once" [ "$(grep -c dpkg-query "$calls")" = 1 ]
ok "and leaves apt alone" not called apt-get

paper 0 "${all/tshark /}" 0; setup
ok "one missing package is installed" [ $status = 0 ]
ok "after the lists are brought up to date" called 'apt-get noninteractive .*update'
ok "without a question" called 'apt-get noninteractive .*install.* tshark$'
ok "and it alone" not called 'install.*curl'
ok "named before" says '^  tshark$'

paper 0 "" 100; setup
ok "when apt-get fails, so does it" [ $status != 0 ]
ok "and says where" says 'setup: apt-get update failed'

paper 1000 "" 0; setup
ok "no root and no sudo is an error" [ $status != 0 ]
ok "that says what to do" says "run 'make setup' as root"
ok "before apt is called" not called apt-get

paper 1000 "" 0; sudo_too; setup
ok "a user who is not root gets sudo" called 'sudo env DEBIAN_FRONTEND=noninteractive apt-get'
paper 0 "" 0; sudo_too; setup
ok "root does not" not called sudo
ok "all is installed on a fresh machine" called "install.*pkg-config.*libsdl2-dev"

paper 0 "" 0; window=0 setup
ok "without the window, no SDL" not called 'sdl2'
ok "but the rest" called 'install.*libpcap-dev'

paper 0 "" 0; rm "$bin/apt-get"; setup
ok "without apt it stops with an error" [ $status != 0 ]
ok "and names the libraries" says 'libpcap lua-5.4'

# The order of goals: what stands beside setup waits for it, even with many jobs, and pkg-config is
# not asked before, since setup brings it.
mkdir -p "$SCRATCH/late"
printf '#!/bin/bash\necho too early >> %s\nexit 1\n' "$calls" > "$SCRATCH/late/pkg-config"
chmod +x "$SCRATCH/late/pkg-config"; : > "$calls"
PATH=$SCRATCH/late:$PATH make -n -j8 setup BUILD="$SCRATCH/b" > /dev/null 2>&1
ok "make asks no pkg-config while it reads the Makefile" not called 'too early'
order=$(env -u MAKEFLAGS -u MAKELEVEL make -n -j8 setup all BUILD="$SCRATCH/b" V=1 2>/dev/null |
        grep -n -m2 -e 'tests/setup.sh' -e 'mkdir -p' | head -1)
ok "setup comes before the build, named first" [ "${order#*tests/setup.sh}" != "$order" ]
order=$(env -u MAKEFLAGS -u MAKELEVEL make -n -j8 all setup BUILD="$SCRATCH/b" V=1 2>/dev/null |
        grep -n -m2 -e 'tests/setup.sh' -e 'mkdir -p' | head -1)
ok "and named last" [ "${order#*tests/setup.sh}" != "$order" ]
tap_end
