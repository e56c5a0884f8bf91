// watch_fuzz.c - any text as a breakpoint: it is refused with a sentence, or it reads the same when
// it is read again, and may be held against any event.
#include "viz/watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void judge(const struct watch *w)
{
    static const struct recording nothing;
    static const struct model nobody;
    uint8_t bytes[60] = {0};
    for (int type = 0; type < TRACE_TYPES; type++) {
        struct trace_event ev = {.at = 5, .host = 1, .conn = 1, .type = (enum trace_type)type};
        if (type == TRACE_FRAME_TX) ev.frame_tx.data = (struct trace_bytes){bytes, sizeof bytes};
        (void)watch_hits(w, &nothing, &nobody, &ev);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    char *text = malloc(len + 1), error[160] = "";  // on the heap: a step past its end is seen
    CHECK(text != NULL);
    memcpy(text, p, len);
    text[len] = '\0';
    struct watch w, again;
    if (watch_parse(&w, text, error, sizeof error)) {
        CHECK(watch_parse(&again, w.text, error, sizeof error));
        CHECK(w.kind == again.kind && w.line == again.line && w.which == again.which);
        CHECK(w.fd == again.fd && strcmp(w.host, again.host) == 0);
        judge(&w);
        watch_free(&again);
        watch_free(&w);
    } else {
        CHECK(error[0] != '\0');
    }
    free(text);
    return 0;
}
