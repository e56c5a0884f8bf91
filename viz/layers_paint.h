// layers_paint.h - the four lower layers of a host, and the packet that climbs or sinks through
// them. Private to hoststack_pane.c and layers_paint.c.
#ifndef LAYERS_PAINT_H
#define LAYERS_PAINT_H

#include "viz/scene.h"

// The packet to show in this host: the one the narrator speaks of, or the last one while it is
// fresh; NULL if nothing moves.
const struct model_path *path_on_stage(const struct scene *s, uint16_t host);

// TCP, IP, ETH and NIC from the top of r down; the way ends (or begins) at height reach above.
void draw_layers(struct draw_list *l, const struct scene *s, struct rect r, uint16_t host,
                 float reach);

#endif
