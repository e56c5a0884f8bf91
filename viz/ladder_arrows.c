// see ladder_paint.h. Here: the frames between the two hosts, and their labels.
#include "viz/density.h"
#include "viz/paint.h"
#include "viz/wording.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"

#include <stdio.h>

enum { ARROWS_MAX = 400, FULL_INK = 48, FILTERED_INK = 45, LABEL_H = 15, SLOTS = 9,
       MARGIN_ABOVE = 120 };

struct arrow {
    const struct history_frame *f;
    uint32_t  row;
    struct pt from, to;   // to: as far as it has come
    struct pt whole;      // where it will arrive
    float     reach;
    bool      flying, lost;
    enum drop drop;
};

struct words { char name[24], detail[64], port[12]; bool again, shorter; };

// --- collecting --------------------------------------------------------------------------------

// How far across it came, or comes: a lost one ends on its way.
static float reach_of(const struct journey *f)
{
    if (f->half_way) return 0.5f;
    if (f->ended != END_LOST) return 1;
    if (f->arrive == NEVER || f->arrive <= f->depart) return 0.5f;
    return clampf((float)(f->end - f->depart) / (float)(f->arrive - f->depart), 0.1f, 0.9f);
}

static bool make_arrow(const struct scene *s, const struct ladder *d, uint32_t row,
                       struct arrow *a)
{
    const struct history_frame *f = &s->h->frame[row];
    if (!frame_on_stage(s, f) || !f->seen || f->depart > s->t) return false;
    struct journey j = frame_journey(s, f);
    nsec arrive = j.end != NEVER ? j.end : j.arrive;
    bool right = frame_goes_right(s, f);
    float x0 = right ? d->left : d->right, x1 = right ? d->right : d->left;
    x0 += right ? 2 : -2;
    x1 += right ? -2 : 2;
    float y0 = ladder_y(d, s, f->depart), y1 = arrive == NEVER ? y0 : ladder_y(d, s, arrive);
    float part = 1;
    a->flying = arrive > s->t && arrive != NEVER;
    if (a->flying && arrive > f->depart)
        part = (float)((double)(s->u - warp_shown(&s->rec->warp, f->depart)) /
                       (double)(warp_shown(&s->rec->warp, arrive) -
                                warp_shown(&s->rec->warp, f->depart)));
    a->reach = reach_of(&j);
    x1 = x0 + (x1 - x0) * a->reach;
    a->f = f;
    a->lost = j.ended == END_LOST;
    a->drop = j.drop;
    a->row = row;
    a->from = pt(x0, y0);
    a->whole = pt(x1, y1);
    a->to = pt(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part);
    return true;
}

// The newest that fit, oldest first.
static size_t collect(const struct scene *s, const struct ladder *d, struct arrow *a)
{
    psec margin = (psec)(MARGIN_ABOVE / d->per_psec);
    nsec from = warp_at(&s->rec->warp, d->top - margin);
    uint32_t first = journeys_since(s, from), end = history_first_after(s->h, s->t);
    if (end - first > 4 * ARROWS_MAX && end > 4 * ARROWS_MAX) first = end - 4 * ARROWS_MAX;
    size_t n = 0;
    for (uint32_t i = first; i < end && n < ARROWS_MAX; i++)
        if (s->density.level == DENSITY_FRAMES || frame_is_exception(s, i))
            n += make_arrow(s, d, i, &a[n]);
    return n;
}

// --- lines -------------------------------------------------------------------------------------

static bool arrow_chosen(const struct scene *s, const struct arrow *a)
{
    return object_is(s->selected, OBJECT_FRAME, a->row);
}

// Where many run side by side the plain ones step back, so that the few that matter stand out.
static void draw_line_of(struct draw_list *l, const struct scene *s, const struct arrow *a,
                         size_t among)
{
    int alpha = among > FULL_INK ? (int)(255 * FULL_INK / among) : 255;
    if (alpha < 40) alpha = 40;
    if (frame_is_exception(s, a->row)) alpha = 255;
    if (!sift_passes(s->sift, a->row)) alpha = FILTERED_INK;
    bool lost = a->lost;
    struct ink color = ink_a(lost ? PALETTE_LOSS : frame_role(a->f), alpha);
    float width = frame_is_bare_ack(a->f) ? 1.2f : 1.8f;
    if (arrow_chosen(s, a)) {
        struct pt p[2] = {a->from, a->to};
        draw_path(l, &(struct path){.p = p, .n = 2, .width = 6}, ink_a(PALETTE_SEL, 70));
        width += 0.8f;
    }
    if (lost) {
        draw_dashed(l, (struct pt[2]){a->from, a->to}, width, (struct dash){5, 4, 0}, color);
        if (!a->flying) paint_cross(l, a->to, 10, color);
    } else if (a->flying) {
        draw_line(l, a->from, a->to, width, color);
        draw_circle(l, a->to, 3.5f, color);
    } else {
        draw_arrow(l, a->from, a->to, width, color);
    }
    float y = fminf(a->from.y, a->to.y), h = fabsf(a->to.y - a->from.y);
    draw_hit(l, rect(fminf(a->from.x, a->to.x), y - 4, fabsf(a->to.x - a->from.x), h + 8),
             OBJECT_FRAME, a->row);
}

// --- labels ------------------------------------------------------------------------------------

static void words_tcp(struct words *w, const struct history_frame *f)
{
    struct text n = text_of(w->name, sizeof w->name), d = text_of(w->detail, sizeof w->detail);
    text_put_flags(&n, f->flags);
    if (f->data > 0 || (f->flags & (TCP_SYN | TCP_FIN)) != 0) {
        text_put_str(&d, "seq=");
        text_put_u64(&d, f->seq);
    }
    if ((f->flags & TCP_ACK) != 0 && f->data == 0) {
        text_put_str(&d, d.len > 0 ? " ack=" : "ack=");
        text_put_u64(&d, f->ack);
    }
    if (f->data > 0) {
        text_put_str(&d, " len=");
        text_put_u64(&d, f->data);
    } else if (f->wnd == 0 && (f->flags & (TCP_RST | TCP_SYN)) == 0) {
        text_put_str(&d, " win=0");
    } else if (f->flags == TCP_SYN) {
        text_put_str(&d, " win=");
        text_put_u64(&d, f->wnd);
    }
}

static const char *icmp4_word(uint8_t type)
{
    switch (type) {
    case ICMP4_ECHO:        return "ping";
    case ICMP4_ECHO_REPLY:  return "pong";
    case ICMP4_UNREACHABLE: return "unreachable";
    case ICMP4_TIME_EXCEEDED: return "time exceeded";
    case ICMP4_REDIRECT:      return "redirect";
    case ICMP4_PARAM_PROBLEM: return "parameter problem";
    default:                return "";
    }
}

static const char *icmp6_word(uint8_t type)
{
    switch (type) {
    case ICMP6_ECHO:             return "ping";
    case ICMP6_ECHO_REPLY:       return "pong";
    case ICMP6_UNREACHABLE:      return "unreachable";
    case ICMP6_TOO_BIG:          return "too big";
    case ICMP6_TIME_EXCEEDED:    return "time exceeded";
    case ICMP6_PARAM_PROBLEM:    return "parameter problem";
    case ICMP6_MLD_QUERY:        return "groups?";
    case ICMP6_MLD_REPORT: case ICMP6_MLD2_REPORT: case ICMP6_MLD_DONE: return "groups";
    case ICMP6_ROUTER_SOLICIT:   return "a router?";
    case ICMP6_ROUTER_ADVERT:    return "I am a router";
    case ICMP6_NEIGHBOUR_SOLICIT:return "who has it?";
    case ICMP6_NEIGHBOUR_ADVERT: return "I have it";
    case ICMP6_REDIRECT:         return "redirect";
    default:                     return "";
    }
}

static void words_other(struct words *w, const struct scene *s, const struct history_frame *f)
{
    struct dissect x;
    frame_dissect(s->rec, f, &x);
    struct text n = text_of(w->name, sizeof w->name), d = text_of(w->detail, sizeof w->detail);
    if (f->kind == PACKET_ARP) {
        text_put_str(&n, "ARP");
        text_put_str(&d, x.arp.op == ARP_REPLY ? "I have " : "who has ");
        text_put_addr(&d, x.arp.op == ARP_REPLY ? x.arp.sender : x.arp.target);
    } else if (f->kind == PACKET_ICMP) {
        text_put_str(&n, x.family == FAMILY_IP6 ? "ICMPv6" : "ICMP");
        text_put_str(&d, x.family == FAMILY_IP6 ? icmp6_word(x.icmp_type)
                                                : icmp4_word(x.icmp_type));
    } else if (f->kind == PACKET_UDP) {
        text_put_str(&n, "UDP");
        text_put_str(&d, "len=");
        text_put_u64(&d, f->data);
    } else {
        bool ip = f->kind == PACKET_IP;
        text_put_str(&n, ip && x.proto == IP_PROTO_IGMP ? "IGMP" : ip ? "IP" : "frame");
        if (x.fragment) text_put_str(&d, "fragment");
        else if (ip && x.proto == IP_PROTO_IGMP) text_put_str(&d, "groups");
    }
}

static struct words words_of(const struct scene *s, const struct history_frame *f)
{
    struct words w = {.again = frame_is_again(f)};
    if (f->kind == PACKET_TCP) words_tcp(&w, f);
    else words_other(&w, s, f);
    if (f->flow != NONE) {
        struct text p = text_of(w.port, sizeof w.port);
        text_put_u64(&p, s->h->flow[f->flow].end[0].port);
    }
    return w;
}

static const struct text_style name_style = {.font = FONT_SEMI, .size = 11};

static float words_width(const struct draw_list *l, const struct words *w)
{
    float width = draw_text_width(l, name_style, w->name) + 6;
    if (!w->shorter && w->detail[0] != 0)
        width += draw_text_width(l, style(FONT_MONO, 10, PALETTE_MID), w->detail) + 6;
    if (w->port[0] != 0) width += paint_chip_width(l, w->shorter ? "" : w->port) + 4;
    if (w->again && !w->shorter)
        width += draw_text_width(l, style(FONT_SEMI, 10, PALETTE_ON), "RETRANSMIT") + 18;
    return width;
}

// Slots along the way, the sender's third first, then towards the middle and beyond.
static bool find_slot(struct labels *taken, const struct ladder *d, const struct arrow *a,
                      float width, struct rect *out)
{
    static const float slots[SLOTS] = {0.34f, 0.42f, 0.5f, 0.27f, 0.58f, 0.66f, 0.2f, 0.74f, 0.8f};
    float x0 = a->from.x, x1 = a->whole.x, y0 = a->from.y, y1 = a->whole.y;
    x1 = x0 + (x1 - x0) / a->reach;
    float lo = fminf(x0, x1) + 8, hi = fmaxf(x0, x1) - 12;
    for (int i = 0; i < SLOTS; i++) {
        float x = x0 + (x1 - x0) * slots[i];
        if (x - width / 2 < lo || x + width / 2 > hi) continue;
        float y = y0 + (y1 - y0) * slots[i];
        *out = rect(x - width / 2, y - LABEL_H / 2.0f, width, LABEL_H);
        if (out->y < d->body.y) continue;  // half a word says nothing
        if (labels_take(taken, *out)) return true;
    }
    return false;
}

static void draw_words(struct draw_list *l, const struct scene *s, const struct arrow *a,
                       const struct words *w, struct rect r)
{
    float x = r.x + 3, y = r.y + r.h / 2;
    draw_fill(l, r, 4, ink(PALETTE_PANEL));
    if (arrow_chosen(s, a)) paint_chosen(l, rect(r.x - 2, r.y - 1, r.w + 4, r.h + 2), 5);
    struct text_style name = name_style;
    name.ink = ink(a->lost ? PALETTE_LOSS : frame_role(a->f));
    draw_text(l, pt(x, y), name, w->name);
    x += draw_text_width(l, name, w->name) + 6;
    if (!w->shorter && w->detail[0] != 0) {
        struct text_style detail = style(FONT_MONO, 10, PALETTE_MID);
        draw_text(l, pt(x, y), detail, w->detail);
        x += draw_text_width(l, detail, w->detail) + 6;
    }
    if (w->port[0] != 0) {
        unsigned mark = s->h->flow[a->f->flow].mark;
        x += paint_chip(l, pt(x, y), mark, w->shorter ? "" : w->port) + 4;
    }
    if (w->again && !w->shorter)
        paint_pill(l, pt(x, y), (struct pill){"RETRANSMIT", PILL_SOLID, PALETTE_LOSS, false});
    draw_hit(l, r, OBJECT_FRAME, a->row);
}

static const char *loss_text(enum drop why)
{
    switch (why) {
    case DROP_LINK_QUEUE_FULL: return "queue full";
    case DROP_TXQ_FULL:        return "queue full";
    case DROP_LINK_LOSS: case DROP_LINK_FILTER: case DROP_LINK_DOWN: return "lost on the wire";
    case DROP_IP_TOO_BIG: case DROP_LINK_TOO_BIG: return "too long for a link";
    case DROP_IP_TTL_EXPIRED:  return "its TTL ran out";
    default:                   return "dropped on the way";
    }
}

// Beyond the cross, or a little lower where another word is in the way.
static void place_loss(struct draw_list *l, const struct ladder *d, struct labels *taken,
                       const struct arrow *a)
{
    struct text_style st = style(FONT_SEMI, 11, PALETTE_LOSS);
    const char *said = loss_text(a->drop);
    float width = draw_text_width(l, st, said);
    bool right = a->whole.x > a->from.x;
    for (int low = 0; low <= 6; low += 3) {
        float y = a->to.y + (float)low;
        struct rect at = rect(right ? a->to.x + 10 : a->to.x - 10 - width, y - 7, width, 14);
        if (at.y < d->body.y || !labels_take(taken, at)) continue;
        draw_text(l, pt(at.x, y), st, said);
        return;
    }
}

static void place_label(struct draw_list *l, const struct scene *s, const struct ladder *d,
                        struct labels *taken, const struct arrow *a)
{
    struct words w = words_of(s, a->f);
    struct rect r;
    if (find_slot(taken, d, a, words_width(l, &w), &r)) {
        draw_words(l, s, a, &w, r);
    } else {
        w.shorter = true;
        if (find_slot(taken, d, a, words_width(l, &w), &r)) draw_words(l, s, a, &w, r);
    }
    if (a->lost && !a->flying) place_loss(l, d, taken, a);
}

static void draw_all(struct draw_list *l, const struct scene *s, const struct ladder *d,
                     const struct arrow *a, size_t n)
{
    struct labels *taken = calloc(1, sizeof *taken);
    struct bursts *bursts = calloc(1, sizeof *bursts);
    if (taken != NULL && bursts != NULL) {
        l->smooth = true;
        if (s->density.level == DENSITY_BURSTS) bursts_collect(bursts, s, d);
        bursts_draw(l, s, d, bursts);
        for (size_t i = 0; i < n; i++) draw_line_of(l, s, &a[i], n);
        l->smooth = false;
        for (int pass = 0; pass < 2; pass++)
            for (size_t i = 0; i < n; i++)
                if (frame_is_exception(s, a[i].row) == (pass == 0) &&
                    sift_passes(s->sift, a[i].row))
                    place_label(l, s, d, taken, &a[i]);
        bursts_label(l, s, d, taken, bursts);
    }
    free(taken);
    free(bursts);
}

void ladder_arrows(struct draw_list *l, const struct scene *s, const struct ladder *d)
{
    struct arrow *a = malloc(ARROWS_MAX * sizeof *a);
    if (a != NULL) draw_all(l, s, d, a, collect(s, d, a));
    free(a);
}
