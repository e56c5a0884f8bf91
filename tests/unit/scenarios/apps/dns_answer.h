// dns_answer.h - DNS answers by hand, for tests: a question repeated, then records one by one.
#ifndef DNS_ANSWER_H
#define DNS_ANSWER_H

#include "scenarios/apps/dns_wire.h"

struct dns_bytes { uint8_t p[2048]; size_t len; };

enum { ANSWER_FLAGS = 0x8180, ANSWER_CUT = 0x0200 };

static inline struct dns_bytes answer_to(const struct dns_question *q, unsigned flags)
{
    struct dns_bytes b;
    b.len = dns_emit(q, b.p);
    put16(b.p + 2, (uint16_t)flags);
    return b;
}

static inline void answer_put(struct dns_bytes *b, const void *p, size_t len)
{
    memcpy(b->p + b->len, p, len);
    b->len += len;
}

// "www.server", or "@12" for a pointer to byte 12; "www@12" is a label and then a pointer.
static inline void answer_name(struct dns_bytes *b, const char *name)
{
    uint8_t *p = b->p + b->len;
    while (*name != '\0' && *name != '@') {
        size_t len = strcspn(name, ".@");
        *p++ = (uint8_t)len;
        memcpy(p, name, len);
        p += len;
        name += len + (name[len] == '.');
    }
    if (*name == '@') {
        put16(p, (uint16_t)(0xc000 | strtol(name + 1, NULL, 10)));
        p += 2;
    } else {
        *p++ = 0;
    }
    b->len = (size_t)(p - b->p);
}

static inline void answer_record(struct dns_bytes *b, const char *name, unsigned type, size_t len)
{
    uint8_t fields[10] = {0, (uint8_t)type, 0, 1, 0, 0, 0x0e, 0x10, (uint8_t)(len >> 8),
                          (uint8_t)len};
    answer_name(b, name);
    answer_put(b, fields, sizeof fields);
    put16(b->p + 6, (uint16_t)(get16(b->p + 6) + 1));
}

static inline void answer_addr(struct dns_bytes *b, const char *name, const char *addr)
{
    struct addr a;
    bool ok = addr_parse(&a, addr);
    CHECK(ok);
    answer_record(b, name, a.family == FAMILY_IP4 ? DNS_A : DNS_AAAA, addr_len(a));
    answer_put(b, a.b, addr_len(a));
}

static inline void answer_cname(struct dns_bytes *b, const char *name, const char *target)
{
    struct dns_bytes data = {.len = 0};
    answer_name(&data, target);
    answer_record(b, name, DNS_CNAME, data.len);
    answer_put(b, data.p, data.len);
}

#endif
