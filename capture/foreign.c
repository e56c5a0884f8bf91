// foreign.c - see foreign.h: hosts and frames. The TCP part is in foreign_tcp.c.
#include "capture/foreign.h"

#include <stdio.h>
#include <time.h>

#include "base/hash.h"
#include "capture/foreign_tcp.h"
#include "capture/foreign_way.h"
#include "capture/linktype.h"
#include "capture/pcapng.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/tcp_wire.h"
#include "wire/vlan_wire.h"

enum { HOSTS = 1024, HOST_SLOTS = 4096, NETIF = 1, SIGHTINGS = 8192 };

struct foreign_host { struct addr addr; char name[ADDR_TEXT]; };

// A frame that left an interface, and how often it was not yet seen to come in at another.
struct sighting { uint64_t hash; uint32_t iface, left; };

struct foreign {
    struct foreign_queue queue;
    struct foreign_tcp  *tcp;
    struct foreign_way  *way;
    struct foreign_host  hosts[HOSTS];       // a host's id is its index + 1
    uint16_t             slots[HOST_SLOTS];  // by hash of the address: an id, or 0
    uint16_t             host_count, unknown, others;
    bool                 begun, made_up, told_backwards, told_short, told_twice, told_way;
    struct sighting      sighting[SIGHTINGS];  // by hash of the frame; newer ones take the place
    nsec                 start, now;
    uint64_t             order, next_frame;
    uint8_t             *frame;              // for frames whose header is made up
    size_t               frame_cap;
    char                 file[128], note[400];
};

struct trace_event *foreign_put(struct foreign_queue *q, enum trace_type type, uint16_t host)
{
    CHECK(q->count < FOREIGN_EVENTS);
    struct trace_event *ev = &q->events[q->count++];
    *ev = (struct trace_event){.type = type, .host = host};
    return ev;
}

struct foreign *foreign_new(const char *name)
{
    struct foreign *f = calloc(1, sizeof *f);
    if (f == NULL) return NULL;
    f->tcp = foreign_tcp_new();
    f->way = foreign_way_new();
    if (f->tcp == NULL || f->way == NULL) {
        foreign_free(f);
        return NULL;
    }
    snprintf(f->file, sizeof f->file, "%s", name);
    return f;
}

void foreign_free(struct foreign *f)
{
    if (f == NULL) return;
    if (f->tcp != NULL) foreign_tcp_free(f->tcp);
    foreign_way_free(f->way);
    free(f->frame);
    free(f);
}

bool foreign_next(struct foreign *f, struct trace_event *ev)
{
    struct foreign_queue *q = &f->queue;
    if (q->next == q->count) return false;
    *ev = q->events[q->next++];
    ev->at = f->now;
    ev->order = f->order++;
    return true;
}

// --- hosts ---------------------------------------------------------------------------------------

static struct trace_str str(const char *s) { return (struct trace_str){s, (uint32_t)strlen(s)}; }

static uint16_t new_host(struct foreign *f, const char *name, struct addr a)
{
    CHECK(f->host_count < HOSTS);
    struct foreign_host *h = &f->hosts[f->host_count++];
    uint16_t id = f->host_count;
    h->addr = a;
    snprintf(h->name, sizeof h->name, "%s", name);
    foreign_put(&f->queue, TRACE_HOST_NEW, id)->host_new.name = str(h->name);
    struct trace_event *ev = foreign_put(&f->queue, TRACE_NETIF_NEW, id);
    ev->netif = NETIF;
    ev->netif_new.name = str("?");
    if (a.family == FAMILY_NONE) return id;
    ev = foreign_put(&f->queue, TRACE_NETIF_ADDR, id);
    ev->netif = NETIF;
    ev->netif_addr.addr = a;
    ev->netif_addr.prefix = (uint8_t)(addr_len(a) * 8);
    return id;
}

static uint16_t named_host(struct foreign *f, uint16_t *id, const char *name)
{
    if (*id == 0) *id = new_host(f, name, addr_any(FAMILY_NONE));
    return *id;
}

// The host of an address; "?" for who has none, "others" when the table is full.
static uint16_t host_of(struct foreign *f, struct addr a)
{
    static const struct hash_key key = {1, 2};  // of no matter: the table is small and bounded
    if (addr_is_any(a)) return named_host(f, &f->unknown, "?");
    size_t slot = hash_bytes(&key, &a, sizeof a) % HOST_SLOTS;
    for (; f->slots[slot] != 0; slot = (slot + 1) % HOST_SLOTS)
        if (addr_eq(f->hosts[f->slots[slot] - 1].addr, a)) return f->slots[slot];
    if (f->host_count >= HOSTS - 2) return named_host(f, &f->others, "others");
    char name[ADDR_TEXT];
    f->slots[slot] = new_host(f, addr_print(a, name), a);
    return f->slots[slot];
}

// --- packets -------------------------------------------------------------------------------------

// What one frame says, as far as it can be read.
struct reading {
    struct addr     src, dst;  // of family NONE: not told
    bool            to_many, is_tcp;
    struct tcp_seg  seg;
    uint32_t        payload;
};

static void read_tcp(struct reading *r, const uint8_t *p, size_t have, size_t len)
{
    if (tcp_parse(&r->seg, p, have < len ? have : len) != DROP_NONE) return;
    r->is_tcp = true;
    r->payload = (uint32_t)(len - r->seg.hdr_len);
}

// The captured bytes may be fewer than the packet has, so it is read as quoted ones are.
static void read_ip4(struct reading *r, const uint8_t *p, size_t len)
{
    struct ip4_packet ip;
    if (ip4_parse_quoted(&ip, p, len) != DROP_NONE) return;
    r->src = ip.src;
    r->dst = ip.dst;
    if (ip.proto != IP_PROTO_TCP || ip4_is_fragment(&ip) || ip.total_len < ip.hdr_len) return;
    read_tcp(r, p + ip.hdr_len, len - ip.hdr_len, (size_t)ip.total_len - ip.hdr_len);
}

static void read_ip6(struct reading *r, const uint8_t *p, size_t len)
{
    struct ip6_packet ip;
    if (ip6_parse_quoted(&ip, p, len) != DROP_NONE) return;
    r->src = ip.src;
    r->dst = ip.dst;
    size_t total = IP6_HDR_LEN + (size_t)ip.payload_len;
    if (ip.proto != IP_PROTO_TCP || ip6_is_fragment(&ip) || total < ip.hdr_len) return;
    read_tcp(r, p + ip.hdr_len, len - ip.hdr_len, total - ip.hdr_len);
}

static void read_arp(struct reading *r, const uint8_t *p, size_t len)
{
    struct arp_packet arp;
    if (arp_parse(&arp, p, len) != DROP_NONE) return;
    r->src = arp.sender;
    r->dst = arp.target;
}

static struct reading read_frame(const uint8_t *p, size_t len)
{
    struct reading r = {.is_tcp = false};
    struct eth_frame eth;
    if (eth_parse(&eth, p, len) != DROP_NONE) return r;
    size_t at = ETH_HDR_LEN;
    struct vlan_tag tag;
    for (int n = 0; n < 2 && eth.type == ETH_TYPE_VLAN; n++, at += VLAN_TAG_LEN) {
        if (vlan_parse(&tag, p + at, len - at) != DROP_NONE) return r;
        eth.type = tag.type;
    }
    if (eth.type == ETH_TYPE_IP4) read_ip4(&r, p + at, len - at);
    else if (eth.type == ETH_TYPE_IP6) read_ip6(&r, p + at, len - at);
    else if (eth.type == ETH_TYPE_ARP) read_arp(&r, p + at, len - at);
    r.to_many = mac_is_group(eth.dst) || addr_is_multicast(r.dst) || addr_is_broadcast(r.dst);
    return r;
}

// --- events --------------------------------------------------------------------------------------

static void put_note(struct foreign *f, const char *text)
{
    foreign_put(&f->queue, TRACE_NOTE, 0)->note.text = str(text);
}

static void begin(struct foreign *f, const struct cap_packet *p)
{
    f->begun = true;
    f->start = p->at;
    f->made_up = linktype_kind(p->linktype) == LINKTYPE_MADE_UP;
    time_t seconds = (time_t)(p->at / SEC(1));
    struct tm tm = {.tm_year = 70};
    char when[64] = "?";
    if (gmtime_r(&seconds, &tm) != NULL) strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
    snprintf(f->note, sizeof f->note,
             "%s begins at %s.%09lld UTC. Each address is shown as a host; what happened inside "
             "them and how long frames flew is not known.%s", f->file, when,
             (long long)(p->at < 0 ? 0 : p->at % SEC(1)),
             f->made_up ? " The Ethernet headers are made up." : "");
    put_note(f, f->note);
}

// Time does not go back here, whatever the capture says.
static void tell_time(struct foreign *f, const struct cap_packet *p)
{
    nsec at = 0;
    if (__builtin_sub_overflow(p->at, f->start, &at)) at = p->at < f->start ? 0 : INT64_MAX - 1;
    if (at >= f->now) {
        f->now = at;
        return;
    }
    if (!f->told_backwards)
        put_note(f, "Times go backwards: such packets are shown at the time of the one before.");
    f->told_backwards = true;
}

// The packet as an Ethernet frame, or NULL: `len` and `caplen` of *p are the frame's then.
static const uint8_t *frame_of(struct foreign *f, struct cap_packet *p)
{
    struct linktype_frame made;
    if (linktype_kind(p->linktype) == LINKTYPE_AS_IT_IS) return p->p;
    if (!linktype_make_up(&made, p)) return NULL;
    size_t rest = p->caplen - made.skip, len = sizeof made.header + rest;
    if (len > f->frame_cap) {
        uint8_t *more = realloc(f->frame, len);
        if (more == NULL) return NULL;
        f->frame = more;
        f->frame_cap = len;
    }
    memcpy(f->frame, made.header, sizeof made.header);
    memcpy(f->frame + sizeof made.header, p->p + made.skip, rest);
    p->len = p->len - made.skip + (uint32_t)sizeof made.header;
    p->caplen = (uint32_t)len;
    return f->frame;
}

static void put_frame(struct foreign *f, const struct cap_packet *p, const uint8_t *bytes)
{
    struct reading r = read_frame(bytes, p->caplen);
    struct trace_bytes data = {bytes, p->caplen};
    uint64_t frame = ++f->next_frame;
    uint16_t from = host_of(f, r.src);
    uint16_t to = r.to_many || addr_is_any(r.dst) ? 0 : host_of(f, r.dst);

    struct foreign_segment seg = {
        .from = {r.src, r.seg.sport}, .to = {r.dst, r.seg.dport}, .from_host = from,
        .to_host = to, .seg = &r.seg, .payload = r.payload, .frame = frame};
    bool tell_tcp = r.is_tcp && to != 0 && from != to && from != f->others && to != f->others;
    if (tell_tcp) foreign_tcp_sent(f->tcp, &f->queue, &seg);
    struct trace_event *ev = foreign_put(&f->queue, TRACE_FRAME_TX, from);
    ev->netif = NETIF;
    ev->conn = seg.from_conn;
    ev->frame_tx = (struct trace_frame_tx_event){
        .frame = frame, .why = seg.again ? SENT_FOREIGN_AGAIN : SENT_FOREIGN, .len = p->len,
        .data = data};
    if (to == 0 || to == from) return;
    ev = foreign_put(&f->queue, TRACE_FRAME_RX, to);
    ev->netif = NETIF;
    ev->frame_rx = (struct trace_frame_rx_event){.frame = frame, .len = p->len, .data = data};
    if (tell_tcp) foreign_tcp_received(&f->queue, &seg);
}

// Does it come in as what left another interface before?
static bool is_seen_again(struct foreign *f, const struct cap_packet *p)
{
    static const struct hash_key key = {3, 4};  // of no matter: who is not found is told twice
    if (p->direction != PCAPNG_INBOUND && p->direction != PCAPNG_OUTBOUND) return false;
    uint64_t hash = hash_bytes(&key, p->p, p->caplen);
    struct sighting *s = &f->sighting[hash % SIGHTINGS];
    bool same = s->left > 0 && s->hash == hash;
    if (p->direction == PCAPNG_INBOUND) {
        if (!same || s->iface == p->iface) return false;
        s->left--;
        return true;
    }
    *s = (struct sighting){hash, p->iface, same && s->iface == p->iface ? s->left + 1 : 1};
    return false;
}

static void take_frame(struct foreign *f, const struct cap_packet *p, const uint8_t *bytes)
{
    bool made_up = linktype_kind(p->linktype) == LINKTYPE_MADE_UP;
    if (!foreign_way_is_further(f->way, f->now, bytes, p->caplen, made_up)) {
        put_frame(f, p, bytes);
    } else if (!f->told_way) {
        f->told_way = true;
        put_note(f, "Packets were captured before and behind a router; each is shown once, where "
                    "it was seen first.");
    }
}

bool foreign_take(struct foreign *f, const struct cap_packet *packet, char *error, size_t cap)
{
    struct cap_packet p = *packet;
    f->queue.next = f->queue.count = 0;
    if (linktype_kind(p.linktype) == LINKTYPE_UNKNOWN) {
        snprintf(error, cap, "%s: packets of link type %u cannot be shown: only Ethernet, raw IP, "
                 "Linux cooked and loopback are known", f->file, (unsigned)p.linktype);
        return false;
    }
    if (!f->begun) begin(f, &p);
    tell_time(f, &p);
    if (is_seen_again(f, &p)) {
        if (!f->told_twice)
            put_note(f, "Frames were captured at both their ends; each is shown once, as it left.");
        f->told_twice = true;
        return true;
    }
    const uint8_t *bytes = frame_of(f, &p);
    if (bytes != NULL) {
        take_frame(f, &p, bytes);
    } else if (!f->told_short) {
        f->told_short = true;
        put_note(f, "Some packets do not say what they are; they are left out.");
    }
    return true;
}
