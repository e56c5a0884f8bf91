// see view.h
#include "viz/view.h"

#include "viz/movie.h"
#include "viz/news.h"
#include "viz/render.h"
#include "viz/still.h"
#include "viz/typing.h"
#include "viz/window.h"

#include "capture/feed.h"

#include <math.h>
#include <stdio.h>

enum { FILE_W = 1280, FILE_H = 720, FPS = 30 };
static const double NEWS_S = 0.006;  // between two pictures, for what comes in
// Of a host in real time that has much to do: the window stands back.
static const double HEAVY_DRAW_S = 0.3, HEAVY_TOUCHED_S = 0.1;  // a hand does not wait so long
static const double HEAVY_TAKE_S = 0.1, HEAVY_NEWS_S = 0.003;

struct view {
    struct recording rec;
    struct fonts    *fonts;
    struct stage     stage;
    struct news      news;
    struct window   *window;
    bool             was_playing, was_moving, touched;
    const char      *save;        // the ending of a picture that was asked for, or NULL
    double           last_s, drawn_s;
    struct movie    *movie;       // what the key r began
    char             movie_name[STILL_NAME];
    double           movie_s;
    long             movie_frames;
};

bool view_check(const struct view_options *o, char *error, size_t cap)
{
    if (o->record != NULL && movie_kind(o->record, error, cap) == NULL) return false;
    if (o->part == NULL || stage_part_named(o->part) >= 0) return true;
    int n = snprintf(error, cap, "--pane: there is no pane '%s'; there are", o->part);
    for (int i = 0; stage_part_name(i) != NULL && n >= 0 && (size_t)n < cap; i++)
        n += snprintf(error + n, cap - (size_t)n, " %s", stage_part_name(i));
    return false;
}

bool view_has_display(void)
{
    static const char *const names[] = {"DISPLAY", "WAYLAND_DISPLAY"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != 0) return true;
    }
    return false;
}

// --- files from the window -----------------------------------------------------------------------

static void tell_of(struct view *v, const char *verb, const char *name)
{
    char said[STILL_NAME + 40];
    snprintf(said, sizeof said, "%s %s", verb, name);
    stage_notice(&v->stage, said);
}

static void save_picture(struct view *v, const struct canvas *c, float scale)
{
    struct stage *st = &v->stage;
    struct still whole = still_of(st, c, scale, rect(0, 0, st->w, st->h));
    char name[STILL_NAME], error[200];
    still_free_name(&v->stage, v->save, name);
    v->save = NULL;
    if (still_write(&whole, name, error, sizeof error)) tell_of(v, "Saved", name);
    else stage_notice(&v->stage, error);
}

static void movie_end(struct view *v)
{
    char error[200];
    if (movie_close(v->movie, error, sizeof error)) tell_of(v, "Recorded", v->movie_name);
    else stage_notice(&v->stage, error);
    v->movie = NULL;
}

static void movie_toggle(struct view *v)
{
    if (v->movie != NULL) {
        movie_end(v);
        return;
    }
    v->movie_frames = -1;  // begun with the next picture, whose size it takes
    v->stage.playing = true;
    v->stage.dirty = true;
}

// Real time is cut into frames of one length, whatever the window managed to show.
static void movie_take(struct view *v, const struct canvas *c, double now_s)
{
    char error[200];
    if (v->movie == NULL && v->movie_frames < 0) {
        still_free_name(&v->stage, "mp4", v->movie_name);
        struct movie_options o = {.path = v->movie_name, .w = c->w & ~1, .h = c->h & ~1,
                                  .fps = FPS, .theme = v->stage.theme};
        v->movie = movie_open(&o, error, sizeof error);
        if (v->movie == NULL) stage_notice(&v->stage, error);
        v->movie_frames = 0;
        v->movie_s = now_s;
    }
    if (v->movie == NULL) return;
    for (; (double)v->movie_frames < (now_s - v->movie_s) * FPS; v->movie_frames++)
        if (!movie_frame(v->movie, c, error, sizeof error)) {
            movie_abandon(v->movie);
            v->movie = NULL;
            stage_notice(&v->stage, error);
            return;
        }
    if (!v->stage.playing) movie_end(v);
}

// --- the window's client -------------------------------------------------------------------------

static void obey(struct view *v)
{
    switch (v->stage.wish) {
    case WISH_QUIT:   window_stop(v->window); break;
    case WISH_SAVE: case WISH_SAVE_SVG:
        v->save = v->stage.wish == WISH_SAVE ? "png" : "svg";
        v->stage.dirty = true;
        break;
    case WISH_RECORD: movie_toggle(v); break;
    case WISH_ASK:    news_ask(&v->news, &v->stage); break;
    default: break;
    }
    v->stage.wish = WISH_NONE;
}

static void on_event(void *self, const struct ui_event *e)
{
    struct view *v = self;
    stage_event(&v->stage, e);
    v->touched = true;
    obey(v);
    if (v->stage.dirty) window_redraw(v->window);
}

// A host in real time that has much to do comes first: drawing is put off.
static bool is_heavy(const struct view *v)
{
    return v->stage.live && v->stage.real_time && news_heavy(&v->news);
}

static bool stands_back(const struct view *v, double now_s)
{
    double least = v->touched ? HEAVY_TOUCHED_S : HEAVY_DRAW_S;
    return is_heavy(v) && now_s - v->drawn_s < least && now_s >= v->drawn_s && !v->save;
}

static bool on_draw(void *self, struct canvas *c, float scale, double now_s)
{
    struct view *v = self;
    news_take(&v->news, &v->stage, is_heavy(v) ? HEAVY_NEWS_S : NEWS_S);
    if (stands_back(v, now_s)) return false;
    v->drawn_s = now_s;
    v->touched = false;
    double passed = v->was_moving ? now_s - v->last_s : 0;  // what began just now has all its time
    bool moves = v->was_playing || stage_rest(&v->stage) < INFINITY;
    if (moves) stage_advance(&v->stage, v->was_playing ? fmin(passed, 0.1) : passed);
    obey(v);
    v->last_s = now_s;
    bool drawn = v->stage.dirty;
    if (drawn) stage_draw(&v->stage, c, scale);
    if (v->save != NULL) save_picture(v, c, scale);
    movie_take(v, c, now_s);
    v->was_playing = stage_moves(&v->stage);
    v->was_moving = v->was_playing || stage_rest(&v->stage) < INFINITY;
    return drawn;
}

static double next_wake(void *self, double now_s)
{
    const struct view *v = self;
    if (is_heavy(v)) return stands_back(v, now_s) ? HEAVY_TAKE_S : 0;
    if (stage_moves(&v->stage) || v->stage.dirty || v->news.busy || v->movie != NULL) return 0;
    return stage_rest(&v->stage);
}

static void on_news(void *window) { window_wake(window); }

static int show(struct view *v, const struct view_options *o, char *error, size_t cap)
{
    char title[128];
    snprintf(title, sizeof title, "netglass - %s", v->stage.title);
    struct window_options wo = {.title = title, .scale = o->scale};
    v->window = window_open(&wo, error, cap);
    if (v->window == NULL) return -1;
    if (o->keys != NULL && !typing_play(&v->stage, o->keys, pt(FILE_W, FILE_H), error, cap))
        return -1;
    v->stage.playing = o->play;
    struct window_client client = {v, on_event, on_draw, next_wake};
    if (v->news.feed != NULL) feed_on_news(v->news.feed, on_news, v->window);
    window_run(v->window, &client);
    if (v->movie != NULL) movie_end(v);
    window_close(v->window);
    return 0;
}

static void begin_stage(struct view *v, const char *path, const struct view_options *o)
{
    struct stage *st = &v->stage;
    stage_init(st, &v->rec, v->fonts);
    st->theme = o->light ? THEME_LIGHT : THEME_DARK;
    st->calm = o->calm;
    st->can_ask = v->news.feed != NULL;
    st->real_time = st->live = o->real_time;
    if (v->news.feed != NULL) news_wait(&v->news, st, o->has_at ? o->at : 0);
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *title = o->title;
    if (title == NULL && v->rec.foreign) title = slash != NULL ? slash + 1 : path;
    if (title != NULL) snprintf(st->title, sizeof st->title, "%s", title);
    else stage_name(st);
    stage_seek(st, recording_start(&v->rec) + (o->has_at ? o->at : 0));
    if (o->real_time) stage_to_edge(st);
}

static int view_stage(struct view *v, const char *path, const struct view_options *o, char *error,
                      size_t cap)
{
    v->fonts = fonts_open(NULL, error, cap);
    if (v->fonts == NULL) return -1;
    begin_stage(v, path, o);
    if (v->rec.broken[0] != 0) {
        char said[200];
        snprintf(said, sizeof said, "It ends early: %s", v->rec.broken);
        stage_notice(&v->stage, said);
    }
    int status = o->record != NULL ? render_file(&v->stage, o, error, cap) : show(v, o, error, cap);
    if (status == 0 && o->record != NULL && v->rec.broken[0] != 0) {
        snprintf(error, cap, "%s; the picture shows what is before it", v->rec.broken);
        status = -1;
    }
    stage_free(&v->stage);
    fonts_close(v->fonts);
    return status;
}

int view_live(struct feed *feed, const struct view_options *o, char *error, size_t cap)
{
    struct view v = {.news.feed = feed};
    int status = view_stage(&v, NULL, o, error, cap);
    news_free(&v.news);
    recording_free(&v.rec);
    return status;
}

int view_recording(const char *path, const struct view_options *o, char *error, size_t cap)
{
    struct view v = {0};
    int status = -1;
    if (recording_open(&v.rec, path, error, cap)) status = view_stage(&v, path, o, error, cap);
    recording_free(&v.rec);
    return status;
}
