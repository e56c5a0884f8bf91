// Editing one line: by table, and under random keys, after which the text must still be sound.
#include "claims.h"
#include "viz/field.h"
#include "viz/font.h"

#include <check.h>
#include <stdio.h>

// Types a script: printable characters as they are, and named keys in angle brackets.
static enum field_says play(struct field *f, const char *script)
{
    static const struct { const char *name; int key; unsigned mods; } keys[] = {
        {"<left>", UI_KEY_ARROW_LEFT, 0}, {"<right>", UI_KEY_ARROW_RIGHT, 0},
        {"<home>", UI_KEY_HOME, 0}, {"<end>", UI_KEY_END, 0}, {"<bs>", UI_KEY_BACKSPACE, 0},
        {"<del>", UI_KEY_DELETE, 0}, {"<enter>", UI_KEY_ENTER, 0}, {"<esc>", UI_KEY_ESC, 0},
        {"<c-left>", UI_KEY_ARROW_LEFT, UI_CTRL}, {"<c-right>", UI_KEY_ARROW_RIGHT, UI_CTRL},
        {"<c-bs>", UI_KEY_BACKSPACE, UI_CTRL}, {"<c-del>", UI_KEY_DELETE, UI_CTRL},
        {"<c-a>", 'a', UI_CTRL}, {"<c-e>", 'e', UI_CTRL}, {"<c-u>", 'u', UI_CTRL},
        {"<c-k>", 'k', UI_CTRL}, {"<c-w>", 'w', UI_CTRL}, {"<a-w>", 'w', UI_ALT},
    };
    enum field_says last = FIELD_NOTHING;
    while (*script) {
        struct ui_event e = {.kind = UI_CHAR};
        size_t used, left = strlen(script);
        e.ch = utf8_next(script, left, &used);
        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
            if (strncmp(script, keys[i].name, strlen(keys[i].name))) continue;
            e = (struct ui_event){.kind = UI_KEY, .key = keys[i].key, .mods = keys[i].mods};
            used = strlen(keys[i].name);
        }
        last = field_event(f, &e);
        script += used;
    }
    return last;
}

static const struct { const char *script, *want; enum field_says says; } edit[] = {
    {"abc", "abc|", FIELD_CHANGED},
    {"abc<left>X", "abX|c", FIELD_CHANGED},
    {"abc<home>X<end>Y", "XabcY|", FIELD_CHANGED},
    {"ab<bs><bs><bs>", "|", FIELD_NOTHING},
    {"ab<home><del>", "|b", FIELD_CHANGED},
    {"ab<del>", "ab|", FIELD_NOTHING},
    {"\xc2\xb5\xe2\x86\x92z<left><left><bs>", "|\xe2\x86\x92z", FIELD_CHANGED},
    {"\xc2\xb5\xe2\x86\x92<home><right><del>", "\xc2\xb5|", FIELD_CHANGED},
    {"tcp port 80<c-left><c-left>", "tcp |port 80", FIELD_MOVED},
    {"tcp port 80<home><c-right>", "tcp| port 80", FIELD_MOVED},
    {"tcp port 80<c-bs>", "tcp port |", FIELD_CHANGED},
    {"tcp port 80<c-w><c-w>", "tcp |", FIELD_CHANGED},
    {"tcp port<home><c-del>", "| port", FIELD_CHANGED},
    {"tcp<left><c-u>", "|p", FIELD_CHANGED},
    {"tcp<c-a><right><c-k>", "t|", FIELD_CHANGED},
    {"tcp<c-a><c-e>", "tcp|", FIELD_MOVED},
    {"tcp<enter>", "tcp|", FIELD_ENTERED},
    {"tcp<esc>", "tcp|", FIELD_LEFT},
    {"tcp<a-w>", "tcp|", FIELD_NOTHING},
    {"<left>", "|", FIELD_NOTHING},
    {"\x01\x1f\x7f", "|", FIELD_NOTHING},
};

START_TEST(edits)
{
    struct field f = {.text = ""};
    enum field_says says = play(&f, edit[_i].script);
    char got[64];
    snprintf(got, sizeof got, "%.*s|%s", (int)f.caret, f.text, f.text + f.caret);
    ck_assert_str_eq(got, edit[_i].want);
    ck_assert_int_eq(says, edit[_i].says);
}
END_TEST

static bool is_sound(const struct field *f)
{
    size_t len = strnlen(f->text, FIELD_MAX), used;
    bool caret_between = f->caret == len;
    for (size_t at = 0; at < len; at += used) {
        caret_between |= at == f->caret;
        if (utf8_next(f->text + at, len - at, &used) == 0xfffd) return false;
    }
    return len < FIELD_MAX && f->caret <= len && caret_between;
}

START_TEST(any_keys_leave_it_sound)
{
    static const char *const some[] = {"a", "\xc2\xb5", "\xe2\x86\x92", "\xf0\x9f\x98\x80", " ",
        "<left>", "<right>", "<bs>", "<del>", "<c-left>", "<c-right>", "<home>", "x y ", "<c-w>"};
    struct field f = {.text = ""};
    uint32_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525 + 1013904223;
        play(&f, some[(seed >> 16) % (i % 2000 < 1200 ? 9 : ARRAY_LEN(some))]);
        if (!is_sound(&f)) ck_abort_msg("after %d keys: %s", i, f.text);
    }
    struct ui_event wild = {.kind = UI_CHAR};
    for (wild.ch = 0xd700; wild.ch < 0xe100; wild.ch += 3) field_event(&f, &wild);
    wild.ch = 0xffffffff;
    ck_assert_int_eq(field_event(&f, &wild), FIELD_NOTHING);
    ck_assert(is_sound(&f));
}
END_TEST

START_TEST(what_is_too_long_is_cut_between_characters)
{
    char s[3 * FIELD_MAX + 1] = "";
    for (int i = 0; i < FIELD_MAX; i++) memcpy(s + (size_t)i * 3, "\xe2\x86\x92", 3);
    struct field f;
    field_set(&f, s);
    ck_assert(is_sound(&f));
    ck_assert_uint_eq(strlen(f.text), FIELD_MAX - 1);  // 255 is 85 arrows
    ck_assert_int_eq(play(&f, "x"), FIELD_NOTHING);
    field_set(&f, "xx");
    for (int i = 0; i < 100; i++) play(&f, "\xe2\x86\x92");
    ck_assert(is_sound(&f));
    ck_assert_uint_eq(strlen(f.text), 2 + 84 * 3);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("field");
    TCase *t = tcase_create("field");
    tcase_add_loop_test(t, edits, 0, ARRAY_LEN(edit));
    tcase_add_test(t, any_keys_leave_it_sound);
    tcase_add_test(t, what_is_too_long_is_cut_between_characters);
    suite_add_tcase(s, t);
    return run_claims(s);
}
