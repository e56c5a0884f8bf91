// see density.h
#include "viz/density.h"

#include <math.h>

enum { LOOKS_MAX = 2048, DOUBLINGS_MAX = 8, FURTHER_WAYS = 256 };
static const float BURSTS_FROM = 8, FLOWS_FROM = 80, SLACK = 0.75f, LEAST_H = 60;

struct journey frame_journey(const struct scene *s, const struct history_frame *f)
{
    const struct history_frame *g = s->over ? history_last_way(s->h, f) : f;
    struct journey j = {f->depart, g->arrive, g->end, g->ended, false, (enum drop)g->drop};
    bool came = j.ended == END_RECEIVED || j.ended == END_KILLED;
    j.half_way = s->over && came && g->to != s->h->stage[0] && g->to != s->h->stage[1];
    if (j.half_way && j.drop != DROP_NONE) j.ended = END_LOST;
    return j;
}

uint32_t journeys_since(const struct scene *s, nsec t)
{
    uint32_t first = history_first_reaching(s->h, t);
    if (!s->over) return first;
    return first > FURTHER_WAYS ? first - FURTHER_WAYS : 0;
}

// Over routers: what the one sends to the other, by its connection, or by where it came in the end.
static bool is_sent_over(const struct scene *s, const struct history_frame *f)
{
    uint16_t a = s->h->stage[0], b = s->h->stage[1], to = f->from == a ? b : a;
    if (f->onward || (f->from != a && f->from != b)) return false;
    if (f->flow == NONE) return history_last_way(s->h, f)->to == to;
    const struct history_flow *flow = &s->h->flow[f->flow];
    uint16_t peer = flow->host[!f->side];
    if (peer == 0) peer = model_owner(&s->rec->last, flow->end[!f->side].addr);
    return peer == to || (peer == 0 && history_last_way(s->h, f)->to == to);
}

bool frame_on_stage(const struct scene *s, const struct history_frame *f)
{
    uint16_t a = s->h->stage[0], b = s->h->stage[1];
    if (s->over) return is_sent_over(s, f);
    return (f->from == a && (f->to == b || f->to == 0)) ||
           (f->from == b && (f->to == a || f->to == 0)) ||
           (f->from == 0 && (f->to == a || f->to == b));
}

bool frame_goes_right(const struct scene *s, const struct history_frame *f)
{
    return f->from == s->h->stage[0] || (f->from == 0 && f->to == s->h->stage[1]);
}

bool frame_is_exception(const struct scene *s, uint32_t row)
{
    const struct history_frame *f = &s->h->frame[row];
    bool shut = f->kind == PACKET_TCP && f->wnd == 0 && (f->flags & TCP_ACK) != 0;
    bool lost = frame_journey(s, f).ended == END_LOST;
    return shut || lost || frame_is_control(f) || frame_is_again(f) ||
           (f->kind != PACKET_TCP && f->kind != PACKET_UDP) ||
           object_is(s->selected, OBJECT_FRAME, row);
}

float density_arrows(const struct scene *s, const struct ladder *d)
{
    uint32_t from = journeys_since(s, d->from), to = history_first_after(s->h, s->t);
    if (to <= from) return 0;
    uint32_t stride = (to - from) / LOOKS_MAX + 1, seen = 0;
    for (uint32_t i = from; i < to; i += stride) seen += frame_on_stage(s, &s->h->frame[i]);
    float height = ladder_y(d, s, s->t) - d->body.y;
    return (float)seen * (float)stride * 100 / fmaxf(height, LEAST_H);
}

// Bursts of the cells of CELL_PX would be as many as the arrows; each doubling halves them.
static int doublings_for(int now, float arrows)
{
    while (now < DOUBLINGS_MAX && arrows > BURSTS_FROM * (float)(1 << now)) now++;
    while (now > 0 && arrows < BURSTS_FROM * SLACK * (float)(1 << (now - 1))) now--;
    return now;
}

struct density density_next(struct density now, float arrows)
{
    float flows = now.level == DENSITY_FLOWS ? FLOWS_FROM * SLACK : FLOWS_FROM;
    float bursts = now.level == DENSITY_FRAMES ? BURSTS_FROM : BURSTS_FROM * SLACK;
    now.level = arrows > flows ? DENSITY_FLOWS : arrows > bursts ? DENSITY_BURSTS : DENSITY_FRAMES;
    now.doublings = doublings_for(now.doublings, arrows);
    return now;
}
