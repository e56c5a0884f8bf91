// png.c - see png.h.
#include "viz/png.h"

#include <SDL2/SDL_image.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

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

bool png_write(const struct canvas *c, const char *path, char *err, size_t err_len)
{
    char temp[PATH_MAX];
    int len = snprintf(temp, sizeof temp, "%s.%ld.part", path, (long)getpid());
    if (len < 0 || len >= PATH_MAX)
        return fail(err, err_len, "cannot write", path, "the name is too long");
    SDL_Surface *s = SDL_CreateRGBSurfaceWithFormatFrom(c->px, c->w, c->h, 32, c->stride * 4,
                                                        SDL_PIXELFORMAT_XRGB8888);
    if (!s) return fail(err, err_len, "cannot write", path, SDL_GetError());
    errno = 0;
    int bad = IMG_SavePNG(s, temp), why = errno;
    SDL_FreeSurface(s);
    if (!bad && !rename(temp, path)) return true;
    if (!bad) why = errno;
    unlink(temp);
    return fail(err, err_len, "cannot write", path, reason(why));
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
