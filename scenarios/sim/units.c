// units.c - see units.h.
#include "scenarios/sim/units.h"

#include "base/text.h"

enum { FRACTION_DIGITS = 9, QUEUE_MAX = 1000000, PPM = 1000000 };
static const nsec NSEC_MAX = SEC(100 * 365 * (int64_t)86400);
static const uint64_t RATE_MAX = 1000000000000;  // 1 Tbit/s

struct unit { const char *name; uint64_t factor; };

static bool word_eq(const char *a, const char *b)
{
    for (; *a != 0 && *b != 0; a++, b++) {
        char x = *a, y = *b;
        if (x >= 'A' && x <= 'Z') x = (char)(x + 32);
        if (y >= 'A' && y <= 'Z') y = (char)(y + 32);
        if (x != y) return false;
    }
    return *a == *b;
}

// "1.5s" with the units given, as a count of the smallest. What is finer than that is refused.
static bool take_scaled(const char *p, const struct unit *units, uint64_t max, uint64_t *v)
{
    uint64_t whole = 0, fraction = 0, scale = 1;
    if (!text_take_u64(&p, max, &whole)) return false;
    if (text_take_char(&p, '.')) {
        for (int digits = 0; *p >= '0' && *p <= '9'; p++, digits++, scale *= 10) {
            if (digits == FRACTION_DIGITS) return false;
            fraction = fraction * 10 + (uint64_t)(*p - '0');
        }
        if (scale == 1) return false;
    }
    for (; units->name != NULL; units++) {
        if (!word_eq(p, units->name)) continue;
        unsigned __int128 sum = (unsigned __int128)whole * units->factor
                                + (unsigned __int128)fraction * units->factor / scale;
        if ((unsigned __int128)fraction * units->factor % scale != 0 || sum > max) return false;
        *v = (uint64_t)sum;
        return true;
    }
    return false;
}

bool units_nsec(const char *text, nsec *v)
{
    static const struct unit units[] = {
        {"ns", 1}, {"us", 1000}, {"\xc2\xb5s", 1000}, {"ms", 1000000}, {"s", 1000000000},
        {"min", 60000000000}, {"h", 3600000000000}, {NULL, 0}};
    uint64_t n;
    if (!take_scaled(text, units, (uint64_t)NSEC_MAX, &n)) return false;
    *v = (nsec)n;
    return true;
}

bool units_rate(const char *text, uint64_t *bps)
{
    static const struct unit units[] = {{"bit", 1}, {"kbit", 1000}, {"mbit", 1000000},
                                        {"gbit", 1000000000}, {NULL, 0}};
    return take_scaled(text, units, RATE_MAX, bps) && *bps > 0;
}

bool units_ppm(const char *text, uint32_t *ppm)
{
    static const struct unit units[] = {{"%", 10000}, {"", PPM}, {NULL, 0}};
    uint64_t n;
    if (!take_scaled(text, units, PPM, &n)) return false;
    *ppm = (uint32_t)n;
    return true;
}

bool units_packets(const char *text, uint32_t *n)
{
    static const struct unit units[] = {{"p", 1}, {"", 1}, {NULL, 0}};
    uint64_t v;
    if (!take_scaled(text, units, QUEUE_MAX, &v) || v == 0) return false;
    *n = (uint32_t)v;
    return true;
}
