// dns_wire.c - see dns_wire.h.
#include "scenarios/apps/dns_wire.h"

enum { CLASS_IN = 1, FLAG_ANSWER = 0x8000, FLAG_OPCODE = 0x7800, FLAG_CUT = 0x0200,
       FLAG_RECURSE = 0x0100, RCODE = 0xf, LABEL_MAX = 63, POINTER = 0xc0, NAME_MAX_LEN = 253,
       RECORD_LEN = 10 };

static char small(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

// What hosts are called (RFC 1123 §2.1), and the underscore of those that serve.
static bool may_stand_in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool dns_name_take(char to[DNS_NAME_TEXT], const char *text)
{
    size_t n = 0, label = 0;
    for (; text[n] != '\0' && n <= NAME_MAX_LEN; n++) {
        char c = small(text[n]);
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
        } else if (!may_stand_in_name(c) || ++label > LABEL_MAX) {
            return false;
        }
        to[n] = c;
    }
    if (n > 0 && label == 0) n--;  // a dot at the end says that the name is whole
    if (n == 0 || n > NAME_MAX_LEN) return false;
    to[n] = '\0';
    return true;
}

size_t dns_emit(const struct dns_question *q, uint8_t *p)
{
    memset(p, 0, DNS_HDR_LEN);
    put16(p, q->id);
    put16(p + 2, FLAG_RECURSE);
    put16(p + 4, 1);
    uint8_t *at = p + DNS_HDR_LEN;
    for (const char *label = q->name; *label != '\0';) {
        size_t len = strcspn(label, ".");
        *at = (uint8_t)len;
        memcpy(at + 1, label, len);
        at += 1 + len;
        label += len + (label[len] == '.');
    }
    *at++ = 0;
    put16(at, q->type);
    put16(at + 2, CLASS_IN);
    return (size_t)(at + 4 - p);
}

// --- in ----------------------------------------------------------------------------------------

struct reader { const uint8_t *p; size_t len, at; };

static bool put_label(char to[DNS_NAME_TEXT], size_t *n, const uint8_t *p, size_t len)
{
    if (*n + len + 1 > NAME_MAX_LEN) return false;
    if (*n > 0) to[(*n)++] = '.';
    for (size_t i = 0; i < len; i++) {
        char c = small((char)p[i]);
        if (!may_stand_in_name(c)) return false;
        to[(*n)++] = c;
    }
    return true;
}

// A name, and the reader moves behind it. Each pointer must point before all that was read of the
// name so far: then it ends.
static bool take_name(struct reader *r, char to[DNS_NAME_TEXT])
{
    size_t at = r->at, least = r->at, n = 0;
    bool jumped = false;
    for (;;) {
        if (at >= r->len) return false;
        unsigned head = r->p[at];
        if (head >= POINTER) {
            if (r->len - at < 2) return false;
            size_t target = get16(r->p + at) & 0x3fff;
            if (!jumped) r->at = at + 2;
            if (target >= least) return false;
            jumped = true;
            at = least = target;
        } else if (head > LABEL_MAX || r->len - at <= head) {
            return false;
        } else if (head == 0) {
            if (!jumped) r->at = at + 1;
            to[n] = '\0';
            return true;
        } else {
            if (!put_label(to, &n, r->p + at + 1, head)) return false;
            at += 1 + head;
        }
    }
}

struct record { char name[DNS_NAME_TEXT]; uint16_t type, class; uint32_t ttl; size_t at, len; };

static bool take_record(struct reader *r, struct record *rec)
{
    if (!take_name(r, rec->name) || r->len - r->at < RECORD_LEN) return false;
    const uint8_t *p = r->p + r->at;
    rec->type = get16(p);
    rec->class = get16(p + 2);
    rec->ttl = get32(p + 4);
    if (rec->ttl > INT32_MAX) rec->ttl = 0;  // RFC 2181 §8
    rec->len = get16(p + 8);
    rec->at = r->at + RECORD_LEN;
    if (rec->len > r->len - rec->at) return false;
    r->at = rec->at + rec->len;
    return true;
}

static void keep_least(uint32_t *ttl, uint32_t v) { if (v < *ttl) *ttl = v; }

// Follows the chain by one link, if the answers from `first` on have one. False: they are unsound.
static bool follow(struct dns_reply *k, const struct reader *first, unsigned answers, bool *moved)
{
    struct reader r = *first;
    struct record rec;
    *moved = false;
    for (unsigned i = 0; i < answers; i++) {
        if (!take_record(&r, &rec)) return false;
        if (rec.type != DNS_CNAME || rec.class != CLASS_IN || strcmp(rec.name, k->name) != 0)
            continue;
        struct reader data = {r.p, rec.at + rec.len, rec.at};
        if (!take_name(&data, k->name) || data.at != rec.at + rec.len) return false;
        keep_least(&k->ttl, rec.ttl);
        k->cnames++;
        *moved = true;
        return true;
    }
    return true;
}

static bool collect(struct dns_reply *k, const struct reader *first, unsigned answers,
                    uint16_t type)
{
    struct reader r = *first;
    struct record rec;
    for (unsigned i = 0; i < answers; i++) {
        if (!take_record(&r, &rec)) return false;
        if (rec.type != type || rec.class != CLASS_IN || strcmp(rec.name, k->name) != 0) continue;
        if (rec.len != (type == DNS_A ? 4 : 16)) return false;
        if (k->addrs == DNS_ADDRS) continue;
        const uint8_t *p = r.p + rec.at;
        k->addr[k->addrs++] = type == DNS_A ? addr_ip4_bytes(p) : addr_ip6_bytes(p);
        keep_least(&k->ttl, rec.ttl);
    }
    return true;
}

static bool take_answers(struct dns_reply *k, const struct reader *first, unsigned answers,
                         const struct dns_question *q)
{
    bool moved = true;
    memcpy(k->name, q->name, sizeof k->name);
    k->ttl = INT32_MAX;
    while (moved && k->cnames <= DNS_CHAIN_MAX)
        if (!follow(k, first, answers, &moved)) return false;
    return !moved && collect(k, first, answers, q->type);
}

bool dns_parse(struct dns_reply *reply, const struct dns_question *q, const uint8_t *p, size_t len)
{
    if (len < DNS_HDR_LEN || get16(p) != q->id || get16(p + 4) != 1) return false;
    unsigned flags = get16(p + 2);
    if (!(flags & FLAG_ANSWER) || (flags & FLAG_OPCODE) != 0) return false;
    struct reader r = {p, len, DNS_HDR_LEN};
    char name[DNS_NAME_TEXT];
    if (!take_name(&r, name) || strcmp(name, q->name) != 0 || len - r.at < 4) return false;
    if (get16(p + r.at) != q->type || get16(p + r.at + 2) != CLASS_IN) return false;
    r.at += 4;
    struct dns_reply k = {.rcode = flags & RCODE, .truncated = (flags & FLAG_CUT) != 0};
    if (!k.truncated && !take_answers(&k, &r, get16(p + 6), q)) return false;
    *reply = k;
    return true;
}
