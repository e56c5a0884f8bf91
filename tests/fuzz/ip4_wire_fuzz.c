// ip4_wire_fuzz.c - an IPv4 header means the same after a round trip, and its lengths hold.
#include "wire/ip4_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void there_and_back(struct ip4_packet *once)
{
    static uint8_t a[IP4_LEN_MAX], b[IP4_HDR_MAX];
    struct ip4_packet twice;
    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, IP4_HDR_MAX);
    memset(b, 0x5a, sizeof b);
    // Options other than router alert are not emitted: the header may shrink, the payload does not.
    size_t used = ip4_emit(once, a);
    once->total_len = (uint16_t)(once->total_len - once->hdr_len + used);
    CHECK(ip4_emit(once, a) == used);
    CHECK(ip4_csum_ok(a, used));
    CHECK(ip4_parse(&twice, a, sizeof a) == DROP_NONE);
    CHECK(ip4_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    struct ip4_packet ip, quoted;
    enum drop why = ip4_parse(&ip, p, len);
    if (ip4_parse_quoted(&quoted, p, len) != DROP_NONE) {
        CHECK(why != DROP_NONE);  // whole packets are held to more, not to less
        return 0;
    }
    CHECK(quoted.hdr_len >= IP4_HDR_MIN && quoted.hdr_len <= len);
    CHECK(quoted.total_len >= quoted.hdr_len);
    CHECK(quoted.frag_offset + quoted.total_len - quoted.hdr_len <= IP4_LEN_MAX);
    if (why == DROP_NONE) CHECK(ip.total_len <= len);
    else CHECK(why == DROP_IP4_BAD_LENGTH && quoted.total_len > len);
    there_and_back(&quoted);
    return 0;
}
