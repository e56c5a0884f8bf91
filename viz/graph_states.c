// see graph_paint.h. Here: the states of RFC 9293 Figure 5, and the way that both ends of the
// connection took through them. The numbers count the steps of the end that sends most; the way of
// the other end is dashed.
#include "viz/graph_paint.h"
#include "viz/paint.h"
#include "viz/wording.h"

#include <stdio.h>

enum { STEPS_MAX = 16, LOOK_BACK = 8192, BOX_H = 17 };

static const struct { float x, y; } place[TCP_STATES] = {
    [TCP_CLOSED] = {0.5f, 0},         [TCP_LISTEN] = {0.14f, 0.25f},
    [TCP_SYN_SENT] = {0.86f, 0.25f},  [TCP_SYN_RCVD] = {0.14f, 0.5f},
    [TCP_ESTABLISHED] = {0.5f, 0.5f}, [TCP_FIN_WAIT_1] = {0.14f, 0.75f},
    [TCP_CLOSING] = {0.5f, 0.75f},    [TCP_CLOSE_WAIT] = {0.86f, 0.75f},
    [TCP_FIN_WAIT_2] = {0.14f, 1},    [TCP_TIME_WAIT] = {0.5f, 1},
    [TCP_LAST_ACK] = {0.86f, 1},
};

static const uint8_t arrows[][2] = {
    {TCP_CLOSED, TCP_LISTEN}, {TCP_CLOSED, TCP_SYN_SENT}, {TCP_LISTEN, TCP_SYN_RCVD},
    {TCP_SYN_SENT, TCP_SYN_RCVD}, {TCP_SYN_SENT, TCP_ESTABLISHED},
    {TCP_SYN_RCVD, TCP_ESTABLISHED}, {TCP_SYN_RCVD, TCP_FIN_WAIT_1},
    {TCP_ESTABLISHED, TCP_FIN_WAIT_1}, {TCP_ESTABLISHED, TCP_CLOSE_WAIT},
    {TCP_FIN_WAIT_1, TCP_FIN_WAIT_2}, {TCP_FIN_WAIT_1, TCP_CLOSING},
    {TCP_FIN_WAIT_1, TCP_TIME_WAIT}, {TCP_FIN_WAIT_2, TCP_TIME_WAIT},
    {TCP_CLOSING, TCP_TIME_WAIT}, {TCP_CLOSE_WAIT, TCP_LAST_ACK},
};

struct way { uint8_t state[STEPS_MAX]; size_t n; };

// The states of one end so far, oldest first.
static struct way way_of(const struct scene *s, uint16_t host, uint32_t conn)
{
    struct way w = {.n = 0};
    size_t end = 0, hi = s->h->spans;
    while (end < hi) {
        size_t mid = end + (hi - end) / 2;
        if (s->h->span[mid].from <= s->t) end = mid + 1;
        else hi = mid;
    }
    if (conn == 0) return w;
    for (size_t i = end > LOOK_BACK ? end - LOOK_BACK : 0; i < end && w.n < STEPS_MAX; i++) {
        const struct history_span *p = &s->h->span[i];
        if (p->host != host || p->conn != conn || p->state >= TCP_STATES) continue;
        w.state[w.n++] = p->state;
    }
    return w;
}

static struct pt middle_of(const struct plot *p, uint8_t state)
{
    return pt(p->area.x + place[state].x * p->area.w, p->area.y + place[state].y * p->area.h);
}

static struct rect box_of(const struct draw_list *l, const struct plot *p, uint8_t state)
{
    struct text_style st = style(FONT_SEMI, 10, PALETTE_HI);
    float w = draw_text_width(l, st, tcp_state_short(state)) + 12;
    struct pt c = middle_of(p, state);
    return rect(c.x - w / 2, c.y - BOX_H / 2.0f, w, BOX_H);
}

// Where a line towards the middle of a box meets its edge.
static struct pt edge_of(struct rect box, struct pt from)
{
    struct pt c = pt(box.x + box.w / 2, box.y + box.h / 2), d = pt(from.x - c.x, from.y - c.y);
    float kx = fabsf(d.x) > 0.01f ? (box.w / 2 + 2) / fabsf(d.x) : 1e9f;
    float ky = fabsf(d.y) > 0.01f ? (box.h / 2 + 2) / fabsf(d.y) : 1e9f;
    float k = fminf(fminf(kx, ky), 1);
    return pt(c.x + d.x * k, c.y + d.y * k);
}

struct leg { struct pt from, to; };

static struct leg leg_of(const struct draw_list *l, const struct plot *p, uint8_t a, uint8_t b)
{
    struct pt from = middle_of(p, a), to = middle_of(p, b);
    return (struct leg){edge_of(box_of(l, p, a), to), edge_of(box_of(l, p, b), from)};
}

static void draw_way(struct draw_list *l, const struct plot *p, const struct way *w, bool dashed)
{
    for (size_t i = 0; i < w->n; i++) {
        uint8_t from = i > 0 ? w->state[i - 1] : TCP_CLOSED;
        if (from == w->state[i]) continue;
        struct leg k = leg_of(l, p, from, w->state[i]);
        if (dashed) {
            draw_dashed(l, (struct pt[2]){k.from, k.to}, 1.6f, (struct dash){4, 3, 0},
                        ink(PALETTE_ACK));
        } else {
            draw_arrow(l, k.from, k.to, 1.8f, ink(PALETTE_TCP));
        }
    }
}

static void draw_numbers(struct draw_list *l, const struct plot *p, const struct way *w)
{
    for (size_t i = 0; i < w->n; i++) {
        uint8_t from = i > 0 ? w->state[i - 1] : TCP_CLOSED;
        if (from == w->state[i]) continue;
        struct leg k = leg_of(l, p, from, w->state[i]);
        struct pt at = pt((k.from.x + k.to.x) / 2, (k.from.y + k.to.y) / 2);
        draw_circle(l, at, 6, ink(PALETTE_PANEL));
        draw_textf(l, at, centred(style(FONT_BOLD, 10, PALETTE_TCP)), "%zu", i + 1);
    }
}

static bool visited(const struct way *w, uint8_t state)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->state[i] == state) return true;
    return false;
}

static bool is_now(const struct way *w, uint8_t state)
{
    return w->n > 0 && w->state[w->n - 1] == state;
}

// A disc for the one end, a ring for the other, at the box of the state each is in.
static void draw_boxes(struct draw_list *l, const struct plot *p, const struct way way[2])
{
    for (uint8_t i = 0; i < TCP_STATES; i++) {
        struct rect box = box_of(l, p, i);
        bool been = visited(&way[0], i) || visited(&way[1], i);
        bool now = is_now(&way[0], i) || is_now(&way[1], i);
        draw_fill(l, box, 4, ink(been ? PALETTE_RAISED : PALETTE_PANEL));
        draw_stroke(l, box, 4, 1, ink(been ? PALETTE_LOW : PALETTE_LINE));
        if (now) draw_stroke(l, box, 4, 1.5f, ink(PALETTE_SEL));
        draw_text(l, pt(box.x + box.w / 2, box.y + BOX_H / 2.0f),
                  centred(style(now ? FONT_BOLD : FONT_SEMI, 10, been ? PALETTE_HI : PALETTE_LOW)),
                  tcp_state_short(i));
        if (is_now(&way[0], i)) draw_circle(l, pt(box.x - 7, box.y + 8), 4, ink(PALETTE_HI));
        if (is_now(&way[1], i))
            draw_ring(l, pt(right_of(box) + 7, box.y + 8), 3.5f, 1.6f, ink(PALETTE_HI));
    }
}

static void draw_key(struct draw_list *l, const struct scene *s, const struct plot *p, int side)
{
    char name[64];
    struct text t = text_of(name, sizeof name);
    text_put_host(&t, s->m, p->flow->host[side]);
    struct text_style st = style(FONT_UI, 10, PALETTE_MID);
    float y = p->area.y, w = draw_text_width(l, st, name);
    bool first = side == p->side;
    float x = first ? p->area.x + 2 : right_of(p->area) - 2;
    if (first) draw_circle(l, pt(x, y), 4, ink(PALETTE_HI));
    else draw_ring(l, pt(x, y), 3.5f, 1.6f, ink(PALETTE_HI));
    draw_text(l, pt(first ? x + 9 : x - 9 - w, y), st, name);
}

void graph_states(struct draw_list *l, const struct scene *s, struct plot *plot)
{
    struct plot in = *plot, *p = &in;
    p->area = rect(plot->area.x - 38, plot->area.y - 4, plot->area.w + 38, plot->area.h + 10);
    struct way way[2] = {way_of(s, p->flow->host[p->side], p->flow->conn[p->side]),
                         way_of(s, p->flow->host[!p->side], p->flow->conn[!p->side])};
    for (size_t i = 0; i < ARRAY_LEN(arrows); i++) {
        struct leg k = leg_of(l, p, arrows[i][0], arrows[i][1]);
        draw_line(l, k.from, k.to, 1, ink(PALETTE_LINE));
    }
    draw_way(l, p, &way[1], true);
    draw_way(l, p, &way[0], false);
    draw_boxes(l, p, way);
    draw_numbers(l, p, &way[0]);
    draw_key(l, s, p, p->side);
    draw_key(l, s, p, !p->side);
}
