// trace.c - see trace.h. Everything that knows the fields of an event reads events.def, with F
// meaning something else each time: add to the size, write, read, print. So a new event or field
// needs no line here, and a new type of field needs one function of each kind.
#include "core/trace.h"

#include "base/hash.h"

enum { VARINT_MAX = 10, HEADER_MAX = 6 * VARINT_MAX };

void trace_emit(struct trace_sink *sink, struct trace_event *ev)
{
    ev->order = sink->next_order++;
    sink->emit(sink, ev);
}

static const struct { const char *name, *text; } types[] = {
#define EVENT(NAME, name, says, fields) {#name, says},
#include "core/events.def"
#undef EVENT
};
static_assert(ARRAY_LEN(types) == TRACE_TYPES, "each type of event has its name");

const char *trace_type_name(enum trace_type type)
{
    return type < TRACE_TYPES ? types[type].name : "?";
}

const char *trace_type_text(enum trace_type type)
{
    return type < TRACE_TYPES ? types[type].text : "?";
}

// --- size: an upper bound of each field -------------------------------------------------------

#define SIZE_NUMBER(type) \
    static inline size_t size_##type(const trace_##type *v) { (void)v; return VARINT_MAX; }
#define SIZE_PLUS(type, bytes) \
    static inline size_t size_##type(const trace_##type *v) { return VARINT_MAX + (bytes); }

#define NUMBERS(X) X(u8) X(u16) X(u32) X(u64) X(i32) X(i64) X(nsec)
#define WORDS(X)                                                                             \
    X(drop, drop, DROPS) X(sent, sent, SENTS) X(step, step, STEPS)                           \
    X(call, sock_call, SOCK_CALLS) X(sock_kind, sock_kind, SOCK_KINDS)                       \
    X(tcp_state, tcp_state, TCP_STATES) X(tcp_why, tcp_why, TCP_WHYS)                        \
    X(timer, tcp_timer, TCP_TIMERS) X(cwnd, cwnd_why, CWND_WHYS) X(nud, nud, NUDS)   \
    X(own, own, OWNS)
#define SIZE_WORD(type, noun, count) SIZE_NUMBER(type)

NUMBERS(SIZE_NUMBER)
WORDS(SIZE_WORD)
SIZE_PLUS(addr, addr_len(*v))
SIZE_PLUS(endpoint, VARINT_MAX + addr_len(v->addr))
SIZE_PLUS(mac, sizeof v->b)
SIZE_PLUS(str, v->len)
SIZE_PLUS(bytes, v->len)

size_t trace_encode_size(const struct trace_event *ev)
{
    size_t size = HEADER_MAX;
    switch (ev->type) {
#define F(type, field) size += size_##type(&e->field);
#define EVENT(NAME, name, says, fields) \
    case TRACE_##NAME: { const struct trace_##name##_event *e = &ev->name; fields } break;
#include "core/events.def"
#undef EVENT
#undef F
    case TRACE_TYPES: break;
    }
    return size;
}

// --- encode -----------------------------------------------------------------------------------

static inline uint8_t *put_varint(uint8_t *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7) *p++ = (uint8_t)(v | 0x80);
    *p++ = (uint8_t)v;
    return p;
}

static inline uint8_t *put_run(uint8_t *p, const void *from, size_t len)
{
    if (len > 0) memcpy(p, from, len);
    return p + len;
}

// 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
static inline uint64_t zigzag(int64_t v)
{
    return v < 0 ? ~((uint64_t)v << 1) : (uint64_t)v << 1;
}

#define ENCODE(type) static inline uint8_t *encode_##type(uint8_t *p, const trace_##type *v)
#define ENCODE_WORD(type, noun, count) ENCODE(type) { return put_varint(p, (uint64_t)*v); }

ENCODE(u8)   { return put_varint(p, *v); }
ENCODE(u16)  { return put_varint(p, *v); }
ENCODE(u32)  { return put_varint(p, *v); }
ENCODE(u64)  { return put_varint(p, *v); }
ENCODE(i32)  { return put_varint(p, zigzag(*v)); }
ENCODE(i64)  { return put_varint(p, zigzag(*v)); }
ENCODE(nsec) { return put_varint(p, zigzag(*v)); }
ENCODE(addr)
{
    *p++ = v->family;
    return put_run(p, v->b, addr_len(*v));
}
ENCODE(endpoint) { return put_varint(encode_addr(p, &v->addr), v->port); }
ENCODE(mac)      { return put_run(p, v->b, sizeof v->b); }
ENCODE(str)      { return put_run(put_varint(p, v->len), v->p, v->len); }
ENCODE(bytes)    { return put_run(put_varint(p, v->len), v->p, v->len); }
WORDS(ENCODE_WORD)

size_t trace_encode(const struct trace_event *ev, uint8_t *start, size_t cap)
{
    if (cap < trace_encode_size(ev)) return 0;
    uint8_t *p = put_varint(start, (uint64_t)ev->type);
    p = put_varint(p, zigzag(ev->at));
    p = put_varint(p, ev->order);
    p = put_varint(p, ev->host);
    p = put_varint(p, ev->netif);
    p = put_varint(p, ev->conn);
    switch (ev->type) {
#define F(type, field) p = encode_##type(p, &e->field);
#define EVENT(NAME, name, says, fields) \
    case TRACE_##NAME: { const struct trace_##name##_event *e = &ev->name; fields } break;
#include "core/events.def"
#undef EVENT
#undef F
    case TRACE_TYPES: return 0;
    }
    return (size_t)(p - start);
}

// --- decode -----------------------------------------------------------------------------------

// Reads on past the end give zeros and make `bad` true, so that it is asked once, at the end.
struct reader { const uint8_t *p, *end; bool bad; };

static inline const uint8_t *take_run(struct reader *r, uint64_t len)
{
    if (len > (uint64_t)(r->end - r->p)) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *at = r->p;
    r->p += len;
    return at;
}

static uint64_t take_long_varint(struct reader *r, uint64_t max)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && r->p < r->end; shift += 7) {
        uint8_t b = *r->p++;
        if (shift == 63 && b > 1) break;
        v |= (uint64_t)(b & 0x7f) << shift;
        if (b >= 0x80) continue;
        if (v <= max) return v;
        break;
    }
    r->bad = true;
    return 0;
}

// Opening a recording is reading varints, so the two common lengths are read without a loop: one
// byte, and up to eight at once (an instant has six or seven). There the bytes are put in order,
// what lies behind the last is cut off, and seven bits of each are joined to 14, 28 and 56.
__attribute__((always_inline))
static inline uint64_t take_varint(struct reader *r, uint64_t max)
{
    if (r->p < r->end && *r->p < 0x80 && *r->p <= max) return *r->p++;
    if (r->end - r->p < 8) return take_long_varint(r, max);
    uint64_t v;
    memcpy(&v, r->p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    uint64_t last = ~v & 0x8080808080808080u;
    if (last == 0) return take_long_varint(r, max);
    v &= last ^ (last - 1);
    v = (v & 0x007f007f007f007fu) | (v & 0x7f007f007f007f00u) >> 1;
    v = (v & 0x00003fff00003fffu) | (v & 0x3fff00003fff0000u) >> 2;
    v = (v & 0x000000000fffffffu) | (v & 0x0fffffff00000000u) >> 4;
    if (v > max) return take_long_varint(r, max);
    r->p += __builtin_ctzll(last) / 8 + 1;
    return v;
}

static inline int64_t take_signed(struct reader *r)
{
    uint64_t v = take_varint(r, UINT64_MAX);
    return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

#define DECODE(type) static inline void decode_##type(struct reader *r, trace_##type *v)
#define DECODE_WORD(type, noun, count) \
    DECODE(type) { *v = (trace_##type)take_varint(r, (count) - 1); }

DECODE(u8)   { *v = (uint8_t)take_varint(r, UINT8_MAX); }
DECODE(u16)  { *v = (uint16_t)take_varint(r, UINT16_MAX); }
DECODE(u32)  { *v = (uint32_t)take_varint(r, UINT32_MAX); }
DECODE(u64)  { *v = take_varint(r, UINT64_MAX); }
DECODE(i64)  { *v = take_signed(r); }
DECODE(nsec) { *v = take_signed(r); }
DECODE(i32)
{
    int64_t wide = take_signed(r);
    if (wide < INT32_MIN || wide > INT32_MAX) r->bad = true;
    else *v = (int32_t)wide;
}
DECODE(mac)
{
    const uint8_t *p = take_run(r, sizeof v->b);
    if (p != NULL) memcpy(v->b, p, sizeof v->b);
}
DECODE(addr)
{
    const uint8_t *family = take_run(r, 1);
    if (family == NULL) return;
    struct addr a = {.family = *family};
    if (a.family != FAMILY_NONE && a.family != FAMILY_IP4 && a.family != FAMILY_IP6) r->bad = true;
    const uint8_t *p = take_run(r, addr_len(a));
    if (p != NULL) memcpy(a.b, p, addr_len(a));
    *v = a;
}
DECODE(endpoint)
{
    decode_addr(r, &v->addr);
    decode_u16(r, &v->port);
}
DECODE(bytes)
{
    decode_u32(r, &v->len);
    v->p = take_run(r, v->len);
    if (v->p == NULL) v->len = 0;
}
DECODE(str)
{
    trace_bytes bytes;
    decode_bytes(r, &bytes);
    *v = (struct trace_str){(const char *)bytes.p, bytes.len};
}
WORDS(DECODE_WORD)

size_t trace_decode(struct trace_event *ev, const uint8_t *p, size_t len)
{
    struct reader reader = {p, p + len, false}, *r = &reader;
    memset(ev, 0, sizeof *ev);
    ev->type = (enum trace_type)take_varint(r, TRACE_TYPES - 1);
    ev->at = take_signed(r);
    ev->order = take_varint(r, UINT64_MAX);
    ev->host = (uint16_t)take_varint(r, UINT16_MAX);
    ev->netif = (uint16_t)take_varint(r, UINT16_MAX);
    ev->conn = (uint32_t)take_varint(r, UINT32_MAX);
    if (r->bad) return 0;
    switch (ev->type) {
#define F(type, field) decode_##type(r, &e->field);
#define EVENT(NAME, name, says, fields) \
    case TRACE_##NAME: { struct trace_##name##_event *e = &ev->name; fields } break;
#include "core/events.def"
#undef EVENT
#undef F
    case TRACE_TYPES: return 0;
    }
    return r->bad ? 0 : (size_t)(r->p - p);
}

// --- schema -----------------------------------------------------------------------------------

static const char schema[] =
#define EVENT(NAME, name, says, fields) #NAME " " #fields "\n"
#include "core/events.def"
#undef EVENT
#define DROP(name, word, text) "drop " #name "\n"
#define SENT(name, word, text) "sent " #name "\n"
#define STATE(name, word, text) "state " #name "\n"
#define WHY(name, word, text) "why " #name "\n"
#define STEP(name, word, text) "step " #name "\n"
#define CALL(name, word, text) "call " #name "\n"
#define TIMER(name, word, text) "timer " #name "\n"
#define CWND(name, word, text) "cwnd " #name "\n"
#define NUD(name, word, text) "nud " #name "\n"
#define KIND(name, word, text) "kind " #name "\n"
#define OWN(name, word, text) "own " #name "\n"
#include "base/words.def"
    "varint, zigzag";

uint64_t trace_schema(void)
{
    return hash_bytes(&(struct hash_key){0x6e657467, 0x6c617373}, schema, sizeof schema - 1);
}

// --- print ------------------------------------------------------------------------------------

#define PRINT(type) static inline void print_##type(struct text *out, const trace_##type *v)
#define PRINT_WORD(type, noun, count) PRINT(type) { text_put_str(out, noun##_name(*v)); }

PRINT(u8)  { text_put_u64(out, *v); }
PRINT(u16) { text_put_u64(out, *v); }
PRINT(u32) { text_put_u64(out, *v); }
PRINT(u64) { text_put_u64(out, *v); }
PRINT(i32) { text_put_i64(out, *v); }
PRINT(i64) { text_put_i64(out, *v); }
PRINT(nsec)
{
    if (*v == NEVER) text_put_str(out, "never");
    else text_put_fixed(out, *v, 9);
}
PRINT(addr)     { text_put_addr(out, *v); }
PRINT(endpoint) { text_put_endpoint(out, *v); }
PRINT(mac)      { text_put_mac(out, *v); }
PRINT(str)
{
    text_put_char(out, '"');
    text_put_printable(out, (const uint8_t *)v->p, v->len);
    text_put_char(out, '"');
}
PRINT(bytes)
{
    text_put_u64(out, v->len);
    text_put_str(out, " bytes");
}
WORDS(PRINT_WORD)

static void print_id(struct text *out, const char *name, uint32_t id)
{
    if (id == 0) return;
    text_put_str(out, name);
    text_put_u64(out, id);
}

void trace_print(struct text *out, const struct trace_event *ev)
{
    print_nsec(out, &ev->at);
    text_put_char(out, ' ');
    text_put_str(out, trace_type_name(ev->type));
    print_id(out, " host=", ev->host);
    print_id(out, " netif=", ev->netif);
    print_id(out, " conn=", ev->conn);
    switch (ev->type) {
#define F(type, field) text_put_str(out, " " #field "="); print_##type(out, &e->field);
#define EVENT(NAME, name, says, fields) \
    case TRACE_##NAME: { const struct trace_##name##_event *e = &ev->name; fields } break;
#include "core/events.def"
#undef EVENT
#undef F
    case TRACE_TYPES: break;
    }
}
