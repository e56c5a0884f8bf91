// All hosts and what joins them: a strip to choose who is on stage, and a pane with every cable's
// queues, and the frames on it. A host is pressed to stand on stage beside the last one pressed; a
// cable, to put both its ends there.
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/topology.h"
#include "viz/ui.h"
#include "viz/widget.h"
#include "viz/wording.h"

#include <stdio.h>

enum { CARD_W = 176, CARD_H = 62, CARD_H_MIN = 34, QUEUE_W = 76, FLYING_MAX = 512, CHIP_GAP = 8 };

static int side_of(const struct scene *s, uint16_t host)
{
    return host == s->h->stage[0] ? 0 : host == s->h->stage[1] ? 1 : -1;
}

static void put_name(struct text *t, const struct scene *s, uint16_t host)
{
    text_put_host(t, &s->rec->last, host);
}

// As the heads of the two stacks have it: a ring on the left, a dot on the right.
static void draw_side(struct draw_list *l, struct pt at, int side)
{
    if (side == 0) draw_ring(l, at, 4, 2, ink(PALETTE_HI));
    if (side == 1) draw_circle(l, at, 5, ink(PALETTE_HI));
}

// --- the strip -----------------------------------------------------------------------------------

static float draw_chip(struct draw_list *l, const struct scene *s, struct pt at, uint16_t host)
{
    char name[40];
    struct text t = text_of(name, sizeof name);
    put_name(&t, s, host);
    int side = side_of(s, host);
    struct text_style st = style(side >= 0 ? FONT_SEMI : FONT_UI, 11,
                                 side >= 0 ? PALETTE_HI : PALETTE_MID);
    float w = draw_text_width(l, st, name) + 30;
    struct rect r = rect(at.x, at.y - 10, w, 20);
    bool under = object_is(s->hover, OBJECT_HOST, host);
    draw_fill(l, r, 10, ink(under ? PALETTE_LINE : PALETTE_RAISED));
    draw_stroke(l, r, 10, side >= 0 ? 1.5f : 1, ink(side >= 0 ? PALETTE_SEL : PALETTE_LINE));
    draw_side(l, pt(at.x + 12, at.y), side);
    if (side < 0) draw_ring(l, pt(at.x + 12, at.y), 3, 1, ink(PALETTE_LOW));
    draw_text(l, pt(at.x + 21, at.y), st, name);
    draw_hit(l, r, OBJECT_HOST, host);
    return w;
}

void strip_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    struct topology t;
    topology_of(&t, s->rec);
    paint_panel(l, s, r, PANE_STRIP);
    float x = r.x + 84, y = r.y + r.h / 2, end = right_of(r) - 150;
    draw_text(l, pt(r.x + 10, y), style(FONT_SEMI, 11, PALETTE_MID), "ON STAGE");
    size_t i = 0;
    for (; i < t.n && x < end - 90; i++) {
        bool next = i > 0 && t.node[i].column != t.node[i - 1].column;
        if (next) {
            draw_line(l, pt(x, y), pt(x + 14, y), 1.5f, ink(PALETTE_LINE));
            x += 14 + CHIP_GAP;
        }
        x += draw_chip(l, s, pt(x, y), t.node[i].host) + CHIP_GAP;
    }
    size_t left = t.n - i + t.beyond;
    if (left > 0)
        draw_textf(l, pt(x + 4, y), style(FONT_UI, 11, PALETTE_LOW), "and %zu more", left);
    struct rect b = rect(right_of(r) - 132, r.y + 4, 126, r.h - 8);
    uint64_t key = UI_KEY_F1 + 7;
    unsigned state = object_is(s->hover, OBJECT_KEY, key) ? WIDGET_HOVER : 0;
    widget_text_button(l, (struct widget){b, OBJECT_KEY, key, state}, "all of them (F8)");
}

// --- the pane ------------------------------------------------------------------------------------

struct place { struct topology t; struct rect r; float card_h; };

static struct rect card_of(const struct place *p, size_t i)
{
    size_t column = p->t.node[i].column, rows = p->t.rows[column];
    float step_x = p->t.columns > 1 ? (p->r.w - CARD_W) / (float)(p->t.columns - 1) : 0;
    float x = p->t.columns > 1 ? p->r.x + step_x * (float)column : p->r.x + (p->r.w - CARD_W) / 2;
    float step_y = p->r.h / (float)rows;
    float y = p->r.y + step_y * ((float)p->t.node[i].row + 0.5f) - p->card_h / 2;
    return rect(x, y, CARD_W, p->card_h);
}

struct cable { struct pt a, b; };  // from edge to edge, a: the host whose interface it is

static bool cable_of(const struct place *p, uint16_t from, uint16_t to, struct cable *c)
{
    int i = topology_place(&p->t, from), k = topology_place(&p->t, to);
    if (i < 0 || k < 0) return false;
    struct rect a = card_of(p, (size_t)i), b = card_of(p, (size_t)k);
    bool same = p->t.node[i].column == p->t.node[k].column, right = a.x < b.x;
    if (same) {
        bool down = a.y < b.y;
        float bow = 20;  // beside the middle, so that it passes the cards between
        c->a = pt(a.x + a.w / 2 + bow, down ? bottom_of(a) : a.y);
        c->b = pt(b.x + b.w / 2 + bow, down ? b.y : bottom_of(b));
    } else {
        c->a = pt(right ? right_of(a) : a.x, a.y + a.h / 2);
        c->b = pt(right ? b.x : right_of(b), b.y + b.h / 2);
    }
    return true;
}

static struct pt along(const struct cable *c, float part)
{
    return pt(c->a.x + (c->b.x - c->a.x) * part, c->a.y + (c->b.y - c->a.y) * part);
}

static bool on_stage(const struct scene *s, const struct model_netif *n)
{
    return side_of(s, n->host) >= 0 && side_of(s, n->peer_host) >= 0;
}

static void draw_cable(struct draw_list *l, const struct scene *s, const struct cable *c,
                       const struct model_netif *n)
{
    bool chosen = on_stage(s, n);
    draw_line(l, c->a, c->b, chosen ? 3 : 2,
              chosen ? ink(PALETTE_SEL) : ink_a(PALETTE_LOW, 150));
}

// What waits at a sender for the wire, of what may.
static void draw_queue(struct draw_list *l, const struct cable *c, const struct model_netif *n)
{
    float dx = c->b.x - c->a.x, dy = c->b.y - c->a.y, len = sqrtf(dx * dx + dy * dy);
    float off = fminf(0.3f, 66 / fmaxf(len, 1));
    struct pt at = along(c, off);
    bool down = fabsf(dx) < 1;
    float side = n->host < n->peer_host ? -1.0f : 1.0f;  // each end on its side of the line
    struct rect box = rect(at.x - QUEUE_W / 2.0f, at.y + side * 15 - 8, QUEUE_W, 16);
    if (down) box.x = at.x + 8;
    uint32_t most = n->queue_max != 0 ? n->queue_max : 1000;
    float part = clampf((float)n->queued / (float)most, 0, 1);
    bool full = n->queued >= most;
    draw_fill(l, box, 4, ink(PALETTE_BG));
    if (n->queued > 0)
        draw_fill(l, rect(box.x, box.y, fmaxf(box.w * part, 3), box.h), 4,
                  ink_a(full ? PALETTE_LOSS : PALETTE_ACK, 90));
    draw_stroke(l, box, 4, 1, ink(full ? PALETTE_LOSS : PALETTE_LINE));
    draw_textf(l, pt(box.x + box.w / 2, box.y + 8),
               centred(style(FONT_MONO, 10, n->queued > 0 ? PALETTE_HI : PALETTE_LOW)),
               full ? "%u / %u full" : "%u / %u", n->queued, most);
}

static void draw_qualities(struct draw_list *l, const struct scene *s, const struct cable *c,
                           const struct model_netif *n)
{
    char buf[80];
    struct text t = text_of(buf, sizeof buf);
    if (n->rate_bps > 0) text_put_rate(&t, n->rate_bps);
    else text_put_str(&t, "no rate limit");
    text_put_str(&t, " · ");
    text_put_span(&t, n->delay);
    if (n->loss_ppm > 0) {
        text_put_str(&t, " · loss ");
        text_put_fixed(&t, n->loss_ppm / 1000, 1);
        text_put_str(&t, " %");
    }
    bool under = object_is(s->hover, OBJECT_LINK, n->link);
    struct text_style st = centred(style(FONT_UI, 11, under ? PALETTE_HI : PALETTE_MID));
    struct pt at = along(c, 0.5f);
    float w = draw_text_width(l, st, buf) + 14, dx = c->b.x - c->a.x, dy = c->b.y - c->a.y;
    float steep = fabsf(dx) > 1 ? fabsf(dy / dx) : 0;  // beside the line, where no frame is
    at.y += 15 + fminf(steep * w / 2, 40);
    if (fabsf(dx) <= 1) at.x += w / 2 + 8;
    struct rect r = rect(at.x - w / 2, at.y - 10, w, 20);
    if (under) draw_stroke(l, r, 5, 1, ink(PALETTE_LINE));
    draw_text(l, at, st, buf);
    draw_hit(l, r, OBJECT_LINK, n->link);
}

// Each frame on its way is a dot; one that has just died on it, a cross.
static void draw_frames(struct draw_list *l, const struct scene *s, const struct place *p)
{
    const struct warp *w = &s->rec->warp;
    int n = 0;
    l->smooth = true;
    for (uint32_t i = history_first_reaching(s->h, s->t); i < s->h->frames && n < FLYING_MAX; i++) {
        const struct history_frame *f = &s->h->frame[i];
        struct cable c;
        if (f->tx > s->t) break;
        nsec arrive = f->arrive != NEVER ? f->arrive : f->end;
        bool flies = f->depart <= s->t && f->end > s->t && arrive != NEVER && arrive > f->depart;
        if (!flies || !cable_of(p, f->from, f->to, &c)) continue;
        psec a = warp_shown(w, f->depart), b = warp_shown(w, arrive);
        float part = b > a ? clampf((float)((double)(s->u - a) / (double)(b - a)), 0, 1) : 1;
        struct pt at = along(&c, part);
        bool chosen = object_is(s->selected, OBJECT_FRAME, i);
        draw_circle(l, at, frame_is_bare_ack(f) ? 3 : 4.5f, ink(frame_role(f)));
        if (frame_is_again(f) || chosen)
            draw_ring(l, at, 7, 1.5f, ink(chosen ? PALETTE_SEL : PALETTE_LOSS));
        draw_hit(l, rect(at.x - 6, at.y - 6, 12, 12), OBJECT_FRAME, i);
        n++;
    }
    l->smooth = false;
}

static size_t sockets_of(const struct model *m, uint16_t host)
{
    size_t n = 0;
    for (size_t i = 0; i < m->socks; i++) n += m->sock[i].host == host;
    return n;
}

static void draw_numbers(struct draw_list *l, const struct scene *s, struct rect r, uint16_t host)
{
    const struct model_host *h = model_host(s->m, host);
    if (h == NULL) return;
    char buf[80];
    struct text t = text_of(buf, sizeof buf);
    size_t socks = sockets_of(s->m, host);
    text_put_u64(&t, socks);
    text_put_str(&t, socks == 1 ? " socket · in " : " sockets · in ");
    text_put_count(&t, h->rx);
    text_put_str(&t, " out ");
    text_put_count(&t, h->tx);
    struct text_style st = fit(style(FONT_UI, 10, PALETTE_LOW), r.w - 20);
    draw_text(l, pt(r.x + 10, r.y + 48), st, buf);
}

static void draw_host(struct draw_list *l, const struct scene *s, struct rect r, uint16_t host)
{
    char name[40], addr[ADDR_TEXT];
    struct text t = text_of(name, sizeof name);
    put_name(&t, s, host);
    int side = side_of(s, host);
    bool under = object_is(s->hover, OBJECT_HOST, host), low = r.h < CARD_H;
    paint_card(l, r, PALETTE_ROLES);
    if (under) draw_stroke(l, r, 5, 1, ink(PALETTE_LOW));
    if (side >= 0) paint_chosen(l, r, 5);
    float y = low ? r.y + r.h / 2 : r.y + 15, x = r.x + 10;
    if (side >= 0) draw_side(l, pt(x + 5, y), side);
    if (side >= 0) x += 16;
    const struct model_host *h = model_host(s->m, host);
    char drops[32] = "";
    if (h != NULL && h->drops > 0)
        snprintf(drops, sizeof drops, "%llu lost", (unsigned long long)h->drops);
    float room = r.w - 80;
    draw_text(l, pt(x, y), fit(style(FONT_SEMI, 13, PALETTE_HI), room), name);
    draw_text(l, pt(right_of(r) - 10, y), on_right(style(FONT_SEMI, 10, PALETTE_LOSS)), drops);
    const struct model_netif *n = model_netif_of(s->m, host);
    if (!low && n != NULL && n->addrs > 0)
        draw_text(l, pt(r.x + 10, r.y + 32), fit(style(FONT_MONO, 11, PALETTE_MID), r.w - 20),
                  addr_print(n->addr[0].addr, addr));
    if (!low) draw_numbers(l, s, r, host);
    draw_hit(l, r, OBJECT_HOST, host);
}

static void draw_talk(struct draw_list *l, const struct scene *s, const struct place *p)
{
    for (size_t i = 0; i < s->h->flows && i < FLYING_MAX; i++) {
        const struct history_flow *f = &s->h->flow[i];
        struct cable c;
        if (f->born <= s->t && cable_of(p, f->host[0], f->host[1], &c))
            draw_line(l, c.a, c.b, 1.5f, ink(PALETTE_LINE));
    }
}

void network_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    struct place p = {.r = rect(r.x + 24, r.y + 34, r.w - 48, r.h - 54)};
    topology_of(&p.t, s->rec);
    size_t most = 1;
    for (size_t i = 0; i < p.t.columns; i++) most = p.t.rows[i] > most ? p.t.rows[i] : most;
    p.card_h = p.r.h / (float)most >= CARD_H + 8 ? CARD_H : CARD_H_MIN;
    paint_panel(l, s, r, PANE_NETWORK);
    paint_title(l, r, "NETWORK");
    draw_text(l, pt(r.x + 84, r.y + 15), fit(style(FONT_UI, 11, PALETTE_LOW), r.w - 300),
              "press a host to put it on stage beside the last one, a cable to change it; boxes "
              "at its ends are queues");
    if (p.t.beyond > 0)
        draw_textf(l, pt(right_of(r) - 10, r.y + 15), on_right(style(FONT_UI, 11, PALETTE_LOW)),
                   "and %zu hosts more", p.t.beyond);
    draw_clip(l, r);
    if (s->rec->foreign) draw_talk(l, s, &p);
    struct cable c;
    for (size_t i = 0; i < s->m->netifs; i++) {
        const struct model_netif *n = &s->m->netif[i];
        if (n->has_link && n->host < n->peer_host && cable_of(&p, n->host, n->peer_host, &c))
            draw_cable(l, s, &c, n);
    }
    for (size_t i = 0; i < s->m->netifs; i++) {
        const struct model_netif *n = &s->m->netif[i];
        if (!n->has_link || !cable_of(&p, n->host, n->peer_host, &c)) continue;
        if (n->host < n->peer_host) draw_qualities(l, s, &c, n);
        draw_queue(l, &c, n);
    }
    draw_frames(l, s, &p);
    for (size_t i = 0; i < p.t.n; i++) draw_host(l, s, card_of(&p, i), p.t.node[i].host);
    draw_unclip(l);
}
