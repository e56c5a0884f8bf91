// record.c - see record.h.
//
// What a frame met is told after the frame itself: its receiver drops it at the same instant, a
// link loses it in the middle of its flight. So a packet is held until its fate is known, and all
// behind it wait too, because a file is in order of time. The events wait beside them:
//
//     events   e0 e1 F2 e3 F4 e5 e6 F7 e8 ...     F: a frame event, whose packet must stand before
//     packets        P2    P4       P7            P2, P4 are released: e0..e6 may be written
//
// What waits has a limit; beyond it packets go out without the last word on them.
#include "capture/record.h"

#include <errno.h>
#include <stdio.h>

#include "capture/offload.h"
#include "capture/outfile.h"
#include "capture/pcap_write.h"
#include "capture/pcapng.h"
#include "capture/pcapng_write.h"

enum {
    EVENTS_BATCH = 4 * 1024,         // an EVENTS block is written at the first instant above this
    PACKETS_BATCH = 256 * 1024,      // or when packets of so many bytes lie before it
    HELD_MAX = 16 * 1024 * 1024,     // bytes of packets, or of events, that may wait
    SLOT_BITS = 14,
};

// A queue of bytes. Places in it are counted from the beginning of the run: p[0] is place `gone`.
struct bytes { uint8_t *p; size_t len, cap; uint64_t gone; };

struct netif_seen {
    uint16_t            host, netif;
    struct pcapng_iface is;
    bool                written;
    bool                linked;  // a link will tell of what it sends
};

struct host_seen { uint16_t host; char name[64]; };

// A packet whose fate may still be told: up to the instant `until`, that included.
struct held {
    nsec      at, until;
    uint64_t  frame;
    uint64_t  bytes, event;  // the places in r->packets, r->events
    uint32_t  iface, len, caplen;
    uint16_t  host;
    bool      rx;
    enum sent sent;
    enum drop drop;
};

struct record {
    struct trace_sink   sink;  // first: the sink is the record
    struct outfile      out;
    struct pcap_write  *pcap;  // not NULL: classic pcap, frames only
    struct netif_seen  *netifs;
    struct host_seen   *hosts;
    struct held        *held;
    size_t              netif_count, netif_cap, host_count, host_cap, held_count, held_cap;
    size_t              last_netif;  // most frames come in runs
    size_t              held_first;  // those before it are released
    uint64_t            held_gone;   // held[0] is packet number so and so of the run
    uint64_t           *slots;       // by hash of host and frame: the number of its last packet
    struct bytes        packets, events;
    size_t              packets_before_events;
};

// --- memory: what fails is remembered as the file's error ------------------------------------

static bool grow(struct record *r, void **array, size_t *cap, size_t want, size_t size)
{
    if (want <= *cap) return true;
    size_t more = *cap * 2 > want ? *cap * 2 : want + 16;
    void *p = realloc(*array, more * size);
    if (p == NULL) {
        outfile_fail(&r->out, ENOMEM);
        return false;
    }
    *array = p;
    *cap = more;
    return true;
}

#define GROW(r, array, count, cap) \
    grow(r, (void **)&(r)->array, &(r)->cap, (r)->count + 1, sizeof *(r)->array)

// A place for len more bytes, maybe none, or NULL.
static uint8_t *bytes_room(struct record *r, struct bytes *b, size_t len)
{
    void *p = b->p;
    if (!grow(r, &p, &b->cap, b->len + len + 1, 1)) return NULL;
    b->p = p;
    return b->p + b->len;
}

// --- who is there ------------------------------------------------------------------------------

static const char *host_name(const struct record *r, uint16_t host)
{
    for (size_t i = 0; i < r->host_count; i++)
        if (r->hosts[i].host == host) return r->hosts[i].name;
    return NULL;
}

static void learn_host(struct record *r, const struct trace_event *ev)
{
    if (host_name(r, ev->host) != NULL || !GROW(r, hosts, host_count, host_cap)) return;
    struct host_seen *h = &r->hosts[r->host_count++];
    h->host = ev->host;
    struct text t = text_of(h->name, sizeof h->name);
    text_put_printable(&t, (const uint8_t *)ev->host_new.name.p, ev->host_new.name.len);
}

static struct netif_seen *find_netif(struct record *r, uint16_t host, uint16_t netif)
{
    struct netif_seen *last = r->last_netif < r->netif_count ? &r->netifs[r->last_netif] : NULL;
    if (last != NULL && last->host == host && last->netif == netif) return last;
    for (size_t i = 0; i < r->netif_count; i++) {
        if (r->netifs[i].host != host || r->netifs[i].netif != netif) continue;
        r->last_netif = i;
        return &r->netifs[i];
    }
    return NULL;
}

// "client/eth0". An interface that nobody announced is known by its numbers.
static struct netif_seen *add_netif(struct record *r, const struct trace_event *ev,
                                    struct trace_str name)
{
    if (!GROW(r, netifs, netif_count, netif_cap)) return NULL;
    struct netif_seen *n = &r->netifs[r->netif_count++];
    *n = (struct netif_seen){.host = ev->host, .netif = ev->netif};
    struct text t = text_of(n->is.name, sizeof n->is.name);
    const char *host = host_name(r, ev->host);
    if (host != NULL) {
        text_put_str(&t, host);
    } else {
        text_put_str(&t, "host");
        text_put_u64(&t, ev->host);
    }
    text_put_char(&t, '/');
    if (name.len > 0) {
        text_put_printable(&t, (const uint8_t *)name.p, name.len);
    } else {
        text_put_str(&t, "netif");
        text_put_u64(&t, ev->netif);
    }
    return n;
}

static void learn_netif(struct record *r, const struct trace_event *ev)
{
    if (find_netif(r, ev->host, ev->netif) != NULL) return;
    struct netif_seen *n = add_netif(r, ev, ev->netif_new.name);
    if (n != NULL) n->is.mac = ev->netif_new.mac;
}

static void learn_addr(struct record *r, const struct trace_event *ev)
{
    struct netif_seen *n = find_netif(r, ev->host, ev->netif);
    if (n == NULL || n->is.addr_count == PCAPNG_ADDRS) return;
    n->is.addrs[n->is.addr_count++] = (struct prefix){ev->netif_addr.addr, ev->netif_addr.prefix};
}

static void learn_link(struct record *r, const struct trace_event *ev)
{
    struct netif_seen *a = find_netif(r, ev->host, ev->netif);
    struct netif_seen *b = find_netif(r, ev->link_new.peer_host, ev->link_new.peer_netif);
    if (a != NULL) a->linked = true;
    if (b != NULL) b->linked = true;
}

// An interface is described as late as can be, because its addresses come after it.
static void write_ifaces(struct record *r)
{
    for (size_t i = 0; i < r->netif_count; i++) {
        if (r->netifs[i].written) continue;
        pcapng_put_iface(&r->out, &r->netifs[i].is);
        r->netifs[i].written = true;
    }
}

// --- writing -------------------------------------------------------------------------------------

static const char *comment_of(const struct held *h, char *buf, size_t cap)
{
    struct text t = text_of(buf, cap);
    if (h->sent != SENT_NOTHING && h->sent != SENT_FOREIGN && h->sent != SENT_FOREIGN_AGAIN) {
        text_put_str(&t, sent_name(h->sent));
        text_put_str(&t, ": ");
        text_put_str(&t, sent_text(h->sent));
    }
    if (h->drop != DROP_NONE) {
        text_put_str(&t, t.len > 0 ? " DROPPED " : "DROPPED ");
        text_put_str(&t, drop_name(h->drop));
        text_put_str(&t, ": ");
        text_put_str(&t, drop_text(h->drop));
    }
    return t.len > 0 ? buf : NULL;
}

static void write_packet(struct record *r, const struct held *h)
{
    char comment[400];
    pcapng_put_packet(&r->out, &(struct pcapng_packet){
        .iface = h->iface, .flags = h->rx ? PCAPNG_INBOUND : PCAPNG_OUTBOUND, .at = h->at,
        .len = h->len, .caplen = h->caplen, .p = r->packets.p + (h->bytes - r->packets.gone),
        .comment = comment_of(h, comment, sizeof comment)});
    r->packets_before_events += h->caplen;
}

static void bytes_forget(struct bytes *b, size_t len)
{
    b->len -= len;
    b->gone += len;
    if (b->len > 0) memmove(b->p, b->p + len, b->len);
}

// Now and then, so that moving what stays costs little.
static void forget_released(struct record *r)
{
    size_t n = r->held_first;
    if (n * 2 < r->held_count) return;
    bool some = n < r->held_count;
    uint64_t keep = some ? r->held[n].bytes : r->packets.gone + r->packets.len;
    bytes_forget(&r->packets, (size_t)(keep - r->packets.gone));
    r->held_count -= n;
    r->held_gone += n;
    r->held_first = 0;
    if (some) memmove(r->held, r->held + n, r->held_count * sizeof *r->held);
}

// Writes the packets whose fate is known before `now`, up to the first of which it is not.
static void release(struct record *r, nsec now, bool all)
{
    if (r->held_first == r->held_count) return;
    if (!all && r->held[r->held_first].until >= now) return;
    write_ifaces(r);
    for (; r->held_first < r->held_count; r->held_first++) {
        const struct held *h = &r->held[r->held_first];
        if (!all && h->until >= now) break;
        write_packet(r, h);
    }
    forget_released(r);
}

// The events before the first frame that is still held.
static void write_events(struct record *r)
{
    size_t len = r->events.len;
    if (r->held_first < r->held_count)
        len = (size_t)(r->held[r->held_first].event - r->events.gone);
    if (len > 0) pcapng_put_events(&r->out, r->events.p, len);
    bytes_forget(&r->events, len);
    r->packets_before_events = 0;
}

static void make_progress(struct record *r, nsec now)
{
    bool full = r->packets.len >= HELD_MAX || r->events.len >= HELD_MAX;
    release(r, now, full);
    size_t waiting = 0;
    if (r->held_first < r->held_count)
        waiting = r->events.len - (size_t)(r->held[r->held_first].event - r->events.gone);
    if (r->events.len - waiting >= EVENTS_BATCH || r->packets_before_events >= PACKETS_BATCH)
        write_events(r);
}

// --- packets that are held -----------------------------------------------------------------------

static uint64_t *slot_of(struct record *r, uint16_t host, uint64_t frame)
{
    return &r->slots[((frame ^ (uint64_t)host << 48) * 0x9e3779b97f4a7c15) >> (64 - SLOT_BITS)];
}

static struct held *held_at(struct record *r, uint64_t number)
{
    if (number < r->held_gone + r->held_first || number >= r->held_gone + r->held_count)
        return NULL;
    return &r->held[number - r->held_gone];
}

// The last packet of this frame at this host, if it is still held.
static struct held *find_held(struct record *r, uint16_t host, uint64_t frame)
{
    struct held *h = held_at(r, *slot_of(r, host, frame));
    return h != NULL && h->host == host && h->frame == frame ? h : NULL;
}

// A slot knows one packet. One that loses its slot will hear no more, so it need not wait.
static void take_slot(struct record *r, const struct held *h)
{
    uint64_t *slot = slot_of(r, h->host, h->frame);
    struct held *old = held_at(r, *slot);
    if (old != NULL && old->until == NEVER) old->until = old->at;
    *slot = r->held_gone + (uint64_t)(h - r->held);
}

// A frame that dies before it was sent has no packet: only the events tell of it.
static void blame(struct record *r, const struct trace_event *ev, uint64_t frame, enum drop why)
{
    struct held *h = find_held(r, ev->host, frame);
    if (h == NULL) return;
    h->drop = why;
    h->until = ev->at;
}

static void fly(struct record *r, const struct trace_event *ev)
{
    struct held *h = find_held(r, ev->host, ev->link_fly.frame);
    if (h != NULL && !h->rx) h->until = ev->link_fly.arrive;
}

// --- events --------------------------------------------------------------------------------------

static void note_event(struct record *r, const struct trace_event *ev)
{
    size_t bound = trace_encode_size(ev) + PCAPNG_PATCH_LEN;
    if (bound > PCAPNG_BLOCK_MAX / 2) {
        outfile_fail(&r->out, EFBIG);
        return;
    }
    uint8_t *p = bytes_room(r, &r->events, bound);
    if (p != NULL) r->events.len += trace_encode(ev, p, bound);
}

// One frame of either direction, as the two event types have it in common.
struct frame_told {
    uint64_t frame;
    uint32_t len;
    bool     rx, csum_todo;
    enum sent sent;
    struct trace_bytes data;
};

static struct frame_told frame_told(const struct trace_event *ev)
{
    if (ev->type == TRACE_FRAME_RX)
        return (struct frame_told){ev->frame_rx.frame, ev->frame_rx.len, true,
                                   ev->frame_rx.csum_todo != 0, SENT_NOTHING, ev->frame_rx.data};
    return (struct frame_told){ev->frame_tx.frame, ev->frame_tx.len, false,
                               ev->frame_tx.csum_todo != 0, ev->frame_tx.why, ev->frame_tx.data};
}

// A copy of the frame's bytes behind those that wait, with its checksum complete.
static uint8_t *copy_bytes(struct record *r, const struct frame_told *f, struct offload_patch *was)
{
    uint8_t *p = bytes_room(r, &r->packets, f->data.len);
    if (p == NULL) return NULL;
    if (f->data.len > 0) memcpy(p, f->data.p, f->data.len);
    *was = f->csum_todo ? offload_finish(p, f->data.len) : (struct offload_patch){0};
    return p;
}

static void note_frame(struct record *r, const struct trace_event *ev, struct offload_patch was)
{
    struct trace_event bare = *ev;
    if (ev->type == TRACE_FRAME_RX) bare.frame_rx.data = (struct trace_bytes){NULL, 0};
    else bare.frame_tx.data = (struct trace_bytes){NULL, 0};
    note_event(r, &bare);
    uint8_t *p = bytes_room(r, &r->events, PCAPNG_PATCH_LEN);
    if (p == NULL) return;
    le_put16(p, was.at);
    memcpy(p + 2, was.was, 2);
    r->events.len += PCAPNG_PATCH_LEN;
}

static void hold(struct record *r, const struct trace_event *ev)
{
    struct frame_told f = frame_told(ev);
    struct offload_patch was;
    if (f.data.len > PCAPNG_BLOCK_MAX / 2) outfile_fail(&r->out, EFBIG);
    struct netif_seen *n = find_netif(r, ev->host, ev->netif);
    if (n == NULL) n = add_netif(r, ev, (struct trace_str){NULL, 0});
    if (n == NULL || !GROW(r, held, held_count, held_cap)) return;
    if (r->out.error != 0 || copy_bytes(r, &f, &was) == NULL) return;

    struct held *h = &r->held[r->held_count];
    *h = (struct held){
        .at = ev->at, .until = n->linked && !f.rx ? NEVER : ev->at, .frame = f.frame,
        .bytes = r->packets.gone + r->packets.len, .event = r->events.gone + r->events.len,
        .iface = (uint32_t)(n - r->netifs), .len = f.len, .caplen = f.data.len,
        .host = ev->host, .rx = f.rx, .sent = f.sent};
    take_slot(r, h);
    r->held_count++;
    r->packets.len += f.data.len;
    note_frame(r, ev, was);
}

static void hold_pcap(struct record *r, const struct trace_event *ev)
{
    struct frame_told f = frame_told(ev);
    struct offload_patch was;
    const uint8_t *p = copy_bytes(r, &f, &was);
    if (p != NULL) pcap_write_packet(r->pcap, ev->at, p, f.data.len, f.len);
}

static void learn(struct record *r, const struct trace_event *ev)
{
    if (ev->type == TRACE_HOST_NEW) learn_host(r, ev);
    else if (ev->type == TRACE_NETIF_NEW) learn_netif(r, ev);
    else if (ev->type == TRACE_NETIF_ADDR) learn_addr(r, ev);
    else if (ev->type == TRACE_LINK_NEW) learn_link(r, ev);
    else if (ev->type == TRACE_LINK_FLY) fly(r, ev);
    else if (ev->type == TRACE_FRAME_DROP) blame(r, ev, ev->frame_drop.frame, ev->frame_drop.why);
    else if (ev->type == TRACE_LINK_DROP) blame(r, ev, ev->link_drop.frame, ev->link_drop.why);
}

static bool is_frame(const struct trace_event *ev)
{
    return ev->type == TRACE_FRAME_TX || ev->type == TRACE_FRAME_RX;
}

static void emit_pcapng(struct trace_sink *sink, const struct trace_event *ev)
{
    struct record *r = (struct record *)sink;
    if (r->out.error != 0) return;
    make_progress(r, ev->at);
    if (is_frame(ev)) {
        hold(r, ev);
        return;
    }
    learn(r, ev);
    note_event(r, ev);
}

static void emit_pcap(struct trace_sink *sink, const struct trace_event *ev)
{
    struct record *r = (struct record *)sink;
    if (r->out.error == 0 && is_frame(ev)) hold_pcap(r, ev);
}

// --- the doors -----------------------------------------------------------------------------------

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcasecmp(s + n - m, end) == 0;
}

// A pipe or a device may have any name; of a file it says what is wanted.
static bool kind_is_known(const struct record *r, const char *path)
{
    return r->out.temp == NULL || ends_in(path, ".pcapng") || ends_in(path, ".pcap");
}

static void forget(struct record *r)
{
    free(r->netifs);
    free(r->hosts);
    free(r->held);
    free(r->slots);
    free(r->packets.p);
    free(r->events.p);
    free(r);
}

struct record *record_open(const char *path, char *error, size_t cap)
{
    struct record *r = calloc(1, sizeof *r);
    uint64_t *slots = calloc(BIT(SLOT_BITS), sizeof *slots);
    if (r != NULL) r->slots = slots;
    if (r == NULL || slots == NULL) {
        snprintf(error, cap, "out of memory");
        free(slots);
        free(r);
        return NULL;
    }
    if (!outfile_open(&r->out, path, error, cap)) {
        forget(r);
        return NULL;
    }
    if (!kind_is_known(r, path)) {
        snprintf(error, cap, "cannot write %s: a capture's name must end in .pcapng or .pcap",
                 path);
        record_abandon(r);
        return NULL;
    }
    r->held_gone = 1;  // so that an empty slot, 0, is the number of none
    r->sink.emit = emit_pcapng;
    r->sink.snap = PCAPNG_SNAPLEN;
    if (ends_in(path, ".pcap")) {
        r->sink.emit = emit_pcap;
        r->pcap = pcap_write_open(&r->out);
        if (r->pcap != NULL) return r;
        snprintf(error, cap, "out of memory");
        record_abandon(r);
        return NULL;
    }
    pcapng_put_section(&r->out);
    pcapng_put_hello(&r->out, trace_schema());
    return r;
}

struct trace_sink *record_sink(struct record *r) { return &r->sink; }

int record_close(struct record *r, char *error, size_t cap)
{
    if (r->pcap != NULL) {
        pcap_write_close(r->pcap);
    } else {
        release(r, NEVER, true);
        write_events(r);
        write_ifaces(r);
    }
    int result = outfile_close(&r->out, error, cap);
    forget(r);
    return result;
}

void record_abandon(struct record *r)
{
    if (r->pcap != NULL) pcap_write_close(r->pcap);
    outfile_abandon(&r->out);
    forget(r);
}
