// see typing.h
#include "viz/typing.h"

#include <stdio.h>

enum { NAME_MAX_LEN = 24 };

static const struct { const char *name; int key; } names[] = {
    {"Esc", UI_KEY_ESC}, {"Enter", UI_KEY_ENTER}, {"Tab", UI_KEY_TAB},
    {"Backspace", UI_KEY_BACKSPACE}, {"Delete", UI_KEY_DELETE}, {"Left", UI_KEY_ARROW_LEFT},
    {"Right", UI_KEY_ARROW_RIGHT}, {"Up", UI_KEY_ARROW_UP}, {"Down", UI_KEY_ARROW_DOWN},
    {"Home", UI_KEY_HOME}, {"End", UI_KEY_END}, {"PageUp", UI_KEY_PAGE_UP},
    {"PageDown", UI_KEY_PAGE_DOWN}};

static const struct { const char *name; unsigned button; bool twice; } clicks[] = {
    {"Click", UI_LEFT, false}, {"DoubleClick", UI_LEFT, true}, {"RightClick", UI_RIGHT, false},
    {"Hover", 0, false}};

static bool take_mods(const char **name, unsigned *mods)
{
    static const struct { char letter; unsigned mod; } all[] = {
        {'S', UI_SHIFT}, {'C', UI_CTRL}, {'A', UI_ALT}};
    if ((*name)[0] == 0 || (*name)[1] != '-' || (*name)[2] == 0) return false;
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if ((*name)[0] == all[i].letter) {
            *mods |= all[i].mod;
            *name += 2;
            return true;
        }
    return false;
}

static bool play_key(struct stage *st, const char *name)
{
    struct ui_event e = {.kind = UI_KEY};
    while (take_mods(&name, &e.mods)) {}
    int f, end = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i].name) == 0) e.key = names[i].key;
    if (sscanf(name, "F%2d%n", &f, &end) == 1 && name[end] == 0 && f >= 1 && f <= 12)
        e.key = UI_KEY_F1 + f - 1;
    if (name[0] > ' ' && name[0] < 0x7f && name[1] == 0 && e.mods != 0) e.key = name[0];
    if (e.key != 0) stage_event(st, &e);
    return e.key != 0;
}

static bool play_click(struct stage *st, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(clicks); i++) {
        size_t len = strlen(clicks[i].name);
        struct ui_event e = {.kind = UI_MOVE, .buttons = clicks[i].button};
        if (strncmp(name, clicks[i].name, len) != 0 || name[len] != ' ') continue;
        if (sscanf(name + len, "%f %f", &e.x, &e.y) != 2) return false;
        e.buttons = 0;
        for (int twice = 0; twice < 2; twice++) stage_event(st, &e);  // where it comes from, and to
        e.buttons = clicks[i].button;
        for (e.clicks = 1; e.buttons != 0 && e.clicks <= 1 + clicks[i].twice; e.clicks++) {
            e.kind = UI_PRESS;
            stage_event(st, &e);
            e.kind = UI_RELEASE;
            stage_event(st, &e);
        }
        if (e.buttons == 0) stage_advance(st, 1);  // long enough for the tip
        return true;
    }
    return false;
}

// What stands in angle brackets, without them.
static bool play_name(struct stage *st, const char *name)
{
    if (strcmp(name, "lt") == 0) {
        stage_event(st, &(struct ui_event){.kind = UI_CHAR, .ch = '<'});
        return true;
    }
    return play_click(st, name) || play_key(st, name);
}

bool typing_play(struct stage *st, const char *keys, struct pt size, char *error, size_t cap)
{
    for (size_t left = strlen(keys), used; left > 0; keys += used, left -= used) {
        const char *end = *keys == '<' ? strchr(keys, '>') : NULL;
        char name[NAME_MAX_LEN];
        stage_compose(st, size.x, size.y);
        if (end == NULL) {
            uint32_t ch = utf8_next(keys, left, &used);
            stage_event(st, &(struct ui_event){.kind = UI_CHAR, .ch = ch});
            continue;
        }
        used = (size_t)(end - keys) + 1;
        snprintf(name, sizeof name, "%.*s", (int)(used - 2 < 23 ? used - 2 : 23), keys + 1);
        if (play_name(st, name)) continue;
        snprintf(error, cap, "there is no key <%s>", name);
        return false;
    }
    return true;
}
