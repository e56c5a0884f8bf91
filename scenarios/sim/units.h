// units.h - what people write for times, rates and chances, read with integers only.
#ifndef UNITS_H
#define UNITS_H

#include "base/base.h"

// True and *v written if the whole text is one value in range.
bool units_nsec(const char *text, nsec *v);        // "10ms", "1.5s", "2h"; ns us ms s min h
bool units_rate(const char *text, uint64_t *bps);  // "100Mbit", "64kbit"; bit kbit Mbit Gbit
bool units_ppm(const char *text, uint32_t *ppm);   // "2%", "0.02": a chance, in a million
bool units_packets(const char *text, uint32_t *n); // "100p", "100"

#endif
