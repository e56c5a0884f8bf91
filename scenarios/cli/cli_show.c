// cli_show.c - the window, where this build has one.
#include "scenarios/cli/cli.h"

#include "base/text.h"
#include "scenarios/sim/units.h"

static bool take_size(struct cli_picture *look, const char *text)
{
    uint64_t w, h;
    bool fine = text_take_u64(&text, 16384, &w) && text_take_char(&text, 'x') &&
                text_take_u64(&text, 16384, &h) && *text == 0 && w >= 320 && h >= 200;
    if (!fine) return false;
    look->width = (int)w;
    look->height = (int)h;
    return true;
}

// "1.25", in steps of a hundredth.
static bool take_scale(struct cli_picture *look, const char *text)
{
    uint64_t whole, part = 0;
    if (!text_take_u64(&text, 4, &whole)) return false;
    if (*text == '.') {
        const char *digits = ++text;
        if (!text_take_u64(&text, 99, &part) || text - digits > 2) return false;
        if (text - digits == 1) part *= 10;
    }
    uint64_t percent = whole * 100 + part;
    look->scale = (float)percent / 100;
    return *text == 0 && percent >= 75 && percent <= 400;
}

static bool take_theme(struct cli_picture *look, const char *name)
{
    look->light = strcmp(name, "light") == 0;
    return look->light || strcmp(name, "dark") == 0;
}

static bool take(struct cli_picture *look, int option, char *value)
{
    switch (option) {
    case LOOK_RECORD:
        look->picture = value;
        return *value != 0;
    case LOOK_KEYS:
        look->keys = value;
        return true;
    case LOOK_PANE:
        look->part = value;
        return true;
    case LOOK_SIZE:  return take_size(look, value);
    case LOOK_SCALE: return take_scale(look, value);
    case LOOK_THEME: return take_theme(look, value);
    case LOOK_AT:    return look->has_at = units_nsec(value, &look->at);
    case LOOK_LIGHT: return look->light = true;
    default:         return look->calm = true;
    }
}

enum look cli_take_look(struct cli_picture *look, int option, char *value)
{
    if (option < LOOK_RECORD || option > LOOK_KEYS) return LOOK_OTHER;
    return take(look, option, value) ? LOOK_TAKEN : LOOK_BAD;
}

#ifdef NG_SDL
#include "viz/view.h"

bool cli_can_show(void) { return true; }
bool cli_has_display(void) { return view_has_display(); }

static struct view_options view_of(const struct cli_picture *look)
{
    return (struct view_options){
        .record = look->picture, .has_at = look->has_at, .at = look->at, .light = look->light,
        .calm = look->calm, .keys = look->keys, .width = look->width, .height = look->height,
        .scale = look->scale, .part = look->part, .title = look->title,
        .real_time = look->real_time};
}

bool cli_check_look(const struct cli_picture *look, char error[CLI_ERROR])
{
    struct view_options o = view_of(look);
    return view_check(&o, error, CLI_ERROR);
}

bool cli_watch(struct feed *feed, const struct cli_picture *look, char error[CLI_ERROR])
{
    struct view_options o = view_of(look);
    return view_live(feed, &o, error, CLI_ERROR) == 0;
}

bool cli_show(const char *recording, const struct cli_picture *look, char error[CLI_ERROR])
{
    if (look->window && !view_has_display()) {
        snprintf(error, CLI_ERROR, "there is no display; render to a file: --record OUT.png, .mp4");
        return false;
    }
    struct view_options o = view_of(look);
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

bool cli_check_look(const struct cli_picture *look, char error[CLI_ERROR])
{
    return look->picture == NULL || cli_show("", look, error);
}

bool cli_show(const char *recording, const struct cli_picture *look, char error[CLI_ERROR])
{
    (void)recording, (void)look;
    snprintf(error, CLI_ERROR, "this build has no window (it was made with SDL=0); "
                               "try --ladder, or build with SDL2");
    return false;
}

#endif
