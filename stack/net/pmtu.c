// pmtu.c - see pmtu.h.
#include "net/pmtu.h"

#include <errno.h>

#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"

struct path { struct addr dst; uint32_t mtu; nsec until; bool tiny; };

// A ring in order of learning; `count` of them are in use.
struct pmtu_table {
    struct path path[PMTU_MAX];
    uint32_t    next, count;
    nsec        soonest;  // when the next of them ends
};

int pmtu_init(struct host *h)
{
    h->pmtu = calloc(1, sizeof *h->pmtu);
    if (h->pmtu == NULL) return -ENOMEM;
    h->pmtu->soonest = NEVER;
    return 0;
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

static const struct path *find_live(const struct host *h, struct addr dst)
{
    if (h->pmtu->count == 0) return NULL;
    const struct path *p = find(h->pmtu, dst);
    return p != NULL && p->until > h->now ? p : NULL;
}

void pmtu_learn(struct host *h, struct addr dst, uint32_t mtu)
{
    struct pmtu_table *t = h->pmtu;
    uint32_t least = dst.family == FAMILY_IP6 ? (uint32_t)IP6_MTU_MIN : (uint32_t)h->set.min_pmtu;
    bool tiny = mtu < least;
    if (tiny) mtu = least;
    const struct path *known = find_live(h, dst);
    if (known != NULL && known->mtu <= mtu && known->tiny >= tiny) return;  // errors never widen it
    struct path *p = find(t, dst);
    if (p == NULL) {
        p = &t->path[t->next];
        t->next = (t->next + 1) % PMTU_MAX;
        if (t->count < PMTU_MAX) t->count++;
    }
    *p = (struct path){dst, mtu, h->now + SEC(h->set.mtu_expires), tiny};
    if (p->until < t->soonest) t->soonest = p->until;
    h->mtu_epoch++;
    TRACE(h, .type = TRACE_PATH_MTU, .path_mtu = {.dst = dst, .mtu = mtu});
}

uint32_t pmtu_of(const struct host *h, struct addr dst, uint32_t mtu)
{
    const struct path *p = find_live(h, dst);
    return p != NULL && p->mtu < mtu ? p->mtu : mtu;
}

bool pmtu_is_tiny(const struct host *h, struct addr dst, uint32_t mtu)
{
    if (dst.family != FAMILY_IP4) return false;
    const struct path *p = find_live(h, dst);
    return mtu < (uint64_t)h->set.min_pmtu || (p != NULL && p->tiny);
}

uint32_t pmtu_epoch(struct host *h)
{
    struct pmtu_table *t = h->pmtu;
    if (h->now < t->soonest) return h->mtu_epoch;
    t->soonest = NEVER;
    for (uint32_t i = 0; i < t->count; i++)
        if (t->path[i].until > h->now && t->path[i].until < t->soonest)
            t->soonest = t->path[i].until;
    return ++h->mtu_epoch;
}

uint32_t pmtu_below(uint32_t len)
{
    static const uint16_t plateau[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296};
    for (size_t i = 0; i < ARRAY_LEN(plateau); i++)
        if (plateau[i] < len) return plateau[i];
    return IP4_MTU_MIN;
}
