// pmtu.c - see pmtu.h.
#include "net/pmtu.h"

#include <errno.h>

#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"

struct path { struct addr dst; uint32_t mtu; nsec until; };

// A ring in order of learning; `count` of them are in use.
struct pmtu_table { struct path path[PMTU_MAX]; uint32_t next, count; };

int pmtu_init(struct host *h)
{
    h->pmtu = calloc(1, sizeof *h->pmtu);
    return h->pmtu == NULL ? -ENOMEM : 0;
}

void pmtu_done(struct host *h)
{
    free(h->pmtu);
    h->pmtu = NULL;
}

static struct path *find(struct pmtu_table *t, struct addr dst)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (addr_eq(t->path[i].dst, dst)) return &t->path[i];
    return NULL;
}

void pmtu_learn(struct host *h, struct addr dst, uint32_t mtu)
{
    struct pmtu_table *t = h->pmtu;
    uint32_t least = dst.family == FAMILY_IP6 ? (uint32_t)IP6_MTU_MIN : (uint32_t)h->set.min_pmtu;
    if (mtu < least) mtu = least;
    struct path *p = find(t, dst);
    if (p != NULL && p->until > h->now && p->mtu <= mtu) return;  // it cannot grow by an error
    if (p == NULL) {
        p = &t->path[t->next];
        t->next = (t->next + 1) % PMTU_MAX;
        if (t->count < PMTU_MAX) t->count++;
    }
    *p = (struct path){dst, mtu, h->now + SEC(h->set.mtu_expires)};
    TRACE(h, .type = TRACE_PATH_MTU, .path_mtu = {.dst = dst, .mtu = mtu});
}

uint32_t pmtu_of(const struct host *h, struct addr dst, uint32_t mtu)
{
    if (h->pmtu->count == 0) return mtu;
    const struct path *p = find(h->pmtu, dst);
    return p != NULL && p->until > h->now && p->mtu < mtu ? p->mtu : mtu;
}

uint32_t pmtu_below(uint32_t len)
{
    static const uint16_t plateau[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296};
    for (size_t i = 0; i < ARRAY_LEN(plateau); i++)
        if (plateau[i] < len) return plateau[i];
    return IP4_MTU_MIN;
}
