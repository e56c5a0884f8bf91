// The ladder: two lifelines, time running down, an arrow for each frame, the state of each
// connection as a band along its side. Time is the event-paced clock; a gap much longer than those
// around it is drawn torn, with its true length. Here: the scale, the lifelines and the gaps.
#include "viz/ladder_paint.h"
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/wording.h"

#include <stdio.h>

static const float PX_PER_S = 52, HEAD_H = 26, SHOWN_PAST = 0.86f;
enum { SIDE_LEFT = 166, SIDE_RIGHT = 106, TORN_H = 22 };

float ladder_y(const struct ladder *d, const struct scene *s, nsec t)
{
    psec u = warp_shown(&s->rec->warp, t) - d->top;
    return d->body.y + (float)((double)u * d->per_psec);
}

// The playhead moves down to most of the height, and from then on time moves up under it.
struct ladder ladder_of(const struct scene *s, struct rect r)
{
    struct ladder ladder, *d = &ladder;
    d->r = r;
    d->body = rect(r.x + 1, r.y + HEAD_H, r.w - 2, r.h - HEAD_H - 6);
    float narrow = clampf((r.w - 420) / 200, 0, 1);
    d->left = r.x + 132 + (SIDE_LEFT - 132) * narrow;
    d->right = right_of(r) - 92 - (SIDE_RIGHT - 92) * narrow;
    d->per_psec = PX_PER_S * s->zoom / 1e12f;
    psec room = (psec)(d->body.h * SHOWN_PAST / d->per_psec);
    psec lead = (psec)(10 / d->per_psec);
    d->top = s->u > room ? s->u - room : -lead;
    if (s->u <= room && s->u + lead > room) d->top = s->u - room;
    d->from = warp_at(&s->rec->warp, d->top);
    d->to = s->t;
    return ladder;
}

static void draw_lifelines(struct draw_list *l, const struct scene *s, const struct ladder *d)
{
    for (int side = 0; side < 2; side++) {
        float x = side == 0 ? d->left : d->right;
        draw_fill(l, rect(x - 1, d->body.y, 2, d->body.h), 0, ink(PALETTE_LINE));
        char buf[96];
        struct text t = text_of(buf, sizeof buf);
        const struct model_host *h = model_host(&s->rec->last, s->h->stage[side]);
        text_put_str(&t, h != NULL ? h->name : "?");
        const struct model_netif *n = model_netif_of(s->m, s->h->stage[side]);
        char addr[ADDR_TEXT];
        const struct prefix *own = netif_prefix(n);
        if (own != NULL && strcmp(buf, addr_print(own->addr, addr)) != 0) {
            text_put_char(&t, ' ');
            text_put_str(&t, addr);
        }
        struct text_style st = fit(style(FONT_UI, 10, PALETTE_LOW),
                                   (d->right - d->left) / 2 + 44 - 8);
        if (side == 0) draw_text(l, pt(d->left - 44, d->r.y + 15), st, buf);
        else draw_text(l, pt(d->right + 44, d->r.y + 15), on_right(st), buf);
    }
}

// --- torn gaps ---------------------------------------------------------------------------------

static unsigned in_flight_at(const struct scene *s, nsec t)
{
    unsigned n = 0;
    uint32_t i = history_first_reaching(s->h, t);
    for (; i < s->h->frames && s->h->frame[i].tx <= t && n < 1000; i++)
        n += s->h->frame[i].depart <= t && s->h->frame[i].end > t;
    return n;
}

// What ends a long gap is often a timer; then that is the story.
static void put_ending(struct text *t, const struct scene *s, nsec at)
{
    for (size_t i = history_beat_after(s->h, at - 1); i < s->h->beats; i++) {
        const struct beat *b = &s->h->beat[i];
        if (b->at > at || b->event >= s->events) return;
        struct trace_event ev;
        if (b->type != TRACE_TCP_TIMER || !tape_get(&s->rec->tape, b->event, &ev)) continue;
        const struct model_host *h = model_host(s->m, b->host);
        text_put_str(t, h != NULL ? h->name : "");
        text_put_char(t, ' ');
        text_put_timer(t, ev.tcp_timer.timer);
        text_put_str(t, " timer fires");
        return;
    }
}

static void draw_torn(struct draw_list *l, const struct scene *s, const struct ladder *d, size_t i)
{
    const struct warp *w = &s->rec->warp;
    nsec from = w->at[i], to = w->at[i + 1], shown_to = to < s->t ? to : s->t;
    float y0 = ladder_y(d, s, from), y1 = ladder_y(d, s, to);
    float y = (y0 + y1) / 2, h = fminf(TORN_H, (y1 - y0) * 0.7f);
    if (ladder_y(d, s, shown_to) < y + h / 2 || h < 8) return;
    struct rect band = rect(d->body.x, y - h / 2, d->body.w, h);
    draw_fill(l, band, 0, ink(PALETTE_RAISED));
    paint_zigzag(l, pt(band.x, band.y), pt(right_of(band), band.y), ink(PALETTE_LOW));
    paint_zigzag(l, pt(band.x, band.y + h), pt(right_of(band), band.y + h), ink(PALETTE_LOW));
    if (h < 13) return;
    char said[96], end[64] = "";
    struct text t = text_of(said, sizeof said), e = text_of(end, sizeof end);
    unsigned flying = in_flight_at(s, from + (to - from) / 2);
    text_put_span(&t, to - from);
    if (flying == 0) text_put_str(&t, " with no event, compressed");
    else {
        text_put_str(&t, ", ");
        text_put_u64(&t, flying);
        text_put_str(&t, flying == 1 ? " frame in flight" : " frames in flight");
    }
    put_ending(&e, s, to);
    struct text_style st = style(FONT_UI, 11, PALETTE_MID), et = style(FONT_SEMI, 11, PALETTE_TCP);
    float w0 = draw_text_width(l, st, said);
    float w1 = end[0] != 0 ? draw_text_width(l, et, end) + 30 : 0;
    float x = (d->left + d->right) / 2 - (w0 + w1) / 2;
    draw_text(l, pt(x, y), st, said);
    if (end[0] == 0) return;
    paint_clock(l, pt(x + w0 + 18, y), 5, ink(PALETTE_TCP));
    draw_text(l, pt(x + w0 + 30, y), et, end);
}

static void draw_gaps(struct draw_list *l, const struct scene *s, const struct ladder *d)
{
    const struct warp *w = &s->rec->warp;
    if (w->n < 2 || w->mode == WARP_LINEAR || w->mode == WARP_REAL) return;
    for (size_t i = warp_find(w, d->from); i + 1 < w->n && w->at[i] < d->to; i++)
        if (warp_torn(w, i)) draw_torn(l, s, d, i);
}

static void draw_playhead(struct draw_list *l, const struct scene *s, const struct ladder *d)
{
    float y = d->body.y + (float)((double)(s->u - d->top) * d->per_psec);
    struct pt ends[2] = {{d->body.x + 2, y}, {right_of(d->body) - 2, y}};
    draw_dashed(l, ends, 1.2f, (struct dash){5, 4, 0}, ink(PALETTE_SEL));
}

void ladder_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    paint_panel(l, s, r, PANE_LADDER);
    paint_title(l, r, "LADDER");
    struct ladder d = ladder_of(s, r);
    draw_lifelines(l, s, &d);
    draw_clip(l, d.body);
    draw_playhead(l, s, &d);
    if (s->density.level == DENSITY_FLOWS) ladder_flows(l, s, &d);
    ladder_arrows(l, s, &d);
    ladder_sides(l, s, &d);
    draw_gaps(l, s, &d);
    draw_unclip(l);
}
