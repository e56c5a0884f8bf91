// up.h - a host on a TAP device, in real time: what `netglass up` runs.
//
// It is the simulator of `netglass run` with one host, driven by the real clock, and a TAP in place
// of a second host. Frames take the short path between the two, or a link with its delays and
// losses (--link); and a router may stand before the host (--router). The same applications serve
// in both: the C ones (--serve) and Lua's (--run).
//
// Time is the monotonic clock set to the date at the start, so that captures carry real dates and
// still never go back.
#ifndef UP_H
#define UP_H

#include "capture/record.h"
#include "os/loop.h"
#include "scenarios/apps/dns.h"
#include "scenarios/cli/cli.h"
#include "scenarios/cli/control.h"
#include "scenarios/lua/script.h"
#include "scenarios/sim/sim.h"

enum { UP_ERROR = 512, UP_PARAMS = 64, UP_SETS = 64, UP_ADDRS = TAP_ADDRS };

struct up_options {
    const char        *tap, *serve, *root, *write, *script;
    const char        *set[UP_SETS];
    struct prefix      addr[UP_ADDRS];
    struct prefix      router[UP_ADDRS];  // of one between the TAP and us
    struct addr        gateway[UP_ADDRS];
    struct addr        dns[DNS_SERVERS];
    unsigned           addrs, routers, gateways, sets, servers;
    uint32_t           mtu;      // 0: the device's
    uint16_t           vlan;     // 0: none
    bool               tun, offload, linked, dhcp, slaac, help;
    struct cli_picture look;     // --view
    struct link_config link;
    bool               has_seed;
    uint64_t           seed;     // of the link's chance, and of the script's
    uint32_t           snap;
    struct script_pair param[UP_PARAMS];
    size_t             params;
};

struct up {
    struct up_options    opt;
    struct script_config script_cfg;
    struct record       *record;
    struct feed         *feed;   // to the window; NULL: there is none
    struct tee           tee;    // to both
    struct script       *script;
    bool                 broken; // it could not begin
    struct sim          *sim;
    struct host         *host;
    struct host         *outer;  // who is at the TAP: the host, or its router
    struct netif        *netif;  // of outer: the TAP
    struct mac           mac;
    struct tap          *tap;
    struct sim_tap      *wire;
    struct link         *link;   // NULL: the short path
    struct dns          *dns;    // NULL: nobody was named to ask
    struct dhcp         *dhcp;   // NULL: our address is given
    struct trace_sink    names;  // says which names --slaac brought
    struct control      *control;  // NULL: nobody can ask
    struct loop          loop;
    bool                 looping;
    nsec                 epoch;  // of the monotonic clock
    bool                 held;   // the clock stands, and the kernel's frames wait
    nsec                 held_at;
    nsec                 linger; // the script is over: until when its connections may close; or 0
    char                 error[UP_ERROR];
};

// False, with one sentence in u->error: then call up_stop all the same.
bool up_start(struct up *u);
void up_run(struct up *u);  // until a signal, an error, or the end of the script
// Gives everything back. The exit status: 0, or 1 if the capture could not be written or the script
// expected something else, or 2 if it was not started or its script is broken.
int  up_stop(struct up *u, bool started);
// Someone's words: hold, go, step, link 1 delay=50ms. All are told. False, with a sentence.
bool up_hand(struct up *u, const char *words, struct text *error);
void up_obey(struct up *u);              // what the window asks for
nsec up_now(const struct up *u);
void up_send(struct up *u);              // the frames that are for the kernel
// The kernel's ends of our networks, each once; how many.
unsigned up_kernel_ends(const struct up_options *o, struct prefix to[UP_ADDRS]);

#endif
