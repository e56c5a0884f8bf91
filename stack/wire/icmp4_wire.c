// icmp4_wire.c - see icmp4_wire.h.
#include "wire/icmp4_wire.h"

bool icmp4_is_error(uint8_t type)
{
    switch (type) {
    case ICMP4_UNREACHABLE:
    case ICMP4_QUENCH:
    case ICMP4_REDIRECT:
    case ICMP4_TIME_EXCEEDED:
    case ICMP4_PARAM_PROBLEM: return true;
    default:                  return false;
    }
}

enum drop icmp4_parse(struct icmp4_message *m, const uint8_t *p, size_t len)
{
    const struct icmp4_hdr *h = (const struct icmp4_hdr *)p;
    if (len < ICMP4_HDR_LEN) return DROP_ICMP_TRUNCATED;
    *m = (struct icmp4_message){.type = h->type, .code = h->code};
    switch (h->type) {
    case ICMP4_ECHO:
    case ICMP4_ECHO_REPLY:
        m->id = get16(h->rest);
        m->seq = get16(h->rest + 2);
        break;
    case ICMP4_UNREACHABLE:
        if (h->code == ICMP4_FRAG_NEEDED) m->mtu = get16(h->rest + 2);
        break;
    case ICMP4_REDIRECT:
        m->gateway = addr_ip4_bytes(h->rest);
        break;
    case ICMP4_PARAM_PROBLEM:
        m->pointer = h->rest[0];
        break;
    }
    return DROP_NONE;
}

size_t icmp4_emit(const struct icmp4_message *m, uint8_t *p)
{
    struct icmp4_hdr *h = (struct icmp4_hdr *)p;
    *h = (struct icmp4_hdr){.type = m->type, .code = m->code};
    switch (m->type) {
    case ICMP4_ECHO:
    case ICMP4_ECHO_REPLY:
        put16(h->rest, m->id);
        put16(h->rest + 2, m->seq);
        break;
    case ICMP4_UNREACHABLE:
        if (m->code == ICMP4_FRAG_NEEDED) put16(h->rest + 2, m->mtu);
        break;
    case ICMP4_REDIRECT:
        memcpy(h->rest, m->gateway.b, sizeof h->rest);
        break;
    case ICMP4_PARAM_PROBLEM:
        h->rest[0] = m->pointer;
        break;
    }
    return ICMP4_HDR_LEN;
}
