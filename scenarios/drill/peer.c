// peer.c - the script as a host of its own: what it sends and gets is told, on a cable that takes
// no time, so that the window has somebody to draw on the other side. See world.h.
#include "core/trace.h"
#include "scenarios/drill/world.h"

enum { DUT = 1, PEER = 2, NETIF = 1, CABLE = 1 };

static void tell(struct world *w, struct trace_event ev)
{
    ev.at = w->now;
    trace_emit(&w->memory.sink, &ev);
}

static struct trace_str str(const char *s) { return (struct trace_str){s, (uint32_t)strlen(s)}; }

void peer_introduce(struct world *w, const struct world_config *cfg)
{
    static const struct mac mac = {{2, 0, 0, 0, 0, 2}};
    if (!w->tell_peer) return;
    tell(w, (struct trace_event){.type = TRACE_HOST_NEW, .host = PEER,
                                 .host_new = {.name = str("script")}});
    tell(w, (struct trace_event){
        .type = TRACE_NETIF_NEW, .host = PEER, .netif = NETIF,
        .netif_new = {.name = str("eth0"), .mac = mac, .mtu = cfg->mtu}});
    tell(w, (struct trace_event){
        .type = TRACE_NETIF_ADDR, .host = PEER, .netif = NETIF,
        .netif_addr = {.addr = cfg->remote, .prefix = (uint8_t)cfg->prefix}});
    tell(w, (struct trace_event){
        .type = TRACE_LINK_NEW, .host = DUT, .netif = NETIF,
        .link_new = {.link = CABLE, .peer_host = PEER, .peer_netif = NETIF}});
}

static void fly(struct world *w, uint16_t from, uint64_t frame)
{
    tell(w, (struct trace_event){
        .type = TRACE_LINK_FLY, .host = from, .netif = NETIF,
        .link_fly = {.link = CABLE, .frame = frame, .depart = w->now, .arrive = w->now}});
}

void peer_sends(struct world *w, struct frame *f)
{
    if (!w->tell_peer) return;
    f->id = (uint64_t)PEER << 40 | ++w->peer_frames;
    size_t len = f->len < w->memory.sink.snap ? f->len : w->memory.sink.snap;  // in one piece
    tell(w, (struct trace_event){
        .type = TRACE_FRAME_TX, .host = PEER, .netif = NETIF,
        .frame_tx = {.frame = f->id, .len = f->len, .gso = f->gso_size,
                     .data = {frame_start(f), (uint32_t)len}}});
    fly(w, PEER, f->id);
}

void peer_gets(struct world *w, const struct frame *f, const uint8_t *bytes, size_t len)
{
    if (!w->tell_peer) return;
    fly(w, DUT, f->id);
    if (len > w->memory.sink.snap) len = w->memory.sink.snap;
    tell(w, (struct trace_event){
        .type = TRACE_FRAME_RX, .host = PEER, .netif = NETIF,
        .frame_rx = {.frame = f->id, .len = f->len, .gso = f->gso_size,
                     .data = {bytes, (uint32_t)len}}});
}
