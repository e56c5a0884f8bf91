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
    text_put_str(&n, "STEP ");
    text_put_u64(&n, s->h->beats > 0 ? s->beat + 1 : 0);
    struct text_style st = style(FONT_BOLD, 10, PALETTE_ON_SEL);
    float w = draw_text_width(l, st, step) + 18;
    draw_fill(l, rect(r.x + 12, y - 8, w, 16), 8, ink(PALETTE_SEL));
    draw_text(l, pt(r.x + 12 + w / 2, y), centred(st), step);

    char said[SAY_TEXT];
    struct text t = text_of(said, sizeof said);
    if (s->notice != NULL) text_put_str(&t, s->notice);
    else say_beat(&t, s, s->beat);
    float room = r.w - w - 34;
    struct text_style words = style(FONT_UI, 12, PALETTE_HI);
    while (words.size > 10 && draw_text_width(l, words, said) > room) words.size -= 0.5f;
    draw_text(l, pt(r.x + 22 + w, y), fit(words, room), said);
}
