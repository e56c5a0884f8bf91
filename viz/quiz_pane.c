// The challenge: what happens next? Four answers, the score, and afterwards which was true.
#include "viz/quiz.h"

#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/widget.h"

enum { ROW_H = 30, HEAD_H = 40, FOOT_H = 28, BOX_W = 600 };

static void draw_option(struct draw_list *l, const struct scene *s, struct rect r, int i)
{
    const struct quiz *q = s->quiz;
    bool over = q->answer >= 0, right = over && i == q->right, wrong = i == q->answer && !right;
    bool under = object_is(s->hover, OBJECT_OPTION, (uint64_t)i);
    draw_fill(l, r, 5, ink(under && !over ? PALETTE_LINE : PALETTE_RAISED));
    if (right) paint_chosen(l, r, 5);
    else draw_stroke(l, r, 5, 1, ink(wrong ? PALETTE_LOSS : PALETTE_LINE));
    float y = r.y + r.h / 2;
    draw_textf(l, pt(r.x + 14, y), centred(style(FONT_MONO, 12, PALETTE_MID)), "%d", i + 1);
    enum palette_role role = over && !right ? PALETTE_LOW : PALETTE_HI;
    struct text_style words = style(FONT_UI, 12, role);
    float room = r.w - 40 - (right || wrong ? 74 : 0);
    while (words.size > 10 && draw_text_width(l, words, q->option[i]) > room) words.size -= 0.5f;
    draw_text(l, pt(r.x + 28, y), fit(words, room), q->option[i]);
    if (right || wrong)
        draw_text(l, pt(right_of(r) - 10, y),
                  on_right(style(FONT_SEMI, 11, right ? PALETTE_HI : PALETTE_LOSS)),
                  right ? "this one" : "no");
    draw_hit(l, r, OBJECT_OPTION, (uint64_t)i);
}

void quiz_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    const struct quiz *q = s->quiz;
    float h = HEAD_H + (float)q->options * (ROW_H + 4) + FOOT_H, w = fminf(BOX_W, r.w - 20);
    struct rect box = rect(r.x + (r.w - w) / 2, bottom_of(r) - h - 10, w, h);
    if (box.y < r.y) box.y = r.y;
    draw_glow(l, box, 8, 16, ink_a(PALETTE_BG, 210));
    draw_fill(l, box, 8, ink(PALETTE_PANEL));
    draw_stroke(l, box, 8, 1.5f, ink(PALETTE_SEL));
    draw_hit(l, box, OBJECT_NONE, 0);
    draw_text(l, pt(box.x + 16, box.y + 20), style(FONT_SEMI, 14, PALETTE_HI),
              "What happens next?");
    draw_textf(l, pt(right_of(box) - 16, box.y + 20), on_right(style(FONT_MONO, 12, PALETTE_MID)),
               "%u of %u", q->known, q->asked);
    for (int i = 0; i < q->options; i++)
        draw_option(l, s, rect(box.x + 12, box.y + HEAD_H + (float)i * (ROW_H + 4), box.w - 24,
                               ROW_H), i);
    draw_text(l, pt(box.x + 16, bottom_of(box) - 15), style(FONT_UI, 10, PALETTE_LOW),
              q->answer < 0 ? "1 to 4, or a click. Esc ends the challenge."
              : q->answer == q->right ? "Right. Enter or → shows it and asks on."
                                      : "Not this time. Enter or → shows it and asks on.");
}
