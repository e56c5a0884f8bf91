// hands_fuzz.c - any keys and clicks, played to a stage with a run of two connections.
#include "unit/viz/story.h"

#include "viz/typing.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

enum { KEYS_MAX = 160 };

static struct recording *shared(void)
{
    static struct recording rec;
    static struct story story;
    if (rec.tape.events == 0) {
        story_two_connections(&story);
        story_end_into(&story, &rec);
    }
    rec.warp.mode = WARP_EVENTS;
    return &rec;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    char keys[KEYS_MAX + 1] = "", error[120];
    memcpy(keys, p, len < KEYS_MAX ? len : KEYS_MAX);
    struct stage stage;
    stage_init(&stage, shared(), NULL);
    (void)typing_play(&stage, keys, pt(1280, 720), error, sizeof error);
    stage_advance(&stage, 0.1);
    stage_compose(&stage, 960, 600);
    CHECK(stage.u >= 0 && stage.u <= warp_length(&stage.rec->warp));
    CHECK(stage.events <= stage.rec->tape.events);
    stage_free(&stage);
    return 0;
}
