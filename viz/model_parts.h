// model_parts.h - the arrays of a model, for the fold. Private to model*.c.
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

#include "viz/model.h"

// Each finds its part or makes it; NULL only without memory or above a limit, which the model
// remembers in short_of_memory.
struct model_host   *model_get_host(struct model *m, uint16_t host);
struct model_netif  *model_get_netif(struct model *m, uint16_t host, uint16_t netif);
struct model_app    *model_get_app(struct model *m, uint16_t host, uint16_t app);
struct model_sock   *model_get_sock(struct model *m, uint16_t host, uint32_t conn);
struct model_neigh  *model_get_neigh(struct model *m, uint16_t host, uint16_t netif,
                                     struct addr a);

void model_drop_sock(struct model *m, uint16_t host, uint32_t conn);

#endif
