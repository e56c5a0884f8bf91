// see sift.h
#include "viz/sift.h"

#include "capture/filter.h"
#include "viz/wording.h"

void sift_free(struct sift *s)
{
    filter_free(s->filter);
    free(s->bit);
    *s = (struct sift){0};
}

static bool is_blank(const char *text) { return text[strspn(text, " ")] == 0; }

bool sift_set(struct sift *s, const char *text, char *error, size_t cap)
{
    struct sift new = {0};
    if (!is_blank(text)) {
        new.filter = filter_compile(text, error, cap);
        if (new.filter == NULL) return false;
        size_t len = strnlen(text, sizeof new.text - 1);
        memcpy(new.text, text, len);
    }
    sift_free(s);
    *s = new;
    return true;
}

void sift_look(struct sift *s, const struct recording *r)
{
    if (s->filter == NULL) return;
    size_t frames = r->history.frames, words = (frames + 63) / 64;
    if (words > s->words) {
        size_t wider = words > s->words * 2 ? words : s->words * 2;
        uint64_t *moved = realloc(s->bit, wider * sizeof *moved);
        if (moved == NULL) return;  // what is not seen passes
        memset(moved + s->words, 0, (wider - s->words) * sizeof *moved);
        s->bit = moved;
        s->words = wider;
    }
    for (; s->seen < frames; s->seen++) {
        const struct history_frame *f = &r->history.frame[s->seen];
        if (!f->seen && frames - s->seen < 64) break;  // its bytes may be the next thing to come
        if (!f->seen) continue;
        struct trace_bytes b = frame_bytes_of(r, f);
        if (!filter_match(s->filter, b.p, b.len)) continue;
        s->bit[s->seen / 64] |= UINT64_C(1) << s->seen % 64;
        s->passed++;
    }
}

void sift_forget(struct sift *s)
{
    if (s->words > 0) memset(s->bit, 0, s->words * sizeof *s->bit);
    s->seen = s->passed = 0;
}

bool sift_passes(const struct sift *s, uint32_t frame)
{
    if (s->filter == NULL || frame >= s->seen) return true;
    return (s->bit[frame / 64] >> frame % 64 & 1) != 0;
}
