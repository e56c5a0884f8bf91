// see ladder_paint.h and density.h. Here: bursts, the frames between two lifelines that are drawn
// together. Which belong together depends on time alone and not on what is in sight, so a burst
// keeps its shape while it moves up.
//
//       first sent  |\.
//                   |  \.   first received      A parallelogram from when its frames leave to when
//        last sent  |\   \|                     they come; the playhead cuts what has not happened.
//                     \.  |
//                        \| last received
#include "viz/density.h"
#include "viz/paint.h"
#include "viz/wording.h"

enum { ROWS_MAX = 8192, OPEN_MAX = 48, LABEL_H = 15, CELL_PX = 58, SPOTS = 7 };

static bool same_kind(const struct burst *b, const struct history_frame *f, bool passes)
{
    return b->flow == f->flow && b->side == f->side && b->data == (f->data > 0) &&
           b->passes == passes;
}

// When it comes, as far as is known.
static nsec coming(const struct scene *s, const struct history_frame *f)
{
    struct journey j = frame_journey(s, f);
    return j.end != NEVER ? j.end : j.arrive != NEVER ? j.arrive : j.depart;
}

static struct burst *burst_for(struct bursts *bs, const struct history_frame *f, int64_t cell,
                               bool passes)
{
    size_t low = bs->n > OPEN_MAX ? bs->n - OPEN_MAX : 0;
    for (size_t i = bs->n; i > low; i--)
        if (bs->b[i - 1].cell == cell && same_kind(&bs->b[i - 1], f, passes))
            return &bs->b[i - 1];
    if (bs->n == BURSTS_MAX) return NULL;
    struct burst *b = &bs->b[bs->n++];
    *b = (struct burst){.flow = f->flow, .side = f->side, .data = f->data > 0, .cell = cell,
                        .passes = passes, .depart = {f->depart, f->depart},
                        .arrive = {NEVER, 0}};
    return b;
}

static void join(struct burst *b, const struct history_frame *f, uint32_t row, nsec come)
{
    if (b->count++ == 0) b->row = row;
    b->bytes += f->data;
    if (f->depart < b->depart[0]) b->depart[0] = f->depart;
    if (f->depart > b->depart[1]) b->depart[1] = f->depart;
    if (come < b->arrive[0]) b->arrive[0] = come;
    if (come > b->arrive[1]) b->arrive[1] = come;
    if (f->ack > b->ack) b->ack = f->ack;
}

// Cells of equal shown time.
static psec cell_length(const struct scene *s, const struct ladder *d)
{
    return (psec)(CELL_PX / d->per_psec) << s->density.doublings;
}

void bursts_collect(struct bursts *bs, const struct scene *s, const struct ladder *d)
{
    psec cell = cell_length(s, d), margin = (psec)(120 / d->per_psec);
    uint32_t first = journeys_since(s, warp_at(&s->rec->warp, d->top - margin));
    uint32_t end = history_first_after(s->h, s->t);
    if (first < s->h->frames) {  // from where its cell begins
        psec u = warp_shown(&s->rec->warp, s->h->frame[first].depart);
        first = history_first_after(s->h, warp_at(&s->rec->warp, u - u % cell) - 1);
    }
    if (end > ROWS_MAX && end - first > ROWS_MAX) first = end - ROWS_MAX;
    bs->n = 0;
    for (uint32_t i = first; i < end; i++) {
        const struct history_frame *f = &s->h->frame[i];
        if (!f->seen || f->depart > s->t || f->flow == NONE || !frame_on_stage(s, f)) continue;
        if (frame_is_exception(s, i)) continue;
        struct burst *b = burst_for(bs, f, warp_shown(&s->rec->warp, f->depart) / cell,
                                    sift_passes(s->sift, i));
        if (b != NULL) join(b, f, i, coming(s, f));
    }
}

// --- shapes ------------------------------------------------------------------------------------

struct slant { struct pt from[2], to[2]; enum palette_role role; };  // [0] first, [1] last

static struct slant slant_of(const struct scene *s, const struct ladder *d, const struct burst *b)
{
    const struct history_frame *f = &s->h->frame[b->row];
    bool right = frame_goes_right(s, f);
    float x0 = right ? d->left + 2 : d->right - 2, x1 = right ? d->right - 2 : d->left + 2;
    struct slant k = {.role = b->data ? PALETTE_APP : PALETTE_ACK};
    for (int i = 0; i < 2; i++) {
        k.from[i] = pt(x0, ladder_y(d, s, b->depart[i]));
        k.to[i] = pt(x1, ladder_y(d, s, b->arrive[i]));
    }
    return k;
}

void bursts_draw(struct draw_list *l, const struct scene *s, const struct ladder *d,
                 const struct bursts *bs)
{
    float now = d->body.y + (float)((double)(s->u - d->top) * d->per_psec);
    draw_clip(l, rect(d->body.x, d->body.y, d->body.w, fmaxf(now - d->body.y, 0)));
    for (size_t i = 0; i < bs->n; i++) {
        const struct burst *b = &bs->b[i];
        struct slant k = slant_of(s, d, b);
        int faint = !b->passes ? 40 : b->count > 1 ? 110 : 170;
        if (b->count > 1) {
            struct pt p[4] = {k.from[0], k.to[0], k.to[1], k.from[1]};
            draw_poly(l, p, 4, ink_a(k.role, !b->passes ? 12 : b->data ? 62 : 34));
            draw_line(l, k.from[1], k.to[1], 1.2f, ink_a(k.role, faint));
        }
        draw_arrow(l, k.from[0], k.to[0], 1.2f, ink_a(k.role, faint));
        float y0 = fminf(k.from[0].y, k.to[0].y), y1 = fmaxf(k.from[1].y, k.to[1].y);
        draw_hit(l, rect(d->left, y0, d->right - d->left, y1 - y0), OBJECT_FRAME, b->row);
    }
    draw_unclip(l);
}

// --- words -------------------------------------------------------------------------------------

struct burst_words { char name[32], detail[48], port[12]; };

static uint64_t cwnd_at(const struct scene *s, const struct burst *b)
{
    const struct history_flow *f = &s->h->flow[b->flow];
    uint32_t row = history_sock_of(s->h, f->host[b->side], f->conn[b->side]);
    if (row == NONE) return 0;
    uint32_t i = history_sample_until(s->h, s->h->sock[row].last[SAMPLE_CWND], b->depart[1]);
    return i != NONE ? s->h->sample[i].a : 0;
}

static void put_words(struct burst_words *w, const struct scene *s, const struct burst *b,
                      bool brief)
{
    const struct history_flow *f = &s->h->flow[b->flow];
    struct text n = text_of(w->name, sizeof w->name), t = text_of(w->detail, sizeof w->detail);
    struct text p = text_of(w->port, sizeof w->port);
    w->name[0] = w->detail[0] = w->port[0] = 0;
    if (b->count == 1 && f->kind == KIND_TCP) {  // by its flags, as in a slower hour
        const struct history_frame *only = &s->h->frame[b->row];
        text_put_flags(&n, only->flags);
        text_put_str(&t, b->data ? "seq=" : "ack=");
        text_put_u64(&t, b->data ? only->seq : only->ack);
        if (b->data) text_put_str(&t, " len="), text_put_u64(&t, only->data);
        if (!brief) text_put_u64(&p, f->end[0].port);
        return;
    }
    text_put_u64(&n, b->count);
    if (!b->data && f->kind == KIND_TCP) {
        text_put_str(&n, " ACKs");
        text_put_str(&t, "to ");
        text_put_u64(&t, b->ack);
    } else {
        text_put_str(&n, f->kind == KIND_UDP ? " datagram" : " segment");
        if (b->count > 1) text_put_char(&n, 's');
        text_put_count(&t, b->bytes);
        text_put_str(&t, "B");
        uint64_t cwnd = brief || f->kind == KIND_UDP ? 0 : cwnd_at(s, b);
        if (cwnd > 0) text_put_str(&t, " cwnd="), text_put_count(&t, cwnd);
    }
    if (!brief) text_put_u64(&p, f->end[0].port);
}

static const struct text_style burst_name = {.font = FONT_SEMI, .size = 11};
static const struct text_style burst_detail = {.font = FONT_MONO, .size = 10,
                                               .ink = {PALETTE_MID, 255}};

static float words_width(const struct draw_list *l, const struct burst_words *w)
{
    return draw_text_width(l, burst_name, w->name) + draw_text_width(l, burst_detail, w->detail) +
           paint_chip_width(l, w->port) + 16;
}

// Along the middle of the shape as far as it is in sight, nearer to its sender first.
static bool find_spot(struct labels *taken, struct rect sight, const struct slant *k, float width,
                      struct rect *out)
{
    struct pt a = pt(k->from[0].x, (k->from[0].y + k->from[1].y) / 2);
    struct pt b = pt(k->to[0].x, (k->to[0].y + k->to[1].y) / 2);
    float edge = (width / 2 + 10) / fabsf(b.x - a.x), lo = edge, hi = 1 - edge;
    if (b.y - a.y > 1) {
        lo = fmaxf(lo, (sight.y + LABEL_H / 2.0f - a.y) / (b.y - a.y));
        hi = fminf(hi, (bottom_of(sight) - LABEL_H / 2.0f - a.y) / (b.y - a.y));
    }
    for (int i = 0; i < SPOTS && lo <= hi; i++) {
        float along = lo + (hi - lo) * (float)((i * 3 + 2) % SPOTS) / (SPOTS - 1);
        float x = a.x + (b.x - a.x) * along, y = a.y + (b.y - a.y) * along;
        *out = rect(x - width / 2, y - LABEL_H / 2.0f, width, LABEL_H);
        if (out->y >= sight.y && bottom_of(*out) <= bottom_of(sight) && labels_take(taken, *out))
            return true;
    }
    return false;
}

void bursts_label(struct draw_list *l, const struct scene *s, const struct ladder *d,
                  struct labels *taken, const struct bursts *bs)
{
    float now = d->body.y + (float)((double)(s->u - d->top) * d->per_psec);
    struct rect sight = rect(d->left, d->body.y, d->right - d->left, now - d->body.y);
    for (size_t i = bs->n; i > 0; i--) {
        const struct burst *b = &bs->b[i - 1];
        if (!b->passes) continue;
        struct slant k = slant_of(s, d, b);
        struct burst_words w;
        struct rect r;
        put_words(&w, s, b, false);
        bool found = find_spot(taken, sight, &k, words_width(l, &w), &r);
        if (!found) {
            put_words(&w, s, b, true);
            found = find_spot(taken, sight, &k, words_width(l, &w), &r);
        }
        if (!found) continue;
        float x = r.x + 4, y = r.y + r.h / 2;
        struct text_style name = burst_name;
        name.ink = ink(k.role);
        draw_fill(l, r, 4, ink(PALETTE_PANEL));
        draw_text(l, pt(x, y), name, w.name);
        x += draw_text_width(l, name, w.name) + 6;
        draw_text(l, pt(x, y), burst_detail, w.detail);
        x += draw_text_width(l, burst_detail, w.detail) + 5;
        paint_chip(l, pt(x, y), s->h->flow[b->flow].mark, w.port);
        draw_hit(l, r, OBJECT_FRAME, b->row);
    }
}
