// reass.c - see reass.h.
#include "net/reass.h"

#include <errno.h>

#include "net/icmp4.h"
#include "net/icmp6.h"
#include "net/ip.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"

enum { IP_BYTES_MAX = 65535 };
enum { UNKNOWN = UINT32_MAX };

// A piece is a frame; where it belongs lies in front of its bytes, in the headroom.
struct piece { struct frame *f; uint32_t at, len; struct piece *next; };

struct datagram {
    struct list_node by_age;
    struct timer     timer;
    struct addr      src, dst;
    uint32_t         id;
    uint8_t          proto;    // IPv4; in IPv6 the first piece says it
    bool             spoiled;  // pieces overlapped: all the rest dies too
    uint8_t          ecns;     // which ECN codepoints the pieces had, as bits
    struct ip_info   info;     // of the first piece, once it is here
    uint16_t         frag_at;
    uint32_t         total, have, bytes, pieces;
    struct piece    *first, *last;
};
static_assert(sizeof(struct datagram) <= CHUNK_SMALL, "a datagram fits in a small chunk");

struct reass_table { struct list_node by_age; uint32_t count; uint64_t bytes; };

int reass_init(struct host *h)
{
    h->reass = calloc(1, sizeof *h->reass);
    if (h->reass == NULL) return -ENOMEM;
    list_reset(&h->reass->by_age);
    return 0;
}

static struct chunk *chunk_around(void *p) { return LIST_ENTRY(p, struct chunk, data); }

// --- datagrams ---------------------------------------------------------------------------------

static struct piece *pop_piece(struct host *h, struct datagram *d)
{
    struct piece *p = d->first;
    if (p == NULL) return NULL;
    d->first = p->next;
    if (p->next == NULL) d->last = NULL;
    uint32_t cost = p->f->head->size;
    d->bytes -= cost;
    h->reass->bytes -= cost;
    d->pieces--;
    return p;
}

static void free_piece(struct piece *p) { chunk_drop(chunk_around(p)); }

static void drop_pieces(struct host *h, struct datagram *d, enum drop why)
{
    for (struct piece *p; (p = pop_piece(h, d)) != NULL; free_piece(p)) {
        if (why == DROP_NONE) frame_free(p->f);
        else host_drop(h, p->f, why);
    }
}

static void forget(struct host *h, struct datagram *d, enum drop why)
{
    drop_pieces(h, d, why);
    wheel_cancel(&h->wheel, &d->timer);
    list_remove(&d->by_age);
    h->reass->count--;
    chunk_drop(chunk_around(d));
}

void reass_done(struct host *h)
{
    if (h->reass == NULL) return;
    for (struct list_node *l; (l = list_front(&h->reass->by_age)) != NULL;)
        forget(h, LIST_ENTRY(l, struct datagram, by_age), DROP_NONE);
    free(h->reass);
    h->reass = NULL;
}

static struct datagram *find(const struct host *h, const struct fragment *g)
{
    LIST_EACH(l, &h->reass->by_age) {
        struct datagram *d = LIST_ENTRY(l, struct datagram, by_age);
        if (d->id != g->id || !addr_eq(d->src, g->info.src) || !addr_eq(d->dst, g->info.dst))
            continue;
        if (g->info.src.family == FAMILY_IP6 || d->proto == g->info.proto) return d;
    }
    return NULL;
}

static struct datagram *add(struct host *h, const struct fragment *g)
{
    struct chunk *c = chunk_new(&h->pool, sizeof(struct datagram));
    if (c == NULL) return NULL;
    struct datagram *d = (struct datagram *)(void *)c->data;
    *d = (struct datagram){.timer.owner = TIMER_OWNER_REASS, .src = g->info.src,
                           .dst = g->info.dst, .id = g->id, .proto = g->info.proto,
                           .total = UNKNOWN};
    bool ip6 = d->src.family == FAMILY_IP6;
    nsec wait = SEC(ip6 ? h->set.ip6frag_time : h->set.ipfrag_time);
    list_push_back(&h->reass->by_age, &d->by_age);
    h->reass->count++;
    wheel_arm(&h->wheel, &d->timer, h->now + wait);
    return d;
}

// --- limits ------------------------------------------------------------------------------------

// The oldest go until one more frame has room; the one at hand is spared. False: it has none.
static bool make_room(struct host *h, const struct datagram *spared, uint32_t cost)
{
    uint64_t most = (uint64_t)h->set.ipfrag_high_thresh;
    while (h->reass->bytes + cost > most || h->reass->count > REASS_MAX) {
        struct list_node *l = list_front(&h->reass->by_age);
        if (l == &spared->by_age) l = l->next;
        if (l == &h->reass->by_age) return false;
        forget(h, LIST_ENTRY(l, struct datagram, by_age), DROP_FRAG_FULL);
    }
    return true;
}

// --- time --------------------------------------------------------------------------------------

// Nobody can put the packet together; who has not seen its first piece cannot say whose it is.
static void tell_sender(struct host *h, const struct datagram *d)
{
    const struct piece *p = d->first;
    if (p == NULL || p->at != 0 || d->spoiled) return;
    if (d->src.family == FAMILY_IP4)
        icmp4_complain(h, p->f, &d->info, &(struct icmp4_message){
            .type = ICMP4_TIME_EXCEEDED, .code = ICMP4_REASSEMBLY});
    else
        icmp6_complain(h, p->f, &d->info, &(struct icmp6_message){
            .type = ICMP6_TIME_EXCEEDED, .code = ICMP6_REASSEMBLY});
}

void reass_timer_fire(struct host *h, struct timer *t)
{
    struct datagram *d = LIST_ENTRY(t, struct datagram, timer);
    tell_sender(h, d);
    forget(h, d, DROP_FRAG_TIMEOUT);
}

// --- pieces ------------------------------------------------------------------------------------

static const uint8_t *payload_of(const struct piece *p)
{
    return frame_start(p->f) + p->f->head_len - p->len;
}

// The place of a piece: behind *before (NULL: in front of all). Or why it has none.
static enum drop find_place(struct datagram *d, const struct piece *new, struct piece **before)
{
    struct piece *p = d->last != NULL && d->last->at < new->at ? d->last : NULL;
    if (p == NULL)
        for (struct piece *q = d->first; q != NULL && q->at < new->at; q = q->next) p = q;
    struct piece *next = p == NULL ? d->first : p->next;
    *before = p;
    bool same = next != NULL && next->at == new->at && next->len == new->len;
    if (same && memcmp(payload_of(next), payload_of(new), new->len) == 0)
        return DROP_FRAG_DUPLICATE;
    if (p != NULL && p->at + p->len > new->at) return DROP_FRAG_OVERLAP;
    if (next != NULL && new->at + new->len > next->at) return DROP_FRAG_OVERLAP;
    return DROP_NONE;
}

static enum drop check_length(struct datagram *d, const struct fragment *g)
{
    uint32_t end = g->at + g->len;
    if (end > IP_BYTES_MAX || (g->more && (g->len == 0 || g->len % 8 != 0)))
        return DROP_FRAG_BAD_LENGTH;
    if (d->total != UNKNOWN && (end > d->total || (!g->more && end != d->total)))
        return DROP_FRAG_BAD_LENGTH;
    if (!g->more && d->last != NULL && d->last->at + d->last->len > end)
        return DROP_FRAG_BAD_LENGTH;
    return DROP_NONE;
}

static void link_piece(struct host *h, struct datagram *d, struct piece *p, struct piece *before)
{
    struct piece **at = before == NULL ? &d->first : &before->next;
    p->next = *at;
    *at = p;
    if (p->next == NULL) d->last = p;
    d->have += p->len;
    d->bytes += p->f->head->size;
    h->reass->bytes += p->f->head->size;
    d->pieces++;
}

static enum drop hold(struct host *h, struct datagram *d, struct frame *f,
                      const struct fragment *g)
{
    if (d->spoiled) return DROP_FRAG_OVERLAP;
    enum drop why = check_length(d, g);
    if (why != DROP_NONE) return why;
    if (d->pieces == REASS_PIECES_MAX || !make_room(h, d, f->head->size)) return DROP_FRAG_FULL;
    struct chunk *c = chunk_new(&h->pool, sizeof(struct piece));
    if (c == NULL) return DROP_NO_MEMORY;
    struct piece *p = (struct piece *)(void *)c->data, *before;
    *p = (struct piece){.f = f, .at = g->at, .len = g->len};
    why = find_place(d, p, &before);
    if (why != DROP_NONE) {
        chunk_drop(c);
        return why;
    }
    link_piece(h, d, p, before);
    if (!g->more) d->total = g->at + g->len;
    d->ecns |= (uint8_t)BIT(g->info.tos & 3);
    if (g->at == 0) {
        d->info = g->info;
        d->frag_at = g->frag_at;
    }
    host_step(h, f, STEP_IP_HOLD, 0, 0);
    return DROP_NONE;
}

// --- whole -------------------------------------------------------------------------------------

// What stands in front of the payload when the packet is whole.
static size_t header_len(const struct datagram *d)
{
    size_t len = d->first->f->head_len - d->first->len;
    return d->src.family == FAMILY_IP6 ? len - IP6_FRAG_LEN : len;
}

// A mark on any piece is a mark on the whole (RFC 3168 §5.3).
static bool is_marked(const struct datagram *d) { return d->ecns & BIT(ECN_CE); }

// But one piece that could not be marked and one that was are of no packet: somebody lies.
static bool ecn_is_sound(const struct datagram *d)
{
    return !(is_marked(d) && d->ecns & BIT(ECN_NONE));
}

// The header of the first piece as it was before the packet was cut; returns its length.
static size_t put_header(const struct datagram *d, uint8_t *to)
{
    const uint8_t *from = frame_start(d->first->f);
    size_t len = header_len(d);
    memcpy(to, from, len);
    if (d->src.family == FAMILY_IP4) {
        struct ip4_hdr *ip = (struct ip4_hdr *)to;
        if (is_marked(d)) ip->tos |= ECN_CE;
        put16(ip->total_len, (uint16_t)(len + d->total));
        put16(ip->frag, 0);
        ip4_fix_csum(to, len);
        return len;
    }
    // The fragment header goes, and who named it names what followed it.
    size_t at = d->frag_at;
    if (is_marked(d)) to[1] |= ECN_CE << 4;
    to[d->info.next_at] = from[at];
    put16(((struct ip6_hdr *)to)->payload_len, (uint16_t)(len - IP6_HDR_LEN + d->total));
    return len;
}

// What the length field of the whole packet must say; it has sixteen bits.
static size_t whole_len(const struct datagram *d)
{
    size_t len = header_len(d) + d->total;
    return d->src.family == FAMILY_IP6 ? len - IP6_HDR_LEN : len;
}

// It takes the name of the frame that made it whole.
static struct frame *assemble(struct host *h, struct datagram *d, uint64_t id)
{
    struct frame *whole = frame_blank(&h->pool, header_len(d) + d->total);
    if (whole == NULL) return NULL;
    size_t at = put_header(d, frame_start(whole));
    for (const struct piece *p = d->first; p != NULL; p = p->next) {
        if (p->len > 0) memcpy(frame_start(whole) + at, payload_of(p), p->len);
        at += p->len;
    }
    whole->id = id;
    whole->family = d->src.family;
    whole->stamp = h->now;
    host_step(h, whole, STEP_IP_WHOLE, 0, 0);
    return whole;
}

struct frame *reass_add(struct host *h, struct frame *f, const struct fragment *g)
{
    struct datagram *d = find(h, g);
    if (d == NULL) d = add(h, g);
    if (d == NULL) {
        host_drop(h, f, DROP_NO_MEMORY);
        return NULL;
    }
    uint64_t id = f->id;
    enum drop why = hold(h, d, f, g);
    if (why != DROP_NONE) {
        host_drop(h, f, why);
        if (why == DROP_FRAG_OVERLAP && !d->spoiled) {
            d->spoiled = true;
            drop_pieces(h, d, why);
        }
        if (d->first == NULL && !d->spoiled) forget(h, d, why);
        return NULL;
    }
    if (d->have != d->total) return NULL;
    if (whole_len(d) > IP_BYTES_MAX) why = DROP_FRAG_BAD_LENGTH;
    else if (!ecn_is_sound(d)) why = DROP_FRAG_BAD_ECN;
    struct frame *whole = why == DROP_NONE ? assemble(h, d, id) : NULL;
    if (why == DROP_NONE && whole == NULL) why = DROP_NO_MEMORY;
    forget(h, d, why);
    return whole;
}
