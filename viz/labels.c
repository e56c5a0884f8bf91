// see labels.h
#include "viz/labels.h"

bool labels_free(const struct labels *ls, struct rect r)
{
    for (size_t i = ls->n; i > 0; i--) {
        const struct rect *k = &ls->taken[i - 1];
        if (r.x < k->x + k->w && k->x < r.x + r.w && r.y < k->y + k->h && k->y < r.y + r.h)
            return false;
    }
    return ls->n < LABELS_MAX;
}

bool labels_take(struct labels *ls, struct rect r)
{
    if (!labels_free(ls, r)) return false;
    ls->taken[ls->n++] = r;
    return true;
}
