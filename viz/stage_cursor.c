// see stage.h. Here: the keyboard's own pointer: Tab goes from pane to pane, the arrows to what can
// be pointed at inside one, Enter presses it. And the tip of what lies under the mouse.
#include "viz/stage_parts.h"

#include "viz/paint.h"
#include "viz/say.h"
#include "viz/widget.h"
#include "viz/wording.h"

#include <stdio.h>

static const double TIP_AFTER = 0.6;

// --- inside a pane -------------------------------------------------------------------------------

static struct pt middle(struct rect r) { return pt(r.x + r.w / 2, r.y + r.h / 2); }

static bool inside(struct rect r, struct pt p)
{
    return p.x >= r.x && p.x < r.x + r.w && p.y >= r.y && p.y < r.y + r.h;
}

// The nearest of what can be pointed at inside the pane, in a direction from a place: what lies
// straight ahead counts as nearer than what lies aside.
static const struct draw_cmd *nearest(const struct stage *st, struct pt from, struct pt way)
{
    struct rect pane = stage_pane(st, st->scene.focus);
    const struct draw_cmd *best = NULL;
    float best_far = INFINITY;
    for (size_t i = 0; i < st->list.n; i++) {
        const struct draw_cmd *c = &st->list.cmd[i];
        if (c->kind != DRAW_HIT || c->hit.kind == OBJECT_PANE || c->hit.kind == OBJECT_NONE)
            continue;
        struct pt at = middle(c->r);
        if (!inside(pane, at) || object_is(st->cursor, c->hit.kind, c->hit.id)) continue;
        float ahead = (at.x - from.x) * way.x + (at.y - from.y) * way.y;
        float aside = fabsf((at.x - from.x) * way.y) + fabsf((at.y - from.y) * way.x);
        if (ahead < 0.5f) continue;
        float far = ahead + aside * 2.5f;
        if (far < best_far) best = c, best_far = far;
    }
    return best;
}

static const struct draw_cmd *under_cursor(const struct stage *st)
{
    struct rect pane = stage_pane(st, st->scene.focus);
    for (size_t i = st->list.n; i > 0; i--) {
        const struct draw_cmd *c = &st->list.cmd[i - 1];
        if (c->kind == DRAW_HIT && object_is(st->cursor, c->hit.kind, c->hit.id) &&
            inside(pane, middle(c->r)))
            return c;
    }
    return NULL;
}

static void move_cursor(struct stage *st, struct pt way)
{
    struct rect pane = stage_pane(st, st->scene.focus);
    const struct draw_cmd *now = under_cursor(st);
    // From nowhere, the first step goes to the upper left.
    struct pt from = now != NULL ? middle(now->r) : pt(pane.x - 1, pane.y - 1);
    if (now == NULL) way = pt(0.7f, 0.7f);
    const struct draw_cmd *to = nearest(st, from, way);
    if (to != NULL) st->cursor = (struct object){to->hit.kind, to->hit.id};
    st->dirty = true;
}

void stage_focus_next(struct stage *st, bool back)
{
    int n = PANES + 1;
    do {
        st->scene.focus = (enum pane)(((int)st->scene.focus + (back ? n - 1 : 1)) % n);
    } while (st->scene.focus != PANES && stage_pane(st, st->scene.focus).w <= 0);
    st->cursor = (struct object){0};
    st->dirty = true;
}

static void enter(struct stage *st)
{
    const struct draw_cmd *c = under_cursor(st);
    enum pane pane = st->scene.focus;
    if (c != NULL) stage_press(st, st->cursor, middle(c->r));
    else if (pane < PANE_TIMELINE) st->largest = st->largest == pane ? PANES : pane;
    st->dirty = true;
}

bool stage_cursor_key(struct stage *st, int key)
{
    if (st->scene.focus == PANES) return false;
    bool steps = st->scene.focus == PANE_TIMELINE || st->cursor.kind == OBJECT_PACE;
    switch (key) {
    case UI_KEY_ENTER: enter(st); return true;
    case UI_KEY_ARROW_UP:   move_cursor(st, pt(0, -1)); return true;
    case UI_KEY_ARROW_DOWN: move_cursor(st, pt(0, 1)); return true;
    case UI_KEY_ARROW_LEFT:
        if (!steps) move_cursor(st, pt(-1, 0));
        return !steps;
    case UI_KEY_ARROW_RIGHT:
        if (!steps) move_cursor(st, pt(1, 0));
        return !steps;
    default: return false;
    }
}

void stage_paint_cursor(struct stage *st)
{
    struct draw_list *l = &st->list;
    enum pane pane = st->scene.focus;
    if (pane == PANES) return;
    if (pane == PANE_TOP) widget_focus(l, stage_pane(st, pane), 0);
    const struct draw_cmd *c = under_cursor(st);
    if (c == NULL) return;
    struct rect r = rect(c->r.x - 2, c->r.y - 2, c->r.w + 4, c->r.h + 4);
    draw_glow(l, r, 4, 6, ink_a(PALETTE_SEL, 90));
    draw_stroke(l, r, 4, 2, ink(PALETTE_SEL));
}

// --- tips --------------------------------------------------------------------------------------

void stage_hover(struct stage *st, struct pt at)
{
    const struct draw_cmd *hit = draw_hit_at(&st->list, at);
    struct object o = {0};
    if (hit != NULL && hit->hit.kind != OBJECT_PANE)
        o = (struct object){hit->hit.kind, hit->hit.id};
    bool moved = st->mouse_seen;  // a window opens under a mouse that nobody moves
    st->mouse = at;
    st->mouse_seen = true;
    if (!moved) return;
    if (o.kind == st->scene.hover.kind && o.id == st->scene.hover.id) {
        st->dirty |= o.kind != OBJECT_NONE && st->tip_in <= 0;  // its tip goes along
        return;
    }
    st->scene.hover = o;
    st->tip_in = o.kind != OBJECT_NONE && o.kind != OBJECT_BYTE ? TIP_AFTER : 0;
    st->dirty = true;
}

static void put_frame_tip(struct text *t, const struct stage *st, uint32_t row)
{
    const struct scene *s = &st->scene;
    const struct history_frame *f = &s->h->frame[row];
    nsec start = recording_start(s->rec);
    text_put_char(t, '#');
    text_put_u64(t, (uint64_t)row + 1);
    text_put_str(t, ": ");
    text_put_frame(t, s->rec, f);
    text_put_str(t, "\n");
    text_put_host(t, &s->rec->last, f->from);
    text_put_str(t, " sent it at ");
    text_put_span(t, f->depart - start);
    if (f->end == NEVER || f->end > s->t) {
        text_put_str(t, "; it is on its way.");
    } else if (f->ended == END_RECEIVED) {
        text_put_str(t, "; it came at ");
        text_put_span(t, f->end - start);
        text_put_char(t, '.');
    } else {
        text_put_str(t, "; it was lost.");
    }
    if (frame_is_again(f)) text_put_str(t, "\nThese bytes were sent before.");
    text_put_str(t, "\nf follows it; a right click stops at the next like it.");
}

static void put_sock_tip(struct text *t, const struct stage *st, uint64_t id)
{
    const struct scene *s = &st->scene;
    const struct model_sock *k = model_sock(s->m, (uint16_t)(id >> 32), (uint32_t)id);
    if (k == NULL) return;
    text_put_host(t, s->m, k->host);
    text_put_str(t, ", ");
    text_put_sock(t, k);
    text_put_str(t, ": ");
    if (k->kind != KIND_TCP) {
        text_put_str(t, k->kind == KIND_UDP ? "UDP has no states." : "A ping has no states.");
    } else {
        text_put_str(t, tcp_state_name(k->state));
        text_put_str(t, ". ");
        text_put_str(t, tcp_state_text(k->state));
    }
    text_put_str(t, "\nA right click stops at its next change of state.");
}

static const char *tip_of_button(uint64_t button)
{
    static const char *const tips[BUTTONS] = {
        [BUTTON_BACK] = "One step back (←)", [BUTTON_PLAY] = "Play and pause (Space)",
        [BUTTON_STEP] = "One step on (→)", [BUTTON_RECORD] = "Record a movie from here on (r)",
        [BUTTON_THEME] = "Dark or light (t)", [BUTTON_HELP] = "All keys (?)",
        [BUTTON_MODE] = "Which clock: event-paced, linear, real time, fastest (m)",
        [BUTTON_FILTER] = "A filter in tcpdump's language, or \"words (/); n and N go through",
        [BUTTON_BREAK] = "Breakpoints (b); B runs to the next"};
    return button < BUTTONS ? tips[button] : NULL;
}

static void put_tip(struct text *t, const struct stage *st)
{
    struct object o = st->scene.hover;
    const char *fixed = o.kind == OBJECT_BUTTON ? tip_of_button(o.id)
                        : o.kind == OBJECT_PACE ? "How fast: [ and ], or drag"
                        : o.kind == OBJECT_TAB  ? "Which graph (g)"
                        : o.kind == OBJECT_WATCH ? "A click drops it"
                        : o.kind == OBJECT_TIMELINE
                            ? "Drag to any instant; a right click stops there when playing"
                            : NULL;
    if (fixed != NULL) text_put_str(t, fixed);
    if (o.kind == OBJECT_FRAME && o.id < st->rec->history.frames)
        put_frame_tip(t, st, (uint32_t)o.id);
    if (o.kind == OBJECT_SOCK) put_sock_tip(t, st, o.id);
}

void stage_paint_tip(struct stage *st)
{
    if (st->scene.hover.kind == OBJECT_NONE || st->tip_in > 0 || st->dragging || st->pacing) return;
    char said[320] = "";
    struct text t = text_of(said, sizeof said);
    put_tip(&t, st);
    if (said[0] != 0) widget_tooltip(&st->list, rect(0, 0, st->w, st->h), st->mouse, said);
}
