// cli_show.c - the window, where this build has one.
#include "scenarios/cli/cli.h"

#ifdef NG_SDL
#include "viz/view.h"

bool cli_can_show(void) { return true; }
bool cli_has_display(void) { return view_has_display(); }

bool cli_show(const char *recording, const struct cli_picture *look, char error[CLI_ERROR])
{
    if (look->window && !view_has_display()) {
        snprintf(error, CLI_ERROR, "there is no display; render to a file: --record OUT.png, .mp4");
        return false;
    }
    struct view_options o = {.record = look->picture, .has_at = look->has_at, .at = look->at,
                             .light = look->light, .calm = look->calm,
                             .keys = look->keys, .title = look->title};
    return view_recording(recording, &o, error, CLI_ERROR) == 0;
}

#else

bool cli_can_show(void) { return false; }
bool cli_has_display(void) { return false; }

bool cli_show(const char *recording, const struct cli_picture *look, char error[CLI_ERROR])
{
    (void)recording, (void)look;
    snprintf(error, CLI_ERROR, "this build has no window (it was made with SDL=0); "
                               "try --ladder, or build with SDL2");
    return false;
}

#endif
