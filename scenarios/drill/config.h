// config.h - the options of a script, its own and those of the command line, as the runner needs
// them. packetdrill's names and defaults; options that ask for another machine, kernel or language
// are refused by name.
#ifndef DRILL_CONFIG_H
#define DRILL_CONFIG_H

#include "base/addr.h"

enum { CONFIG_ERROR = 256 };

struct drill_config {
    enum family family;
    bool        mapped;              // IPv4 by sockets of IPv6
    uint16_t    bind_port, connect_port;
    struct addr local, remote, gateway;
    unsigned    prefix;
    uint32_t    mtu, gro_size;
    nsec        tolerance;
    uint32_t    tolerance_ppm;       // of the gap since the step before
    nsec        stamp_tick;          // 0: timestamps are not compared
    const char *init_scripts;        // paths with commas between, or NULL
    bool        echo_scaled, strict_segments, lax_packets, lax_calls, dry_run, verbose;
    bool        has_local, has_remote, has_gateway, has_prefix;
};

void config_init(struct drill_config *c);
// False, with a sentence: no such option, or no value of it.
bool config_take(struct drill_config *c, const char *name, const char *value,
                 char error[CONFIG_ERROR]);
// Fills in what was not said, once all was taken. False: what was said does not fit together.
bool config_finish(struct drill_config *c, char error[CONFIG_ERROR]);
struct addr config_unmapped(struct addr a);  // ::ffff:1.2.3.4 is 1.2.3.4; others stay
bool config_knows(const char *name);  // it is an option, of which kind ever
bool config_lacks_value(const char *word);  // "--mtu" for --mtu=1500

#endif
