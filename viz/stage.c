// see stage.h. Here: the playhead, the layout, and the picture. Hands are in stage_hands.c.
#include "viz/stage.h"

#include "viz/density.h"
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/stage_parts.h"

#include <stddef.h>
#include <stdio.h>

static const double PACE_DEFAULT = 0.4, FAST_FACTOR = 40, EDGE_S = 0.8, EDGE_FAR_S = 12;
enum { TOP_H = 44, TIMELINE_H = 66, WIRE_H = 74, NARRATION_H = 28, STRIP_H = 30 };

void stage_init(struct stage *st, struct recording *rec, struct fonts *fonts)
{
    *st = (struct stage){.rec = rec, .fonts = fonts, .pace = PACE_DEFAULT, .largest = PANES,
                         .part = -1, .dirty = true};
    st->scene = (struct scene){.focus = PANES, .zoom = 1, .flow = NONE, .frame = NONE};
    draw_init(&st->list, fonts);
    stage_name(st);
    stage_seek(st, recording_start(rec));
}

void stage_name(struct stage *st)
{
    const char *run = st->rec->last.run;
    snprintf(st->title, sizeof st->title, "%s", run[0] != 0 ? run : "capture");
}

void stage_free(struct stage *st)
{
    draw_free(&st->list);
    sift_free(&st->sift);
    watches_free(&st->watches);
    *st = (struct stage){0};
}

// --- the playhead ------------------------------------------------------------------------------

void stage_seek_shown(struct stage *st, psec u)
{
    psec length = warp_length(&st->rec->warp);
    st->u = u < 0 ? 0 : u > length ? length : u;
    st->by_step = st->at_edge = false;
    st->dirty = true;
}

void stage_seek(struct stage *st, nsec t) { stage_seek_shown(st, warp_shown(&st->rec->warp, t)); }

size_t stage_beat(const struct stage *st)
{
    if (st->by_step) return history_beat_of(&st->rec->history, st->events);
    size_t after = history_beat_after(&st->rec->history, warp_at(&st->rec->warp, st->u));
    return after == 0 ? 0 : after - 1;
}

// The playhead stands behind beat i and what follows from it, before the next.
void stage_stand_behind(struct stage *st, size_t i)
{
    const struct history *h = &st->rec->history;
    if (i >= h->beats) return;
    st->events = i + 1 < h->beats ? h->beat[i + 1].event : st->rec->tape.events;
    st->u = warp_shown(&st->rec->warp, h->beat[i].at);
    st->by_step = true;
    st->playing = st->at_edge = false;
    st->dirty = true;
}

void stage_stand_at(struct stage *st, uint64_t event)
{
    struct trace_event ev;
    if (!tape_get(&st->rec->tape, event, &ev)) return;
    st->events = event + 1;
    st->u = warp_shown(&st->rec->warp, ev.at);
    st->by_step = true;
    st->playing = st->at_edge = false;
    st->dirty = true;
}

void stage_step(struct stage *st, int by)
{
    if (st->following) {
        stage_follow_step(st, by);
        return;
    }
    size_t now = stage_beat(st), beats = st->rec->history.beats;
    if (beats == 0) return;
    if (by < 0) stage_stand_behind(st, now >= (size_t)-by ? now - (size_t)-by : 0);
    else stage_stand_behind(st, now + (size_t)by < beats ? now + (size_t)by : beats - 1);
}

static bool beat_of_flow(const struct stage *st, const struct beat *b, uint32_t flow)
{
    if (b->frame != NONE) return st->rec->history.frame[b->frame].flow == flow;
    struct trace_event ev;
    if (!tape_get(&st->rec->tape, b->event, &ev) || ev.conn == 0) return false;
    const struct history_flow *f = &st->rec->history.flow[flow];
    return (f->host[0] == ev.host && f->conn[0] == ev.conn) ||
           (f->host[1] == ev.host && f->conn[1] == ev.conn);
}

void stage_step_flow(struct stage *st, int by)
{
    const struct history *h = &st->rec->history;
    uint32_t flow = st->scene.flow;
    if (flow == NONE) {
        stage_step(st, by);
        return;
    }
    for (size_t i = stage_beat(st) + (size_t)by; i < h->beats; i += (size_t)by)
        if (beat_of_flow(st, &h->beat[i], flow)) {
            stage_stand_behind(st, i);
            return;
        }
}

// Data in flight; better on the second connection, when the point of having two can be seen.
nsec stage_telling_instant(const struct stage *st)
{
    const struct history *h = &st->rec->history;
    const struct history_frame *best = NULL;
    int best_score = 0;
    for (uint32_t i = 0; i < h->frames && i < 20000; i++) {
        const struct history_frame *f = &h->frame[i];
        if (f->from == 0 || f->ended != END_RECEIVED) continue;
        bool flies = f->end > f->depart, second = f->flow != NONE && f->flow > 0;
        int score = 1 + flies * 8 + (f->data > 0) * 2 + second * 3 +
                    (f->data > 0 && frame_is_again(f)) * 4;
        if (score > best_score) best = f, best_score = score;
    }
    if (best == NULL) return recording_start(st->rec);
    if (best->end <= best->depart) return best->tx;  // a capture does not know the flight
    psec a = warp_shown(&st->rec->warp, best->depart), b = warp_shown(&st->rec->warp, best->end);
    return warp_at(&st->rec->warp, a + (b - a) * 6 / 10);
}

static void pass_time(struct stage *st, double seconds)
{
    if (st->notice_left > 0 && (st->notice_left -= seconds) <= 0) {
        st->notice[0] = 0;
        st->dirty = true;
    }
    if (st->tip_in > 0 && (st->tip_in -= seconds) <= 0) {
        st->tip_in = 0;
        st->dirty = true;
    }
}

double stage_rest(const struct stage *st)
{
    double rest = INFINITY;
    if (st->notice_left > 0) rest = st->notice_left;
    if (st->tip_in > 0 && st->tip_in < rest) rest = st->tip_in;
    return rest;
}

nsec stage_time(const struct stage *st) { return warp_at(&st->rec->warp, st->u); }

void stage_ask(struct stage *st, const char *words)
{
    snprintf(st->ask, sizeof st->ask, "%s", words);
    st->wish = WISH_ASK;
}

bool stage_moves(const struct stage *st)
{
    return st->playing || (st->at_edge && st->u < warp_length(&st->rec->warp));
}

void stage_to_edge(struct stage *st)
{
    stage_seek_shown(st, warp_length(&st->rec->warp));
    st->at_edge = st->live;
}

void stage_replace(struct stage *st, struct recording *by)
{
    nsec t = stage_time(st);
    struct recording old = *st->rec;
    by->warp.mode = old.warp.mode;
    if (old.history.stage_kept) history_keep_stage(&by->history, old.history.stage);
    *st->rec = *by;
    *by = (struct recording){0};
    recording_free(&old);
    st->u = warp_shown(&st->rec->warp, t);
    st->following = st->quizzing = false;
    sift_forget(&st->sift);
    if (st->scene.selected.kind == OBJECT_FRAME &&
        st->scene.selected.id >= st->rec->history.frames)
        st->scene.selected = (struct object){0};
    st->dirty = true;
}

// Along with a run that goes on, what is behind is made up for, the faster the more it is; what
// could not be is passed over.
static psec way_to_go(const struct stage *st, double seconds)
{
    double rate = PACE_DEFAULT / st->pace;
    if (st->rec->warp.mode == WARP_REAL) rate = 1;
    if (st->rec->warp.mode == WARP_FAST) rate = FAST_FACTOR;
    if (!st->at_edge) return (psec)(seconds * rate * 1e12);
    double behind = (double)(warp_length(&st->rec->warp) - st->u) / 1e12;
    double go = seconds * fmax(rate, behind / EDGE_S);
    return (psec)(fmax(go, behind - EDGE_FAR_S) * 1e12);
}

static bool go_back(struct stage *st, psec by)
{
    st->u = st->u > by ? st->u - by : 0;
    st->by_step = false;
    st->events = recording_events_until(st->rec, warp_at(&st->rec->warp, st->u));
    st->playing = st->u > 0;
    st->dirty = true;
    return true;
}

bool stage_advance(struct stage *st, double seconds)
{
    pass_time(st, seconds);
    if (!stage_moves(st)) return false;
    psec length = warp_length(&st->rec->warp);
    psec by = way_to_go(st, seconds);
    if (st->backwards && st->playing) return go_back(st, by);
    psec u = st->u > length - by ? length : st->u + by;
    st->dirty = true;
    if (stage_breaks(st, &u)) return true;
    st->u = u;
    st->by_step = false;
    st->events = recording_events_until(st->rec, warp_at(&st->rec->warp, u));
    if (st->u == length && st->playing) {
        st->playing = false;
        st->at_edge = st->live;  // it has caught up
    }
    return true;
}

void stage_notice(struct stage *st, const char *sentence)
{
    snprintf(st->notice, sizeof st->notice, "%.*s", (int)sizeof st->notice - 1, sentence);
    st->notice_left = 4;
    st->dirty = true;
}

// --- the layout --------------------------------------------------------------------------------

// At 1280 x 720 the numbers of the design; larger screens give the rest to the middle, smaller ones
// take from hosts and the lower row first.
struct layout stage_layout(float w, float h)
{
    struct layout a = {0};
    const float gap = PAINT_GAP;
    float host_w = clampf(316 - (1280 - w) * 0.20f, 250, 316);
    float low_h = clampf(190 - (720 - h) * 0.5f, 140, 190);
    a.top = rect(0, 0, w, TOP_H);
    a.timeline = rect(gap, h - gap - TIMELINE_H, w - 2 * gap, TIMELINE_H);
    float low_y = a.timeline.y - gap - low_h, y = TOP_H + gap, mid = 2 * gap + host_w;
    float mid_w = w - 2 * mid;
    a.host[0] = rect(gap, y, host_w, low_y - gap - y);
    a.host[1] = rect(w - gap - host_w, y, host_w, low_y - gap - y);
    a.narration = rect(mid, y, mid_w, NARRATION_H);
    a.wire = rect(mid, low_y - gap - WIRE_H, mid_w, WIRE_H);
    float top = y + NARRATION_H + gap;
    a.ladder = rect(mid, top, mid_w, a.wire.y - gap - top);
    float bytes_w = w >= 1200 ? 492 : 352;
    float rest = (w - 4 * gap - bytes_w) / 2;
    a.inspector = rect(gap, low_y, bytes_w, low_h);
    a.demux = rect(2 * gap + bytes_w, low_y, rest, low_h);
    a.graph = rect(3 * gap + bytes_w + rest, low_y, rest, low_h);
    return a;
}

// --- the picture -------------------------------------------------------------------------------

static uint32_t flow_of_sock(const struct stage *st, uint64_t id)
{
    uint32_t row = history_sock_of(&st->rec->history, (uint16_t)(id >> 32), (uint32_t)id);
    return row != NONE ? st->rec->history.sock[row].flow : NONE;
}

static uint32_t frame_in_light(const struct stage *st, const struct scene *s)
{
    if (s->selected.kind == OBJECT_FRAME && s->selected.id < s->h->frames)
        return (uint32_t)s->selected.id;
    if (st->scene.selected.kind == OBJECT_BYTE && st->scene.frame != NONE) return st->scene.frame;
    if (s->h->beats > 0 && s->h->beat[s->beat].frame != NONE) return s->h->beat[s->beat].frame;
    // One in flight now tells more than the last that came.
    uint32_t last = history_first_after(s->h, s->t);
    for (uint32_t i = last, looked = 0; i > 0 && looked < 64; i--, looked++)
        if (s->h->frame[i - 1].end > s->t && s->h->frame[i - 1].depart <= s->t) return i - 1;
    while (last > 0 && s->h->frame[last - 1].depart > s->t) last--;
    return last > 0 ? last - 1 : NONE;
}

static uint32_t flow_in_light(const struct stage *st, const struct scene *s)
{
    if (s->selected.kind == OBJECT_FLOW && s->selected.id < s->h->flows)
        return (uint32_t)s->selected.id;
    if (s->selected.kind == OBJECT_SOCK) {
        uint32_t flow = flow_of_sock(st, s->selected.id);
        if (flow != NONE && s->h->flow[flow].born <= s->t) return flow;
    }
    if (s->frame != NONE && s->h->frame[s->frame].flow != NONE) return s->h->frame[s->frame].flow;
    for (uint32_t i = history_first_after(s->h, s->t), looked = 0; i > 0 && looked < 64;
         i--, looked++)
        if (s->h->frame[i - 1].flow != NONE) return s->h->frame[i - 1].flow;
    return NONE;
}

// The last instant at which something happened: without motion, that is what is shown.
static nsec instant_before(const struct stage *st)
{
    const struct warp *w = &st->rec->warp;
    return w->n > 0 ? w->at[warp_find(w, warp_at(w, st->u))] : 0;
}

static void look_at_hands(struct stage *st, struct scene *s)
{
    sift_look(&st->sift, st->rec);
    s->filter = st->filter;
    s->sift = &st->sift;
    s->watches = &st->watches;
    s->quiz = st->quizzing ? &st->quiz : NULL;
    s->trail.at = st->trail_at;
    s->trail.n = st->following ? st->trail.n : 0;
    s->prompt = st->prompt;
    s->typed = &st->typed;
    s->complaint = st->complaint[0] != 0 ? st->complaint : NULL;
}

void stage_look(struct stage *st)
{
    struct scene *s = &st->scene;
    s->rec = st->rec;
    s->h = &st->rec->history;
    s->u = st->u;
    if (st->calm && stage_moves(st)) s->u = warp_shown(&st->rec->warp, instant_before(st));
    s->t = warp_at(&st->rec->warp, s->u);
    if (!st->by_step) st->events = recording_events_until(st->rec, s->t);
    s->events = st->events;
    s->m = recording_at(st->rec, st->events);
    uint16_t left = s->h->stage[0], right = s->h->stage[1];
    s->over = left != 0 && right != 0 && !st->rec->foreign && st->rec->last.hosts > 2 &&
              link_between(&st->rec->last, left, right) == NULL;
    size_t now = stage_beat(st);
    s->beat = st->by_step || s->h->beats == 0 ? now : history_beat_telling(s->h, now);
    s->settled = !stage_moves(st);
    s->playing = st->playing || st->at_edge;
    s->live = !st->live ? LIVE_OVER : st->held ? LIVE_HELD : st->at_edge ? LIVE_EDGE : LIVE_BEHIND;
    s->pace = st->pace;
    s->title = st->title;
    s->notice = st->notice[0] != 0 ? st->notice : NULL;
    s->frame = frame_in_light(st, s);
    s->flow = flow_in_light(st, s);
    look_at_hands(st, s);
}

// With more than two hosts there is a strip to choose from, above all but the top bar.
static struct layout layout_with_strip(float w, float h)
{
    const float down = STRIP_H + PAINT_GAP;
    struct layout a = stage_layout(w, h - down);
    struct rect *all[] = {&a.host[0], &a.host[1], &a.narration, &a.ladder, &a.wire, &a.inspector,
                          &a.demux, &a.graph, &a.timeline};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) all[i]->y += down;
    a.strip = rect(PAINT_GAP, TOP_H + PAINT_GAP, w - 2 * PAINT_GAP, STRIP_H);
    return a;
}

// One pane alone takes all that lies between the narrator and the timeline.
static void show_one(struct layout *a, enum pane pane)
{
    struct rect *all[] = {&a->host[0], &a->ladder, &a->host[1], &a->wire, &a->inspector, &a->demux,
                          &a->graph, &a->network};
    if ((size_t)pane >= ARRAY_LEN(all)) return;
    float x = a->timeline.x, w = a->timeline.w, top = bottom_of(a->narration) + PAINT_GAP;
    a->narration.x = x, a->narration.w = w;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) *all[i] = (struct rect){0};
    *all[pane] = rect(x, top, w, a->timeline.y - PAINT_GAP - top);
}

static const struct { const char *name; size_t at; } parts[] = {
    {"client", offsetof(struct layout, host[0])}, {"server", offsetof(struct layout, host[1])},
    {"narration", offsetof(struct layout, narration)}, {"ladder", offsetof(struct layout, ladder)},
    {"wire", offsetof(struct layout, wire)}, {"bytes", offsetof(struct layout, inspector)},
    {"demux", offsetof(struct layout, demux)}, {"graph", offsetof(struct layout, graph)},
    {"timeline", offsetof(struct layout, timeline)}, {"top", offsetof(struct layout, top)},
    {"hosts", offsetof(struct layout, strip)}, {"network", offsetof(struct layout, network)}};

int stage_part_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (strcmp(parts[i].name, name) == 0) return (int)i;
    return -1;
}

const char *stage_part_name(int part)
{
    return part >= 0 && (size_t)part < ARRAY_LEN(parts) ? parts[part].name : NULL;
}

static struct layout layout_whole(const struct stage *st)
{
    return st->rec->last.hosts > 2 ? layout_with_strip(st->w, st->h)
                                   : stage_layout(st->w, st->h);
}

static struct layout layout_now(const struct stage *st)
{
    struct layout a = {0};
    if (st->part >= 0) {
        struct rect all = rect(0, 0, st->w, st->h);
        memcpy((char *)&a + parts[st->part].at, &all, sizeof all);
        return a;
    }
    a = layout_whole(st);
    show_one(&a, st->largest);
    return a;
}

struct rect stage_part_place(const struct stage *st, int part)
{
    CHECK(stage_part_name(part) != NULL);
    struct layout a = layout_now(st);
    struct rect r;
    memcpy(&r, (const char *)&a + parts[part].at, sizeof r);
    return r;
}

struct rect stage_pane(const struct stage *st, enum pane pane)
{
    struct layout a = layout_now(st);
    const struct rect all[PANES] = {
        [PANE_CLIENT] = a.host[0], [PANE_LADDER] = a.ladder, [PANE_SERVER] = a.host[1],
        [PANE_WIRE] = a.wire, [PANE_INSPECTOR] = a.inspector, [PANE_DEMUX] = a.demux,
        [PANE_GRAPH] = a.graph, [PANE_NETWORK] = a.network, [PANE_STRIP] = a.strip,
        [PANE_TIMELINE] = a.timeline, [PANE_TOP] = a.top};
    return pane < PANES ? all[pane] : (struct rect){0};
}

static void compose_panes(struct stage *st)
{
    const struct scene *s = &st->scene;
    struct draw_list *l = &st->list;
    struct layout a = layout_now(st);
    if (a.top.w > 0) topbar_pane(l, s, a.top);
    if (a.strip.w > 0) strip_pane(l, s, a.strip);
    if (a.network.w > 0) network_pane(l, s, a.network);
    if (a.host[0].w > 0) hoststack_pane(l, s, a.host[0], 0);
    if (a.host[1].w > 0) hoststack_pane(l, s, a.host[1], 1);
    if (a.narration.w > 0) narration_pane(l, s, a.narration);
    if (a.ladder.w > 0) ladder_pane(l, s, a.ladder);
    if (a.wire.w > 0) wire_pane(l, s, a.wire);
    if (a.inspector.w > 0) inspector_pane(l, s, a.inspector);
    if (a.demux.w > 0) demux_pane(l, s, a.demux);
    if (a.graph.w > 0) graph_pane(l, s, a.graph);
    if (a.timeline.w > 0) timeline_pane(l, s, a.timeline);
}

void stage_compose(struct stage *st, float w, float h)
{
    st->w = w;
    st->h = h;
    stage_look(st);
    struct draw_list *l = &st->list;
    struct rect all = rect(0, 0, w, h);
    struct ladder d = ladder_of(&st->scene, stage_pane(st, PANE_LADDER));
    st->scene.density = density_next(st->scene.density, density_arrows(&st->scene, &d));
    draw_reset(l);
    draw_fill(l, all, 0, ink(PALETTE_BG));
    compose_panes(st);
    struct rect ladder = stage_pane(st, PANE_LADDER);
    if (st->scene.quiz != NULL && ladder.w > 0) quiz_pane(l, &st->scene, ladder);
    stage_paint_cursor(st);
    if (st->part < 0) stage_paint_prompt(st);
    stage_paint_link(st);
    if (st->scene.help) help_pane(l, &st->scene, all);
    stage_paint_tip(st);
}

void stage_draw(struct stage *st, struct canvas *c, float scale)
{
    stage_compose(st, (float)c->w / scale, (float)c->h / scale);
    draw_render(&st->list, c, st->theme, scale);
    st->dirty = false;
}
