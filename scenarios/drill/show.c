// show.c - packets in the words of a script, part by part, so that two can stand under each other.
#include "scenarios/drill/run.h"

#include "wire/icmp4_wire.h"
#include "wire/tcp_wire.h"
#include "wire/ip_wire.h"

void show_flags(struct text *t, uint16_t flags)
{
    static const struct { uint16_t flag; char c; } names[] = {
        {TCP_FIN, 'F'}, {TCP_SYN, 'S'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'}, {TCP_URG, 'U'},
        {TCP_ECE, 'E'}, {TCP_CWR, 'W'}, {FLAG_AE, 'A'}, {TCP_ACK, '.'}};
    size_t before = t->len;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (flags & names[i].flag) text_put_char(t, names[i].c);
    if (t->len == before) text_put_char(t, '-');
}

static struct text part(struct show *s, int which)
{
    return text_of(s->part[which], sizeof s->part[which]);
}

static void put_word_number(struct text *t, const char *word, uint64_t n)
{
    if (t->len > 0) text_put_char(t, ' ');
    text_put_str(t, word);
    text_put_char(t, ' ');
    text_put_u64(t, n);
}

static void put_range(struct text *t, uint32_t seq, uint32_t len)
{
    text_put_u64(t, seq);
    text_put_char(t, ':');
    text_put_u64(t, seq + len);
    text_put_char(t, '(');
    text_put_u64(t, len);
    text_put_char(t, ')');
}

// --- options ------------------------------------------------------------------------------------

static void put_hex(struct text *t, const char *word, const uint8_t *p, size_t len)
{
    text_put_str(t, word);
    if (len > 0) text_put_char(t, ' ');
    text_put_dump(t, p, len);
}

static void put_accecn(struct text *t, const struct opt_says *o)
{
    static const char *const order[2][3] = {{"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
    text_put_str(t, "ECN");
    for (unsigned i = 0; i * 3 + 3 <= o->len; i++) {
        const uint8_t *p = o->bytes + 3 * i;
        put_word_number(t, order[o->kind == OPTION_ACCECN1][i],
                        (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]);
    }
}

static void put_option(struct text *t, const struct opt_says *o)
{
    switch (o->kind) {
    case TCP_OPT_NOP:     text_put_str(t, "nop"); break;
    case TCP_OPT_END:     text_put_str(t, "eol"); break;
    case TCP_OPT_MSS:     text_put_str(t, "mss "); text_put_u64(t, o->number[0]); break;
    case TCP_OPT_WSCALE:  text_put_str(t, "wscale "); text_put_u64(t, o->number[0]); break;
    case TCP_OPT_SACK_OK: text_put_str(t, "sackOK"); break;
    case TCP_OPT_SACK:
        text_put_str(t, "sack");
        for (unsigned i = 0; i + 1 < o->numbers; i += 2) {
            text_put_char(t, ' ');
            text_put_u64(t, o->number[i]);
            text_put_char(t, ':');
            text_put_u64(t, o->number[i + 1]);
        }
        break;
    case TCP_OPT_TS:
        text_put_str(t, "TS");
        put_word_number(t, "val", o->number[0]);
        put_word_number(t, "ecr", o->number[1]);
        break;
    case TCP_OPT_FASTOPEN: put_hex(t, "FO", o->bytes, o->len); break;
    case TCP_OPT_MD5:      put_hex(t, "md5", o->bytes, o->len); break;
    case OPTION_ACCECN0: case OPTION_ACCECN1: put_accecn(t, o); break;
    default:
        if (o->kind == TCP_OPT_EXPERIMENT && o->len >= 2
            && get16(o->bytes) == TCP_EXPERIMENT_FASTOPEN) {
            put_hex(t, "FOEXP", o->bytes + 2, o->len - 2u);
            break;
        }
        text_put_str(t, "kind ");
        text_put_u64(t, o->kind);
        put_hex(t, "", o->bytes, o->len);
    }
}

static void put_options(struct text *t, const struct opt_says *o, unsigned n)
{
    if (n == 0) return;
    text_put_char(t, '<');
    for (unsigned i = 0; i < n; i++) {
        if (i > 0) text_put_char(t, ',');
        put_option(t, &o[i]);
    }
    text_put_char(t, '>');
}

// --- the script's packet ------------------------------------------------------------------------

const char *show_ecn(uint8_t codepoint)
{
    static const char *const words[] = {"noecn", "ect1", "ect0", "ce"};
    return words[codepoint & 3];
}

static void put_ip_says(struct text *t, const struct ip_says *ip)
{
    if (ip->has_ecn) text_put_str(t, show_ecn(ip->ecn));
    if (ip->ect01) text_put_str(t, "ect01");
    if (ip->has_tos) put_word_number(t, "tos", ip->tos);
    if (ip->has_ttl) put_word_number(t, "ttl", ip->ttl);
    if (ip->has_flow) put_word_number(t, "flowlabel", ip->flow);
}

struct icmp_name { uint8_t type, code; bool six; };

// Its words, and where the language has none its numbers.
static void put_icmp(struct text *t, struct icmp_name n, const struct icmp_says *says)
{
    const char *type = icmp_type_word(n.type, n.six), *code = NULL;
    text_put_str(t, "icmp ");
    if (type != NULL) text_put_str(t, type);
    else put_word_number(t, "type", n.type);
    if (type != NULL) code = icmp_code_word(n.type, n.code, n.six);
    if (code != NULL) {
        text_put_char(t, ' ');
        text_put_str(t, code);
    } else if (n.code != 0) {
        put_word_number(t, "code", n.code);
    }
    if (says->has_mtu) put_word_number(t, "mtu", says->mtu);
    if (says->has_id) put_word_number(t, "id", says->id);
}

static uint16_t flags_of(const struct packet *p)
{
    if (!p->has_ace) return p->flags;
    return (uint16_t)(p->flags | (p->ace & 1 ? TCP_ECE : 0) | (p->ace & 2 ? TCP_CWR : 0)
                      | (p->ace & 4 ? FLAG_AE : 0));
}

void show_packet(struct show *s, const struct packet *p, bool six)
{
    *s = (struct show){0};
    struct text ip = part(s, SHOW_IP), head = part(s, SHOW_HEAD), range = part(s, SHOW_RANGE);
    put_ip_says(&ip, &p->ip);
    if (p->has_ports) {
        text_put_u64(&head, p->sport);
        text_put_str(&head, " > ");
        text_put_u64(&head, p->dport);
        text_put_char(&head, ' ');
    }
    if (p->kind == PACKET_ICMP) {
        put_icmp(&head, (struct icmp_name){p->icmp.type[six], p->icmp.code[six], six}, &p->icmp);
    } else if (p->kind == PACKET_UDP) {
        text_put_str(&head, "udp");
        text_put_char(&range, '(');
        text_put_u64(&range, p->len);
        text_put_char(&range, ')');
    } else {
        show_flags(&head, flags_of(p));
        put_range(&range, p->seq, p->len);
        struct text ack = part(s, SHOW_ACK), win = part(s, SHOW_WIN), urg = part(s, SHOW_URG);
        struct text options = part(s, SHOW_OPTIONS);
        if (p->has_ack || p->flags & TCP_ACK) put_word_number(&ack, "ack", p->ack);
        if (p->has_win) put_word_number(&win, "win", p->win);
        if (p->urg != 0) put_word_number(&urg, "urg", p->urg);
        if (p->any_options) text_put_str(&options, "<...>");
        else put_options(&options, p->option, p->options);
    }
}

// --- the packet that left -----------------------------------------------------------------------

// Options of the wire as a script would say them, numbers relative where they are the script's.
static unsigned read_options(const struct live *l, struct opt_says *o)
{
    const uint8_t *at = l->opts, *end = l->opts + l->opts_len;
    struct tcp_option raw;
    unsigned n = 0;
    while (n < OPTIONS_MAX && at < end) {
        if (*at == TCP_OPT_NOP || *at == TCP_OPT_END) {
            o[n++] = (struct opt_says){.kind = *at++};
            continue;
        }
        if (tcp_option_next(&raw, &at, end) != TCP_OPTION_ONE) break;
        struct opt_says *one = &o[n++];
        *one = (struct opt_says){.kind = raw.kind, .len = raw.len};
        memcpy(one->bytes, raw.body, raw.len < OPTION_BYTES ? raw.len : OPTION_BYTES);
        unsigned size = raw.kind == TCP_OPT_WSCALE ? 1 : raw.kind == TCP_OPT_MSS ? 2 : 4;
        for (unsigned i = 0; i * size + size <= raw.len && i < 8; i++) {
            const uint8_t *p = raw.body + i * size;
            one->number[one->numbers++] = size == 1 ? p[0] : size == 2 ? get16(p) : get32(p);
        }
        bool stamped = raw.kind == TCP_OPT_TS && l->flow != NULL && l->flow->stamps_known;
        if (stamped) one->number[0] += l->flow->first.script - l->flow->first.live;
        for (unsigned i = 0; raw.kind == TCP_OPT_SACK && i < one->numbers; i++)
            one->number[i] = flow_script_remote(l->flow, one->number[i], false);
    }
    return n;
}

static void show_live_tcp(struct show *s, const struct live *l, const struct packet *like)
{
    struct text head = part(s, SHOW_HEAD), range = part(s, SHOW_RANGE), ack = part(s, SHOW_ACK);
    struct text win = part(s, SHOW_WIN), urg = part(s, SHOW_URG), options = part(s, SHOW_OPTIONS);
    bool syn = (l->flags & TCP_SYN) != 0;
    struct opt_says o[OPTIONS_MAX];
    if (like != NULL && like->has_ports) {
        text_put_u64(&head, l->sport);
        text_put_str(&head, " > ");
        text_put_u64(&head, l->dport);
        text_put_char(&head, ' ');
    }
    show_flags(&head, l->flags);
    put_range(&range, flow_script_local(l->flow, l->seq, syn), l->payload_len);
    if (l->flags & TCP_ACK)
        put_word_number(&ack, "ack", flow_script_remote(l->flow, l->ack, syn));
    else if (like != NULL && like->has_ack)
        put_word_number(&ack, "ack", l->ack);
    if (like == NULL || like->has_win) put_word_number(&win, "win", l->win);
    if (l->urg != 0) put_word_number(&urg, "urg", l->urg);
    put_options(&options, o, read_options(l, o));
}

void show_live(struct show *s, const struct live *l, const struct packet *like)
{
    *s = (struct show){0};
    struct text ip = part(s, SHOW_IP), head = part(s, SHOW_HEAD), range = part(s, SHOW_RANGE);
    if (like != NULL) {
        struct ip_says says = like->ip;
        says.has_ecn = says.has_ecn || says.ect01;
        says.ect01 = false;
        says.ecn = l->tos & 3;
        says.tos = l->tos;
        says.ttl = l->ttl;
        says.flow = l->flow_label;
        put_ip_says(&ip, &says);
    }
    if (l->bad != DROP_NONE) {
        text_put_str(&head, "unreadable: ");
        text_put_str(&head, drop_name(l->bad));
    } else if (l->proto == IP_PROTO_TCP) {
        show_live_tcp(s, l, like);
    } else if (l->proto == IP_PROTO_UDP) {
        text_put_str(&head, "udp");
        text_put_char(&range, '(');
        text_put_u64(&range, l->payload_len);
        text_put_char(&range, ')');
    } else {
        struct icmp_says says = like != NULL ? like->icmp : (struct icmp_says){0};
        says.mtu = l->mtu;
        says.id = l->id;
        bool six = l->proto == IP_PROTO_ICMP6;
        put_icmp(&head, (struct icmp_name){l->type, l->code, six}, &says);
    }
}
