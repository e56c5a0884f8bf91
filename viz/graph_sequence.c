// see graph_paint.h. Here: time/sequence, with the glyphs of tcptrace and xplot: a segment is an I
// from its first byte to its last, R one sent again, X one lost; the line below is what is
// acknowledged, the dashed one above how far the receiver allows.
#include "viz/graph_paint.h"
#include "viz/paint.h"

enum { REACH_MAX = 20000 };

// The flow's newest frame that was sent by now, and on from there backwards.
static uint32_t newest(const struct scene *s, const struct plot *p)
{
    uint32_t i = history_flow_until(s->h, p->number, s->t);
    while (i != NONE && s->h->frame[i].depart > s->t) i = s->h->frame[i].prev;
    return i;
}

// A segment of the sender in sight: out on the wire by now, or lost before it.
static bool in_sight(const struct scene *s, const struct plot *p, const struct history_frame *f)
{
    return f->side == p->side && f->depart <= s->t && plot_shown(s, f->depart) >= p->from;
}

static nsec came_at(const struct scene *s, const struct history_frame *f)
{
    return history_last_way(s->h, f)->end;
}

static bool was_lost(const struct scene *s, const struct history_frame *f)
{
    return history_last_way(s->h, f)->ended == END_LOST;
}

// Walking back: the segments before this one left the picture too. (Answers tell nothing here: they
// pass segments that wait in a queue.)
static bool walk_ends(const struct scene *s, const struct plot *p, const struct history_frame *f)
{
    return f->side == p->side && f->ended == END_RECEIVED && plot_shown(s, came_at(s, f)) < p->from;
}

static bool seq_range(const struct scene *s, struct plot *p)
{
    bool any = false;
    uint64_t edge = 0;
    p->low = 1e18;
    p->high = 0;
    for (uint32_t i = newest(s, p); i != NONE; i = s->h->frame[i].prev) {
        const struct history_frame *f = &s->h->frame[i];
        if (walk_ends(s, p, f)) break;
        if (in_sight(s, p, f)) {
            p->low = fmin(p->low, f->seq);
            p->high = fmax(p->high, (double)f->seq + f->data);
            any = true;
        } else if (f->side != p->side && (f->flags & TCP_ACK) != 0 && came_at(s, f) <= s->t) {
            if ((uint64_t)f->ack + f->wnd > edge) edge = (uint64_t)f->ack + f->wnd;
        }
    }
    if (!any) return false;
    if (p->high - p->low < 16) p->high = p->low + 16;
    double span = p->high - p->low;
    // The window's edge belongs in the picture where it is near enough to matter.
    if ((double)edge > p->high && (double)edge < p->high + span * 1.5) p->high = (double)edge;
    p->high += span * 0.14;
    return true;
}

// Segments nearer to each other than their glyphs are wide.
struct bar { float x; double low, high; enum palette_role role; uint32_t row, count; };

static void draw_bar(struct draw_list *l, const struct plot *p, const struct bar *b)
{
    if (b->count == 0) return;
    float y0 = plot_y(p, b->low), y1 = fminf(plot_y(p, b->high), y0 - 2);
    struct ink color = ink(b->role);
    float half = b->count == 1 ? 4 : 2;
    draw_line(l, pt(b->x, y0), pt(b->x, y1), b->count == 1 ? 2 : 3, color);
    draw_line(l, pt(b->x - half, y0), pt(b->x + half, y0), 1.6f, color);
    draw_line(l, pt(b->x - half, y1), pt(b->x + half, y1), 1.6f, color);
    draw_hit(l, rect(b->x - 5, y1 - 4, 10, y0 - y1 + 8), OBJECT_FRAME, b->row);
}

// What is plain joins the bar beside it; a loss, what is sent again and what is selected never do.
static void add_to_bar(struct draw_list *l, const struct plot *p, struct bar *bar, struct bar one)
{
    if (bar->count > 0 && fabsf(bar->x - one.x) < 3 && bar->role == one.role) {
        bar->low = fmin(bar->low, one.low);
        bar->high = fmax(bar->high, one.high);
        bar->count++;
        return;
    }
    draw_bar(l, p, bar);
    *bar = one;
}

static struct bar bar_of(const struct scene *s, const struct plot *p, uint32_t row)
{
    const struct history_frame *f = &s->h->frame[row];
    return (struct bar){plot_x(p, plot_shown(s, f->depart)), f->seq,
                        (double)f->seq + (f->data > 0 ? f->data : 1), frame_role(f), row, 1};
}

static bool stands_alone(const struct scene *s, const struct history_frame *f, uint32_t row)
{
    return was_lost(s, f) || frame_is_again(f) || object_is(s->selected, OBJECT_FRAME, row);
}

static void draw_segment(struct draw_list *l, const struct scene *s, const struct plot *p,
                         const struct history_frame *f, uint32_t row)
{
    struct bar bar = bar_of(s, p, row);
    float x = bar.x;
    draw_bar(l, p, &bar);
    float y0 = plot_y(p, bar.low), y1 = fminf(plot_y(p, bar.high), y0 - 2);
    if (was_lost(s, f) && came_at(s, f) <= s->t) paint_cross(l, pt(x, y1 - 8), 7, ink(bar.role));
    else if (frame_is_again(f))
        draw_text(l, pt(x, y1 - 8), centred(style(FONT_BOLD, 10, PALETTE_LOSS)), "R");
    if (object_is(s->selected, OBJECT_FRAME, row))
        paint_chosen(l, rect(x - 6, y1 - 3, 12, y0 - y1 + 6), 4);
}

static void draw_segments(struct draw_list *l, const struct scene *s, const struct plot *p)
{
    struct bar bar = {.count = 0};
    for (uint32_t i = newest(s, p); i != NONE; i = s->h->frame[i].prev) {
        const struct history_frame *f = &s->h->frame[i];
        if (walk_ends(s, p, f)) break;
        if (!in_sight(s, p, f) || (f->data == 0 && !frame_is_control(f))) continue;
        if (stands_alone(s, f, i)) draw_segment(l, s, p, f, i);
        else add_to_bar(l, p, &bar, bar_of(s, p, i));
    }
    draw_bar(l, p, &bar);
}

// A stair from right to left: each answer holds until the next.
static void draw_stair(struct draw_list *l, const struct scene *s, const struct plot *p, bool edge)
{
    float x = plot_x(p, s->u), y = 0;
    bool have = false;
    for (uint32_t i = newest(s, p); i != NONE; i = s->h->frame[i].prev) {
        const struct history_frame *f = &s->h->frame[i];
        if (f->side == p->side || (f->flags & TCP_ACK) == 0 || came_at(s, f) > s->t) continue;
        if (f->ended != END_RECEIVED) continue;
        double v = edge ? (double)f->ack + f->wnd : f->ack;
        float here = fmaxf(plot_x(p, plot_shown(s, came_at(s, f))), p->area.x);
        float level = plot_y(p, v);
        if (level < p->area.y - 8 || level > bottom_of(p->area) + 8) {  // out of sight
            if (plot_shown(s, came_at(s, f)) < p->from) break;
            have = false;
            x = here;
            continue;
        }
        struct ink color = ink(edge ? PALETTE_TCP : PALETTE_ACK);
        if (edge) draw_dashed(l, (struct pt[2]){{here, level}, {x, level}}, 1.5f,
                              (struct dash){5, 3, 0}, color);
        else draw_line(l, pt(here, level), pt(x, level), 1.8f, color);
        if (have) draw_line(l, pt(x, level), pt(x, y), edge ? 1.0f : 1.8f, color);
        x = here;
        y = level;
        have = true;
        if (plot_shown(s, came_at(s, f)) < p->from) break;
    }
}

// The receiver's window edge by name; where it is far above the picture, by its number.
static void draw_edge_name(struct draw_list *l, const struct scene *s, const struct plot *p)
{
    for (uint32_t i = newest(s, p); i != NONE; i = s->h->frame[i].prev) {
        const struct history_frame *f = &s->h->frame[i];
        if (f->side == p->side || (f->flags & TCP_ACK) == 0 || came_at(s, f) > s->t) continue;
        double v = (double)f->ack + f->wnd;
        bool above = v > p->high;
        float y = above ? p->area.y - 2 : plot_y(p, v) - 8;  // no segment lies beyond it
        char said[64];
        struct text t = text_of(said, sizeof said);
        text_put_str(&t, "receiver window edge");
        if (above) text_put_str(&t, " ↑ "), text_put_u64(&t, (uint64_t)v);
        struct text_style st = style(FONT_UI, 10, PALETTE_TCP);
        draw_fill(l, rect(p->area.x + 4, y - 6, draw_text_width(l, st, said) + 4, 12), 2,
                  ink(PALETTE_PANEL));
        draw_text(l, pt(p->area.x + 6, y), st, said);
        return;
    }
}

// With much in flight the last segments left long ago: back to those that just came, or nothing of
// what is on its way would be seen.
static void reach_back(const struct scene *s, struct plot *p)
{
    uint32_t i = newest(s, p);
    for (int n = 0; i != NONE && n < REACH_MAX; i = s->h->frame[i].prev, n++) {
        const struct history_frame *f = &s->h->frame[i];
        if (f->side != p->side || f->data == 0 || came_at(s, f) > s->t) continue;
        psec left = plot_shown(s, f->depart), wide = p->to - left;
        if (left - wide / 20 < p->from) p->from = left - wide / 20;
        return;
    }
}

void graph_sequence(struct draw_list *l, const struct scene *s, struct plot *p)
{
    reach_back(s, p);
    if (!seq_range(s, p)) {
        plot_nothing(l, p, "No segment of it was sent yet.");
        return;
    }
    plot_axes(l, s, p);
    plot_torn(l, s, p);
    draw_clip(l, rect(p->area.x - 1, p->area.y - 14, p->area.w + 8, p->area.h + 16));
    draw_stair(l, s, p, true);
    draw_stair(l, s, p, false);
    draw_edge_name(l, s, p);
    draw_segments(l, s, p);
    draw_unclip(l);
}
