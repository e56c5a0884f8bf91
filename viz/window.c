// window.c - see window.h.
//
// The canvas is copied to the window's own surface. On X11 SDL would bring that surface to the
// screen through OpenGL, which takes three times as long without a graphics card, so there it is
// told not to; on Wayland it must be left its way, or no surface can be had at all.
#include "viz/window.h"
#include "viz/font.h"

#include <SDL2/SDL.h>
#include <math.h>
#include <stdio.h>

#define FRAME_S (1.0 / 60)

struct window {
    SDL_Window          *sdl;
    struct canvas        canvas;
    struct window_client client;
    float                scale, asked_scale;  // asked_scale 0: chosen from the screen
    double               last_frame, due;  // due: when the client asked to draw
    Uint32               wake_event;
    unsigned             mods;
    bool                 running, dirty, exposed;
};

static double now_s(void)
{
    return (double)SDL_GetPerformanceCounter() / (double)SDL_GetPerformanceFrequency();
}

static bool fail(char *err, size_t err_len, const char *what)
{
    snprintf(err, err_len, "%s: %s", what, SDL_GetError());
    return false;
}

// SDL tries all it knows, and Wayland's library complains aloud where nobody asked for it.
static bool has_wayland(void)
{
    const char *name = getenv("WAYLAND_DISPLAY"), *folder = getenv("XDG_RUNTIME_DIR");
    if (name == NULL || name[0] == 0) return false;
    return name[0] == '/' || (folder != NULL && folder[0] != 0);
}

static int ignore(void *display, void *error)
{
    (void)display, (void)error;
    return 0;
}

// SDL wakes its own event wait by a message to the window, on a second connection to the screen. If
// that very event closes the window, the message comes too late, and Xlib's answer to that is to
// end the program. SDL, when it closes, goes back to the handler that it found: this one.
static void ignore_x_errors(void)
{
    typedef int (*handler)(void *, void *);
    void *xlib = SDL_LoadObject("libX11.so.6");
    if (xlib == NULL) return;
    handler (*set)(handler) = (handler (*)(handler))SDL_LoadFunction(xlib, "XSetErrorHandler");
    if (set != NULL) set(ignore);  // and xlib stays loaded, or it would forget
}

static bool video_start(char *err, size_t err_len)
{
    ignore_x_errors();
    if (!has_wayland()) SDL_SetHint(SDL_HINT_VIDEODRIVER, "x11");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_VIDEO_HIGHDPI_DISABLED, "0");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO))
        return fail(err, err_len, "cannot open a window: no display (DISPLAY, WAYLAND_DISPLAY)");
    const char *driver = SDL_GetCurrentVideoDriver();
    bool unseen = !strcmp(driver, "dummy") || !strcmp(driver, "offscreen");
    if (unseen && !getenv("SDL_VIDEODRIVER")) {  // SDL's own last resort is a window nobody sees
        snprintf(err, err_len, "cannot open a window: no display (DISPLAY, WAYLAND_DISPLAY)");
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
        return false;
    }
    if (!strcmp(driver, "x11") || unseen) SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    return true;
}

// What was asked for, or 1.25 on screens of 1600 pixels and more; but never so much that the window
// could not hold the smallest layout.
static float scale_chosen(const struct window *w, int px_w, int px_h)
{
    SDL_DisplayMode mode = {.w = px_w};
    int display = SDL_GetWindowDisplayIndex(w->sdl);
    SDL_GetDesktopDisplayMode(display < 0 ? 0 : display, &mode);
    float s = mode.w >= 3200 ? 2.5f : mode.w >= 2400 ? 1.75f : mode.w >= 1600 ? 1.25f : 1;
    float fits = fminf((float)px_w / WINDOW_MIN_W, (float)px_h / WINDOW_MIN_H);
    if (w->asked_scale > 0) s = w->asked_scale;
    return fmaxf(fminf(s, fits), WINDOW_SCALE_MIN);
}

static void fit_canvas(struct window *w)
{
    int px_w, px_h;
    SDL_GetWindowSizeInPixels(w->sdl, &px_w, &px_h);
    if (px_w < 1 || px_h < 1) return;
    if (px_w > CANVAS_MAX) px_w = CANVAS_MAX;
    if (px_h > CANVAS_MAX) px_h = CANVAS_MAX;
    float scale = scale_chosen(w, px_w, px_h);
    w->dirty = true;
    if (px_w == w->canvas.w && px_h == w->canvas.h && scale == w->scale) return;
    if (px_w != w->canvas.w || px_h != w->canvas.h) canvas_resize(&w->canvas, px_w, px_h);
    w->scale = scale;
    struct ui_event e = {.kind = UI_RESIZE, .x = (float)px_w / scale, .y = (float)px_h / scale};
    if (w->client.event) w->client.event(w->client.self, &e);
}

struct window *window_open(const struct window_options *o, char *err, size_t err_len)
{
    if (!video_start(err, err_len)) return NULL;
    struct window *w = calloc(1, sizeof *w);
    if (!w) {
        snprintf(err, err_len, "cannot open a window: no memory");
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
        return NULL;
    }
    SDL_Rect room = {.w = 1280, .h = 720};
    SDL_GetDisplayUsableBounds(0, &room);
    int width = room.w >= 1600 ? 1600 : 1280, height = room.w >= 1600 ? 900 : 720;
    w->sdl = SDL_CreateWindow(o->title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                              width < room.w ? width : room.w, height < room.h ? height : room.h,
                              SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!w->sdl || !SDL_GetWindowSurface(w->sdl) || !canvas_init(&w->canvas, 1, 1)) {
        fail(err, err_len, "cannot open a window");
        window_close(w);
        return NULL;
    }
    SDL_SetWindowMinimumSize(w->sdl, WINDOW_MIN_W, WINDOW_MIN_H);
    if (o->scale > 0) w->asked_scale = fminf(fmaxf(o->scale, WINDOW_SCALE_MIN), WINDOW_SCALE_MAX);
    w->wake_event = SDL_RegisterEvents(1);
    fit_canvas(w);
    return w;
}

void window_close(struct window *w)
{
    if (!w) return;
    if (w->sdl) SDL_DestroyWindow(w->sdl);
    canvas_free(&w->canvas);
    free(w);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

void window_stop(struct window *w) { w->running = false; }
void window_redraw(struct window *w) { w->dirty = true; }
float window_scale(const struct window *w) { return w->scale; }
void window_set_title(struct window *w, const char *title) { SDL_SetWindowTitle(w->sdl, title); }

void window_wake(struct window *w)
{
    SDL_Event e = {.type = w->wake_event};
    SDL_PushEvent(&e);
}

static unsigned mods_of(SDL_Keymod m)
{
    return (m & KMOD_SHIFT ? UI_SHIFT : 0u) | (m & KMOD_CTRL ? UI_CTRL : 0u)
         | (m & KMOD_ALT ? UI_ALT : 0u);
}

static unsigned button_of(int sdl)
{
    return sdl == SDL_BUTTON_LEFT ? UI_LEFT : sdl == SDL_BUTTON_MIDDLE ? UI_MIDDLE
         : sdl == SDL_BUTTON_RIGHT ? UI_RIGHT : 0u;
}

static int key_of(SDL_Keycode k)
{
    static const struct { SDL_Keycode sdl; int ours; } named[] = {
        {SDLK_ESCAPE, UI_KEY_ESC}, {SDLK_RETURN, UI_KEY_ENTER}, {SDLK_KP_ENTER, UI_KEY_ENTER},
        {SDLK_TAB, UI_KEY_TAB}, {SDLK_BACKSPACE, UI_KEY_BACKSPACE}, {SDLK_DELETE, UI_KEY_DELETE},
        {SDLK_LEFT, UI_KEY_ARROW_LEFT}, {SDLK_RIGHT, UI_KEY_ARROW_RIGHT},
        {SDLK_UP, UI_KEY_ARROW_UP}, {SDLK_DOWN, UI_KEY_ARROW_DOWN}, {SDLK_HOME, UI_KEY_HOME},
        {SDLK_END, UI_KEY_END}, {SDLK_PAGEUP, UI_KEY_PAGE_UP}, {SDLK_PAGEDOWN, UI_KEY_PAGE_DOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(named); i++)
        if (named[i].sdl == k) return named[i].ours;
    if (k >= SDLK_F1 && k <= SDLK_F12) return UI_KEY_F1 + (int)(k - SDLK_F1);
    return 0;
}

// Ctrl and + or - or 0, on any layout and on the keypad.
static bool scale_key(struct window *w, SDL_Keycode k)
{
    static const float step[] = {0.75f, 0.9f, 1, 1.1f, 1.25f, 1.5f, 1.75f, 2, 2.5f, 3, 3.5f, 4};
    float next = w->scale;
    if (k == SDLK_PLUS || k == SDLK_EQUALS || k == SDLK_KP_PLUS) {
        for (size_t i = ARRAY_LEN(step); i-- > 0;)
            if (step[i] > w->scale + 0.01f) next = step[i];
    } else if (k == SDLK_MINUS || k == SDLK_KP_MINUS) {
        for (size_t i = 0; i < ARRAY_LEN(step); i++)
            if (step[i] < w->scale - 0.01f) next = step[i];
    } else if (k == SDLK_0 || k == SDLK_KP_0) {
        next = 0;
    } else {
        return false;
    }
    w->asked_scale = next;
    fit_canvas(w);
    return true;
}

static void tell(struct window *w, struct ui_event e)
{
    e.mods = w->mods;
    w->client.event(w->client.self, &e);
    w->dirty = true;
}

static void on_key(struct window *w, const SDL_KeyboardEvent *k)
{
    w->mods = mods_of(k->keysym.mod);
    SDL_Keycode sym = k->keysym.sym;
    if (w->mods & UI_CTRL && scale_key(w, sym)) return;
    int key = key_of(sym);
    bool chord = w->mods & (UI_CTRL | UI_ALT) && sym >= ' ' && sym < 0x7f;
    if (chord) key = (int)sym;
    if (key) tell(w, (struct ui_event){.kind = UI_KEY, .key = key});
}

// SDL_GetModState() would tell what is held now, when more keys may already wait in the queue; what
// was held with this text stands in the event of the key before it.
static void on_text(struct window *w, const char *s)
{
    if (w->mods & UI_CTRL) return;  // told as a key
    size_t left = strlen(s), used;
    for (; left > 0; s += used, left -= used)
        tell(w, (struct ui_event){.kind = UI_CHAR, .ch = utf8_next(s, left, &used)});
}

static struct ui_event at_mouse(const struct window *w, enum ui_kind kind, int x, int y)
{
    int ww, wh;
    SDL_GetWindowSize(w->sdl, &ww, &wh);
    float kx = (float)w->canvas.w / (float)(ww > 0 ? ww : 1) / w->scale;
    float ky = (float)w->canvas.h / (float)(wh > 0 ? wh : 1) / w->scale;
    return (struct ui_event){.kind = kind, .x = (float)x * kx, .y = (float)y * ky};
}

static void on_mouse(struct window *w, const SDL_Event *s)
{
    struct ui_event e;
    if (s->type == SDL_MOUSEMOTION) {
        e = at_mouse(w, UI_MOVE, s->motion.x, s->motion.y);
        for (int b = 1; b <= 3; b++)
            if (s->motion.state & SDL_BUTTON((unsigned)b)) e.buttons |= button_of(b);
    } else if (s->type == SDL_MOUSEWHEEL && w->mods & UI_CTRL && s->wheel.y != 0) {
        scale_key(w, s->wheel.y > 0 ? SDLK_PLUS : SDLK_MINUS);
        return;
    } else if (s->type == SDL_MOUSEWHEEL) {
        int x, y;
        SDL_GetMouseState(&x, &y);
        e = at_mouse(w, UI_WHEEL, x, y);
        e.wheel = s->wheel.direction == SDL_MOUSEWHEEL_FLIPPED ? -s->wheel.preciseY
                                                               : s->wheel.preciseY;
    } else {
        e = at_mouse(w, s->type == SDL_MOUSEBUTTONDOWN ? UI_PRESS : UI_RELEASE, s->button.x,
                     s->button.y);
        e.buttons = button_of(s->button.button);
        e.clicks = s->button.clicks;
        if (!e.buttons) return;
        SDL_CaptureMouse(s->type == SDL_MOUSEBUTTONDOWN);  // a drag may leave the window
    }
    tell(w, e);
}

static void on_event(struct window *w, const SDL_Event *s)
{
    switch (s->type) {
    case SDL_QUIT:
        tell(w, (struct ui_event){.kind = UI_QUIT});
        w->running = false;
        break;
    case SDL_WINDOWEVENT:
        if (s->window.event == SDL_WINDOWEVENT_SIZE_CHANGED) fit_canvas(w);
        w->exposed = true;
        break;
    case SDL_KEYDOWN: on_key(w, &s->key); break;
    case SDL_KEYUP: w->mods = mods_of(s->key.keysym.mod); break;
    case SDL_TEXTINPUT: on_text(w, s->text.text); break;
    case SDL_MOUSEMOTION:
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
    case SDL_MOUSEWHEEL: on_mouse(w, s); break;
    default: w->dirty |= s->type == w->wake_event; break;
    }
}

static void present(struct window *w)
{
    SDL_Surface *to = SDL_GetWindowSurface(w->sdl);
    SDL_Surface *from = SDL_CreateRGBSurfaceWithFormatFrom(w->canvas.px, w->canvas.w, w->canvas.h,
                                                           32, w->canvas.stride * 4,
                                                           SDL_PIXELFORMAT_XRGB8888);
    if (to && from) {  // a surface may be missing for a moment while the window changes its size
        SDL_BlitSurface(from, NULL, to, NULL);
        SDL_UpdateWindowSurface(w->sdl);
    }
    SDL_FreeSurface(from);
    w->exposed = false;
}

// How long to sleep: not at all when something is to be drawn, but never above 60 frames a second.
// What the client asked for stands until the next drawing: events in between do not put it off.
static double sleep_s(struct window *w, double now)
{
    if (w->due == INFINITY && w->client.next_wake)
        w->due = now + fmax(w->client.next_wake(w->client.self, now), 0);
    double until = w->dirty || w->exposed ? now : w->due;
    return fmax(fmax(until, w->last_frame + FRAME_S) - now, 0);
}

static void sleep_for_event(struct window *w, double wait)
{
    SDL_Event e;
    int ms = wait < 3600 ? (int)ceil(wait * 1000) : -1;
    int got = ms < 0 ? SDL_WaitEvent(&e) : SDL_WaitEventTimeout(&e, ms);
    while (got && w->running) {
        on_event(w, &e);
        got = SDL_PollEvent(&e);
    }
}

void window_run(struct window *w, const struct window_client *client)
{
    w->client = *client;
    w->running = w->dirty = true;
    w->due = INFINITY;
    struct ui_event size = {.kind = UI_RESIZE, .x = (float)w->canvas.w / w->scale,
                            .y = (float)w->canvas.h / w->scale};
    tell(w, size);
    while (w->running) {
        double now = now_s();
        sleep_for_event(w, sleep_s(w, now));
        now = now_s();
        bool due = w->dirty || now >= w->due;
        if (!w->running || now < w->last_frame + FRAME_S || (!due && !w->exposed)) continue;
        w->last_frame = now;
        if (due) {
            w->dirty = false;
            w->due = INFINITY;
            if (client->draw(client->self, &w->canvas, w->scale, now)) w->exposed = true;
        }
        if (w->exposed) present(w);
    }
}
