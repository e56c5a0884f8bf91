// live.h - reads what the host sent: bytes from an IP header on, to the fields of struct live.
#ifndef LIVE_H
#define LIVE_H

#include "scenarios/drill/world.h"

void live_read(struct live *l);

#endif
