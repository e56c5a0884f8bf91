// tcp_wire_fuzz.c - a TCP header means the same after a round trip, and its options stay inside.
#include "wire/tcp_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    uint8_t a[TCP_HDR_MAX], b[TCP_HDR_MAX];
    struct tcp_seg once, twice;
    if (tcp_parse(&once, p, len) != DROP_NONE) return 0;
    CHECK(once.hdr_len <= len && once.opts.sacks <= TCP_SACK_MAX);
    CHECK(once.opts.wscale <= TCP_WSCALE_MAX && once.opts.fastopen.len <= TCP_COOKIE_MAX);

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, sizeof a);
    memset(b, 0x5a, sizeof b);
    size_t used = tcp_emit(&once, a);
    CHECK(tcp_parse(&twice, a, used) == DROP_NONE);
    CHECK(tcp_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
    return 0;
}
