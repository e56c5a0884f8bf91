// png.c - see png.h.
#include "viz/png.h"

#include "capture/outfile.h"

#include <SDL2/SDL_image.h>
#include <errno.h>
#include <stdio.h>

static bool fail(char *err, size_t err_len, const char *what, const char *path, const char *why)
{
    snprintf(err, err_len, "%s %.300s: %.200s", what, path, why);
    return false;
}

// SDL_image reports in its own words; what the file system said is clearer where it said anything.
static const char *reason(int saved_errno)
{
    return saved_errno ? strerror(saved_errno) : IMG_GetError();
}

// --- writing: SDL_image's bytes go to our own file, which tells of a full disk -------------------

static size_t put(SDL_RWops *rw, const void *p, size_t size, size_t n)
{
    outfile_put(rw->hidden.unknown.data1, p, size * n);
    return n;
}

static Sint64 no_seek(SDL_RWops *rw, Sint64 at, int whence)
{
    (void)rw, (void)at, (void)whence;
    return SDL_SetError("a picture is written from front to back");
}

static int no_close(SDL_RWops *rw)
{
    (void)rw;
    return 0;
}

static bool encode(const struct canvas *c, struct outfile *out)
{
    SDL_RWops *rw = SDL_AllocRW();
    SDL_Surface *s = SDL_CreateRGBSurfaceWithFormatFrom(c->px, c->w, c->h, 32, c->stride * 4,
                                                        SDL_PIXELFORMAT_XRGB8888);
    bool fine = rw && s;
    if (fine) {
        rw->type = SDL_RWOPS_UNKNOWN;
        rw->hidden.unknown.data1 = out;
        rw->write = put;
        rw->seek = no_seek;
        rw->close = no_close;
        fine = !IMG_SavePNG_RW(s, rw, 0);
    }
    SDL_FreeSurface(s);
    if (rw) SDL_FreeRW(rw);
    return fine;
}

bool png_write(const struct canvas *c, const char *path, char *err, size_t err_len)
{
    struct outfile out;
    if (!outfile_open(&out, path, err, err_len)) return false;
    if (encode(c, &out)) return outfile_close(&out, err, err_len) == 0;
    outfile_abandon(&out);
    return fail(err, err_len, "cannot write", path, SDL_GetError());
}

bool png_read(struct canvas *c, const char *path, char *err, size_t err_len)
{
    errno = 0;
    SDL_Surface *raw = IMG_Load(path);
    if (!raw) return fail(err, err_len, "cannot read", path, reason(errno));
    SDL_Surface *s = SDL_ConvertSurfaceFormat(raw, SDL_PIXELFORMAT_ARGB8888, 0);
    SDL_FreeSurface(raw);
    if (!s || !canvas_init(c, s->w, s->h)) {
        SDL_FreeSurface(s);
        return fail(err, err_len, "cannot read", path, "the picture is too large");
    }
    for (int y = 0; y < c->h; y++)
        memcpy(c->px + (size_t)y * (size_t)c->stride,
               (const uint8_t *)s->pixels + (size_t)y * (size_t)s->pitch, (size_t)c->w * 4);
    SDL_FreeSurface(s);
    return true;
}
