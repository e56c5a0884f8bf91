// topology.h - the hosts of a run and what joins them, laid out in columns: who opens connections
// on the left, what is reached from there further right, in the fewest steps. The order, column by
// column, is the order of the strip too, and who stands left of whom on stage.
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include "viz/scene.h"

enum { TOPOLOGY_MAX = 48 };  // hosts; what is beyond is only counted

struct topology {
    struct { uint16_t host; uint8_t column, row; } node[TOPOLOGY_MAX];  // in order
    uint8_t rows[TOPOLOGY_MAX];   // of each column
    size_t  n, columns, beyond;
};

void topology_of(struct topology *t, const struct recording *r);
int  topology_place(const struct topology *t, uint16_t host);  // -1: not there

#endif
