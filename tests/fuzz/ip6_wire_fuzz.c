// ip6_wire_fuzz.c - chains of IPv6 headers end, stay inside, and mean the same after a round trip.
#include "wire/ip6_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void there_and_back(struct ip6_packet *once)
{
    static uint8_t a[IP6_HDR_LEN + UINT16_MAX], b[IP6_EMIT_MAX];
    struct ip6_packet twice;
    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, IP6_EMIT_MAX);
    memset(b, 0x5a, sizeof b);
    // Most extension headers are not emitted, so the chain may shrink; the payload does not.
    size_t payload = (size_t)once->payload_len + IP6_HDR_LEN - once->hdr_len;
    size_t used = ip6_emit(once, a);
    if (payload + used - IP6_HDR_LEN > UINT16_MAX) return;
    once->payload_len = (uint16_t)(payload + used - IP6_HDR_LEN);
    CHECK(ip6_emit(once, a) == used);
    if (ip6_parse(&twice, a, sizeof a) != DROP_NONE) {
        CHECK(once->proto == IP6_NEXT_HOP || once->proto == IP6_NEXT_DEST ||
              once->proto == IP6_NEXT_ROUTING || once->proto == IP6_NEXT_FRAGMENT);
        return;  // a fragment of a chain is not walked, but here the rest is noise
    }
    CHECK(ip6_emit(&twice, b) <= IP6_EMIT_MAX);
    if (twice.problem == IP6_PROBLEM_NONE && twice.hdr_len == used)
        CHECK(memcmp(a, b, used) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    struct ip6_packet ip, quoted;
    enum drop why = ip6_parse(&ip, p, len);
    if (ip6_parse_quoted(&quoted, p, len) != DROP_NONE) {
        CHECK(why != DROP_NONE);  // whole packets are held to more, not to less
        return 0;
    }
    size_t end = (size_t)quoted.payload_len + IP6_HDR_LEN;
    CHECK(quoted.hdr_len >= IP6_HDR_LEN && quoted.hdr_len <= len && quoted.hdr_len <= end);
    CHECK(quoted.next_at < quoted.hdr_len && quoted.problem_at < len);
    if (quoted.problem == IP6_PROBLEM_NONE) CHECK(p[quoted.next_at] == quoted.proto);
    if (quoted.has_frag) CHECK(quoted.frag_at >= IP6_HDR_LEN && quoted.frag_at < quoted.hdr_len);
    if (why == DROP_NONE) CHECK(end <= len);
    else CHECK(why == DROP_IP6_BAD_LENGTH && end > len);
    if (quoted.problem == IP6_PROBLEM_NONE) there_and_back(&quoted);
    return 0;
}
