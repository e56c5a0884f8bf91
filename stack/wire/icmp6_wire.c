// icmp6_wire.c - see icmp6_wire.h.
#include "wire/icmp6_wire.h"

enum drop icmp6_parse(struct icmp6_message *m, const uint8_t *p, size_t len)
{
    const struct icmp6_hdr *h = (const struct icmp6_hdr *)p;
    if (len < ICMP6_HDR_LEN) return DROP_ICMP_TRUNCATED;
    *m = (struct icmp6_message){.type = h->type, .code = h->code};
    switch (h->type) {
    case ICMP6_ECHO:
    case ICMP6_ECHO_REPLY:
        m->id = get16(h->rest);
        m->seq = get16(h->rest + 2);
        break;
    case ICMP6_TOO_BIG:       m->mtu = get32(h->rest); break;
    case ICMP6_PARAM_PROBLEM: m->pointer = get32(h->rest); break;
    }
    return DROP_NONE;
}

size_t icmp6_emit(const struct icmp6_message *m, uint8_t *p)
{
    struct icmp6_hdr *h = (struct icmp6_hdr *)p;
    *h = (struct icmp6_hdr){.type = m->type, .code = m->code};
    switch (m->type) {
    case ICMP6_ECHO:
    case ICMP6_ECHO_REPLY:
        put16(h->rest, m->id);
        put16(h->rest + 2, m->seq);
        break;
    case ICMP6_TOO_BIG:       put32(h->rest, m->mtu); break;
    case ICMP6_PARAM_PROBLEM: put32(h->rest, m->pointer); break;
    }
    return ICMP6_HDR_LEN;
}
