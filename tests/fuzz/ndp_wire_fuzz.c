// ndp_wire_fuzz.c - neighbour discovery means the same after a round trip, and its quote stays
// inside.
#include "wire/ndp_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    static uint8_t a[NDP_EMIT_MAX + 255 * 8], b[NDP_EMIT_MAX + 255 * 8];
    struct ndp_message once, twice;
    if (ndp_parse(&once, p, len) != DROP_NONE) return 0;
    CHECK(once.prefixes <= NDP_PREFIX_MAX && once.servers <= NDP_SERVERS_MAX);
    if (once.quoted != NULL)
        CHECK(once.quoted >= p && once.quoted_len <= (size_t)(p + len - once.quoted));

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, sizeof a);
    memset(b, 0x5a, sizeof b);
    size_t used = ndp_emit(&once, a);
    CHECK(ndp_parse(&twice, a, used) == DROP_NONE);
    CHECK(twice.servers == once.servers);
    CHECK(once.servers == 0 || twice.servers_s == once.servers_s);
    for (int i = 0; i < once.servers; i++) CHECK(addr_eq(twice.server[i], once.server[i]));
    CHECK(ndp_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
    return 0;
}
