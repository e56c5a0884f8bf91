// font.c - see font.h. Faces, sizes and the glyph cache over SDL2_ttf.
//
// SDL2_ttf gives whole-pixel positions only. Asking it for four times the horizontal resolution and
// summing four columns gives exactly the coverage of an outline moved by a quarter of a pixel, as
// light hinting moves outlines up and down but never sideways.
#include "viz/font.h"
#include "viz/font_files.h"
#include "viz/font_stroke.h"

#include <SDL2/SDL_ttf.h>
#include <math.h>
#include <stdio.h>

enum { CHAIN = 4, FACES = 24, SIZES = 64, EM = 2000, SUB = 4,
       GLYPHS = 1 << 14, GLYPH_BYTES_MAX = 16 << 20, WIDTHS = 1 << 12, SIZE_MAX_PX = 512 };

// A file in memory and its font at EM pixels, for widths.
struct face {
    char    *path;
    uint8_t *bytes;
    size_t   len;
    TTF_Font *em;
};

// A face at one size in quarter pixels, four times as wide as high.
struct sized { int face, quarters; TTF_Font *font; };

// A glyph's image at one of four offsets. The key packs role, size, offset and character.
struct glyph { uint64_t key; uint8_t *cov; int16_t x, y, w, h; };

// Which face has a character and how wide it is there, in EMths.
struct width { uint32_t key; int16_t face; uint16_t advance; };

struct fonts {
    struct face  face[FACES];
    int          faces;
    int          chain[FONT_ROLES][CHAIN], chain_n[FONT_ROLES];
    struct sized sized[SIZES];
    int          sizes;
    struct glyph glyph[GLYPHS];
    int          glyphs;
    size_t       glyph_bytes;
    struct width width[WIDTHS];
    int          widths;
};

// File names by preference, first the ones SCREEN asks for; the rest are near relatives.
static const char *const wanted[FONT_ROLES][10] = {
    [FONT_UI] = {"Inter-Medium", "InterVariable", "Inter-Regular", "Inter", "NotoSans-Medium",
                 "DejaVuSans", "NotoSans-Regular", "LiberationSans-Regular", "FreeSans"},
    [FONT_SEMI] = {"Inter-SemiBold", "Inter-Bold", "InterVariable", "Inter", "NotoSans-SemiBold",
                   "DejaVuSans-Bold", "NotoSans-Bold", "LiberationSans-Bold", "FreeSansBold"},
    [FONT_BOLD] = {"Inter-Bold", "Inter-SemiBold", "InterVariable", "Inter", "NotoSans-Bold",
                   "DejaVuSans-Bold", "LiberationSans-Bold", "FreeSansBold"},
    [FONT_MONO] = {"JetBrainsMono-Regular", "JetBrainsMono-Medium", "DejaVuSansMono",
                   "NotoSansMono-Regular", "LiberationMono-Regular", "FreeMono"},
    [FONT_MONO_SEMI] = {"JetBrainsMono-SemiBold", "JetBrainsMono-Bold", "DejaVuSansMono-Bold",
                        "NotoSansMono-Bold", "LiberationMono-Bold", "FreeMonoBold"},
};

static int face_open(struct fonts *f, const char *path)
{
    for (int i = 0; i < f->faces; i++)
        if (!strcmp(f->face[i].path, path)) return i;
    if (f->faces == FACES) return -1;
    struct face face = {.path = strdup(path)};
    face.bytes = font_file_load(path, &face.len);
    if (face.path && face.bytes && face.len <= INT32_MAX)
        face.em = TTF_OpenFontRW(SDL_RWFromConstMem(face.bytes, (int)face.len), 1, EM);
    if (!face.em) {  // not a font after all: the next in the chain will do
        free(face.path);
        free(face.bytes);
        return -1;
    }
    TTF_SetFontHinting(face.em, TTF_HINTING_NONE);
    f->face[f->faces] = face;
    return f->faces++;
}

static void chain_add(struct fonts *f, enum font_role role, const char *path)
{
    if (!path || f->chain_n[role] == CHAIN) return;
    int face = face_open(f, path);
    for (int i = 0; i < f->chain_n[role]; i++)
        if (f->chain[role][i] == face) return;
    if (face >= 0) f->chain[role][f->chain_n[role]++] = face;
}

// Two of the wanted family at most, then DejaVu, which has most symbols, then anything at all.
static void chain_build(struct fonts *f, const struct font_files *files)
{
    for (enum font_role role = 0; role < FONT_ROLES; role++) {
        for (size_t i = 0; i < ARRAY_LEN(wanted[role]) && wanted[role][i]; i++)
            if (f->chain_n[role] < 2) chain_add(f, role, font_files_find(files, wanted[role][i]));
        chain_add(f, role, font_files_find(files, "DejaVuSans"));
        for (int i = 0; i < files->n && f->chain_n[role] == 0; i++)
            chain_add(f, role, files->path[i]);
    }
}

static void scan_system(struct font_files *files)
{
    const char *home = getenv("HOME");
    char local[1024];
    font_files_scan(files, "/usr/share/fonts");
    font_files_scan(files, "/usr/local/share/fonts");
    if (home && (size_t)snprintf(local, sizeof local, "%s/.local/share/fonts", home) < sizeof local)
        font_files_scan(files, local);
}

struct fonts *fonts_open(const char *dir, char *err, size_t err_len)
{
    struct font_files files = {0};
    if (!dir || !*dir) dir = getenv("NETGLASS_FONT_DIR");
    if (dir && *dir && !font_files_scan(&files, dir)) {
        snprintf(err, err_len, "cannot read the font folder %.200s", dir);
        return NULL;
    }
    struct fonts *f = calloc(1, sizeof *f);
    if (!f) {
        snprintf(err, err_len, "no memory for fonts");
        return NULL;
    }
    scan_system(&files);
    unsetenv("FREETYPE_PROPERTIES");  // hinting is ours to choose: pictures must repeat
    if (!TTF_Init()) chain_build(f, &files);  // without SDL2_ttf the built-in font serves
    font_files_free(&files);
    return f;
}

static void glyphs_forget(struct fonts *f)
{
    for (int i = 0; i < GLYPHS; i++) free(f->glyph[i].cov);
    memset(f->glyph, 0, sizeof f->glyph);
    f->glyphs = 0;
    f->glyph_bytes = 0;
}

void fonts_close(struct fonts *f)
{
    if (!f) return;
    glyphs_forget(f);
    for (int i = 0; i < f->sizes; i++) TTF_CloseFont(f->sized[i].font);
    for (int i = 0; i < f->faces; i++) {
        TTF_CloseFont(f->face[i].em);
        free(f->face[i].bytes);
        free(f->face[i].path);
    }
    if (TTF_WasInit()) TTF_Quit();
    free(f);
}

const char *fonts_file(const struct fonts *f, enum font_role role)
{
    return f && f->chain_n[role] > 0 ? f->face[f->chain[role][0]].path : "";
}

uint32_t utf8_next(const char *s, size_t left, size_t *used)
{
    static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
    const uint8_t *p = (const uint8_t *)s;
    int more = p[0] < 0x80 ? 0 : p[0] >= 0xc2 && p[0] < 0xe0 ? 1 : p[0] >= 0xe0 && p[0] < 0xf0 ? 2
             : p[0] >= 0xf0 && p[0] < 0xf5 ? 3 : -1;
    *used = 1;
    if (more == 0) return p[0];
    if (more < 0 || (size_t)more >= left) return 0xfffd;
    uint32_t ch = p[0] & (0x3fu >> more);
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0xfffd;
        ch = ch << 6 | (p[i] & 0x3f);
    }
    if (ch < least[more] || ch > 0x10ffff || (ch >= 0xd800 && ch < 0xe000)) return 0xfffd;
    *used = (size_t)more + 1;
    return ch;
}

static uint32_t hash64(uint64_t key)
{
    return (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 40);
}

// The face in the role's chain that has the character, or -1 for our strokes.
static struct width width_find(const struct fonts *f, enum font_role role, uint32_t ch)
{
    struct width w = {.face = -1, .advance = (uint16_t)(FONT_STROKE_ADVANCE * EM)};
    for (int i = 0; i < f->chain_n[role]; i++) {
        int advance;
        TTF_Font *em = f->face[f->chain[role][i]].em;
        if (!TTF_GlyphIsProvided32(em, ch)) continue;
        if (TTF_GlyphMetrics32(em, ch, NULL, NULL, NULL, NULL, &advance)) continue;
        if (advance < 0 || advance > 8 * EM) continue;
        w.face = (int16_t)f->chain[role][i];
        w.advance = (uint16_t)advance;
        break;
    }
    return w;
}

static struct width width_of(struct fonts *f, enum font_role role, uint32_t ch)
{
    if (!f || f->chain_n[role] == 0)
        return (struct width){.face = -1, .advance = (uint16_t)(FONT_STROKE_ADVANCE * EM)};
    uint32_t key = ch << 3 | (uint32_t)role | 1u << 31;
    uint32_t at = hash64(key) % WIDTHS;
    while (f->width[at].key && f->width[at].key != key) at = (at + 1) % WIDTHS;
    if (f->width[at].key) return f->width[at];
    struct width w = width_find(f, role, ch);
    if (f->widths > WIDTHS / 2) {  // text in many scripts: start over
        memset(f->width, 0, sizeof f->width);
        f->widths = 0;
        at = hash64(key) % WIDTHS;
    }
    w.key = key;
    f->width[at] = w;
    f->widths++;
    return w;
}

float font_width_n(struct fonts *f, struct type t, const char *s, size_t len)
{
    uint32_t ems = 0;
    while (len > 0) {
        size_t used;
        uint32_t ch = utf8_next(s, len, &used);
        ems += width_of(f, t.role, ch).advance;
        s += used;
        len -= used;
    }
    return (float)ems / EM * t.size;
}

float font_width(struct fonts *f, struct type t, const char *s)
{
    return font_width_n(f, t, s, strlen(s));
}

size_t font_fit(struct fonts *f, struct type t, const char *s, float width)
{
    size_t len = strlen(s), fits = 0;
    float room = width - font_width(f, t, "\xe2\x80\xa6"), w = 0;
    if (font_width_n(f, t, s, len) <= width) return len;
    while (fits < len) {
        size_t used;
        uint32_t ch = utf8_next(s + fits, len - fits, &used);
        w += (float)width_of(f, t.role, ch).advance / EM * t.size;
        if (w > room) break;
        fits += used;
    }
    while (fits > 0 && s[fits - 1] == ' ') fits--;  // "word…", not "word …"
    return fits;
}

// The face at a size; the oldest makes room for a new one.
static TTF_Font *sized_font(struct fonts *f, int face, int quarters)
{
    for (int i = 0; i < f->sizes; i++)
        if (f->sized[i].face == face && f->sized[i].quarters == quarters) return f->sized[i].font;
    const struct face *file = &f->face[face];
    // quarters points at 18 dpi are quarters/4 pixels
    TTF_Font *font = TTF_OpenFontDPIRW(SDL_RWFromConstMem(file->bytes, (int)file->len), 1,
                                       quarters, 18 * SUB, 18);
    if (!font) return NULL;
    TTF_SetFontHinting(font, TTF_HINTING_LIGHT);
    TTF_SetFontKerning(font, 0);
    if (f->sizes == SIZES) {
        TTF_CloseFont(f->sized[0].font);
        memmove(f->sized, f->sized + 1, (SIZES - 1) * sizeof *f->sized);
        f->sizes--;
    }
    f->sized[f->sizes++] = (struct sized){face, quarters, font};
    return font;
}

// Sums each four columns of the wide image, moved right by sub quarters of a pixel.
static bool narrow(const SDL_Surface *wide, int pen, int sub, struct mask *m)
{
    int left = (int)floorf((float)(sub - pen) / SUB);
    int right = (int)ceilf((float)(wide->w + sub - pen) / SUB);
    m->x = left;
    m->w = right - left;
    m->h = wide->h;
    m->cov = calloc((size_t)m->w * (size_t)m->h, 1);
    if (!m->cov) return false;
    for (int y = 0; y < m->h; y++) {
        const uint8_t *row = (const uint8_t *)wide->pixels + (size_t)y * (size_t)wide->pitch;
        uint8_t *out = m->cov + (size_t)y * (size_t)m->w;
        for (int x = 0; x < m->w; x++) {
            int sum = 0;
            for (int k = 0; k < SUB; k++) {
                int from = (x + left) * SUB + k - sub + pen;
                if (from >= 0 && from < wide->w) sum += row[from];
            }
            out[x] = (uint8_t)((sum + SUB / 2) / SUB);
        }
    }
    return true;
}

struct wish { enum font_role role; int quarters, sub; uint32_t ch; };

static bool glyph_render(struct fonts *f, int face, struct wish w, struct mask *m)
{
    const SDL_Color white = {255, 255, 255, 255}, black = {0, 0, 0, 255};
    TTF_Font *font = sized_font(f, face, w.quarters);
    int minx, maxx, miny, maxy, advance;
    if (!font || TTF_GlyphMetrics32(font, w.ch, &minx, &maxx, &miny, &maxy, &advance)) return false;
    SDL_Surface *wide = TTF_RenderGlyph32_Shaded(font, w.ch, white, black);
    if (!wide) return false;
    int ascent = TTF_FontAscent(font);
    m->y = -(maxy > ascent ? maxy : ascent);
    bool ok = wide->format->BitsPerPixel == 8 && narrow(wide, minx < 0 ? -minx : 0, w.sub, m);
    SDL_FreeSurface(wide);
    return ok;
}

// Drops blank rows and columns, so that blending walks ink only.
static void mask_trim(struct mask *m)
{
    int x0 = m->w, x1 = 0, y0 = m->h, y1 = 0;
    for (int y = 0; y < m->h; y++)
        for (int x = 0; x < m->w; x++)
            if (m->cov[y * m->w + x]) {
                x0 = x < x0 ? x : x0;
                x1 = x + 1 > x1 ? x + 1 : x1;
                y0 = y < y0 ? y : y0;
                y1 = y + 1;
            }
    if (x1 <= x0) {
        m->w = m->h = 0;
        return;
    }
    for (int y = y0; y < y1; y++)
        memmove(m->cov + (y - y0) * (x1 - x0), m->cov + y * m->w + x0, (size_t)(x1 - x0));
    *m = (struct mask){m->cov, m->x + x0, m->y + y0, x1 - x0, y1 - y0};
}

static bool glyph_make(struct fonts *f, struct wish w, struct mask *m)
{
    if (w.ch <= ' ' || (w.ch >= 0x7f && w.ch <= 0xa0)) return false;
    int face = width_of(f, w.role, w.ch).face;
    if (face >= 0 && glyph_render(f, face, w, m)) {
        mask_trim(m);
        return true;
    }
    bool bold = w.role == FONT_SEMI || w.role == FONT_BOLD || w.role == FONT_MONO_SEMI;
    struct stroke_glyph g = {w.ch, (float)w.quarters / 4, (float)w.sub / SUB, bold};
    return font_stroke_draw(&g, m);
}

static const struct glyph *glyph_of(struct fonts *f, struct wish w)
{
    uint64_t key = 1ull << 63 | (uint64_t)w.role << 40 | (uint64_t)w.quarters << 24
                 | (uint64_t)w.sub << 21 | w.ch;
    uint32_t at = hash64(key) % GLYPHS;
    while (f->glyph[at].key && f->glyph[at].key != key) at = (at + 1) % GLYPHS;
    if (f->glyph[at].key) return &f->glyph[at];
    struct mask m = {0};
    if (!glyph_make(f, w, &m)) m = (struct mask){0};
    size_t bytes = (size_t)m.w * (size_t)m.h;
    if (f->glyphs > GLYPHS / 2 || f->glyph_bytes + bytes > GLYPH_BYTES_MAX) {
        glyphs_forget(f);
        at = hash64(key) % GLYPHS;
    }
    f->glyph[at] = (struct glyph){key, m.cov, (int16_t)m.x, (int16_t)m.y, (int16_t)m.w,
                                  (int16_t)m.h};
    f->glyphs++;
    f->glyph_bytes += bytes;
    return &f->glyph[at];
}

// Without fonts nothing is cached either: this is for tests and bare machines.
static void stroke_blit(struct canvas *c, struct wish w, struct pt at, uint32_t argb)
{
    struct mask m = {0};
    if (!glyph_make(NULL, w, &m)) return;
    m.x += (int)at.x;
    m.y += (int)at.y;
    canvas_blit(c, &m, argb);
    free(m.cov);
}

float font_draw(struct fonts *f, struct canvas *c, struct type t, struct pt at, struct text_run run)
{
    int quarters = (int)lroundf(fminf(fmaxf(t.size, 1), SIZE_MAX_PX) * 4);
    float pen = at.x, baseline = roundf(at.y);
    if (!isfinite(at.x) || !isfinite(at.y) || fabsf(baseline) > 2 * CANVAS_MAX) return pen;
    while (run.len > 0) {
        size_t used;
        uint32_t ch = utf8_next(run.s, run.len, &used);
        int at_quarter = fabsf(pen) < 2 * CANVAS_MAX ? (int)floorf(pen * SUB + 0.5f) : 0;
        struct wish w = {t.role, quarters, at_quarter & (SUB - 1), ch};
        int x = (at_quarter - w.sub) / SUB;
        if (fabsf(pen) >= 2 * CANVAS_MAX) {  // far off: measured, not drawn
        } else if (!f) {
            stroke_blit(c, w, pt((float)x, baseline), run.argb);
        } else {
            const struct glyph *g = glyph_of(f, w);
            struct mask m = {g->cov, x + g->x, (int)baseline + g->y, g->w, g->h};
            if (g->cov) canvas_blit(c, &m, run.argb);
        }
        pen += (float)width_of(f, t.role, ch).advance / EM * t.size;
        run.s += used;
        run.len -= used;
    }
    return pen;
}
