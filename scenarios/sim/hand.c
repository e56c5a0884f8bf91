// see hand.h
#include "scenarios/sim/hand.h"

#include "scenarios/sim/units.h"

enum { WORD_MAX = 40 };

struct deed { uint32_t link; bool ends[2]; const char *qualities; };

// "from a " or "from b ", or neither: then both ends.
static const char *take_ends(struct deed *d, const char *at)
{
    static const char word[] = "from ";
    const char *end = at + sizeof word - 1;
    d->ends[LINK_A] = d->ends[LINK_B] = true;
    if (strncmp(at, word, sizeof word - 1) != 0) return at;
    if ((*end != 'a' && *end != 'b') || end[1] != ' ') return at;
    d->ends[*end == 'a' ? LINK_B : LINK_A] = false;
    return end + 2;
}

static bool take_deed(struct deed *d, const char *text, struct text *error)
{
    static const char word[] = "link ";
    bool fine = strncmp(text, word, sizeof word - 1) == 0;
    const char *at = fine ? text + sizeof word - 1 : text;
    uint64_t link = 0;
    fine = fine && text_take_u64(&at, UINT32_MAX, &link) && link > 0 &&
           text_take_char(&at, ' ') && *at != 0;
    *d = (struct deed){.link = (uint32_t)link};
    d->qualities = take_ends(d, at);
    if (fine) return true;
    text_put_str(error, "\"");
    text_put_str(error, text);
    text_put_str(error, "\": expected words such as \"link 1 delay=50ms,loss=2%\", or for one way "
                        "\"link 1 from a delay=50ms\"");
    return false;
}

bool hand_check(const char *text, struct text *error)
{
    struct deed d;
    struct link_config any = {0};
    return take_deed(&d, text, error) && link_text_parse(&any, d.qualities, error);
}

bool hand_parse(struct hand *h, const char *text, struct text *error)
{
    char when[WORD_MAX];
    size_t len = strcspn(text, " ");
    bool fine = len < sizeof when && text[len] == ' ' && strlen(text + len + 1) < HAND_TEXT;
    if (fine) {
        memcpy(when, text, len);
        when[len] = 0;
    }
    if (!fine || !units_nsec(when, &h->at)) {
        text_put_str(error, "it begins with no time, like 200ms link 1 delay=50ms");
        return false;
    }
    memcpy(h->text, text + len + 1, strlen(text + len + 1) + 1);
    return hand_check(h->text, error);
}

static void tell(struct sim *s, const struct deed *d, const char *text)
{
    size_t key = (size_t)(d->qualities - 1 - text);
    if (sim_trace(s) == NULL) return;
    trace_emit(sim_trace(s), &(struct trace_event){
        .at = sim_now(s), .type = TRACE_CONTROL,
        .control = {.key = {text, (uint32_t)key},
                    .value = {d->qualities, (uint32_t)strlen(d->qualities)}}});
}

bool hand_apply(struct sim *s, const char *text, struct text *error)
{
    struct deed d;
    if (!take_deed(&d, text, error)) return false;
    struct link *l = sim_link(s, d.link);
    if (l == NULL) {
        text_put_str(error, "there is no link ");
        text_put_u64(error, d.link);
        return false;
    }
    struct link_config cfg[2];
    for (int i = 0; i < 2; i++) {
        cfg[i] = *link_get(l, (enum link_end)i);
        if (!link_text_parse(&cfg[i], d.qualities, error)) return false;
    }
    tell(s, &d, text);
    for (int i = 0; i < 2; i++)
        if (d.ends[i]) link_set(l, (enum link_end)i, &cfg[i], sim_now(s));
    return true;
}

bool hands_add(struct hands *hs, const struct hand *h)
{
    while (hs->n > 0 && hs->hand[hs->n - 1].at > h->at) hs->n--;
    if (hs->n == HANDS_MAX) return false;
    hs->hand[hs->n++] = *h;
    return true;
}

bool hands_join(struct hands *hs, const struct hand *h)
{
    if (hs->n == HANDS_MAX) return false;
    size_t i = hs->n++;
    for (; i > 0 && hs->hand[i - 1].at > h->at; i--) hs->hand[i] = hs->hand[i - 1];
    hs->hand[i] = *h;
    return true;
}

bool hand_of_control(struct hand *h, const struct trace_event *ev)
{
    if (ev->type != TRACE_CONTROL) return false;
    char why[WORD_MAX];
    struct text t = text_of(h->text, sizeof h->text), error = text_of(why, sizeof why);
    text_put_printable(&t, (const uint8_t *)ev->control.key.p, ev->control.key.len);
    text_put_char(&t, ' ');
    text_put_printable(&t, (const uint8_t *)ev->control.value.p, ev->control.value.len);
    h->at = ev->at;
    return !t.cut && hand_check(h->text, &error);
}
