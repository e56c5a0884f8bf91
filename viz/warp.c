// see warp.h. Products of two 63-bit numbers are taken in 128 bits.
#include "viz/warp.h"

#include "viz/big.h"

#include <math.h>

__extension__ typedef __int128 wide;

enum { TORN_FACTOR = 20, TORN_AROUND = 4 };
static const psec REAL_MAX = INT64_MAX / 4;  // four weeks: what is longer is played faster

void warp_free(struct warp *w)
{
    big_free(w->at, w->cap * sizeof *w->at);
    big_free(w->shown, w->shown_cap * sizeof *w->shown);
    *w = (struct warp){.mode = w->mode};
}

// In whole milliseconds, so that no library's log10 can move a picture.
psec warp_gap(nsec dt)
{
    if (dt <= 0) return 0;
    double ms = 200 + 200 * log10((double)dt / 1000);
    return PSEC_MS(lrint(ms < 120 ? 120 : ms > 1400 ? 1400 : ms));
}

static bool grow(int64_t **array, size_t *cap)
{
    size_t wider = *cap != 0 ? *cap * 2 : 1024;
    int64_t *moved = big_realloc(*array, *cap * sizeof *moved, wider * sizeof *moved);
    if (moved == NULL) return false;
    *array = moved;
    *cap = wider;
    return true;
}

bool warp_add(struct warp *w, nsec at)
{
    if (w->n > 0 && at <= w->at[w->n - 1]) return true;
    if (w->n == w->cap && !grow(&w->at, &w->cap)) return false;
    if (w->n == w->shown_cap && !grow(&w->shown, &w->shown_cap)) return false;
    w->at[w->n] = at;
    w->shown[w->n] = w->n == 0 ? 0 : w->shown[w->n - 1] + warp_gap(at - w->at[w->n - 1]);
    w->n++;
    return true;
}

static nsec span(const struct warp *w) { return w->n == 0 ? 0 : w->at[w->n - 1] - w->at[0]; }

psec warp_length(const struct warp *w)
{
    if (w->n == 0) return 0;
    if (w->mode != WARP_REAL) return w->shown[w->n - 1];
    return span(w) < REAL_MAX / 1000 ? span(w) * 1000 : REAL_MAX;
}

size_t warp_find(const struct warp *w, nsec t)
{
    size_t lo = 0, hi = w->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (w->at[mid] <= t) lo = mid + 1;
        else hi = mid;
    }
    return lo == 0 ? 0 : lo - 1;
}

static size_t find_shown(const struct warp *w, psec shown)
{
    size_t lo = 0, hi = w->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (w->shown[mid] <= shown) lo = mid + 1;
        else hi = mid;
    }
    return lo == 0 ? 0 : lo - 1;
}

// Where part of `of` lies in `to`: downwards on the way to the screen, upwards on the way back,
// which makes the way back exact wherever the screen has the finer unit.
static int64_t scale_down(int64_t part, int64_t of, int64_t to)
{
    return of == 0 ? 0 : (int64_t)((wide)part * to / of);
}

static int64_t scale_up(int64_t part, int64_t of, int64_t to)
{
    return of == 0 ? 0 : (int64_t)(((wide)part * to + of - 1) / of);
}

psec warp_shown(const struct warp *w, nsec t)
{
    if (w->n == 0 || t <= w->at[0]) return 0;
    if (t >= w->at[w->n - 1]) return warp_length(w);
    if (w->mode == WARP_LINEAR || w->mode == WARP_REAL)
        return scale_down(t - w->at[0], span(w), warp_length(w));
    size_t i = warp_find(w, t);
    return w->shown[i] + scale_down(t - w->at[i], w->at[i + 1] - w->at[i],
                                    w->shown[i + 1] - w->shown[i]);
}

nsec warp_at(const struct warp *w, psec shown)
{
    if (w->n == 0) return 0;
    if (shown <= 0) return w->at[0];
    if (shown >= warp_length(w)) return w->at[w->n - 1];
    if (w->mode == WARP_LINEAR || w->mode == WARP_REAL)
        return w->at[0] + scale_up(shown, warp_length(w), span(w));
    size_t i = find_shown(w, shown);
    return w->at[i] + scale_up(shown - w->shown[i], w->shown[i + 1] - w->shown[i],
                               w->at[i + 1] - w->at[i]);
}

static int compare_gaps(const void *a, const void *b)
{
    nsec x = *(const nsec *)a, y = *(const nsec *)b;
    return (x > y) - (x < y);
}

bool warp_torn(const struct warp *w, size_t i)
{
    if (i + 1 >= w->n) return false;
    nsec around[2 * TORN_AROUND];
    size_t n = 0, from = i < TORN_AROUND ? 0 : i - TORN_AROUND;
    for (size_t k = from; k <= i + TORN_AROUND && k + 1 < w->n; k++)
        if (k != i) around[n++] = w->at[k + 1] - w->at[k];
    if (n == 0) return false;
    qsort(around, n, sizeof around[0], compare_gaps);
    return (w->at[i + 1] - w->at[i]) / TORN_FACTOR > around[n / 2];
}

const char *warp_mode_name(enum warp_mode mode)
{
    static const char *const names[] = {"event-paced", "linear", "real time", "fastest"};
    return (size_t)mode < ARRAY_LEN(names) ? names[mode] : "?";
}
