// ip4_option.c - see ip4_option.h.
#include "wire/ip4_option.h"

#include "wire/ip4_wire.h"

enum { OPT_END = 0, OPT_NOP = 1, OPT_RECORD_ROUTE = 7, OPT_TIMESTAMP = 68 };
enum { ROUTE_FIRST = 4, TIME_FIRST = 5, TIME_ALONE = 0, TIME_AND_ADDR = 1, TIME_OF_GIVEN = 3,
       LOST_MOST = 15 };

static bool record_route(uint8_t *o, struct addr ours)
{
    if (o[1] < ROUTE_FIRST - 1 || o[2] < ROUTE_FIRST) return false;
    if (o[2] + 3 > o[1]) return true;  // it is full
    memcpy(o + o[2] - 1, ours.b, 4);
    o[2] = (uint8_t)(o[2] + 4);
    return true;
}

static bool record_time(uint8_t *o, struct addr ours, uint32_t ms)
{
    if (o[1] < TIME_FIRST - 1 || o[2] < TIME_FIRST) return false;
    unsigned kind = o[3] & 15, lost = o[3] >> 4, entry = kind == TIME_ALONE ? 4 : 8;
    uint8_t *at = o + o[2] - 1;
    if (o[2] + entry - 1 > o[1]) {  // it is full: the next one counts those who found no room
        if (kind != TIME_OF_GIVEN && lost < LOST_MOST) o[3] = (uint8_t)(o[3] + 16);
        return true;
    }
    if (kind == TIME_OF_GIVEN && memcmp(at, ours.b, 4) != 0) return true;  // another's turn
    if (kind == TIME_AND_ADDR) memcpy(at, ours.b, 4);
    put32(at + entry - 4, ms);
    o[2] = (uint8_t)(o[2] + entry);
    return true;
}

size_t ip4_options_echo(uint8_t out[IP4_OPTIONS_MAX], const uint8_t *hdr, struct addr ours,
                        uint32_t ms)
{
    const uint8_t *p = hdr + IP4_HDR_MIN, *end = hdr + (size_t)(hdr[0] & 15) * 4;
    size_t n = 0;
    while (p < end && *p != OPT_END) {
        size_t len = *p == OPT_NOP ? 1 : p[1];
        memcpy(out + n, p, len);
        if ((*p == OPT_RECORD_ROUTE && record_route(out + n, ours))
            || (*p == OPT_TIMESTAMP && record_time(out + n, ours, ms)))
            n += len;
        p += len;
    }
    while (n % 4 != 0) out[n++] = OPT_END;
    return n;
}
