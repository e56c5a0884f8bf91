// see render.h
#include "viz/render.h"

#include "viz/movie.h"
#include "viz/still.h"
#include "viz/typing.h"

#include <math.h>
#include <stdio.h>

enum { FILE_W = 1280, FILE_H = 720, FPS = 30 };
static const double HOLD_S = 1.5;  // a movie shows its last picture for a while

// part: cut from the whole, which is drawn as a window shows it; -1: all of it.
struct render { struct stage *st; struct canvas c; float scale; int part; };

// As a window chooses it on a screen of that width; and as there, it gives way to the layout.
static float scale_of(const struct view_options *o, bool whole)
{
    float s = o->width >= 3200 ? 2.5f : o->width >= 2400 ? 1.75f : o->width >= 1600 ? 1.25f : 1;
    if (o->scale > 0) return o->scale;
    if (!whole || o->width == 0) return s;
    return fminf(s, fminf((float)o->width / STAGE_W_MIN, (float)o->height / STAGE_H_MIN));
}

static struct pt size_of(const struct view_options *o, float scale)
{
    if (o->width > 0) return pt((float)o->width, (float)o->height);
    return pt(roundf(FILE_W * scale), roundf(FILE_H * scale));
}

static struct still still_now(const struct render *r)
{
    struct rect view = rect(0, 0, r->st->w, r->st->h);
    if (r->part >= 0) view = stage_part_place(r->st, r->part);
    return still_of(r->st, &r->c, r->scale, view);
}

// Ctrl+S among --keys saves what is seen there, as in the window.
static void on_wish(void *self)
{
    struct render *r = self;
    struct stage *st = r->st;
    char name[STILL_NAME], said[STILL_NAME + 40], error[200];
    bool save = st->wish == WISH_SAVE;
    st->wish = WISH_NONE;
    if (!save) return;
    stage_draw(st, &r->c, r->scale);
    struct still s = still_now(r);
    still_free_name(st, "png", name);
    bool fine = still_write(&s, name, error, sizeof error);
    snprintf(said, sizeof said, fine ? "Saved %s" : "%s", fine ? name : error);
    stage_notice(st, said);
}

static bool render_still(struct render *r, const struct view_options *o, char *error, size_t cap)
{
    struct pt size = pt((float)r->c.w / r->scale, (float)r->c.h / r->scale);
    if (!o->has_at) stage_seek(r->st, stage_telling_instant(r->st));
    r->st->on_wish = on_wish;
    r->st->wisher = r;
    if (o->keys != NULL && !typing_play(r->st, o->keys, size, error, cap)) return false;
    stage_draw(r->st, &r->c, r->scale);
    struct still s = still_now(r);
    return still_write(&s, o->record, error, cap);
}

static bool render_movie(struct render *r, const struct view_options *o, char *error, size_t cap)
{
    struct stage *st = r->st;
    struct pt size = pt((float)r->c.w / r->scale, (float)r->c.h / r->scale);
    if (o->keys != NULL && !typing_play(st, o->keys, size, error, cap)) return false;
    stage_draw(st, &r->c, r->scale);
    struct still s = still_now(r);
    psec left = warp_length(&st->rec->warp) - st->u;
    struct movie_options mo = {.path = o->record, .w = s.c.w, .h = s.c.h, .fps = FPS,
                               .frames = (long)(((double)left / 1e12 + HOLD_S) * FPS),
                               .theme = st->theme};
    struct movie *m = movie_open(&mo, error, cap);
    if (m == NULL) return false;
    st->playing = true;
    for (long i = 0; i < mo.frames; i++) {
        if (st->dirty) stage_draw(st, &r->c, r->scale);
        if (!movie_frame(m, &s.c, error, cap)) {
            movie_abandon(m);
            return false;
        }
        stage_advance(st, 1.0 / FPS);
    }
    return movie_close(m, error, cap);
}

int render_file(struct stage *st, const struct view_options *o, char *error, size_t cap)
{
    int part = o->part != NULL ? stage_part_named(o->part) : -1;
    st->w = FILE_W;
    st->h = FILE_H;
    // It is laid out for the size that was said, or for itself if the whole does not show it.
    bool alone = part >= 0 && (o->width > 0 || !(stage_part_place(st, part).w > 0));
    struct render r = {.st = st, .scale = scale_of(o, !alone), .part = alone ? -1 : part};
    struct pt size = size_of(o, r.scale);
    st->part = alone ? part : -1;
    if (movie_kind(o->record, error, cap) == NULL) return -1;
    bool fits = size.x <= CANVAS_MAX && size.y <= CANVAS_MAX;
    if (!fits || !canvas_init(&r.c, (int)size.x, (int)size.y)) {
        snprintf(error, cap, "a picture of %.0f x %.0f cannot be had: at most %d a side",
                 (double)size.x, (double)size.y, CANVAS_MAX);
        return -1;
    }
    bool fine = still_is(o->record) ? render_still(&r, o, error, cap)
                                    : render_movie(&r, o, error, cap);
    canvas_free(&r.c);
    return fine ? 0 : -1;
}
