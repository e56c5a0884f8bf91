// The window without a screen: SDL's dummy driver takes the pixels, and the tests push the events.
#include "claims.h"
#include "viz/window.h"

#include <SDL2/SDL.h>
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

static struct window *w;
static struct ui_event seen[64];
static int seen_n, draws, stop_at;
static double wish;  // what the client answers to next_wake

static void on_event(void *self, const struct ui_event *e)
{
    ck_assert_ptr_eq(self, seen);
    if (seen_n < (int)ARRAY_LEN(seen)) seen[seen_n++] = *e;
}

static bool on_draw(void *self, struct canvas *c, float scale, double now)
{
    ck_assert_ptr_eq(self, seen);
    ck_assert(c->w > 0 && scale > 0 && now > 0);
    canvas_clear(c, 0x336699);
    if (++draws == stop_at) window_stop(w);
    return true;
}

static double on_wake(void *self, double now)
{
    (void)self;
    (void)now;
    return wish;
}

static const struct window_client client = {seen, on_event, on_draw, on_wake};

static void setup(void)
{
    char err[256];
    SDL_SetMainReady();
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    w = window_open(&(struct window_options){.title = "test", .scale = 0.8f}, err, sizeof err);
    ck_assert_msg(w != NULL, "%s", err);
    seen_n = draws = stop_at = 0;
    wish = INFINITY;
}

static void teardown(void) { window_close(w); }

static void push(SDL_Event e) { ck_assert_int_eq(SDL_PushEvent(&e), 1); }

static void push_key(SDL_Keycode k, Uint16 mod)
{
    push((SDL_Event){.key = {.type = SDL_KEYDOWN, .keysym = {.sym = k, .mod = mod}}});
}

static void push_text(const char *s)
{
    SDL_Event e = {.text = {.type = SDL_TEXTINPUT}};
    snprintf(e.text.text, sizeof e.text.text, "%s", s);
    push(e);
}

// Runs until all that was pushed is told, and drops what the window said by itself before.
static void run(void)
{
    push((SDL_Event){.type = SDL_QUIT});
    window_run(w, &client);
    ck_assert_int_eq(seen[0].kind, UI_RESIZE);
    ck_assert_int_eq(seen[seen_n - 1].kind, UI_QUIT);
}

static const struct ui_event *nth(enum ui_kind kind, int n)
{
    for (int i = 0; i < seen_n; i++)
        if (seen[i].kind == kind && n-- == 0) return &seen[i];
    ck_abort_msg("no such event");
}

START_TEST(keys_are_named_or_characters)
{
    static const struct { SDL_Keycode sdl; Uint16 mod; int key; unsigned mods; } row[] = {
        {SDLK_LEFT, 0, UI_KEY_ARROW_LEFT, 0},
        {SDLK_RIGHT, KMOD_LSHIFT, UI_KEY_ARROW_RIGHT, UI_SHIFT},
        {SDLK_ESCAPE, 0, UI_KEY_ESC, 0}, {SDLK_RETURN, 0, UI_KEY_ENTER, 0},
        {SDLK_KP_ENTER, KMOD_RALT, UI_KEY_ENTER, UI_ALT}, {SDLK_F6, 0, UI_KEY_F1 + 5, 0},
        {SDLK_c, KMOD_LCTRL, 'c', UI_CTRL}, {SDLK_TAB, 0, UI_KEY_TAB, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) push_key(row[i].sdl, row[i].mod);
    push_key(SDLK_t, 0);  // what it types will come as text
    push_text("t");
    push_text("/\xc2\xb5\xe2\x86\x92");
    run();
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const struct ui_event *e = nth(UI_KEY, (int)i);
        ck_assert_int_eq(e->key, row[i].key);
        ck_assert_uint_eq(e->mods, row[i].mods);
    }
    static const uint32_t typed[] = {'t', '/', 0xb5, 0x2192};
    for (size_t i = 0; i < ARRAY_LEN(typed); i++)
        ck_assert_uint_eq(nth(UI_CHAR, (int)i)->ch, typed[i]);
    ck_assert_int_eq(seen_n, 1 + (int)ARRAY_LEN(row) + 4 + 1);
}
END_TEST

START_TEST(the_mouse_speaks_logical_pixels)
{
    push((SDL_Event){.button = {.type = SDL_MOUSEBUTTONDOWN, .button = SDL_BUTTON_LEFT, .clicks = 2,
                                .x = 80, .y = 160}});
    push((SDL_Event){.motion = {.type = SDL_MOUSEMOTION, .state = SDL_BUTTON_LMASK, .x = 32}});
    push((SDL_Event){.button = {.type = SDL_MOUSEBUTTONUP, .button = SDL_BUTTON_RIGHT}});
    push((SDL_Event){.button = {.type = SDL_MOUSEBUTTONUP, .button = SDL_BUTTON_X2}});
    push((SDL_Event){.wheel = {.type = SDL_MOUSEWHEEL, .preciseY = 1.5f}});
    push((SDL_Event){.wheel = {.type = SDL_MOUSEWHEEL, .preciseY = 1,
                               .direction = SDL_MOUSEWHEEL_FLIPPED}});
    run();
    const struct ui_event *e = nth(UI_PRESS, 0);
    ck_assert_float_eq_tol(e->x, 100, 0.01f);  // 0.8 pixels each
    ck_assert_float_eq_tol(e->y, 200, 0.01f);
    ck_assert_uint_eq(e->buttons, UI_LEFT);
    ck_assert_int_eq(e->clicks, 2);
    ck_assert_float_eq_tol(nth(UI_MOVE, 0)->x, 40, 0.01f);
    ck_assert_uint_eq(nth(UI_MOVE, 0)->buttons, UI_LEFT);
    ck_assert_uint_eq(nth(UI_RELEASE, 0)->buttons, UI_RIGHT);
    ck_assert_float_eq(nth(UI_WHEEL, 0)->wheel, 1.5f);
    ck_assert_float_eq(nth(UI_WHEEL, 1)->wheel, -1);
    ck_assert_int_eq(seen_n, 7);
}
END_TEST

START_TEST(ctrl_plus_and_minus_scale_and_are_not_told)
{
    push_key(SDLK_EQUALS, KMOD_LCTRL);
    run();
    ck_assert_float_eq(window_scale(w), 0.9f);
    ck_assert_int_eq(seen_n, 3);
    ck_assert_float_eq_tol(seen[1].x * 0.9f, seen[0].x * 0.8f, 0.01f);  // a UI_RESIZE
    seen_n = 0;
    for (int i = 0; i < 20; i++) push_key(SDLK_MINUS, KMOD_LCTRL);
    run();
    ck_assert_float_eq(window_scale(w), WINDOW_SCALE_MIN);
    seen_n = 0;
    for (int i = 0; i < 20; i++) push_key(SDLK_KP_PLUS, KMOD_RCTRL);
    run();
    const struct ui_event *last = &seen[seen_n - 2];  // the layout just fits
    ck_assert_float_gt(window_scale(w), 1);
    float spare_w = last->x - WINDOW_MIN_W, spare_h = last->y - WINDOW_MIN_H;
    ck_assert_float_eq_tol(spare_w < spare_h ? spare_w : spare_h, 0, 0.1f);
}
END_TEST

static Uint32 quit_later(Uint32 interval, void *unused)
{
    (void)interval;
    (void)unused;
    SDL_PushEvent(&(SDL_Event){.type = SDL_QUIT});
    return 0;
}

static Uint32 expose_later(Uint32 interval, void *unused)
{
    (void)unused;
    SDL_PushEvent(&(SDL_Event){.window = {.type = SDL_WINDOWEVENT,
                                          .event = SDL_WINDOWEVENT_EXPOSED}});
    return interval;
}

static Uint32 wake_later(Uint32 interval, void *unused)
{
    (void)unused;
    window_wake(w);
    return interval;
}

// Seconds until so many draws were made, while the client asks for one each `wanted` seconds.
static double seconds_of_draws(int n, double wanted)
{
    wish = wanted;
    stop_at = n;
    Uint64 before = SDL_GetPerformanceCounter();
    window_run(w, &client);
    ck_assert_int_eq(draws, n);
    return (double)(SDL_GetPerformanceCounter() - before) / (double)SDL_GetPerformanceFrequency();
}

START_TEST(a_paused_window_sleeps)
{
    SDL_AddTimer(250, quit_later, NULL);
    clock_t before = clock();
    window_run(w, &client);
    double load = (double)(clock() - before) / CLOCKS_PER_SEC / 0.25;
    ck_assert_int_le(draws, 2);
    ck_assert_msg(load < 0.15, "%.0f%% of a core", load * 100);
}
END_TEST

// Only the lower bounds are sharp: the machine may be busy.
START_TEST(a_moving_window_draws_sixty_times_a_second_at_most)
{
    double s = seconds_of_draws(10, 0);
    ck_assert_double_ge(s, 9 / 60.0);
    ck_assert_double_lt(s, 2);
}
END_TEST

START_TEST(a_deadline_is_kept)
{
    double s = seconds_of_draws(4, 0.05);
    ck_assert_double_ge(s, 3 * 0.05);
    ck_assert_double_lt(s, 2);
}
END_TEST

START_TEST(another_thread_can_wake_it)
{
    SDL_InitSubSystem(SDL_INIT_TIMER);
    SDL_TimerID id = SDL_AddTimer(30, wake_later, NULL);
    ck_assert_double_lt(seconds_of_draws(4, INFINITY), 3);
    SDL_RemoveTimer(id);
}
END_TEST

START_TEST(events_do_not_put_off_a_deadline)
{
    SDL_InitSubSystem(SDL_INIT_TIMER);
    SDL_TimerID id = SDL_AddTimer(10, expose_later, NULL);
    ck_assert_double_lt(seconds_of_draws(4, 0.05), 2);
    SDL_RemoveTimer(id);
}
END_TEST

START_TEST(without_a_display_there_is_a_sentence)
{
    char err[256] = "";
    setenv("SDL_VIDEODRIVER", "x11", 1);
    unsetenv("DISPLAY");
    ck_assert_ptr_null(window_open(&(struct window_options){.title = "x"}, err, sizeof err));
    ck_assert_msg(!strncmp(err, "cannot open a window: no display", 32), "%s", err);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("window");
    TCase *t = tcase_create("window"), *bare = tcase_create("bare");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, keys_are_named_or_characters);
    tcase_add_test(t, the_mouse_speaks_logical_pixels);
    tcase_add_test(t, ctrl_plus_and_minus_scale_and_are_not_told);
    tcase_add_test(t, a_paused_window_sleeps);
    tcase_add_test(t, a_moving_window_draws_sixty_times_a_second_at_most);
    tcase_add_test(t, a_deadline_is_kept);
    tcase_add_test(t, another_thread_can_wake_it);
    tcase_add_test(t, events_do_not_put_off_a_deadline);
    tcase_add_test(bare, without_a_display_there_is_a_sentence);
    suite_add_tcase(s, t);
    suite_add_tcase(s, bare);
    return run_claims(s);
}
