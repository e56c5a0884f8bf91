// see ladder_paint.h. Here: what stands beside the lifelines: instants, states, calls.
#include "viz/ladder_paint.h"
#include "viz/paint.h"
#include "viz/wording.h"

#include <stdio.h>

enum { LANES = 4, LANE_W = 7, TIMES_W = 60, LOOK_BACK = 4096 };

struct lane_use { uint32_t conn; nsec until; };

// --- instants ----------------------------------------------------------------------------------

// Words stand beside the line; where one is so long that it comes here, the instant gives way.
static void draw_instants(struct draw_list *l, const struct scene *s, const struct ladder *d,
                          const struct labels *words)
{
    struct labels *taken = calloc(1, sizeof *taken);
    if (taken == NULL) return;
    const struct warp *w = &s->rec->warp;
    struct instants said = {.start = recording_start(s->rec)};
    for (size_t i = warp_find(w, d->from); i < w->n && w->at[i] <= d->to; i++) {
        float y = ladder_y(d, s, w->at[i]);
        if (y < d->body.y + 4 || !labels_take(taken, rect(0, y - 7, 1, 14))) continue;
        char buf[40];
        struct text t = text_of(buf, sizeof buf);
        text_put_instant(&t, &said, w->at[i]);
        struct text_style st = fit(style(FONT_MONO, 10, PALETTE_LOW), TIMES_W);
        float width = fminf(draw_text_width(l, st, buf), TIMES_W) + 4;
        if (!labels_free(words, rect(d->r.x + 6, y - 6, width, 12))) continue;
        draw_fill(l, rect(d->r.x + 6, y - 6, width, 12), 0, ink(PALETTE_PANEL));
        draw_text(l, pt(d->r.x + 8, y), st, buf);
    }
    free(taken);
}

// --- states and calls --------------------------------------------------------------------------

static int take_lane(struct lane_use lane[LANES], const struct history_span *p)
{
    for (int i = 0; i < LANES; i++)
        if (lane[i].conn == p->conn) return lane[i].until = p->to, i;
    for (int i = 0; i < LANES; i++)
        if (lane[i].conn == 0 || lane[i].until <= p->from) {
            lane[i] = (struct lane_use){p->conn, p->to};
            return i;
        }
    return -1;
}

static bool transient(uint8_t state) { return state != TCP_ESTABLISHED; }

struct side_style { enum font_role font; enum palette_role role; };
struct side {
    const struct ladder *d;
    float          line;
    bool           left;
    uint16_t       host;
    struct labels *taken;
};

static float side_edge(const struct side *side)
{
    return side->left ? side->line - 6 - LANE_W * 2.0f : side->line + 6 + LANE_W * 2.0f;
}

static float side_room(const struct side *side)
{
    const struct ladder *d = side->d;
    float edge = side_edge(side);
    return side->left ? edge - d->r.x - 8 : right_of(d->r) - edge - 4;
}

static bool side_fits(const struct draw_list *l, const struct side *side, const char *word)
{
    return draw_text_width(l, style(FONT_UI, 10, PALETTE_APP), word) <= side_room(side);
}

// A word beside the lifeline, as near to its height as there is room below.
static void side_word(struct draw_list *l, struct side *side, float y, struct side_style look,
                      const char *word)
{
    const struct ladder *d = side->d;
    struct text_style st = style(look.font, 10, look.role);
    float edge = side_edge(side), room = side_room(side);
    float width = fminf(draw_text_width(l, st, word), room);
    for (int push = 0; push < 3; push++) {
        struct rect r = rect(side->left ? edge - width : edge, y - 6 + (float)push * 12, width, 12);
        bool inside = r.y >= d->body.y - 2 && bottom_of(r) <= bottom_of(d->r) - 4;
        if (!inside || !labels_take(side->taken, r)) continue;
        st = fit(st, room);
        draw_fill(l, r, 2, ink(PALETTE_PANEL));
        draw_text(l, pt(edge, r.y + 6), side->left ? on_right(st) : st, word);
        return;
    }
}

static void draw_span(struct draw_list *l, const struct scene *s, struct side *side,
                      const struct history_span *p, int lane)
{
    const struct ladder *d = side->d;
    nsec to = p->to < s->t ? p->to : s->t;
    float y0 = ladder_y(d, s, p->from), y1 = ladder_y(d, s, to) - (p->to <= s->t ? 1.5f : 0);
    float x = side->left ? side->line - 4 - (float)(lane + 1) * LANE_W
                         : side->line + 4 + (float)lane * LANE_W;
    struct rect band = rect(x, y0, 5, fmaxf(y1 - y0, 1.5f));
    if (transient(p->state)) {
        draw_fill(l, band, 1, ink_a(PALETTE_ACK, 70));
        draw_stroke(l, band, 1, 1, ink(PALETTE_LOW));
    } else {
        draw_fill(l, band, 1, ink(PALETTE_ACK));
    }
    draw_hit(l, rect(band.x - 1, band.y, 7, band.h), OBJECT_SOCK, sock_id(p->host, p->conn));
    if (y0 < d->body.y - 4) return;
    char word[40];
    struct text t = text_of(word, sizeof word);
    text_put_str(&t, tcp_state_short(p->state));
    uint32_t row = history_sock_of(s->h, p->host, p->conn);
    if (!side->left && p->state == TCP_ESTABLISHED && row != NONE && s->h->sock[row].fd >= 0) {
        text_put_str(&t, " fd ");
        text_put_i64(&t, s->h->sock[row].fd);
    }
    side_word(l, side, y0 + 5, (struct side_style){FONT_SEMI, PALETTE_HI}, word);
}

static void draw_states(struct draw_list *l, const struct scene *s, const struct ladder *d,
                        struct side *side)
{
    const struct history *h = s->h;
    size_t end = 0, hi = h->spans;
    while (end < hi) {
        size_t mid = end + (hi - end) / 2;
        if (h->span[mid].from <= s->t) end = mid + 1;
        else hi = mid;
    }
    struct lane_use lane[LANES] = {{0}};
    for (size_t i = end > LOOK_BACK ? end - LOOK_BACK : 0; i < end; i++) {
        const struct history_span *p = &h->span[i];
        if (p->host != side->host || p->state == TCP_LISTEN || p->state == TCP_CLOSED) continue;
        int at = take_lane(lane, p);
        if (at < 0 || at > 1 || (p->to != NEVER && p->to < d->from)) continue;
        draw_span(l, s, side, p, at);
    }
}

// Where there is no room for "recvfrom() = 262144".
static void put_short_call(struct text *t, const struct trace_sock_call_event *c)
{
    if (c->result < 0) {
        text_put_errno(t, -c->result);
        return;
    }
    text_put_str(t, sock_call_name(c->call));
    text_put_str(t, " = ");
    text_put_count(t, (uint64_t)c->result);
}

// Calls that returned something: accept() = 4, read() = 512.
static void draw_calls(struct draw_list *l, const struct scene *s, const struct ladder *d,
                       struct side *side)
{
    size_t end = history_beat_after(s->h, s->t);
    for (size_t i = history_beat_after(s->h, d->from - 1); i < end; i++) {
        const struct beat *b = &s->h->beat[i];
        struct trace_event ev;
        if (b->type != TRACE_SOCK_CALL || b->host != side->host || b->event >= s->events) continue;
        if (b->weight < 50 || !tape_get(&s->rec->tape, b->event, &ev)) continue;
        const struct trace_sock_call_event *c = &ev.sock_call;
        float y = ladder_y(d, s, b->at);
        if (c->result == -115 || y < d->body.y) continue;
        char word[64];
        struct text t = text_of(word, sizeof word);
        text_put_str(&t, sock_call_name(c->call));
        if (c->result < 0) {
            text_put_str(&t, " ");
            text_put_errno(&t, -c->result);
        } else if (c->call == CALL_CLOSE) {
            text_put_str(&t, "()");
        } else {
            text_put_str(&t, "() = ");
            text_put_i64(&t, c->result);
        }
        struct side_style look = {FONT_UI, c->result < 0 ? PALETTE_LOSS : PALETTE_APP};
        if (!side_fits(l, side, word)) {
            t = text_of(word, sizeof word);
            put_short_call(&t, c);
        }
        side_word(l, side, y + 5, look, word);
    }
}

void ladder_sides(struct draw_list *l, const struct scene *s, const struct ladder *d)
{
    struct labels *taken = malloc(sizeof *taken);
    if (taken == NULL) return;
    taken->n = 0;
    for (int i = 1; i >= 0; i--) {
        struct side side = {d, i == 0 ? d->left : d->right, i == 0, s->h->stage[i], taken};
        if (side.host == 0) continue;
        draw_states(l, s, d, &side);
        draw_calls(l, s, d, &side);
    }
    draw_instants(l, s, d, taken);
    free(taken);
}
