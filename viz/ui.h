// ui.h - what a person does, in our own words: no file but window.c speaks SDL's.
//
// Places are logical pixels, as in draw lists. What types a character arrives as UI_CHAR, whatever
// key or layout made it ('/', '?', ' '); keys with a name, and letters held with Ctrl or Alt,
// arrive as UI_KEY. A thing typed is never both.
#ifndef UI_H
#define UI_H

#include "base/base.h"

enum ui_kind { UI_KEY, UI_CHAR, UI_PRESS, UI_RELEASE, UI_MOVE, UI_WHEEL, UI_RESIZE, UI_QUIT };

enum ui_mod { UI_SHIFT = 1, UI_CTRL = 2, UI_ALT = 4 };

enum ui_button { UI_LEFT = 1, UI_MIDDLE = 2, UI_RIGHT = 4 };

// Below UI_KEY_NAMED a key is its lower-case ASCII letter.
enum ui_key {
    UI_KEY_NAMED = 256,
    UI_KEY_ESC, UI_KEY_ENTER, UI_KEY_TAB, UI_KEY_BACKSPACE, UI_KEY_DELETE,
    UI_KEY_ARROW_LEFT, UI_KEY_ARROW_RIGHT, UI_KEY_ARROW_UP, UI_KEY_ARROW_DOWN,
    UI_KEY_HOME, UI_KEY_END, UI_KEY_PAGE_UP, UI_KEY_PAGE_DOWN,
    UI_KEY_F1, UI_KEY_F12 = UI_KEY_F1 + 11,
};

enum { UI_KEY_MODS = 24 };  // a key and what is held with it, as one number: from this bit on

struct ui_event {
    enum ui_kind kind;
    unsigned     mods;     // enum ui_mod, or'ed
    int          key;      // UI_KEY
    uint32_t     ch;       // UI_CHAR: one character
    float        x, y;     // the mouse; UI_RESIZE: the new size
    unsigned     buttons;  // UI_PRESS, UI_RELEASE: the one; UI_MOVE: those held, so a drag shows
    int          clicks;   // UI_PRESS: 2 for a double click
    float        wheel;    // UI_WHEEL: notches, up is positive
};

#endif
