// A host from the top down: its application and the call it is in, its sockets with their buffers,
// and the layers below. A packet that just came or went is drawn on its way, leaving its headers
// behind (or picking them up) with one reason a layer.
#include "viz/layers_paint.h"
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/wording.h"

#include <stdio.h>

enum { TITLE_H = 31, APP_H = 52, CARD_H = 46, LAYER_H = 31, SOCKS_SHOWN = 32,
       LOW_CARD_H = 22, LOW_GAP = 4, NOTE_H = 14 };

// --- the application ---------------------------------------------------------------------------

// The one that did something last.
static const struct model_app *app_on_stage(const struct scene *s, uint16_t host)
{
    const struct model_app *best = NULL;
    for (size_t i = 0; i < s->m->apps; i++) {
        const struct model_app *a = &s->m->app[i];
        if (a->host != host) continue;
        if (best == NULL || a->at >= best->at) best = a;
    }
    return best;
}

// Returns its width.
static float draw_accepted(struct draw_list *l, struct pt at, const struct model_app *a)
{
    char buf[64];
    struct text t = text_of(buf, sizeof buf);
    text_put_str(&t, "accept(");
    text_put_i64(&t, a->accepted_on);
    text_put_str(&t, ")");
    uint32_t from = a->accepts > 3 ? a->accepts - 3 : 0;
    for (uint32_t i = from; i < a->accepts; i++) {
        text_put_str(&t, i == from ? " → " : ", ");
        text_put_i64(&t, a->accepted[i % MODEL_ACCEPTED]);
    }
    struct text_style st = style(FONT_MONO, 10, PALETTE_LOW);
    draw_text(l, at, on_right(st), buf);
    return draw_text_width(l, st, buf);
}

static void put_call(struct text *t, const struct model_app *a, bool brief)
{
    bool blocked = model_app_blocked(a);
    text_put_call(t, a, brief);
    if (blocked) return;
    text_put_str(t, a->result >= 0 ? " = " : " ");
    if (a->result >= 0) text_put_i64(t, a->result);
    else text_put_errno(t, -a->result);
}

static void draw_call(struct draw_list *l, struct rect r, const struct model_app *a)
{
    bool blocked = model_app_blocked(a), failed = !blocked && a->result < 0;
    struct rect pill = paint_pill(l, pt(right_of(r) - 8, r.y + 37), (struct pill){
        .text = blocked ? "BLOCKED" : a->exited ? "EXITED" : failed ? "ERROR" : "DONE",
        .look = failed ? PILL_TINT : PILL_QUIET, .role = PALETTE_LOSS, .right = true});
    struct text_style st = style(FONT_MONO, 11, failed ? PALETTE_LOSS : PALETTE_MID);
    float room = pill.x - r.x - 50;
    char buf[128];
    for (int brief = 0; brief < 2; brief++) {
        struct text t = text_of(buf, sizeof buf);
        put_call(&t, a, brief);
        if (draw_text_width(l, st, buf) <= room) break;
    }
    draw_text(l, pt(r.x + 44, r.y + 35), fit(st, room), buf);
}

static void draw_app(struct draw_list *l, const struct scene *s, struct rect r, uint16_t host)
{
    paint_card(l, r, PALETTE_APP);
    draw_text(l, pt(r.x + 11, r.y + 15), style(FONT_SEMI, 11, PALETTE_APP), "APP");
    const struct model_app *a = app_on_stage(s, host);
    if (a == NULL) {
        draw_text(l, pt(r.x + 44, r.y + 15), style(FONT_UI, 11, PALETTE_LOW),
                  s->rec->foreign         ? "a capture tells nothing of it"
                  : host_is_dark(s, host) ? "what runs there is not seen from here"
                                          : "no application");
        return;
    }
    char who[64];
    snprintf(who, sizeof who, a->pid != 0 ? "%s  pid %u" : "%s", a->name, a->pid);
    float taken = a->accepts > 0 ? draw_accepted(l, pt(right_of(r) - 8, r.y + 15), a) : 0;
    struct text_style st = style(FONT_MONO, 11, PALETTE_HI);
    bool whole = draw_text_width(l, st, who) <= r.w - 60 - taken;
    draw_text(l, pt(r.x + 44, r.y + 15), fit(st, r.w - 60 - taken), whole ? who : a->name);
    if (a->last.call != CALL_NOTHING) draw_call(l, r, a);
}

// --- sockets -----------------------------------------------------------------------------------

// Where several applications share a host, a socket says whose it is: numbers may be equal.
static const char *owner_of(const struct scene *s, const struct model_sock *k)
{
    size_t apps = 0;
    for (size_t i = 0; i < s->m->apps; i++) apps += s->m->app[i].host == k->host;
    const struct model_app *a = apps > 1 ? model_app(s->m, k->host, k->app) : NULL;
    return a != NULL ? a->name : "";
}

static void put_ends(struct text *t, const struct model_sock *k, bool brief)
{
    bool any = addr_is_any(k->local.addr);
    bool listens = k->kind == KIND_TCP && k->state == TCP_LISTEN;
    text_put_str(t, any ? "*:" : ":");
    if (k->local.port != 0) text_put_u64(t, k->local.port);
    else text_put_char(t, '*');
    if (k->remote.port == 0) {
        text_put_str(t, listens || k->kind != KIND_TCP ? " ← anyone" : "");
    } else {
        text_put_str(t, " ↔ ");
        if (!brief) text_put_addr(t, k->remote.addr);
        text_put_char(t, ':');
        text_put_u64(t, k->remote.port);
    }
}

static struct rect draw_state(struct draw_list *l, struct pt at, const struct model_sock *k)
{
    bool tcp = k->kind == KIND_TCP;
    const char *word = tcp ? tcp_state_short(k->state) : k->kind == KIND_UDP ? "UDP" : "PING";
    bool lasts = tcp && k->state == TCP_ESTABLISHED;
    return paint_pill(l, at, (struct pill){word, lasts ? PILL_STRONG : PILL_QUIET, PALETTE_ACK,
                                           true});
}

// A bar is full at the buffer's limit, unless that is far beyond anything this run ever held: then
// at four times the most it held, so that small levels can be seen at all.
static float bar_full(uint32_t limit, uint32_t peak)
{
    float want = 4096;
    while (want < (float)peak * 4) want *= 2;
    return limit != 0 && (float)limit < want ? (float)limit : want;
}

struct bar { struct rect r; uint32_t len, held; float full; };

static void draw_bar(struct draw_list *l, const struct bar *b)
{
    draw_fill(l, b->r, 2, ink(PALETTE_LINE));
    float w = clampf((float)b->len / b->full, 0, 1) * b->r.w;
    float held = clampf((float)b->held / b->full, 0, 1) * b->r.w;
    if (w > 0 && w < 2) w = 2;
    if (w > 0) {
        struct rect in = rect(b->r.x, b->r.y, w, b->r.h);
        draw_fill(l, in, 2, ink_a(PALETTE_APP, 120));
        draw_hatch(l, in, (struct hatch){5, 1.8f}, ink(PALETTE_APP));
    }
    if (held > 1)
        draw_hatch(l, rect(right_of(b->r) - held, b->r.y, held, b->r.h), (struct hatch){4, 1},
                   ink(PALETTE_APP));
}

// Where write() calls ended, as far as their bytes are among [from, from + len) of the stream.
static void draw_ticks(struct draw_list *l, const struct bar *b, const struct model_sock *writer,
                       uint64_t from)
{
    uint32_t n = writer->ticks < MODEL_TICKS ? writer->ticks : MODEL_TICKS;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t end = writer->tick[(writer->ticks - 1 - i) % MODEL_TICKS];
        if (end <= from || end > from + b->len) continue;
        float x = b->r.x + (float)(end - from) / b->full * b->r.w;
        if (x > right_of(b->r)) continue;
        draw_fill(l, rect(x - 0.75f, b->r.y - 2, 1.5f, b->r.h + 4), 0, ink(PALETTE_HI));
    }
}

static const struct model_sock *peer_of(const struct scene *s, const struct model_sock *k)
{
    uint32_t i = history_flow_of(s->h, k->local, k->remote, k->kind);
    if (i == NONE || k->remote.port == 0) return NULL;
    const struct history_flow *f = &s->h->flow[i];
    int other = f->host[0] == k->host && f->conn[0] == k->conn ? 1 : 0;
    return model_sock(s->m, f->host[other], f->conn[other]);
}

static void draw_buffers(struct draw_list *l, const struct scene *s, struct rect r,
                         const struct model_sock *k)
{
    uint32_t row = history_sock_of(s->h, k->host, k->conn);
    uint32_t peak_snd = row != NONE ? s->h->sock[row].peak_snd : k->snd_len;
    uint32_t peak_rcv = row != NONE ? s->h->sock[row].peak_rcv : k->rcv_len;
    float y = r.y + 33, half = (r.w - 16) / 2, w = half - 76;
    struct bar snd = {rect(r.x + 33, y - 4, w, 8), k->snd_len, 0, bar_full(k->snd_max, peak_snd)};
    struct bar rcv = {rect(r.x + 8 + half + 29, y - 4, w, 8), k->rcv_len, k->rcv_held,
                      bar_full(k->rcv_max, peak_rcv)};
    struct { const char *name; const struct bar *b; float x, right; } bars[] = {
        {"SND", &snd, r.x + 8, r.x + half - 2}, {"RCV", &rcv, r.x + 8 + half, right_of(r) - 8}};
    for (int i = 0; i < 2; i++) {
        draw_text(l, pt(bars[i].x, y), style(FONT_UI, 10, PALETTE_MID), bars[i].name);
        draw_bar(l, bars[i].b);
        char level[24];
        struct text t = text_of(level, sizeof level);
        text_put_count(&t, bars[i].b->len);
        draw_text(l, pt(bars[i].right, y),
                  on_right(style(FONT_MONO, 10, bars[i].b->len > 0 ? PALETTE_HI : PALETTE_LOW)),
                  level);
    }
    draw_ticks(l, &snd, k, k->written - (k->snd_len < k->written ? k->snd_len : k->written));
    const struct model_sock *peer = peer_of(s, k);
    if (peer != NULL) draw_ticks(l, &rcv, peer, k->read);
}

static void draw_queues(struct draw_list *l, struct rect r, const struct model_sock *k)
{
    float y = r.y + 33;
    int room = (int)(k->backlog > 0 && k->backlog < 4 ? k->backlog : 4);
    struct { const char *name; uint32_t len; float x, cells; } q[] = {
        {"SYN queue", k->syn_len, r.x + 8, 60},
        {"accept queue", k->accept_len, r.x + r.w / 2 - 6, 78}};
    for (int i = 0; i < 2; i++) {
        draw_text(l, pt(q[i].x, y), style(FONT_UI, 10, PALETTE_MID), q[i].name);
        paint_cells(l, pt(q[i].x + q[i].cells, y), room, (int)(q[i].len < 5 ? q[i].len : 5),
                    PALETTE_TCP);
        if (q[i].len > (uint32_t)room)
            draw_textf(l, pt(q[i].x + q[i].cells + (float)room * 11 + 3, y),
                       style(FONT_MONO, 10, PALETTE_HI), "%u", q[i].len);
    }
}

static void draw_datagrams(struct draw_list *l, struct rect r, const struct model_sock *k)
{
    float y = r.y + 33;
    uint64_t came = k->datagrams_came, taken = k->datagrams_in;
    uint64_t waiting = came > taken ? came - taken : 0;
    float x = r.x + r.w / 2 - 4;
    char lost[32];
    struct text t = text_of(lost, sizeof lost);
    text_put_count(&t, k->datagrams_lost);
    text_put_str(&t, " found no room");
    bool any = k->datagrams_lost > 0;
    draw_text(l, pt(r.x + 8, y),
              fit(style(FONT_UI, 10, any ? PALETTE_LOSS : PALETTE_MID), x - r.x - 12),
              any ? lost : "no handshake, no state");
    draw_text(l, pt(x, y), style(FONT_UI, 10, PALETTE_MID), "RCV");
    int room = r.w < 280 ? 3 : 5;
    paint_cells(l, pt(x + 26, y), room, (int)(waiting < 5 ? waiting : 5), PALETTE_APP);
    draw_textf(l, pt(right_of(r) - 8, y),
               on_right(style(FONT_MONO, 10, waiting > 0 ? PALETTE_HI : PALETTE_LOW)), "%u dg",
               (unsigned)waiting);
}

// The closer's wait: how much of 2 MSL is left, as a ring that runs out.
static void draw_time_wait(struct draw_list *l, const struct scene *s, struct rect r,
                           const struct model_sock *k)
{
    nsec until = k->deadline[TIMER_TIME_WAIT], whole = until - k->state_at, left = until - s->t;
    float y = r.y + 33;
    if (until == NEVER || whole <= 0 || left < 0) return;
    draw_ring(l, pt(r.x + 15, y), 6, 2, ink(PALETTE_LINE));
    draw_arc(l, (struct arc){pt(r.x + 15, y), 6, 0, (float)left / (float)whole, 2},
             ink(PALETTE_TCP));
    char buf[64];
    struct text t = text_of(buf, sizeof buf);
    text_put_str(&t, "old segments die out: 2 MSL, ");
    text_put_span(&t, left / MSEC(100) * MSEC(100));
    text_put_str(&t, " left");
    draw_text(l, pt(r.x + 28, y), fit(style(FONT_UI, 10, PALETTE_MID), r.w - 36), buf);
}

static bool sock_in_light(const struct scene *s, const struct model_sock *k)
{
    if (object_is(s->selected, OBJECT_SOCK, sock_id(k->host, k->conn))) return true;
    if (s->flow == NONE) return false;
    const struct history_flow *f = &s->h->flow[s->flow];
    return (f->host[0] == k->host && f->conn[0] == k->conn) ||
           (f->host[1] == k->host && f->conn[1] == k->conn);
}

// What a card shows below its first line; a low card has none of it.
static void draw_inside(struct draw_list *l, const struct scene *s, struct rect r,
                        const struct model_sock *k)
{
    if (r.h < CARD_H) return;
    if (s->rec->foreign) {
        draw_text(l, pt(r.x + 8, r.y + 33), fit(style(FONT_UI, 10, PALETTE_MID), r.w - 16),
                  "its state as the packets prove it; buffers unseen");
        return;
    }
    if (k->kind == KIND_TCP && k->state == TCP_LISTEN) draw_queues(l, r, k);
    else if (k->kind != KIND_TCP) draw_datagrams(l, r, k);
    else if (k->state == TCP_TIME_WAIT) draw_time_wait(l, s, r, k);
    else draw_buffers(l, s, r, k);
}

static void draw_sock(struct draw_list *l, const struct scene *s, struct rect r,
                      const struct model_sock *k)
{
    bool chosen = sock_in_light(s, k);
    float y = r.y + (r.h < CARD_H ? LOW_CARD_H / 2.0f : 14);
    paint_card(l, r, PALETTE_ROLES);
    if (chosen) paint_chosen(l, r, 5);
    float x = r.x + 12 + paint_fd(l, pt(r.x + 6, y), k, chosen);
    uint32_t flow = history_flow_of(s->h, k->local, k->remote, k->kind);
    if (k->remote.port != 0 && flow != NONE) {
        mark_draw(l, s->h->flow[flow].mark, pt(x + 5, y), 8, ink(PALETTE_ACK));
        x += 14;
    }
    char buf[128];
    struct text t = text_of(buf, sizeof buf);
    put_ends(&t, k, false);
    float room = draw_state(l, pt(right_of(r) - 6, y), k).x - x - 6;
    struct text_style ends = style(FONT_MONO, 11, PALETTE_HI);
    if (draw_text_width(l, ends, buf) > room) {  // the card's narrow: the ports must do
        t = text_of(buf, sizeof buf);
        put_ends(&t, k, true);
        if (draw_text_width(l, ends, buf) > room) ends.size = 10;
    }
    struct text_style owner = style(FONT_UI, 10, PALETTE_LOW);
    draw_text(l, pt(x, y), fit(ends, room), buf);
    float used = draw_text_width(l, ends, buf) + 8;
    float whole = draw_text_width(l, owner, owner_of(s, k));
    if (used + fminf(whole, 40) <= room)  // a letter or two of it say nothing
        draw_text(l, pt(x + used, y), fit(owner, room - used), owner_of(s, k));
    draw_inside(l, s, r, k);
    draw_hit(l, r, OBJECT_SOCK, sock_id(k->host, k->conn));
}

// Those with a number first, in its order; then those that TCP alone still keeps.
static size_t list_socks(const struct scene *s, uint16_t host,
                         const struct model_sock *out[SOCKS_SHOWN])
{
    size_t n = 0;
    for (size_t i = 0; i < s->m->socks && n < SOCKS_SHOWN; i++) {
        const struct model_sock *k = &s->m->sock[i];
        if (k->host != host) continue;
        size_t at = n++;
        uint32_t rank = (uint32_t)k->fd;  // -1 goes last
        for (; at > 0 && (uint32_t)out[at - 1]->fd > rank; at--) out[at] = out[at - 1];
        out[at] = k;
    }
    return n;
}

// --- which cards fit ----------------------------------------------------------------------------

struct shelf {
    const struct model_sock *k[SOCKS_SHOWN];
    bool   low[SOCKS_SHOWN];
    size_t n, first, end;
    float  gap;
};

// Those in the light, and a listener with somebody in its queues, have most to tell.
static int sock_worth(const struct scene *s, const struct model_sock *k)
{
    if (sock_in_light(s, k)) return 3;
    if (k->kind != KIND_TCP) return 1;
    return k->state == TCP_LISTEN ? k->syn_len + k->accept_len > 0 : 2;
}

static float shelf_height(const struct shelf *f)
{
    float h = 0;
    for (size_t i = f->first; i < f->end; i++) h += f->low[i] ? LOW_CARD_H : CARD_H;
    return h + (float)(f->end - f->first - 1) * f->gap;
}

// Cards become low, the least worth first and from the bottom up, until all fit. If they do not fit
// even then, only those are shown that do, the one in the light among them.
static void shelf_fit(struct shelf *f, const struct scene *s, float room, int moved)
{
    f->gap = PAINT_GAP;
    f->first = 0, f->end = f->n;
    if (f->n == 0 || shelf_height(f) <= room) return;
    f->gap = LOW_GAP;
    for (int worth = 0; worth <= 2; worth++)
        for (size_t i = f->n; i > 0 && shelf_height(f) > room; i--)
            f->low[i - 1] |= sock_worth(s, f->k[i - 1]) == worth;
    if (shelf_height(f) <= room) return;
    float low = (room - NOTE_H - CARD_H) / (LOW_CARD_H + LOW_GAP);
    size_t light = 0, fits = (low > 0 ? (size_t)low : 0) + 1;
    for (size_t i = 0; i < f->n; i++)
        if (sock_in_light(s, f->k[i])) light = i;
    int first = (light < fits ? 0 : (int)(light - fits + 1)) + moved;
    int last = f->n > fits ? (int)(f->n - fits) : 0;
    f->first = (size_t)(first < 0 ? 0 : first > last ? last : first);
    f->end = f->first + fits < f->n ? f->first + fits : f->n;
}

static float card_height(const struct shelf *f, size_t i)
{
    return f->low[i] ? LOW_CARD_H : CARD_H;
}

// The bottom of conn's card, or of the shelf: where the packet's way ends.
static float shelf_reach(const struct shelf *f, struct rect r, uint32_t conn)
{
    float y = r.y;
    for (size_t i = f->first; i < f->end; i++) {
        y += card_height(f, i);
        if (f->k[i]->conn == conn) return y;
        y += f->gap;
    }
    return bottom_of(r);
}

static bool ever_had_socks(const struct scene *s, uint16_t host)
{
    for (size_t i = 0; i < s->h->socks; i++)
        if (s->h->sock[i].host == host && s->h->sock[i].fd_from < s->events) return true;
    return false;
}

static void draw_shelf(struct draw_list *l, const struct scene *s, const struct shelf *f,
                       struct rect r, uint16_t host)
{
    float y = r.y;
    for (size_t i = f->first; i < f->end; i++) {
        draw_sock(l, s, rect(r.x, y, r.w, card_height(f, i)), f->k[i]);
        y += card_height(f, i) + f->gap;
    }
    if (f->n == 0)
        draw_text(l, pt(r.x + 8, r.y + 14), style(FONT_UI, 11, PALETTE_LOW),
                  ever_had_socks(s, host) ? "no socket is left"
                  : host_is_dark(s, host) ? "its sockets are not seen from here"
                                          : "no sockets yet");
    if (f->end - f->first >= f->n || y - f->gap > bottom_of(r) - NOTE_H) return;
    struct pt note = pt(r.x + 6, bottom_of(r) - NOTE_H / 2.0f + 1);
    struct text_style st = style(FONT_UI, 10, PALETTE_LOW);
    if (f->end - f->first == 1) draw_textf(l, note, st, "socket %zu of %zu", f->end, f->n);
    else draw_textf(l, note, st, "sockets %zu to %zu of %zu", f->first + 1, f->end, f->n);
}

// --- the whole ---------------------------------------------------------------------------------

static void draw_title(struct draw_list *l, const struct scene *s, struct rect r, uint16_t host,
                       int side)
{
    char buf[64];
    struct text t = text_of(buf, sizeof buf);
    text_put_host(&t, s->m, host);
    float x = r.x + 28, y = r.y + 17;
    if (side == 0) draw_ring(l, pt(r.x + 16, y), 5, 2.2f, ink(PALETTE_HI));
    else draw_circle(l, pt(r.x + 16, y), 6, ink(PALETTE_HI));
    struct text_style name = fit(style(FONT_SEMI, 14, PALETTE_HI), r.w * 0.4f);
    draw_text(l, pt(x, y), name, buf);
    x += fminf(draw_text_width(l, name, buf), name.max) + 14;
    const struct model_netif *n = model_netif_of(s->m, host);
    if (n == NULL) return;
    char addr[ADDR_TEXT] = "";
    const struct prefix *own = netif_prefix(n);
    if (own != NULL) addr_print(own->addr, addr);
    struct text_style st = style(FONT_MONO, 12, PALETTE_HI);
    float mac_at = right_of(r) - 8;
    bool both = x + draw_text_width(l, st, addr) + 118 < mac_at;
    if (both && !mac_is_zero(n->mac)) {
        char mac[MAC_TEXT];
        draw_text(l, pt(mac_at, y), on_right(style(FONT_MONO, 10, PALETTE_LOW)),
                  mac_print(n->mac, mac));
        mac_at -= 112;
    }
    if (strcmp(buf, addr) != 0) paint_tail(l, pt(x, y), fit(st, mac_at - x), addr);
}

void hoststack_pane(struct draw_list *l, const struct scene *s, struct rect r, int side)
{
    paint_panel(l, s, r, side == 0 ? PANE_CLIENT : PANE_SERVER);
    uint16_t host = s->h->stage[side];
    const struct model_host *known = model_host(&s->rec->last, host);
    if (host == 0 || model_host(s->m, host) == NULL) {
        draw_textf(l, pt(r.x + 12, r.y + 17), fit(style(FONT_UI, 12, PALETTE_LOW), r.w - 24),
                   known != NULL ? "%s: not heard of yet" : "nobody we can see",
                   known != NULL ? known->name : "");
        return;
    }
    draw_clip(l, r);
    draw_title(l, s, r, host, side);
    float x = r.x + 8, w = r.w - 16, gap = PAINT_GAP;
    draw_app(l, s, rect(x, r.y + TITLE_H, w, APP_H), host);
    float low = bottom_of(r) - gap - 4 * LAYER_H - 3 * gap;
    struct rect socks = rect(x, r.y + TITLE_H + APP_H + gap, w, 0);
    socks.h = low - 8 - socks.y;
    const struct model_path *path = path_on_stage(s, host);
    struct shelf shelf = {0};
    shelf.n = list_socks(s, host, shelf.k);
    shelf_fit(&shelf, s, socks.h, s->shelf[side]);
    float reach = shelf_reach(&shelf, socks, path != NULL ? path->conn : 0);
    draw_layers(l, s, rect(x, low, w, bottom_of(r) - gap - low), host, reach);
    draw_shelf(l, s, &shelf, socks, host);  // above the way, which passes behind
    draw_unclip(l);
}
