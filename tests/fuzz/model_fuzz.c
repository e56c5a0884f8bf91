// model_fuzz.c - any events that the codec lets through, however wild, as a recording: the model
// folded from them, the history, the clock and every pane at any instant, as pixels and as SVG.
//
// The input is events as the codec writes them, one after the other; the first two bytes choose
// where to look, which keys are pressed, and what becomes of the picture. Pixels and SVG take most
// of the time and tell least: so one input has one instant, few have either, and all are composed.
#include "viz/stage.h"
#include "viz/typing.h"

enum { EVENTS_MAX = 4000, W = 320, H = 180, ENDS = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);
const char *__asan_default_options(void);

// A recording takes a megabyte and more, and gives it back: to fill it, to keep it in quarantine,
// and to return its pages to the system, would take most of the time.
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4:thread_local_quarantine_size_kb=64:max_malloc_fill_size=0:"
           "allocator_release_to_os_interval_ms=-1";
}

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

static void draw(struct stage *st, struct canvas *c, uint8_t how)
{
    static FILE *nowhere;
    if (nowhere == NULL) nowhere = fopen("/dev/null", "w");
    CHECK(nowhere != NULL);
    if (how % ENDS == 0) stage_draw(st, c, (float)W / 1280);
    else stage_compose(st, 1280, 720);
    if (how % ENDS == 1) draw_svg(&st->list, rect(0, 0, st->w, st->h), st->theme, nowhere);
}

// A few keys of all kinds: graphs, the biggest panes, the challenge, a filter, following a packet.
static void look_around(struct stage *st, struct canvas *c, const uint8_t how[2])
{
    static const char *const keys[] = {"g", "gg", "ggg", "gggg", "ggggg", "gggggg", "<F1>", "<F2>",
        "<F3>", "<F4>", "<F5>", "<F6>", "<F7>", "<F8>", "c1<Enter>", "/tcp<Enter>n", "f<Right>",
        "l", "x", "e", "<Tab><Down><Enter>", "<Click 640 300>", "<Hover 100 160>", "1<S-Right>",
        "blost<Enter>B", "mm", "?", "++", "--", "/\"a<Enter>n", "<End><Left>", "<Home><Right>"};
    char error[200];
    psec length = warp_length(&st->rec->warp);
    stage_seek_shown(st, length / 7 * (how[0] & 7));
    typing_play(st, keys[(how[0] >> 3) % ARRAY_LEN(keys)], pt(1280, 720), error, sizeof error);
    st->playing = true;
    stage_advance(st, 0.3);
    draw(st, c, how[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    static struct canvas c;
    if (len < 3) return 0;
    if (c.px == NULL) CHECK(canvas_init(&c, W, H));
    struct recording rec = {0};
    take_all(&rec, p + 2, len - 2);
    if (rec.tape.events > 0) {
        struct stage st;
        stage_init(&st, &rec, NULL);
        look_around(&st, &c, p);
        stage_free(&st);
    }
    recording_free(&rec);
    return 0;
}
