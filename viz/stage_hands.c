// see stage.h. Here: keys and mouse. Each key is a row of a table, so the help and the tests can be
// held against it.
#include "viz/stage.h"

#include "viz/paint.h"
#include "viz/panes.h"

static void toggle_play(struct stage *st)
{
    if (!st->playing && st->u >= warp_length(&st->rec->warp)) stage_seek_shown(st, 0);
    st->playing = !st->playing;
    st->by_step = false;
    st->dirty = true;
}

static void change_pace(struct stage *st, double factor)
{
    st->pace = st->pace * factor < 0.02 ? 0.02 : st->pace * factor > 2 ? 2 : st->pace * factor;
    st->dirty = true;
}

static void change_zoom(struct stage *st, float factor)
{
    st->scene.zoom = clampf(st->scene.zoom * factor, 0.25f, 6);
    st->dirty = true;
}

// The instant stays, whatever the clock does with it.
static void change_mode(struct stage *st)
{
    nsec t = warp_at(&st->rec->warp, st->u);
    st->rec->warp.mode = (st->rec->warp.mode + 1) % WARP_MODES;
    stage_seek(st, t);
}

static void change_theme(struct stage *st)
{
    st->theme = st->theme == THEME_DARK ? THEME_LIGHT : THEME_DARK;
    st->dirty = true;
}

static void change_help(struct stage *st)
{
    st->scene.help = !st->scene.help;
    st->dirty = true;
}

static void select_nothing(struct stage *st)
{
    st->scene.selected = (struct object){0};
    st->scene.focus = PANES;
    st->scene.help = false;
    st->dirty = true;
}

static void next_graph(struct stage *st)
{
    st->scene.tab = (st->scene.tab + 1) % GRAPH_TABS;
    st->dirty = true;
}

static void next_pane(struct stage *st, bool back)
{
    int n = PANES + 1, by = back ? n - 1 : 1;
    st->scene.focus = (enum pane)(((int)st->scene.focus + by) % n);
    st->dirty = true;
}

// The n-th descriptor of the left host, then of the right.
static void select_sock(struct stage *st, int n)
{
    const struct model *m = st->scene.m;
    for (int side = 0; m != NULL && side < 2; side++)
        for (size_t i = 0; i < m->socks; i++) {
            const struct model_sock *k = &m->sock[i];
            if (k->host != st->rec->history.stage[side] || k->fd < 0 || --n > 0) continue;
            st->scene.selected = (struct object){OBJECT_SOCK, sock_id(k->host, k->conn)};
            st->dirty = true;
            return;
        }
}

static void on_char(struct stage *st, uint32_t ch)
{
    switch (ch) {
    case ' ': toggle_play(st); break;
    case '[': change_pace(st, 1.25); break;
    case ']': change_pace(st, 0.8); break;
    case '+': case '=': change_zoom(st, 1.2f); break;
    case '-': change_zoom(st, 1 / 1.2f); break;
    case 'm': change_mode(st); break;
    case 't': change_theme(st); break;
    case 'g': next_graph(st); break;
    case 'l': stage_next_trouble(st); break;
    case 's': st->wish = WISH_SAVE; break;
    case 'r': st->wish = WISH_RECORD; break;
    case 'q': st->wish = WISH_QUIT; break;
    case '?': change_help(st); break;
    default:
        if (ch >= '1' && ch <= '9') select_sock(st, (int)(ch - '0'));
        break;
    }
}

static void on_key(struct stage *st, int key, unsigned mods)
{
    bool shift = (mods & UI_SHIFT) != 0;
    switch (key) {
    case UI_KEY_ARROW_LEFT:
        if (shift) stage_step_flow(st, -1);
        else stage_step(st, -1);
        break;
    case UI_KEY_ARROW_RIGHT:
        if (shift) stage_step_flow(st, 1);
        else stage_step(st, 1);
        break;
    case UI_KEY_PAGE_UP:   stage_step(st, -10); break;
    case UI_KEY_PAGE_DOWN: stage_step(st, 10); break;
    case UI_KEY_HOME: stage_seek_shown(st, 0); break;
    case UI_KEY_END:  stage_seek_shown(st, warp_length(&st->rec->warp)); break;
    case UI_KEY_ESC:  select_nothing(st); break;
    case UI_KEY_TAB:  next_pane(st, shift); break;
    default: break;
    }
}

// --- the mouse ---------------------------------------------------------------------------------

static void press_button(struct stage *st, enum button b)
{
    switch (b) {
    case BUTTON_BACK:   stage_step(st, -1); break;
    case BUTTON_STEP:   stage_step(st, 1); break;
    case BUTTON_PLAY:   toggle_play(st); break;
    case BUTTON_THEME:  change_theme(st); break;
    case BUTTON_HELP:   change_help(st); break;
    case BUTTON_MODE:   change_mode(st); break;
    case BUTTON_RECORD: st->wish = WISH_RECORD; break;
    default: break;
    }
}

static void scrub(struct stage *st, float x)
{
    stage_seek_shown(st, timeline_at(&st->scene, stage_layout(st->w, st->h).timeline, x));
}

static void slide(struct stage *st, float x)
{
    st->pace = pace_at(stage_layout(st->w, st->h).top, x);
    st->dirty = true;
}

static void on_press(struct stage *st, const struct ui_event *e)
{
    if (st->scene.help) {
        change_help(st);
        return;
    }
    const struct draw_cmd *hit = draw_hit_at(&st->list, pt(e->x, e->y));
    if (hit == NULL) return;
    st->dirty = true;
    switch (hit->hit.kind) {
    case OBJECT_BUTTON: press_button(st, (enum button)hit->hit.id); break;
    case OBJECT_TAB: st->scene.tab = (enum graph_tab)hit->hit.id; break;
    case OBJECT_PANE: st->scene.focus = (enum pane)hit->hit.id; break;
    case OBJECT_TIMELINE:
        st->dragging = true;
        scrub(st, e->x);
        break;
    case OBJECT_PACE:
        st->pacing = true;
        slide(st, e->x);
        break;
    default: st->scene.selected = (struct object){hit->hit.kind, hit->hit.id}; break;
    }
}

static void on_move(struct stage *st, const struct ui_event *e)
{
    if (st->dragging) {
        scrub(st, e->x);
        return;
    }
    if (st->pacing) {
        slide(st, e->x);
        return;
    }
    const struct draw_cmd *hit = draw_hit_at(&st->list, pt(e->x, e->y));
    struct object o = {0};
    if (hit != NULL && (hit->hit.kind == OBJECT_BYTE || hit->hit.kind == OBJECT_BUTTON))
        o = (struct object){hit->hit.kind, hit->hit.id};
    if (o.kind == st->scene.hover.kind && o.id == st->scene.hover.id) return;
    st->scene.hover = o;
    st->dirty = true;
}

void stage_event(struct stage *st, const struct ui_event *e)
{
    switch (e->kind) {
    case UI_CHAR:
        if (st->scene.help && e->ch != '?') change_help(st);
        else on_char(st, e->ch);
        break;
    case UI_KEY:    on_key(st, e->key, e->mods); break;
    case UI_PRESS:  on_press(st, e); break;
    case UI_MOVE:   on_move(st, e); break;
    case UI_RELEASE:
        st->dirty |= st->dragging;
        st->dragging = st->pacing = false;
        break;
    case UI_WHEEL:  change_zoom(st, powf(1.12f, e->wheel)); break;
    case UI_RESIZE: st->dirty = true; break;
    case UI_QUIT:   st->wish = WISH_QUIT; break;
    }
}
