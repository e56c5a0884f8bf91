// png.c - see png.h.
#include "viz/png.h"

#include "capture/outfile.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>

struct writing { struct outfile out; jmp_buf failed; char why[100]; };

static bool fail(char *err, size_t err_len, const char *what, const char *path, const char *why)
{
    snprintf(err, err_len, "%s %.300s: %.200s", what, path, why);
    return false;
}

// --- writing: libpng's bytes go to our own file, which tells of a full disk ----------------------

static void put(png_structp png, png_bytep p, size_t len)
{
    struct writing *to = png_get_io_ptr(png);
    outfile_put(&to->out, p, len);
}

static void no_flush(png_structp png) { (void)png; }

static void give_up(png_structp png, const char *why)
{
    struct writing *to = png_get_error_ptr(png);
    snprintf(to->why, sizeof to->why, "%s", why);
    longjmp(to->failed, 1);
}

static void no_warning(png_structp png, const char *why) { (void)png, (void)why; }

// Drawn surfaces are flat: a filter would cost as much time as the rest, and make the file larger.
static void encode(png_structp png, png_infop info, const struct canvas *c)
{
    png_set_IHDR(png, info, (png_uint_32)c->w, (png_uint_32)c->h, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_set_compression_level(png, 2);
    png_write_info(png, info);
    png_set_filler(png, 0, PNG_FILLER_AFTER);
    png_set_bgr(png);
    for (int y = 0; y < c->h; y++)
        png_write_row(png, (const uint8_t *)(c->px + (size_t)y * (size_t)c->stride));
    png_write_end(png, info);
}

// False: to->why says why.
static bool write_to(struct writing *to, const struct canvas *c)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, to, give_up, no_warning);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    png_structp made[] = {png};
    bool fine = info != NULL;
    snprintf(to->why, sizeof to->why, "no memory");
    if (fine && setjmp(to->failed) == 0) {
        png_set_write_fn(png, to, put, no_flush);
        encode(png, info, c);
    } else {
        fine = false;
    }
    png_destroy_write_struct(made, &info);
    return fine;
}

bool png_write(const struct canvas *c, const char *path, char *err, size_t err_len)
{
    struct writing to;
    if (!outfile_open(&to.out, path, err, err_len)) return false;
    if (write_to(&to, c)) return outfile_close(&to.out, err, err_len) == 0;
    outfile_abandon(&to.out);
    return fail(err, err_len, "cannot write", path, to.why);
}

// --- reading -------------------------------------------------------------------------------------

bool png_read(struct canvas *c, const char *path, char *err, size_t err_len)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path))
        return fail(err, err_len, "cannot read", path, image.message);
    image.format = PNG_FORMAT_BGRA;
    bool fits = image.width <= CANVAS_MAX && image.height <= CANVAS_MAX;
    if (!fits || !canvas_init(c, (int)image.width, (int)image.height)) {
        png_image_free(&image);
        return fail(err, err_len, "cannot read", path, "the picture is too large");
    }
    if (png_image_finish_read(&image, NULL, c->px, c->stride * 4, NULL)) return true;
    canvas_free(c);
    return fail(err, err_len, "cannot read", path, image.message);
}
