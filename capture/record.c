// record.c - see record.h.
//
// What a frame met is told after the frame itself: a receiver drops it, the link loses it. So the
// packets of one instant wait until the next, and go out in order with their comments complete.
// Events gather beside them and follow in one block, which therefore finds its packets before it.
#include "capture/record.h"

#include <errno.h>
#include <stdio.h>

#include "capture/offload.h"
#include "capture/outfile.h"
#include "capture/pcap_write.h"
#include "capture/pcapng.h"
#include "capture/pcapng_write.h"

enum {
    EVENTS_BATCH = 32 * 1024,        // an EVENTS block is written at the first instant above this
    PACKETS_BATCH = 256 * 1024,      // or when packets of so many bytes lie before it
    INSTANT_MAX = 4 * 1024 * 1024,   // an instant longer than this is cut: comments may be missed
    BLAME_REACH = 1024,              // how many packets back a drop looks for its own
};

struct bytes { uint8_t *p; size_t len, cap; };

struct netif_seen {
    uint16_t            host, netif;
    struct pcapng_iface is;
    bool                written;
};

struct host_seen { uint16_t host; char name[64]; };

// A packet whose fate may still be told at this instant.
struct held {
    nsec      at;
    uint64_t  frame;
    size_t    off;  // of its bytes in r->packets
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
    struct bytes        packets, events;
    size_t              packets_before_events;
    nsec                instant;
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
    if (h->sent != SENT_NOTHING && h->sent != SENT_FOREIGN) {
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

static void write_packets(struct record *r)
{
    if (r->held_count > 0) write_ifaces(r);
    for (size_t i = 0; i < r->held_count; i++) {
        char comment[400];
        const struct held *h = &r->held[i];
        pcapng_put_packet(&r->out, &(struct pcapng_packet){
            .iface = h->iface, .flags = h->rx ? PCAPNG_INBOUND : PCAPNG_OUTBOUND, .at = h->at,
            .len = h->len, .caplen = h->caplen, .p = r->packets.p + h->off,
            .comment = comment_of(h, comment, sizeof comment)});
    }
    r->packets_before_events += r->packets.len;
    r->packets.len = 0;
    r->held_count = 0;
}

static void write_events(struct record *r)
{
    write_packets(r);
    if (r->events.len > 0) pcapng_put_events(&r->out, r->events.p, r->events.len);
    r->events.len = 0;
    r->packets_before_events = 0;
}

// The instant is over: what is known now is all that will be known of its packets.
static void settle(struct record *r)
{
    write_packets(r);
    if (r->events.len >= EVENTS_BATCH || r->packets_before_events >= PACKETS_BATCH) write_events(r);
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

    r->held[r->held_count++] = (struct held){
        .at = ev->at, .frame = f.frame, .off = r->packets.len, .iface = (uint32_t)(n - r->netifs),
        .len = f.len, .caplen = f.data.len, .host = ev->host, .rx = f.rx, .sent = f.sent};
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

// The packet of this frame at this host that is still held gets the drop for a comment. A frame
// that dies before it was sent has no packet: only the events tell of it.
static void blame(struct record *r, uint16_t host, uint64_t frame, enum drop why)
{
    size_t reach = r->held_count < BLAME_REACH ? r->held_count : BLAME_REACH;
    for (size_t i = 1; i <= reach; i++) {
        struct held *h = &r->held[r->held_count - i];
        if (h->host != host || h->frame != frame) continue;
        h->drop = why;
        return;
    }
}

static void learn(struct record *r, const struct trace_event *ev)
{
    if (ev->type == TRACE_HOST_NEW) learn_host(r, ev);
    else if (ev->type == TRACE_NETIF_NEW) learn_netif(r, ev);
    else if (ev->type == TRACE_NETIF_ADDR) learn_addr(r, ev);
    else if (ev->type == TRACE_FRAME_DROP)
        blame(r, ev->host, ev->frame_drop.frame, ev->frame_drop.why);
    else if (ev->type == TRACE_LINK_DROP)
        blame(r, ev->host, ev->link_drop.frame, ev->link_drop.why);
}

static bool is_frame(const struct trace_event *ev)
{
    return ev->type == TRACE_FRAME_TX || ev->type == TRACE_FRAME_RX;
}

static void emit_pcapng(struct trace_sink *sink, const struct trace_event *ev)
{
    struct record *r = (struct record *)sink;
    if (r->out.error != 0) return;
    if (ev->at != r->instant) settle(r);
    if (r->events.len + r->packets.len >= INSTANT_MAX) write_events(r);
    r->instant = ev->at;
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
    return n >= m && strcmp(s + n - m, end) == 0;
}

static void forget(struct record *r)
{
    free(r->netifs);
    free(r->hosts);
    free(r->held);
    free(r->packets.p);
    free(r->events.p);
    free(r);
}

struct record *record_open(const char *path, char *error, size_t cap)
{
    struct record *r = calloc(1, sizeof *r);
    if (r == NULL) {
        snprintf(error, cap, "out of memory");
        return NULL;
    }
    if (!outfile_open(&r->out, path, error, cap)) {
        free(r);
        return NULL;
    }
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
