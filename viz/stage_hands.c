// see stage.h. Here: keys and mouse. help_pane.c lists what is said here.
#include "viz/stage_parts.h"

#include "viz/paint.h"
#include "viz/panes.h"

// --- what can be wished --------------------------------------------------------------------------

static void toggle_play(struct stage *st)
{
    if (st->at_edge) {  // a run that goes on is left to go on
        st->at_edge = st->by_step = false;
        st->dirty = true;
        return;
    }
    if (!st->playing && !st->live && st->u >= warp_length(&st->rec->warp)) stage_seek_shown(st, 0);
    st->playing = !st->playing;
    st->by_step = st->backwards = false;
    st->following = st->quizzing = false;
    st->dirty = true;
}

static void toggle_play_back(struct stage *st)
{
    bool plays = st->playing && st->backwards;
    if (!plays && st->u <= 0) stage_seek_shown(st, warp_length(&st->rec->warp));
    st->backwards = st->playing = !plays;
    st->by_step = st->at_edge = false;
    st->following = st->quizzing = false;
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

static void change_motion(struct stage *st)
{
    st->calm = !st->calm;
    stage_notice(st, st->calm ? "Reduced motion: from step to step." : "Full motion.");
}

static void enlarge(struct stage *st, enum pane pane)
{
    st->largest = st->largest == pane ? PANES : pane;
    st->dirty = true;
}

static void next_graph(struct stage *st)
{
    st->scene.tab = (st->scene.tab + 1) % GRAPH_TABS;
    st->dirty = true;
}

// One thing after the other, the topmost first.
static void let_go(struct stage *st)
{
    if (st->scene.help) st->scene.help = false;
    else if (st->sliders.open) st->sliders.open = false;
    else if (st->quizzing) stage_challenge(st);
    else if (st->following) st->following = false;
    else if (st->largest != PANES) st->largest = PANES;
    else if (st->cursor.kind != OBJECT_NONE) st->cursor = (struct object){0};
    else {
        st->scene.focus = PANES;
        st->scene.selected = (struct object){0};
    }
    st->dirty = true;
}

// The n-th descriptor of the left host, then of the right.
static void select_sock(struct stage *st, int n)
{
    stage_look(st);
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

static void hold_or_go(struct stage *st)
{
    if (!st->real_time || !st->live) {
        stage_notice(st, "Only a host that runs by the real clock can be held: `netglass up "
                         "--view`. Space pauses what is shown.");
        return;
    }
    stage_ask(st, st->held ? "go" : "hold");
    stage_to_edge(st);
}

// --- keys --------------------------------------------------------------------------------------

static void on_digit(struct stage *st, int n)
{
    if (st->quizzing) stage_answer(st, n - 1);
    else select_sock(st, n);
}

static void on_char(struct stage *st, uint32_t ch)
{
    switch (ch) {
    case ' ': toggle_play(st); break;
    case 'k': toggle_play_back(st); break;
    case ',': stage_step(st, -1); break;
    case '.': stage_step(st, 1); break;
    case '[': change_pace(st, 1.25); break;
    case ']': change_pace(st, 0.8); break;
    case '+': case '=': change_zoom(st, 1.2f); break;
    case '-': change_zoom(st, 1 / 1.2f); break;
    case '/': stage_open_prompt(st, PROMPT_FILTER); break;
    case 'n': stage_seek_next(st, SEEK_MATCH, 1); break;
    case 'N': stage_seek_next(st, SEEK_MATCH, -1); break;
    case 'l': stage_seek_next(st, SEEK_LOSS, 1); break;
    case 'L': stage_seek_next(st, SEEK_LOSS, -1); break;
    case 'x': stage_seek_next(st, SEEK_AGAIN, 1); break;
    case 'X': stage_seek_next(st, SEEK_AGAIN, -1); break;
    case 'e': stage_seek_next(st, SEEK_STATE, 1); break;
    case 'E': stage_seek_next(st, SEEK_STATE, -1); break;
    case 'b': stage_open_prompt(st, PROMPT_BREAK); break;
    case 'B': stage_run_to_break(st); break;
    case 'f': stage_follow(st); break;
    case 'c': stage_challenge(st); break;
    case 'a': change_motion(st); break;
    case 'm': change_mode(st); break;
    case 't': change_theme(st); break;
    case 'g': next_graph(st); break;
    case 's': st->wish = WISH_SAVE; break;
    case 'S': st->wish = WISH_SAVE_SVG; break;
    case 'r': st->wish = WISH_RECORD; break;
    case 'w': stage_open_link(st); break;
    case 'p': hold_or_go(st); break;
    case 'o': stage_next_pair(st, 1); break;
    case 'O': stage_next_pair(st, -1); break;
    case 'q': st->wish = WISH_QUIT; break;
    case '?': change_help(st); break;
    default:
        if (ch >= '1' && ch <= '9') on_digit(st, (int)(ch - '0'));
        break;
    }
}

// A host that is held takes one step more when there is nothing left to see.
static bool step_the_run(struct stage *st, int by)
{
    bool here = st->held && by > 0 && st->u >= warp_length(&st->rec->warp) &&
                (!st->by_step || st->events >= st->rec->tape.events);
    if (!here) return false;
    stage_ask(st, "step");
    stage_to_edge(st);
    return true;
}

static void on_arrow(struct stage *st, int by, bool shift)
{
    if (st->quizzing && by > 0) stage_answer(st, -1);
    else if (st->cursor.kind == OBJECT_PACE) change_pace(st, by > 0 ? 0.8 : 1.25);
    else if (shift) stage_step_flow(st, by);
    else if (step_the_run(st, by)) return;
    else stage_step(st, by);
}

static void on_key(struct stage *st, int key, unsigned mods)
{
    bool shift = (mods & UI_SHIFT) != 0;
    if (stage_link_key(st, key)) return;
    if (key != UI_KEY_ESC && stage_cursor_key(st, key)) return;
    switch (key) {
    case UI_KEY_ARROW_LEFT:  on_arrow(st, -1, shift); break;
    case UI_KEY_ARROW_RIGHT: on_arrow(st, 1, shift); break;
    case UI_KEY_ENTER:
        if (st->quizzing) stage_answer(st, -1);
        break;
    case UI_KEY_PAGE_UP:   stage_step(st, -10); break;
    case UI_KEY_PAGE_DOWN: stage_step(st, 10); break;
    case UI_KEY_HOME: stage_seek_shown(st, 0); break;
    case UI_KEY_END:  stage_to_edge(st); break;
    case UI_KEY_ESC:  let_go(st); break;
    case UI_KEY_TAB:  stage_focus_next(st, shift); break;
    default:
        if (key >= UI_KEY_F1 && key < UI_KEY_F1 + 8) {
            static const enum pane panes[] = {PANE_CLIENT, PANE_LADDER, PANE_SERVER, PANE_INSPECTOR,
                                              PANE_DEMUX, PANE_GRAPH, PANE_WIRE, PANE_NETWORK};
            enlarge(st, panes[key - UI_KEY_F1]);
        }
        break;
    }
}

// --- the mouse ---------------------------------------------------------------------------------

static void press_button(struct stage *st, enum button b)
{
    switch (b) {
    case BUTTON_BACK:   stage_step(st, -1); break;
    case BUTTON_STEP:   on_arrow(st, 1, false); break;
    case BUTTON_PLAY:   toggle_play(st); break;
    case BUTTON_THEME:  change_theme(st); break;
    case BUTTON_HELP:   change_help(st); break;
    case BUTTON_MODE:   change_mode(st); break;
    case BUTTON_FILTER: stage_open_prompt(st, PROMPT_FILTER); break;
    case BUTTON_BREAK:  stage_open_prompt(st, PROMPT_BREAK); break;
    case BUTTON_RECORD: st->wish = WISH_RECORD; break;
    default: break;
    }
}

static void scrub(struct stage *st, float x)
{
    stage_seek_shown(st, timeline_at(&st->scene, stage_pane(st, PANE_TIMELINE), x));
    st->following = st->quizzing = false;
}

static void slide(struct stage *st, float x)
{
    st->pace = pace_at(stage_pane(st, PANE_TOP), x);
    st->dirty = true;
}

static void do_key(struct stage *st, uint32_t id)
{
    uint32_t key = id & ((1u << UI_KEY_MODS) - 1);
    st->scene.help = false;
    if (key < UI_KEY_NAMED) on_char(st, key);
    else on_key(st, (int)key, id >> UI_KEY_MODS);
}

// The key that goes the other way.
static uint32_t other_key(uint32_t id)
{
    static const uint32_t pairs[][2] = {
        {UI_KEY_ARROW_RIGHT, UI_KEY_ARROW_LEFT}, {UI_KEY_PAGE_DOWN, UI_KEY_PAGE_UP},
        {UI_KEY_HOME, UI_KEY_END}, {']', '['}, {'+', '-'}};
    uint32_t key = id & ((1u << UI_KEY_MODS) - 1), mods = id - key;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (pairs[i][0] == key) return mods | pairs[i][1];
    bool has_capital = key > ' ' && key < 0x80 && strchr("lxenbos", (int)key) != NULL;
    return has_capital ? key - 'a' + 'A' : id;
}

void stage_press(struct stage *st, struct object o, struct pt at)
{
    st->dirty = true;
    switch (o.kind) {
    case OBJECT_NONE: break;
    case OBJECT_PANE: st->scene.selected = (struct object){0}; break;
    case OBJECT_BUTTON: press_button(st, (enum button)o.id); break;
    case OBJECT_TAB:    st->scene.tab = (enum graph_tab)o.id; break;
    case OBJECT_KEY:    do_key(st, (uint32_t)o.id); break;
    case OBJECT_WATCH:  watches_drop(&st->watches, (size_t)o.id); break;
    case OBJECT_OPTION: stage_answer(st, (int)o.id); break;
    case OBJECT_TIMELINE:
        st->dragging = true;
        scrub(st, at.x);
        break;
    case OBJECT_LINK:   stage_choose_link(st, (uint32_t)o.id); break;
    case OBJECT_HOST:   stage_choose_host(st, (uint16_t)o.id); break;
    case OBJECT_SLIDER:
        if (o.id == SLIDERS) stage_turn_link(st, 1);
        else stage_slide_link(st, (int)o.id, at.x);
        break;
    case OBJECT_PACE:
        st->pacing = true;
        slide(st, at.x);
        break;
    default:
        st->scene.selected = o;
        st->scene.shelf[0] = st->scene.shelf[1] = 0;
        break;
    }
}

static void on_press(struct stage *st, const struct ui_event *e)
{
    struct pt at = pt(e->x, e->y);
    const struct draw_cmd *hit = draw_hit_at(&st->list, at);
    struct object o = hit != NULL ? (struct object){hit->hit.kind, hit->hit.id}
                                  : (struct object){0};
    if (st->scene.help && o.kind != OBJECT_KEY) {
        change_help(st);
        return;
    }
    if (st->scene.help && e->buttons == UI_RIGHT) {
        do_key(st, other_key((uint32_t)o.id));
        st->dirty = true;
        return;
    }
    bool to_prompt = o.kind == OBJECT_NONE ? hit != NULL : o.kind == OBJECT_WATCH;
    if (st->prompt != PROMPT_NONE && !to_prompt) st->prompt = PROMPT_NONE;
    bool to_link = o.kind == OBJECT_SLIDER || (o.kind == OBJECT_NONE && hit != NULL);
    if (st->sliders.open && !to_link && o.kind != OBJECT_LINK) st->sliders.open = false;
    st->scene.focus = PANES;
    st->cursor = (struct object){0};
    st->dirty = true;
    if (e->buttons == UI_RIGHT) {
        psec u = timeline_at(&st->scene, stage_pane(st, PANE_TIMELINE), e->x);
        stage_break_on(st, o, warp_at(&st->rec->warp, u) - recording_start(st->rec));
        return;
    }
    if (hit == NULL) return;
    if (o.kind == OBJECT_PANE && e->clicks == 2) enlarge(st, (enum pane)o.id);
    else stage_press(st, o, at);
}

static void on_move(struct stage *st, const struct ui_event *e)
{
    if (st->dragging) scrub(st, e->x);
    else if (st->pacing) slide(st, e->x);
    else if (st->sliders.held > 0) stage_slide_link(st, st->sliders.held - 1, e->x);
    else stage_hover(st, pt(e->x, e->y));
}

static size_t sockets_of(const struct stage *st, int side)
{
    const struct model *m = st->scene.m;
    size_t n = 0;
    for (size_t i = 0; m != NULL && i < m->socks; i++)
        n += m->sock[i].host == st->rec->history.stage[side];
    return n;
}

// Over a host's sockets it goes through them, else the ladder grows.
static void on_wheel(struct stage *st, const struct ui_event *e)
{
    for (int side = 0; side < 2; side++) {
        struct rect r = stage_pane(st, side == 0 ? PANE_CLIENT : PANE_SERVER);
        if (e->x < r.x || e->x >= right_of(r) || e->y < r.y || e->y >= bottom_of(r)) continue;
        st->scene.shelf[side] += e->wheel < 0 ? 1 : -1;
        int most = (int)sockets_of(st, side);
        if (st->scene.shelf[side] > most) st->scene.shelf[side] = most;
        if (st->scene.shelf[side] < -most) st->scene.shelf[side] = -most;
        st->dirty = true;
        return;
    }
    change_zoom(st, powf(1.12f, e->wheel));
}

static void on_event(struct stage *st, const struct ui_event *e)
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
        stage_release_link(st);
        break;
    case UI_WHEEL:  on_wheel(st, e); break;
    case UI_RESIZE: st->dirty = true; break;
    case UI_QUIT:   st->wish = WISH_QUIT; break;
    }
}

void stage_event(struct stage *st, const struct ui_event *e)
{
    if (st->notice_left > 0 && (e->kind == UI_CHAR || e->kind == UI_KEY || e->kind == UI_PRESS)) {
        st->notice_left = 0;
        st->notice[0] = 0;
        st->dirty = true;
    }
    bool save = e->kind == UI_KEY && e->key == 's' && (e->mods & UI_CTRL) != 0;
    if (save) st->wish = WISH_SAVE;  // whatever is open or being typed
    else if (!stage_prompt_event(st, e)) on_event(st, e);
    if (st->wish != WISH_NONE && st->on_wish != NULL) st->on_wish(st->wisher);
}
