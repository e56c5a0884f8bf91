// The narrator's line: which step this is, and one true sentence about it.
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/say.h"

void narration_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    draw_fill(l, r, 6, ink(PALETTE_PANEL));
    draw_stroke(l, r, 6, 1, ink(PALETTE_LINE));
    draw_fill(l, rect(r.x, r.y + 1, 3, r.h - 2), 1.5f, ink(PALETTE_SEL));
    float y = r.y + r.h / 2;
    char step[40];
    struct text n = text_of(step, sizeof step);
    if (s->trail.n > 0) {
        text_put_str(&n, "FOLLOW ");
        text_put_u64(&n, s->trail.at + 1);
        text_put_str(&n, " OF ");
        text_put_u64(&n, s->trail.n);
    } else {
        text_put_str(&n, "STEP ");
        text_put_u64(&n, s->h->beats > 0 ? s->beat + 1 : 0);
    }
    struct pill pill = {step, PILL_SOLID, PALETTE_SEL, false};
    float w = paint_pill(l, pt(r.x + 12, y), pill).w;

    char said[SAY_TEXT];
    struct text t = text_of(said, sizeof said);
    if (s->notice != NULL) text_put_str(&t, s->notice);
    else say_beat(&t, s, s->beat);
    float room = r.w - w - 34;
    struct text_style words = style(FONT_UI, 12, PALETTE_HI);
    while (words.size > 10 && draw_text_width(l, words, said) > room) words.size -= 0.5f;
    bool one = draw_text_width(l, words, said) <= room;
    paint_wrapped(l, pt(r.x + 22 + w, one ? y : y - 6), fit(words, room), 2, said);
}
