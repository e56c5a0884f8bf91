// random_event.h - an event of a given type whose every field is drawn by chance, from events.def
// itself, so that a new event or field is tested without a line more.
#ifndef RANDOM_EVENT_H
#define RANDOM_EVENT_H

#include "base/rng.h"
#include "core/trace.h"

enum { RANDOM_BYTES = 3000 };
static uint8_t random_bytes[RANDOM_BYTES];  // what strings and bytes point into

// Numbers of every size, the ends of their range among them.
static uint64_t random_u64(struct rng *r)
{
    uint64_t v = rng_next(r);
    return rng_below(r, 8) == 0 ? UINT64_MAX - (v & 1) : v >> rng_below(r, 64);
}

#define RANDOM(type) static void random_field_##type(struct rng *r, trace_##type *v)
#define RANDOM_NUMBER(type) RANDOM(type) { *v = (trace_##type)random_u64(r); }
#define RANDOM_WORD(type, count) RANDOM(type) { *v = (trace_##type)rng_below(r, count); }

RANDOM_NUMBER(u8) RANDOM_NUMBER(u16) RANDOM_NUMBER(u32) RANDOM_NUMBER(u64)
RANDOM_NUMBER(i32) RANDOM_NUMBER(i64) RANDOM_NUMBER(nsec)
RANDOM_WORD(drop, DROPS) RANDOM_WORD(sent, SENTS) RANDOM_WORD(step, STEPS)
RANDOM_WORD(call, SOCK_CALLS) RANDOM_WORD(sock_kind, SOCK_KINDS) RANDOM_WORD(nud, NUDS)
RANDOM_WORD(own, OWNS)
RANDOM_WORD(tcp_state, TCP_STATES) RANDOM_WORD(tcp_why, TCP_WHYS)
RANDOM_WORD(timer, TCP_TIMERS) RANDOM_WORD(cwnd, CWND_WHYS)
RANDOM(addr)
{
    *v = addr_any((enum family[]){FAMILY_NONE, FAMILY_IP4, FAMILY_IP6}[rng_below(r, 3)]);
    rng_fill(r, v->b, addr_len(*v));
}
RANDOM(endpoint)
{
    random_field_addr(r, &v->addr);
    random_field_u16(r, &v->port);
}
RANDOM(mac) { rng_fill(r, v->b, sizeof v->b); }
RANDOM(bytes)
{
    v->len = (uint32_t)rng_below(r, rng_below(r, 4) == 0 ? RANDOM_BYTES : 60);
    v->p = random_bytes + rng_below(r, RANDOM_BYTES - v->len);
}
RANDOM(str)
{
    trace_bytes bytes;
    random_field_bytes(r, &bytes);
    *v = (trace_str){(const char *)bytes.p, bytes.len};
}

static void random_event(struct rng *r, enum trace_type type, struct trace_event *ev)
{
    struct rng fixed;  // of its own: the first event must draw no more than the others
    rng_seed(&fixed, 1);
    if (random_bytes[0] == 0) rng_fill(&fixed, random_bytes, sizeof random_bytes);
    CHECK(random_bytes[0] != 0);
    memset(ev, 0, sizeof *ev);
    ev->type = type;
    ev->at = (nsec)random_u64(r);
    ev->order = random_u64(r);
    ev->host = (uint16_t)random_u64(r);
    ev->netif = (uint16_t)random_u64(r);
    ev->conn = (uint32_t)random_u64(r);
    switch (type) {
#define F(type_, field) random_field_##type_(r, &e->field);
#define EVENT(NAME, name, says, fields) \
    case TRACE_##NAME: { struct trace_##name##_event *e = &ev->name; fields } break;
#include "core/events.def"
#undef EVENT
#undef F
    case TRACE_TYPES: break;
    }
}

#endif
