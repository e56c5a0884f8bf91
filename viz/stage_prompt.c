// see stage.h. Here: the line that is typed into, for a filter or a breakpoint.
#include "viz/stage_parts.h"

#include "viz/paint.h"
#include "viz/widget.h"
#include "viz/wording.h"

#include <stdio.h>

enum { BOX_W = 470, ROW_H = 20 };

// What a breakpoint on the thing in the light would say.
static void put_break_for(struct stage *st, struct text *t, struct object o)
{
    const struct history *h = &st->rec->history;
    if (o.kind == OBJECT_SOCK) {
        uint16_t host = (uint16_t)(o.id >> 32);
        const struct model_host *who = model_host(&st->rec->last, host);
        uint32_t row = history_sock_of(h, host, (uint32_t)o.id);
        text_put_str(t, "state any");
        if (who != NULL) text_put_str(t, " of "), text_put_str(t, who->name);
        if (row != NONE && h->sock[row].fd >= 0) {
            text_put_str(t, " fd ");
            text_put_i64(t, h->sock[row].fd);
        }
    } else if (o.kind == OBJECT_FRAME && o.id < h->frames && h->frame[o.id].flow != NONE) {
        const struct history_flow *f = &h->flow[h->frame[o.id].flow];
        text_put_str(t, f->kind == KIND_TCP ? "frame tcp port " : "frame udp port ");
        text_put_u64(t, f->end[0].port);
        text_put_str(t, " and port ");
        text_put_u64(t, f->end[1].port);
    }
}

void stage_open_prompt(struct stage *st, enum prompt prompt)
{
    char begin[FIELD_MAX] = "";
    struct text t = text_of(begin, sizeof begin);
    if (prompt == PROMPT_FILTER) text_put_str(&t, st->filter);
    else put_break_for(st, &t, st->scene.selected);
    field_set(&st->typed, begin);
    st->fresh = begin[0] != 0;
    st->prompt = prompt;
    st->complaint[0] = 0;
    st->playing = false;
    st->dirty = true;
}

void stage_break_on(struct stage *st, struct object o, nsec at)
{
    char text[WATCH_TEXT] = "", said[WATCH_TEXT + 20];
    struct text t = text_of(text, sizeof text);
    put_break_for(st, &t, o);
    if (o.kind == OBJECT_TIMELINE) snprintf(text, sizeof text, "at %lldns", (long long)at);
    if (text[0] == 0) return;
    if (stage_add_break(st, text)) snprintf(said, sizeof said, "Breakpoint: %s", text);
    else snprintf(said, sizeof said, "%s", st->complaint);
    st->complaint[0] = 0;
    stage_notice(st, said);
}

static void enter(struct stage *st)
{
    const char *text = st->typed.text;
    bool fine = st->prompt == PROMPT_FILTER || text[0] == 0;
    if (st->prompt == PROMPT_FILTER) fine = stage_set_filter(st, text);
    else if (text[0] != 0) fine = stage_add_break(st, text);
    if (fine) st->prompt = PROMPT_NONE;
    st->dirty = true;
}

bool stage_prompt_event(struct stage *st, const struct ui_event *e)
{
    if (st->prompt == PROMPT_NONE || (e->kind != UI_CHAR && e->kind != UI_KEY)) return false;
    bool erase = e->kind == UI_KEY && e->key == UI_KEY_BACKSPACE && st->typed.text[0] == 0;
    if (erase && st->prompt == PROMPT_BREAK && st->watches.n > 0)
        watches_drop(&st->watches, st->watches.n - 1);
    if (st->fresh && e->kind == UI_CHAR) field_set(&st->typed, "");
    st->fresh = false;
    switch (field_event(&st->typed, e)) {
    case FIELD_ENTERED: enter(st); break;
    case FIELD_LEFT:    st->prompt = PROMPT_NONE; break;
    case FIELD_CHANGED: st->complaint[0] = 0; break;
    default: break;
    }
    st->dirty = true;
    return true;
}

// --- the picture -------------------------------------------------------------------------------

static const char *const filter_help[] = {
    "tcpdump's language: tcp port 80, udp, host 10.0.0.2,", "tcp[tcpflags] & tcp-syn != 0",
    "or \"words, to look for in the narrator's sentences; n and N go through them"};
static const char *const break_help[] = {
    "cwnd < 2900, rto fires, state TIME-WAIT, lost, again, at 200ms,",
    "frame udp port 53; and behind all but these two: of client fd 4",
    "B runs to the next; Backspace here drops the last"};

static float paint_watches(struct draw_list *l, const struct stage *st, float x, float y)
{
    for (size_t i = 0; i < st->watches.n; i++, y += ROW_H) {
        struct rect row = rect(x - 4, y - ROW_H / 2.0f, BOX_W - 20, ROW_H);
        bool under = object_is(st->scene.hover, OBJECT_WATCH, i);
        widget_row(l, (struct widget){row, OBJECT_WATCH, i, under ? WIDGET_HOVER : 0});
        draw_circle(l, pt(x + 5, y), 4, ink(PALETTE_LOSS));
        draw_text(l, pt(x + 18, y), fit(style(FONT_MONO, 11, PALETTE_HI), BOX_W - 90),
                  st->watches.watch[i].text);
        paint_cross(l, pt(right_of(row) - 12, y), 8, ink(PALETTE_MID));
    }
    return y;
}

void stage_paint_prompt(struct stage *st)
{
    if (st->prompt == PROMPT_NONE) return;
    struct draw_list *l = &st->list;
    bool filter = st->prompt == PROMPT_FILTER;
    const char *const *help = filter ? filter_help : break_help;
    float h = 34 + 30 + 3 * 16 + 10 + (filter ? 0 : (float)st->watches.n * ROW_H + 4);
    struct rect box = rect(st->w - BOX_W - 10, 40, BOX_W, h);
    draw_glow(l, box, 8, 14, ink_a(PALETTE_BG, 200));
    draw_fill(l, box, 8, ink(PALETTE_PANEL));
    draw_stroke(l, box, 8, 1, ink(PALETTE_LOW));
    draw_hit(l, box, OBJECT_NONE, 0);
    float x = box.x + 14, y = box.y + 18;
    draw_text(l, pt(x, y), style(FONT_SEMI, 11, PALETTE_MID), filter ? "FILTER" : "BREAK WHEN");
    draw_text(l, pt(right_of(box) - 14, y), on_right(style(FONT_UI, 10, PALETTE_LOW)),
              "Enter takes it, Esc leaves");
    struct rect line = rect(x - 2, y + 14, BOX_W - 24, 26);
    widget_field(l, (struct widget){line, OBJECT_NONE, 0, WIDGET_FOCUS}, &st->typed, "");
    if (st->fresh) {
        float wide = draw_text_width(l, style(FONT_MONO, 10, PALETTE_HI), st->typed.text);
        draw_fill(l, rect(line.x + 24, line.y + 5, fminf(wide + 4, line.w - 30), 16), 2,
                  ink_a(PALETTE_SEL, 60));
    }
    y += 54;
    if (!filter) y = paint_watches(l, st, x, y) + (st->watches.n > 0 ? 4 : 0);
    if (st->complaint[0] != 0) {
        paint_wrapped(l, pt(x, y), fit(style(FONT_UI, 11, PALETTE_LOSS), BOX_W - 28), 3,
                      st->complaint);
        return;
    }
    for (int i = 0; i < 3; i++)
        draw_text(l, pt(x, y + (float)i * 16), fit(style(FONT_UI, 11, PALETTE_LOW), BOX_W - 28),
                  help[i]);
}
