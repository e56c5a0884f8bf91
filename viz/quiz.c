// see quiz.h
#include "viz/quiz.h"

#include "viz/say.h"

enum { WORTH = 44, LOOK_AROUND = 60, TRIES = 400 };

static uint64_t mix(uint64_t v)
{
    v = (v ^ v >> 31) * 0x9e3779b97f4a7c15ull;
    return v ^ v >> 29;
}

// The narrator's sentence of a beat, less the reason behind its dash.
static void tell(char out[QUIZ_TEXT], const struct scene *base, struct recording *r, size_t beat)
{
    const struct history *h = &r->history;
    struct scene s = *base;
    s.events = beat + 1 < h->beats ? h->beat[beat + 1].event : r->tape.events;
    s.m = recording_at(r, s.events);
    s.t = h->beat[beat].at;
    s.beat = beat;
    char said[SAY_TEXT];
    struct text t = text_of(said, sizeof said);
    say_beat(&t, &s, beat);
    char *dash = strstr(said, " – "), *semicolon = strstr(said, "; ");
    char *end = dash != NULL && (semicolon == NULL || dash < semicolon) ? dash : semicolon;
    if (end != NULL) end[0] = '.', end[1] = 0;
    struct text o = text_of(out, QUIZ_TEXT);
    text_put_str(&o, said);
}

static bool is_new(const struct quiz *q, const char *text)
{
    for (int i = 0; i < q->options; i++)
        if (strcmp(q->option[i], text) == 0) return false;
    return true;
}

// A step at the same instant might as well be called the next one, so it is no wrong answer.
static bool could_be_wrong(const struct history *h, size_t beat, size_t right)
{
    const struct beat *b = &h->beat[beat];
    return b->weight >= WORTH && b->type != TRACE_NOTE && b->at != h->beat[right].at;
}

static void add_wrong(struct quiz *q, const struct scene *s, struct recording *r, size_t right)
{
    const struct history *h = &r->history;
    size_t from = right > LOOK_AROUND ? right - LOOK_AROUND : 0;
    size_t to = right + LOOK_AROUND < h->beats ? right + LOOK_AROUND : h->beats;
    uint64_t draw = mix(right + 1);
    for (int i = 0; i < TRIES && q->options < QUIZ_OPTIONS; i++) {
        draw = mix(draw + 1);
        size_t beat = from + (size_t)(draw % (to - from));
        char text[QUIZ_TEXT];
        if (!could_be_wrong(h, beat, right)) continue;
        tell(text, s, r, beat);
        if (is_new(q, text)) memcpy(q->option[q->options++], text, sizeof text);
    }
}

bool quiz_ask(struct quiz *q, const struct scene *s, struct recording *r, size_t now)
{
    const struct history *h = &r->history;
    size_t beat = now + 1;
    while (beat < h->beats && (h->beat[beat].weight < WORTH || h->beat[beat].type == TRACE_NOTE))
        beat++;
    q->options = 0;
    q->answer = -1;
    if (beat >= h->beats) return false;
    q->beat = beat;
    tell(q->option[0], s, r, beat);
    q->options = 1;
    add_wrong(q, s, r, beat);
    q->right = (int)(mix(beat * 7 + 3) % (uint64_t)q->options);
    char first[QUIZ_TEXT];
    memcpy(first, q->option[0], sizeof first);
    memcpy(q->option[0], q->option[q->right], sizeof first);
    memcpy(q->option[q->right], first, sizeof first);
    return true;
}

void quiz_answer(struct quiz *q, int option)
{
    if (q->answer >= 0 || option < 0 || option >= q->options) return;
    q->answer = option;
    q->asked++;
    q->known += option == q->right;
}
