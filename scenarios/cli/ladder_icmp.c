// ladder_icmp.c - see ladder_rows.h: what the small protocols under the others say, in both
// families: ICMP, the discovery of neighbours, the reports of groups; and fragments.
#include "scenarios/cli/ladder_rows.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/ndp_wire.h"

static void put_number(struct text *t, const char *what, uint64_t n)
{
    text_put_str(t, what);
    text_put_u64(t, n);
}

// --- IPv4 ----------------------------------------------------------------------------------------

static const char *unreachable4(uint8_t code)
{
    switch (code) {
    case ICMP4_NET:         return "ICMP net unreachable";
    case ICMP4_HOST:        return "ICMP host unreachable";
    case ICMP4_PROTO:       return "ICMP protocol unreachable";
    case ICMP4_PORT:        return "ICMP port unreachable";
    case ICMP4_FRAG_NEEDED: return "ICMP fragmentation needed";
    default:                return "ICMP unreachable";
    }
}

void ladder_read_icmp4(struct row *r, const uint8_t *p, size_t len)
{
    struct icmp4_message m;
    if (icmp4_parse(&m, p, len) != DROP_NONE) return;
    struct text t = text_of(r->text, sizeof r->text);
    r->look = LOOK_ICMP;
    switch (m.type) {
    case ICMP4_ECHO:          put_number(&t, "ICMP echo request seq=", m.seq); break;
    case ICMP4_ECHO_REPLY:    put_number(&t, "ICMP echo reply seq=", m.seq); break;
    case ICMP4_UNREACHABLE:   text_put_str(&t, unreachable4(m.code)); break;
    case ICMP4_TIME_EXCEEDED: text_put_str(&t, "ICMP time exceeded"); break;
    case ICMP4_REDIRECT:      text_put_str(&t, "ICMP redirect"); break;
    default:                  put_number(&t, "ICMP type ", m.type); break;
    }
}

// --- IPv6 ----------------------------------------------------------------------------------------

static const char *unreachable6(uint8_t code)
{
    switch (code) {
    case ICMP6_NO_ROUTE: return "ICMPv6 no route";
    case ICMP6_ADDRESS:  return "ICMPv6 address unreachable";
    case ICMP6_PORT:     return "ICMPv6 port unreachable";
    default:             return "ICMPv6 unreachable";
    }
}

// The words of ARP, for the same question and the same answer.
static void read_ndp(struct row *r, const uint8_t *p, size_t len)
{
    struct ndp_message m;
    if (ndp_parse(&m, p, len) != DROP_NONE) return;
    struct text t = text_of(r->text, sizeof r->text);
    r->look = LOOK_ARP;
    switch (m.type) {
    case ICMP6_NEIGHBOUR_SOLICIT:
        text_put_str(&t, "NDP who has ");
        text_put_addr(&t, m.target);
        text_put_char(&t, '?');
        break;
    case ICMP6_NEIGHBOUR_ADVERT:
        text_put_str(&t, "NDP ");
        text_put_addr(&t, m.target);
        text_put_str(&t, m.has_target_mac ? " is at " : " is here");
        if (m.has_target_mac) text_put_mac(&t, m.target_mac);
        break;
    case ICMP6_ROUTER_SOLICIT: text_put_str(&t, "NDP is there a router?"); break;
    case ICMP6_ROUTER_ADVERT:  put_number(&t, "NDP I am a router for s=", m.lifetime_s); break;
    default:                   text_put_str(&t, "NDP redirect"); break;
    }
}

void ladder_read_icmp6(struct row *r, const uint8_t *p, size_t len)
{
    struct icmp6_message m;
    if (len > 0 && ndp_is_type(p[0])) {
        read_ndp(r, p, len);
        return;
    }
    if (icmp6_parse(&m, p, len) != DROP_NONE) return;
    struct text t = text_of(r->text, sizeof r->text);
    r->look = LOOK_ICMP;
    switch (m.type) {
    case ICMP6_ECHO:          put_number(&t, "ICMPv6 echo request seq=", m.seq); break;
    case ICMP6_ECHO_REPLY:    put_number(&t, "ICMPv6 echo reply seq=", m.seq); break;
    case ICMP6_UNREACHABLE:   text_put_str(&t, unreachable6(m.code)); break;
    case ICMP6_TOO_BIG:       put_number(&t, "ICMPv6 too big, mtu=", m.mtu); break;
    case ICMP6_TIME_EXCEEDED: text_put_str(&t, "ICMPv6 time exceeded"); break;
    case ICMP6_MLD2_REPORT:   text_put_str(&t, "MLD report of groups"); break;
    case ICMP6_MLD_QUERY:     text_put_str(&t, "MLD which groups?"); break;
    default:                  put_number(&t, "ICMPv6 type ", m.type); break;
    }
}

// --- both ----------------------------------------------------------------------------------------

void ladder_read_fragment(struct row *r, const struct ladder_fragment *f)
{
    struct text t = text_of(r->text, sizeof r->text);
    r->look = LOOK_PLAIN;
    put_number(&t, "fragment ", f->at);
    put_number(&t, "..", f->at + f->len);
    text_put_str(&t, f->more ? ", more" : ", the last");
    put_number(&t, ", id=", f->id);
}
