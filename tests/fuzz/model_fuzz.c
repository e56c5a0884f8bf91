// model_fuzz.c - any events that the codec lets through, however wild, as a recording: the model
// folded from them, the history, the clock and every pane at any instant, as pixels and as SVG.
//
// The input is events as the codec writes them, one after the other; the first byte chooses where
// to look and which keys are pressed. Pixels take most of the time, and tell little: so they are
// few, and of every third picture only; all pictures become SVG.
#include "viz/stage.h"
#include "viz/typing.h"

enum { EVENTS_MAX = 4000, W = 320, H = 180, LOOKS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void take_all(struct recording *rec, const uint8_t *p, size_t len)
{
    struct trace_event ev;
    for (int i = 0; i < EVENTS_MAX && len > 0; i++) {
        size_t used = trace_decode(&ev, p, len);
        if (used == 0) break;
        p += used;
        len -= used;
        if (!recording_add(rec, &ev)) break;
    }
    recording_done(rec);
}

static void draw(struct stage *st, struct canvas *c, bool pixels)
{
    static char *text;
    static size_t size;
    if (pixels) stage_draw(st, c, (float)W / 1280);
    else stage_compose(st, 1280, 720);
    FILE *f = open_memstream(&text, &size);
    CHECK(f != NULL);
    draw_svg(&st->list, rect(0, 0, st->w, st->h), st->theme, f);
    fclose(f);
    free(text);
}

// A few keys of all kinds: graphs, the biggest panes, the challenge, a filter, following a packet.
static void look_around(struct stage *st, struct canvas *c, uint8_t how)
{
    static const char *const keys[] = {"g", "gg", "ggg", "gggg", "ggggg", "gggggg", "<F1>", "<F2>",
        "<F3>", "<F4>", "<F5>", "<F6>", "<F7>", "<F8>", "c1<Enter>", "/tcp<Enter>n", "f<Right>",
        "l", "x", "e", "<Tab><Down><Enter>", "<Click 640 300>", "<Hover 100 160>", "1<S-Right>",
        "blost<Enter>B", "mm", "?", "++", "--", "/\"a<Enter>n", "<End><Left>", "<Home><Right>"};
    char error[200];
    psec length = warp_length(&st->rec->warp);
    for (int i = 0; i < LOOKS; i++) {
        stage_seek_shown(st, length / 3 * i + length / 7 * (how & 3));
        typing_play(st, keys[(how >> 2) % ARRAY_LEN(keys)], pt(1280, 720), error, sizeof error);
        draw(st, c, i == 0);
        st->playing = true;
        stage_advance(st, 0.3);
        draw(st, c, i == LOOKS - 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    static struct canvas c;
    if (len < 2) return 0;
    if (c.px == NULL) CHECK(canvas_init(&c, W, H));
    struct recording rec = {0};
    take_all(&rec, p + 1, len - 1);
    if (rec.tape.events > 0) {
        struct stage st;
        stage_init(&st, &rec, NULL);
        look_around(&st, &c, p[0]);
        stage_free(&st);
    }
    recording_free(&rec);
    return 0;
}
