// serve.h - the services that `netglass up --serve` and scenarios can start on a host.
//
// A list reads "http:80,echo:7,discard:9,chargen:19,daytime:13"; a port may be left out where the
// service has a well-known one. Each service is an application of its own with its own descriptors,
// as its own process would be: its listener is descriptor 3, and every accept gives the next. echo,
// discard, chargen and daytime answer UDP on the same port too (RFC 862, 863, 864, 867).
#ifndef SERVE_H
#define SERVE_H

#include "scenarios/sim/app.h"

struct serve_config {
    const char *list;   // as above
    const char *root;   // the folder http serves; NULL: http tells about the connection itself
    nsec        epoch;  // add it to the host's time to get nanoseconds since 1970 UTC
};

// Starts them all, or none: then false, and one sentence in error.
bool serve_start(struct apps *apps, struct host *h, const struct serve_config *cfg, char *error,
                 size_t cap);

#endif
