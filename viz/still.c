// see still.h
#include "viz/still.h"

#include "capture/outfile.h"
#include "viz/png.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

static bool ends_in(const char *path, const char *ending)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && strcasecmp(dot, ending) == 0;
}

bool still_is(const char *path) { return ends_in(path, ".png") || ends_in(path, ".svg"); }

static bool svg_write(const struct still *s, const char *path, char *err, size_t err_len)
{
    char *text = NULL;
    size_t len = 0;
    struct outfile out;
    FILE *f = open_memstream(&text, &len);
    bool fine = f != NULL && draw_svg(&s->st->list, s->view, s->st->theme, f);
    fine = f != NULL && fclose(f) == 0 && fine;
    if (!fine) {
        snprintf(err, err_len, "cannot write %.300s: no memory", path);
    } else {
        fine = outfile_open(&out, path, err, err_len);
        if (fine) outfile_put(&out, text, len);
        fine = fine && outfile_close(&out, err, err_len) == 0;
    }
    free(text);
    return fine;
}

struct still still_of(const struct stage *st, const struct canvas *c, float scale,
                      struct rect view)
{
    struct still s = {st, *c, view};
    int x0 = (int)roundf(view.x * scale), y0 = (int)roundf(view.y * scale);
    int x1 = (int)roundf((view.x + view.w) * scale), y1 = (int)roundf((view.y + view.h) * scale);
    x1 = x1 > c->w ? c->w : x1;
    y1 = y1 > c->h ? c->h : y1;
    CHECK(x0 >= 0 && y0 >= 0 && x1 > x0 && y1 > y0);
    s.c.px += (size_t)y0 * (size_t)c->stride + (size_t)x0;
    s.c.w = x1 - x0;
    s.c.h = y1 - y0;
    return s;
}

void still_free_name(const struct stage *st, const char *ending, char name[STILL_NAME])
{
    char stem[64];
    size_t n = 0;
    for (const char *p = st->title; *p != 0 && n + 1 < sizeof stem; p++)
        stem[n++] = isalnum((unsigned char)*p) || *p == '-' ? *p : '_';
    stem[n] = 0;
    for (int i = 1; i < 10000; i++) {
        int len = snprintf(name, STILL_NAME, "%s-%d.%s", stem, i, ending);
        if (len >= STILL_NAME || access(name, F_OK) != 0) return;
    }
}

bool still_write(const struct still *s, const char *path, char *err, size_t err_len)
{
    if (ends_in(path, ".svg")) return svg_write(s, path, err, err_len);
    return png_write(&s->c, path, err, err_len);
}
