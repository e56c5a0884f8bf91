// parse_packet.c - what follows < and >: TCP, UDP and ICMP packets. See parse.h.
#include "scenarios/drill/parse.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/tcp_wire.h"

// --- the IP header ------------------------------------------------------------------------------

static void parse_flow(struct lex *l, struct ip_says *ip)
{
    uint64_t n;
    ip->has_flow = lex_number(l, 0xfffff, &n);
    if (ip->has_flow) ip->flow = (uint32_t)n;
}

static bool parse_ip_word(struct lex *l, struct ip_says *ip)
{
    static const struct { const char *word; uint8_t ecn; } codes[] = {
        {"noecn", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}};
    uint64_t n;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (lex_take_word(l, codes[i].word)) {
            ip->has_ecn = true;
            ip->ecn = codes[i].ecn;
            return true;
        }
    if (lex_take_word(l, "ect01")) return ip->ect01 = true;
    if (lex_take_word(l, "tos")) {
        ip->has_tos = lex_number(l, 255, &n);
        if (ip->has_tos) ip->tos = (uint8_t)n;
        return true;
    }
    if (lex_take_word(l, "ttl")) {
        ip->has_ttl = lex_number(l, 255, &n);
        if (ip->has_ttl) ip->ttl = (uint8_t)n;
        return true;
    }
    if (!lex_take_word(l, "flowlabel")) return false;
    parse_flow(l, ip);
    return true;
}

static void parse_ip_says(struct lex *l, struct ip_says *ip)
{
    const char *close = lex_take(l, "[") ? "]" : lex_take(l, "(") ? ")" : NULL;
    if (close == NULL) return;
    do {
        if (!parse_ip_word(l, ip)) {
            lex_fail(l, lex_here(l), "noecn, ect0, ect1, ect01, ce, tos N, ttl N or flowlabel N "
                                     "is missing here");
            return;
        }
    } while (lex_take(l, ","));
    lex_need(l, close);
}

// --- encapsulation ------------------------------------------------------------------------------
// Read to its end, so that the error can say what it is about; none is spoken.

// The address that begins here. Of IPv6's, the last may have the prefix's own ':' right behind it.
static void parse_outer_address(struct lex *l, bool last)
{
    char text[64];
    struct addr a;
    uint32_t at = lex_here(l);
    size_t n = 0;
    while (at + n < l->len && n + 1 < sizeof text
           && (text_hex_digit(l->text[at + n]) >= 0 || l->text[at + n] == '.'
               || l->text[at + n] == ':'))
        n++;
    if (last && n > 0 && l->text[at + n - 1] == ':') n--;
    memcpy(text, l->text + at, n);
    text[n] = 0;
    if (addr_parse(&a, text)) l->at = at + n;
    else lex_fail(l, at, "an IP address is missing here");
}

static void parse_outer_ip(struct lex *l)
{
    struct ip_says ip = {0};
    parse_ip_says(l, &ip);
    parse_outer_address(l, false);
    lex_need(l, ">");
    if (!l->failed) parse_outer_address(l, true);
    if (!l->failed) parse_ip_says(l, &ip);
}

// flags [...] sum 0 off 0 key 7 seq 0, each of them or none
static void parse_outer_gre(struct lex *l)
{
    static const char *const words[] = {"sum", "off", "key", "seq"};
    uint64_t n;
    if (lex_take_word(l, "flags") && lex_need(l, "[")) lex_until(l, "]", lex_here(l));
    for (size_t i = 0; i < ARRAY_LEN(words) && !l->failed; i++)
        if (lex_take_word(l, words[i])) lex_number(l, UINT32_MAX, &n);
}

// (label 5, tc 0, [S], ttl 64), once or more
static void parse_outer_mpls(struct lex *l)
{
    uint32_t at = lex_here(l);
    if (lex_peek(l) != '(') lex_fail(l, at, "(label N, tc N, [S], ttl N) is missing here");
    while (lex_take(l, "(")) lex_until(l, ")", at);
}

static void parse_encap(struct lex *l, struct packet *p)
{
    static const struct { const char *word; void (*rest)(struct lex *); } prefixes[] = {
        {"ipv4", parse_outer_ip}, {"ipv6", parse_outer_ip}, {"gre", parse_outer_gre},
        {"mpls", parse_outer_mpls}};
    p->encap_at = lex_here(l);
    if (lex_take_word(l, "encap")) {
        uint64_t spi;
        p->encap = "psp";
        if (lex_take_word(l, "psp") && lex_take_word(l, "spi")) lex_number(l, UINT32_MAX, &spi);
        else lex_fail(l, lex_here(l), "after encap, psp spi N is expected");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(prefixes) && !l->failed; i++) {
        if (!lex_take_word(l, prefixes[i].word)) continue;
        p->encap = prefixes[i].word;
        prefixes[i].rest(l);
        if (!l->failed) lex_need(l, ":");
        i = (size_t)-1;  // another may follow
    }
}

static bool parse_ports(struct lex *l, struct packet *p)
{
    size_t at = lex_here(l);
    uint64_t from, to;
    if (!lex_is_number(l)) return true;
    while (l->at < l->len && l->text[l->at] >= '0' && l->text[l->at] <= '9') l->at++;
    bool ports = lex_peek(l) == '>';
    l->at = at;
    if (!ports) return true;
    if (!lex_number(l, 65535, &from) || !lex_need(l, ">") || !lex_number(l, 65535, &to))
        return false;
    p->has_ports = true;
    p->sport = (uint16_t)from;
    p->dport = (uint16_t)to;
    return true;
}

// --- TCP options --------------------------------------------------------------------------------

static bool number_into(struct lex *l, struct opt_says *o, uint64_t most)
{
    uint64_t n;
    if (!lex_number(l, most, &n)) return false;
    o->number[o->numbers++] = (uint32_t)n;
    return true;
}

static void parse_sack(struct lex *l, struct opt_says *o)
{
    o->kind = TCP_OPT_SACK;
    while (lex_is_number(l)) {
        if (o->numbers == 8) {
            lex_fail(l, lex_here(l), "a SACK option has at most four blocks");
            return;
        }
        if (!number_into(l, o, UINT32_MAX) || !lex_need(l, ":") || !number_into(l, o, UINT32_MAX))
            return;
    }
    o->len = (uint8_t)(o->numbers * 4);
    if (o->numbers == 0) lex_fail(l, o->at, "a SACK option has at least one block: sack 1:2");
}

// Bytes in hexadecimal: a cookie or a digest.
static void parse_hex(struct lex *l, struct opt_says *o, unsigned most)
{
    uint32_t at = lex_here(l);
    struct span hex = lex_hex(l);
    if (hex.len % 2 != 0) lex_fail(l, at, "two hexadecimal digits make a byte; one is left over");
    if (hex.len / 2 > most) lex_fail(l, at, "at most %u bytes fit here", most);
    if (l->failed) return;
    for (size_t i = 0; i < hex.len / 2; i++)
        o->bytes[o->len++] = (uint8_t)(text_hex_digit(hex.p[2 * i]) << 4
                                       | text_hex_digit(hex.p[2 * i + 1]));
}

static void parse_timestamps(struct lex *l, struct opt_says *o)
{
    o->kind = TCP_OPT_TS;
    o->len = 8;
    if (!lex_take_word(l, "val")) lex_fail(l, lex_here(l), "'val' is missing here");
    if (!l->failed && !number_into(l, o, UINT32_MAX)) return;
    if (!lex_take_word(l, "ecr")) lex_fail(l, lex_here(l), "'ecr' is missing here");
    if (!l->failed) number_into(l, o, UINT32_MAX);
}

// AccECN counters of 24 bits: e0b ceb e1b, or the other way round, or the first of them.
static void parse_accecn(struct lex *l, struct opt_says *o)
{
    static const char *const order[2][3] = {{"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
    bool other = lex_peek_word(l, "e1b");
    o->kind = other ? OPTION_ACCECN1 : OPTION_ACCECN0;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t n;
        if (!lex_take_word(l, order[other][i])) return;
        if (!lex_number(l, 0xffffff, &n)) return;
        o->bytes[o->len++] = (uint8_t)(n >> 16);
        o->bytes[o->len++] = (uint8_t)(n >> 8);
        o->bytes[o->len++] = (uint8_t)n;
    }
}

static void parse_option_body(struct lex *l, struct opt_says *o)
{
    if (lex_take_word(l, "nop")) {
        o->kind = TCP_OPT_NOP;
    } else if (lex_take_word(l, "eol")) {
        o->kind = TCP_OPT_END;
    } else if (lex_take_word(l, "mss")) {
        o->kind = TCP_OPT_MSS;
        o->len = 2;
        number_into(l, o, 65535);
    } else if (lex_take_word(l, "wscale")) {
        o->kind = TCP_OPT_WSCALE;
        o->len = 1;
        number_into(l, o, 255);
    } else if (lex_take_word(l, "sackOK")) {
        o->kind = TCP_OPT_SACK_OK;
    } else if (lex_take_word(l, "sack")) {
        parse_sack(l, o);
    } else if (lex_take_word(l, "TS")) {
        parse_timestamps(l, o);
    } else if (lex_take_word(l, "FO")) {
        o->kind = TCP_OPT_FASTOPEN;
        parse_hex(l, o, TCP_COOKIE_MAX + 4);
    } else if (lex_take_word(l, "FOEXP")) {
        o->kind = TCP_OPT_EXPERIMENT;
        o->experiment = true;
        o->bytes[o->len++] = TCP_EXPERIMENT_FASTOPEN >> 8;
        o->bytes[o->len++] = TCP_EXPERIMENT_FASTOPEN & 0xff;
        parse_hex(l, o, TCP_COOKIE_MAX + 4);
    } else if (lex_take_word(l, "md5")) {
        o->kind = TCP_OPT_MD5;
        parse_hex(l, o, 16);
        if (!l->failed && o->len != 16 && o->len != 0)
            lex_fail(l, o->at, "an MD5 digest has 16 bytes");
    } else if (lex_take_word(l, "ECN")) {
        parse_accecn(l, o);
    } else {
        lex_fail(l, o->at, "a TCP option is missing here: mss, nop, eol, wscale, sackOK, sack, TS, "
                           "FO, FOEXP, md5 or ECN");
    }
}

static unsigned option_size(const struct opt_says *o)
{
    return o->kind == TCP_OPT_NOP || o->kind == TCP_OPT_END ? 1 : 2u + o->len;
}

static void parse_options(struct lex *l, struct packet *p)
{
    uint32_t at = lex_here(l);
    if (!lex_take(l, "<")) return;
    if (lex_take(l, "...")) {
        p->any_options = true;
        if (!p->out) lex_fail(l, at, "an incoming packet's options must be said");
        lex_need(l, ">");
        return;
    }
    p->option = parse_take(l, OPTIONS_MAX * sizeof *p->option);
    unsigned size = 0;
    while (!l->failed && !lex_take(l, ">")) {
        if (p->options > 0 && !lex_need(l, ",")) return;
        struct opt_says *o = &p->option[p->options++];
        o->at = lex_here(l);
        parse_option_body(l, o);
        size += option_size(o);
        if (size > TCP_OPTS_MAX) lex_fail(l, o->at, "TCP options have at most 40 bytes");
    }
    if (size % 4 != 0)
        lex_fail(l, at, "these options have %u bytes; with nop or eol make it a multiple of 4",
                 size);
}

// --- TCP ----------------------------------------------------------------------------------------

static void parse_flag(struct lex *l, struct packet *p, char c)
{
    static const struct { char c; uint16_t flag; } flags[] = {
        {'F', TCP_FIN}, {'S', TCP_SYN}, {'R', TCP_RST}, {'P', TCP_PSH}, {'.', TCP_ACK},
        {'U', TCP_URG}, {'E', TCP_ECE}, {'W', TCP_CWR}, {'A', FLAG_AE}, {'-', 0}};
    if (c >= '0' && c <= '7') {
        if (p->has_ace) lex_fail(l, l->at, "there is one ACE counter");
        p->has_ace = true;
        p->ace = (uint8_t)(c - '0');
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        if (c != flags[i].c) continue;
        if (p->flags & flags[i].flag) lex_fail(l, l->at, "the flag %c stands here twice", c);
        p->flags |= flags[i].flag;
        return;
    }
    lex_fail(l, l->at, "'%c' is no TCP flag: S F R P U E W A, '.' for ACK, '-' for none",
             c > ' ' && c < 0x7f ? c : '?');
}

static void parse_flags(struct lex *l, struct packet *p)
{
    uint32_t at = lex_here(l);
    for (; l->at < l->len && l->text[l->at] > ' '; l->at++) parse_flag(l, p, l->text[l->at]);
    if (l->at == at) lex_fail(l, at, "TCP flags are missing here");
    if (p->has_ace && (p->flags & (TCP_ECE | TCP_CWR | FLAG_AE)))
        lex_fail(l, at, "an ACE counter is made of the flags E, W and A: say one or the other");
    if (p->has_ace && p->ace == 0) p->has_ace = false;
}

// a:b(n): from a, up to b, n bytes.
static void parse_range(struct lex *l, uint32_t *seq, uint32_t *len)
{
    uint64_t a, b, n;
    uint32_t at = lex_here(l);
    if (!lex_number(l, UINT32_MAX, &a) || !lex_need(l, ":") || !lex_number(l, UINT32_MAX, &b)
        || !lex_need(l, "(") || !lex_number(l, UINT32_MAX, &n) || !lex_need(l, ")"))
        return;
    *seq = (uint32_t)a;
    *len = (uint32_t)n;
    if ((uint32_t)(a + n) != (uint32_t)b)
        lex_fail(l, at, "%u and %u bytes more is %u, not %u", (unsigned)a, (unsigned)n,
                 (unsigned)(a + n), (unsigned)b);
}

static void parse_tcp(struct lex *l, struct packet *p)
{
    uint64_t n;
    if (!parse_ports(l, p)) return;
    parse_flags(l, p);
    uint32_t at = lex_here(l);
    if (!l->failed) parse_range(l, &p->seq, &p->len);
    if (p->len > 65535 && !p->out) lex_fail(l, at, "a packet has at most 65535 bytes of payload");
    if (lex_take_word(l, "ack") && lex_number(l, UINT32_MAX, &n)) {
        p->has_ack = true;
        p->ack = (uint32_t)n;
    }
    if (lex_take_word(l, "win") && lex_number(l, 65535, &n)) {
        p->has_win = true;
        p->win = (uint16_t)n;
    } else if (!l->failed && !p->out) {
        lex_fail(l, lex_here(l), "an incoming packet needs its window: win N");
    }
    if (lex_take_word(l, "urg") && lex_number(l, 65535, &n)) p->urg = (uint32_t)n;
    parse_options(l, p);
}

// --- UDP ----------------------------------------------------------------------------------------

static void parse_len(struct lex *l, uint32_t *len)
{
    uint64_t n;
    if (!lex_need(l, "(") || !lex_number(l, 65507, &n)) return;
    *len = (uint32_t)n;
    lex_need(l, ")");
}

static void parse_udp(struct lex *l, struct packet *p)
{
    p->kind = PACKET_UDP;
    if (parse_ports(l, p)) parse_len(l, &p->len);
}

// --- ICMP ---------------------------------------------------------------------------------------

enum { NOT = 255,                // no such type or code in this version
       UNREACHABLE_CODES = 20 };  // those that stand first among the codes

static const struct icmp_word { const char *word; uint8_t in4, in6; } types[] = {
    {"echo_reply", ICMP4_ECHO_REPLY, ICMP6_ECHO_REPLY},
    {"unreachable", ICMP4_UNREACHABLE, ICMP6_UNREACHABLE},
    {"source_quench", ICMP4_QUENCH, NOT},
    {"redirect", ICMP4_REDIRECT, ICMP6_REDIRECT},
    {"echo_request", ICMP4_ECHO, ICMP6_ECHO},
    {"time_exceeded", ICMP4_TIME_EXCEEDED, ICMP6_TIME_EXCEEDED},
    {"parameter_problem", ICMP4_PARAM_PROBLEM, ICMP6_PARAM_PROBLEM},
    {"timestamp_request", 13, NOT},   {"timestamp_reply", 14, NOT},
    {"information_request", 15, NOT}, {"information_reply", 16, NOT},
    {"address_mask_request", 17, NOT}, {"address_mask_reply", 18, NOT},
    {"packet_too_big", NOT, ICMP6_TOO_BIG},
};

static const struct icmp_word codes[] = {
    {"net_unreachable", 0, NOT},       {"host_unreachable", 1, NOT},
    {"protocol_unreachable", 2, NOT},  {"port_unreachable", 3, ICMP6_PORT},
    {"frag_needed", 4, NOT},           {"source_route_failed", 5, NOT},
    {"net_unknown", 6, NOT},           {"host_unknown", 7, NOT},
    {"source_host_isolated", 8, NOT},  {"net_prohibited", 9, NOT},
    {"host_prohibited", 10, NOT},      {"net_unreachable_for_tos", 11, NOT},
    {"host_unreachable_for_tos", 12, NOT}, {"packet_filtered", 13, NOT},
    {"precedence_violation", 14, NOT}, {"precedence_cutoff", 15, NOT},
    {"no_route", NOT, ICMP6_NO_ROUTE}, {"admin_prohibited", 13, ICMP6_ADMIN},
    {"not_neighbour", NOT, ICMP6_SCOPE}, {"address_unreachable", NOT, ICMP6_ADDRESS},
    {"ttl_exceeded", ICMP4_TTL, ICMP6_HOP_LIMIT},
    {"reassembly_time_exceeded", ICMP4_REASSEMBLY, ICMP6_REASSEMBLY},
};

static const struct icmp_word *icmp_word(struct span s, const struct icmp_word *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(words[i].word) == s.len && memcmp(words[i].word, s.p, s.len) == 0)
            return &words[i];
    return NULL;
}

static const char *word_of(uint8_t number, bool six, const struct icmp_word *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((six ? words[i].in6 : words[i].in4) == number) return words[i].word;
    return NULL;
}

const char *icmp_type_word(uint8_t type, bool six)
{
    return word_of(type, six, types, ARRAY_LEN(types));
}

const char *icmp_code_word(uint8_t type, uint8_t code, bool six)
{
    if (type == (six ? ICMP6_UNREACHABLE : ICMP4_UNREACHABLE))
        return word_of(code, six, codes, UNREACHABLE_CODES);
    if (type != (six ? ICMP6_TIME_EXCEEDED : ICMP4_TIME_EXCEEDED)) return NULL;
    return word_of(code, six, codes + UNREACHABLE_CODES, ARRAY_LEN(codes) - UNREACHABLE_CODES);
}

// In the version that has no such code, the nearest thing is code 0: the script may never run
// there, and the runner says so if it does.
static void parse_icmp_code(struct lex *l, struct icmp_says *icmp)
{
    if (!lex_is_word(l) || lex_peek_word(l, "mtu") || lex_peek_word(l, "id")) return;
    struct token t = lex_word(l);
    const struct icmp_word *w = icmp_word(t.text, codes, ARRAY_LEN(codes));
    if (w == NULL) {
        lex_fail(l, t.at, "'%.*s' is no ICMP code, and defined as none", (int)t.text.len, t.text.p);
        return;
    }
    icmp->code[0] = w->in4;
    icmp->code[1] = w->in6;
    icmp->in4 = icmp->in4 && w->in4 != NOT;
    icmp->in6 = icmp->in6 && w->in6 != NOT;
}

static void parse_quote(struct lex *l, struct packet *p)
{
    struct icmp_says *icmp = &p->icmp;
    icmp->has_quote = lex_take(l, "[");
    if (!icmp->has_quote) return;
    if (lex_take_word(l, "udp")) {
        icmp->quote = QUOTE_UDP;
        parse_len(l, &icmp->quote_len);
    } else if (lex_take_word(l, "raw")) {
        icmp->quote = QUOTE_RAW;
        parse_len(l, &p->len);
    } else {
        parse_range(l, &icmp->quote_seq, &icmp->quote_len);
    }
    lex_need(l, "]");
}

static void parse_icmp(struct lex *l, struct packet *p)
{
    struct icmp_says *icmp = &p->icmp;
    struct token t = lex_word(l);
    const struct icmp_word *w = icmp_word(t.text, types, ARRAY_LEN(types));
    uint64_t n;
    p->kind = PACKET_ICMP;
    if (w == NULL) {
        lex_fail(l, t.at, "an ICMP type is missing here: unreachable, echo_request, ...");
        return;
    }
    *icmp = (struct icmp_says){.type = {w->in4, w->in6}, .in4 = w->in4 != NOT,
                               .in6 = w->in6 != NOT};
    parse_icmp_code(l, icmp);
    if (lex_take_word(l, "mtu")) {
        icmp->has_mtu = lex_number(l, UINT32_MAX, &n);
        icmp->mtu = icmp->has_mtu ? (uint32_t)n : 0;
    }
    if (lex_take_word(l, "id")) {
        icmp->has_id = lex_number(l, 65535, &n);
        icmp->id = icmp->has_id ? (uint32_t)n : 0;
    }
    parse_quote(l, p);
}

struct packet *parse_packet(struct lex *l, bool out)
{
    struct packet *p = parse_take(l, sizeof *p);
    if (p == NULL) return NULL;
    p->out = out;
    parse_ip_says(l, &p->ip);
    if (p->ip.ect01 && !out)
        lex_fail(l, l->at, "ect01 leaves a choice; an incoming packet has none");
    parse_encap(l, p);
    if (l->failed) return NULL;
    if (lex_take_word(l, "udp")) parse_udp(l, p);
    else if (lex_take_word(l, "icmp")) parse_icmp(l, p);
    else parse_tcp(l, p);
    return l->failed ? NULL : p;
}
