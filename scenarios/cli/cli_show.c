// cli_show.c - the window, where this build has one.
#include "scenarios/cli/cli.h"

#include "base/text.h"

bool cli_take_size(struct cli_picture *look, const char *text)
{
    uint64_t w, h;
    bool fine = text_take_u64(&text, 16384, &w) && text_take_char(&text, 'x') &&
                text_take_u64(&text, 16384, &h) && *text == 0 && w >= 320 && h >= 200;
    if (!fine) return false;
    look->width = (int)w;
    look->height = (int)h;
    return true;
}

#ifdef NG_SDL
#include "viz/view.h"

bool cli_can_show(void) { return true; }
bool cli_has_display(void) { return view_has_display(); }

static struct view_options options_of(const struct cli_picture *look)
{
    return (struct view_options){.record = look->picture, .has_at = look->has_at, .at = look->at,
                                 .light = look->light, .calm = look->calm, .keys = look->keys,
                                 .width = look->width, .height = look->height,
                                 .title = look->title, .real_time = look->real_time};
}

bool cli_watch(struct feed *feed, const struct cli_picture *look, char error[CLI_ERROR])
{
    struct view_options o = options_of(look);
    return view_live(feed, &o, error, CLI_ERROR) == 0;
}

bool cli_show(const char *recording, const struct cli_picture *look, char error[CLI_ERROR])
{
    if (look->window && !view_has_display()) {
        snprintf(error, CLI_ERROR, "there is no display; render to a file: --record OUT.png, .mp4");
        return false;
    }
    struct view_options o = options_of(look);
    return view_recording(recording, &o, error, CLI_ERROR) == 0;
}

#else

bool cli_can_show(void) { return false; }
bool cli_has_display(void) { return false; }

bool cli_watch(struct feed *feed, const struct cli_picture *look, char error[CLI_ERROR])
{
    (void)feed;
    return cli_show(NULL, look, error);
}

bool cli_show(const char *recording, const struct cli_picture *look, char error[CLI_ERROR])
{
    (void)recording, (void)look;
    snprintf(error, CLI_ERROR, "this build has no window (it was made with SDL=0); "
                               "try --ladder, or build with SDL2");
    return false;
}

#endif
