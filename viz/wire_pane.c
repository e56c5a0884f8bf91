// The wire: two lanes, one each way, and the frames on them as nested capsules: Ethernet, IP,
// transport, data, each as wide as the root of its bytes, so that twenty and fifteen hundred can
// both be seen. A frame enters at its sender's post and leaves at the other, in true proportion.
#include "viz/density.h"
#include "viz/labels.h"
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/wording.h"

#include <stdio.h>

enum { CAPSULES_MAX = 512, SINGLES_MAX = 64, CAPSULE_H = 17 };
static const float PX_PER_ROOT = 3.4f, CROSS_S = 0.9f;

struct capsule {
    const struct history_frame *f;
    uint32_t row;
    float    part, width;
    bool     dead;
    nsec     at;  // if dead: since when
};

static float root_width(uint32_t bytes) { return PX_PER_ROOT * sqrtf((float)bytes); }

static float natural_width(const struct history_frame *f)
{
    return root_width(14) + root_width(f->l3_len) + root_width(f->l4_len) + root_width(f->data);
}

static float shown_s(const struct scene *s, nsec from)
{
    return (float)((double)(s->u - warp_shown(&s->rec->warp, from)) / 1e12);
}

// The frames of one direction that are on the wire now, or died on it just now.
static size_t collect(const struct scene *s, int side, struct capsule *c)
{
    const struct warp *w = &s->rec->warp;
    uint16_t from = s->h->stage[side], to = s->h->stage[!side];
    nsec since = warp_at(w, s->u - (psec)(CROSS_S * 1e12));
    size_t n = 0;
    for (uint32_t i = journeys_since(s, since); i < s->h->frames; i++) {
        const struct history_frame *f = &s->h->frame[i];
        if (f->tx > s->t || n == CAPSULES_MAX) break;
        bool ours = s->over ? f->from == from && frame_on_stage(s, f)
                            : f->from == from && (f->to == to || f->to == 0);
        if (!ours || f->depart > s->t) continue;
        struct journey j = frame_journey(s, f);
        bool lost = j.ended == END_LOST, over = j.end <= s->t;
        if (over && !(lost && shown_s(s, j.end) < CROSS_S)) continue;
        nsec at = over ? j.end : s->t, arrive = j.arrive != NEVER ? j.arrive : j.end;
        if (arrive == NEVER || arrive <= f->depart) continue;
        // Both ends through the one clock, so that wire and ladder agree.
        psec a = warp_shown(w, f->depart), b = warp_shown(w, arrive), u = over ? warp_shown(w, at)
                                                                              : s->u;
        float part = b > a ? (float)((double)(u - a) / (double)(b - a)) : 1;
        if (j.half_way) part *= 0.5f;
        c[n++] = (struct capsule){f, i, clampf(part, 0, 1), natural_width(f), lost && over, at};
    }
    return n;
}

static void draw_lane(struct draw_list *l, struct rect lane, bool right)
{
    float y = lane.y + lane.h / 2;
    draw_fill(l, rect(lane.x, y - 2, lane.w, 4), 2, ink(PALETTE_RAISED));
    for (float x = lane.x + 70; x < right_of(lane) - 30; x += 72) {
        float d = right ? 1.8f : -1.8f;
        draw_line(l, pt(x - d, y - 3.5f), pt(x + d, y), 1, ink_a(PALETTE_LOW, 170));
        draw_line(l, pt(x + d, y), pt(x - d, y + 3.5f), 1, ink_a(PALETTE_LOW, 170));
    }
}

static void put_label(char *buf, size_t cap, const struct history_frame *f, uint32_t row)
{
    struct text t = text_of(buf, cap);
    text_put_char(&t, '#');
    text_put_u64(&t, row + 1);
    text_put_char(&t, ' ');
    if (f->kind == PACKET_TCP) text_put_flags(&t, f->flags);
    else text_put_str(&t, f->kind == PACKET_UDP    ? "UDP"
                          : f->kind == PACKET_ARP  ? "ARP"
                          : f->kind == PACKET_ICMP ? "ICMP"
                          : f->kind == PACKET_IP   ? "IP"
                                                   : "frame");
}

static float draw_part(struct draw_list *l, struct rect r, enum layer layer, const char *name)
{
    if (r.w <= 0) return 0;
    draw_fill(l, r, 0, ink(layer_role(layer)));
    struct text_style st = style(FONT_BOLD, 10, PALETTE_ON);
    if (draw_text_width(l, st, name) + 3 <= r.w)
        draw_text(l, pt(r.x + r.w / 2, r.y + r.h / 2), centred(st), name);
    return r.w;
}

// The headers always lead: what goes left shows them mirrored, first byte foremost.
static void draw_capsule(struct draw_list *l, const struct scene *s, const struct capsule *c,
                         struct rect r, bool right)
{
    const struct history_frame *f = c->f;
    float squeeze = r.w / c->width;
    struct { enum layer layer; float w; char name[16]; } part[4] = {
        {LAYER_ETH, root_width(14) * squeeze, "E"},
        {LAYER_IP, root_width(f->l3_len) * squeeze, "I"},
        {LAYER_TRANSPORT, root_width(f->l4_len) * squeeze, "T"},
        {LAYER_DATA, root_width(f->data) * squeeze, ""}};
    snprintf(part[1].name, sizeof part[1].name, "%s", layer_letter(f, LAYER_IP));
    snprintf(part[2].name, sizeof part[2].name, "%s", layer_letter(f, LAYER_TRANSPORT));
    snprintf(part[3].name, sizeof part[3].name, "%u B", f->data);
    draw_glow(l, r, 4, 4, ink_a(PALETTE_BG, 160));
    float x = r.x;
    for (int k = 0; k < 4; k++) {
        int i = right ? 3 - k : k;
        x += draw_part(l, rect(x, r.y, part[i].w, r.h), part[i].layer, part[i].name);
    }
    if (!sift_passes(s->sift, c->row)) draw_fill(l, r, 0, ink_a(PALETTE_PANEL, 190));
    if (frame_is_again(f)) draw_stroke(l, rect(r.x - 1, r.y - 1, r.w + 2, r.h + 2), 3, 1.5f,
                                       ink(PALETTE_LOSS));
    if (object_is(s->selected, OBJECT_FRAME, c->row))
        paint_chosen(l, rect(r.x - 2, r.y - 2, r.w + 4, r.h + 4), 4);
    draw_hit(l, rect(r.x - 3, r.y - 3, r.w + 6, r.h + 6), OBJECT_FRAME, c->row);
}

static void draw_head(struct draw_list *l, float x, float y, bool right)
{
    float d = right ? 7 : -7;
    struct pt p[3] = {{x + d, y}, {x, y - 4}, {x, y + 4}};
    draw_poly(l, p, 3, ink(PALETTE_HI));
}

static struct rect place(const struct capsule *c, struct rect lane, bool right)
{
    float front = c->part * (lane.w + c->width), y = lane.y + lane.h / 2 - CAPSULE_H / 2.0f;
    float x = right ? lane.x + front - c->width : right_of(lane) - front;
    return rect(x, y, c->width, CAPSULE_H);
}

// Behind the capsule, else ahead of it, else not at all.
static void draw_name(struct draw_list *l, const struct capsule *c, struct rect lane, bool right,
                      struct labels *taken)
{
    char label[40];
    put_label(label, sizeof label, c->f, c->row);
    struct text_style st = style(FONT_SEMI, 10, PALETTE_HI);
    struct rect r = place(c, lane, right);
    float w = draw_text_width(l, st, label), y = r.y + r.h / 2;
    float back = right ? r.x - 6 - w : right_of(r) + 6, front = right ? right_of(r) + 13
                                                                      : r.x - 13 - w;
    for (int i = 0; i < 2; i++) {
        struct rect at = rect((i == 0 ? back : front) - 2, y - 7, w + 4, 14);
        bool inside = at.x > lane.x + 1 && right_of(at) < right_of(lane) - 1;
        if (!inside || !labels_take(taken, at)) continue;
        draw_fill(l, at, 2, ink(PALETTE_PANEL));
        draw_text(l, pt(at.x + 2, y), st, label);
        return;
    }
}

static void draw_single(struct draw_list *l, const struct scene *s, const struct capsule *c,
                        struct rect lane, bool right)
{
    struct rect r = place(c, lane, right);
    float y = r.y + r.h / 2;
    if (c->dead) {
        float age = clampf(shown_s(s, c->at) / CROSS_S, 0, 1);
        struct ink red = ink_a(PALETTE_LOSS, (int)(255 * (1 - age * age)));
        draw_stroke(l, r, 3, 1.5f, red);
        paint_cross(l, pt(r.x + r.w / 2, y), 14, red);
        return;
    }
    draw_capsule(l, s, c, r, right);
    draw_head(l, right ? right_of(r) + 2 : r.x - 2, y, right);
}

// Neither the frame before nor the one behind comes near it.
static bool stands_free(const struct capsule *c, size_t n, size_t i, float length)
{
    float before = i > 0 ? fabsf(c[i - 1].part - c[i].part) * length : length;
    float behind = i + 1 < n ? fabsf(c[i + 1].part - c[i].part) * length : length;
    return before > c[i].width && behind > (i + 1 < n ? c[i + 1].width : 0);
}

// Many frames: each as wide as its place among the others leaves it, and no words; the foremost is
// whole, and lies on top.
static void draw_many(struct draw_list *l, const struct scene *s, const struct capsule *c,
                      size_t n, struct rect lane)
{
    bool right = c[0].f->from == s->h->stage[0];
    float y = lane.y + lane.h / 2 - CAPSULE_H / 2.0f;
    for (size_t i = n; i-- > 0;) {
        float next = i > 0 ? fabsf(c[i - 1].part - c[i].part) * lane.w : c[i].width;
        float w = i == 0 ? c[i].width : clampf(next - 1, 1.5f, c[i].width);
        float x = c[i].part * (lane.w - w);
        if (!right) x = lane.w - w - x;
        struct rect r = rect(lane.x + x, y, w, CAPSULE_H);
        if (c[i].dead) paint_cross(l, pt(r.x + w / 2, y + CAPSULE_H / 2.0f), 10, ink(PALETTE_LOSS));
        else if (w >= c[i].width || stands_free(c, n, i, lane.w))
            draw_capsule(l, s, &c[i], r, right);
        else draw_fill(l, r, 1, ink(frame_role(c[i].f)));
        draw_hit(l, r, OBJECT_FRAME, c[i].row);
    }
}

// Two frames come too near each other to be drawn whole.
static bool crowded(const struct capsule *c, size_t n, float length)
{
    if (n > SINGLES_MAX) return true;
    for (size_t i = 1; i < n; i++) {
        float apart = fabsf(c[i].part - c[i - 1].part) * (length + c[i].width);
        if (apart < fmaxf(c[i].width, c[i - 1].width) + 2) return true;
    }
    return false;
}

struct capsules { const struct capsule *c; size_t n; };

// Capsules first, so that no name covers one.
static void draw_few(struct draw_list *l, const struct scene *s, struct capsules cs,
                     struct rect lane, bool right)
{
    struct labels *taken = malloc(sizeof *taken);
    if (taken == NULL) return;
    taken->n = 0;
    for (size_t i = 0; i < cs.n; i++) {
        struct rect r = place(&cs.c[i], lane, right);
        draw_single(l, s, &cs.c[i], lane, right);
        labels_take(taken, rect(right ? r.x : r.x - 9, r.y, r.w + 9, r.h));
    }
    for (size_t i = 0; i < cs.n; i++)
        if (!cs.c[i].dead) draw_name(l, &cs.c[i], lane, right, taken);
    free(taken);
}

static void draw_direction(struct draw_list *l, const struct scene *s, struct rect lane, int side)
{
    draw_lane(l, lane, side == 0);
    struct capsule *c = malloc(CAPSULES_MAX * sizeof *c);
    if (c == NULL) return;
    size_t n = s->h->stage[side] != 0 ? collect(s, side, c) : 0;
    draw_clip(l, rect(lane.x, lane.y - 4, lane.w, lane.h + 8));
    l->smooth = true;
    if (n > 0 && crowded(c, n, lane.w)) draw_many(l, s, c, n, lane);
    else draw_few(l, s, (struct capsules){c, n}, lane, side == 0);
    l->smooth = false;
    draw_unclip(l);
    free(c);
}

static void put_rate(struct text *t, const struct model_netif *n)
{
    if (n->rate_bps > 0) text_put_rate(t, n->rate_bps);
    else text_put_str(t, "no rate limit");
}

static void put_delay(struct text *t, const struct model_netif *n) { text_put_span(t, n->delay); }

static void put_loss(struct text *t, const struct model_netif *n)
{
    text_put_str(t, "loss ");
    text_put_fixed(t, n->loss_ppm / 1000, 1);
    text_put_str(t, " %");
}

// The two ways of a cable may differ.
static void put_ways(struct text *t, const struct model_netif *const n[2], bool differ,
                     void (*put)(struct text *, const struct model_netif *))
{
    put(t, n[0]);
    if (!differ) return;
    text_put_str(t, " there, ");
    put(t, n[1]);
    text_put_str(t, " back");
}

static void put_qualities(struct text *t, const struct scene *s)
{
    const struct model_netif *n = link_between(s->m, s->h->stage[0], s->h->stage[1]);
    const struct model_netif *back = link_between(s->m, s->h->stage[1], s->h->stage[0]);
    if (n == NULL) {
        text_put_str(t, s->rec->foreign ? "a capture does not know how long a frame flies"
                        : s->over       ? "over routers, which stand between these two"
                                        : "no cable that we know");
        return;
    }
    if (back == NULL) back = n;
    const struct model_netif *const ways[2] = {n, back};
    put_ways(t, ways, n->rate_bps != back->rate_bps, put_rate);
    text_put_str(t, "  ·  ");
    put_ways(t, ways, n->delay != back->delay, put_delay);
    if (n->delay == back->delay) text_put_str(t, " each way");
    if (n->loss_ppm == 0 && back->loss_ppm == 0) return;
    text_put_str(t, "  ·  ");
    put_ways(t, ways, n->loss_ppm != back->loss_ppm, put_loss);
}

// A click on them opens their sliders.
static void draw_qualities(struct draw_list *l, const struct scene *s, struct pt at, float room,
                           const char *said)
{
    const struct model_netif *n = link_between(s->m, s->h->stage[0], s->h->stage[1]);
    bool under = n != NULL && object_is(s->hover, OBJECT_LINK, n->link);
    struct text_style st = fit(style(FONT_UI, 11, under ? PALETTE_HI : PALETTE_LOW), room);
    draw_text(l, at, st, said);
    if (n == NULL) return;
    float w = fminf(draw_text_width(l, st, said), room);
    draw_hit(l, rect(at.x - 4, at.y - 9, w + 8, 18), OBJECT_LINK, n->link);
}

static void draw_legend(struct draw_list *l, struct rect r)
{
    static const struct { const char *name; enum layer layer; } keys[] = {
        {"Data", LAYER_DATA}, {"TCP, UDP", LAYER_TRANSPORT}, {"IP", LAYER_IP},
        {"Ethernet", LAYER_ETH}};
    float x = right_of(r) - 10, y = r.y + 14;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct text_style st = style(FONT_UI, 10, PALETTE_MID);
        x -= draw_text_width(l, st, keys[i].name);
        draw_text(l, pt(x, y), st, keys[i].name);
        x -= 13;
        draw_fill(l, rect(x, y - 4, 8, 8), 2, ink(layer_role(keys[i].layer)));
        x -= 12;
    }
}

void wire_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    paint_panel(l, s, r, PANE_WIRE);
    paint_title(l, r, "WIRE");
    char buf[128];
    struct text t = text_of(buf, sizeof buf);
    put_qualities(&t, s);
    float room = r.w - (r.w >= 560 ? 340 : 70);
    draw_qualities(l, s, pt(r.x + 50, r.y + 14.5f), room, buf);
    if (r.w >= 560) draw_legend(l, r);
    float lanes = r.h - 26;
    struct rect lane = rect(r.x + 9, r.y + 23, r.w - 18, lanes / 2);
    draw_direction(l, s, lane, 0);
    lane.y += lanes / 2;
    draw_direction(l, s, lane, 1);
    for (int i = 0; i < 2; i++)
        draw_fill(l, rect(i == 0 ? r.x + 3 : right_of(r) - 10, r.y + 25, 7, r.h - 30), 2,
                  ink(PALETTE_ACK));
}
