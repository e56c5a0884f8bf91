// trace.h - the fourth output of a host: what happened, and why.
//
// events.def is the one list of what can be told. From it come the enum, one struct an event, the
// union that holds them, a codec (little endian, for recordings) and a printer. A sink gets each
// event as it happens; it must copy what it keeps (bytes and names live only during emit) and must
// not call back into the stack. Without a sink a trace point costs one predicted branch.
#ifndef TRACE_H
#define TRACE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/text.h"
#include "base/words.h"

struct trace_bytes { const uint8_t *p; uint32_t len; };
struct trace_str   { const char *p; uint32_t len; };  // no NUL at the end

// The C type of each field type that events.def may use.
typedef uint8_t            trace_u8;
typedef uint16_t           trace_u16;
typedef uint32_t           trace_u32;
typedef uint64_t           trace_u64;
typedef int32_t            trace_i32;
typedef int64_t            trace_i64;
typedef nsec               trace_nsec;
typedef enum drop          trace_drop;
typedef enum sent          trace_sent;
typedef enum step          trace_step;
typedef enum sock_call     trace_call;
typedef enum sock_kind     trace_sock_kind;
typedef enum tcp_state     trace_tcp_state;
typedef enum tcp_why       trace_tcp_why;
typedef enum tcp_timer     trace_timer;
typedef enum cwnd_why      trace_cwnd;
typedef enum nud           trace_nud;
typedef enum own           trace_own;
typedef struct addr        trace_addr;
typedef struct endpoint    trace_endpoint;
typedef struct mac         trace_mac;
typedef struct trace_str   trace_str;
typedef struct trace_bytes trace_bytes;

enum trace_type {
#define EVENT(NAME, name, says, fields) TRACE_##NAME,
#include "core/events.def"
#undef EVENT
    TRACE_TYPES
};

#define F(type, field) trace_##type field;
#define EVENT(NAME, name, says, fields) struct trace_##name##_event { fields };
#include "core/events.def"
#undef EVENT
#undef F

struct trace_event {
    nsec            at;     // virtual or monotonic time
    uint64_t        order;  // counts the events of a sink; settles events of one instant
    uint16_t        host, netif;
    uint32_t        conn;  // a socket's or connection's id in its host, never used again; 0: none
    enum trace_type type;
    union {
#define EVENT(NAME, name, says, fields) struct trace_##name##_event name;
#include "core/events.def"
#undef EVENT
    };
};

struct trace_sink {
    void   (*emit)(struct trace_sink *sink, const struct trace_event *ev);
    uint64_t next_order;  // counted by trace_emit
    uint32_t snap;        // how many bytes of a frame the sink wants to see at most; 0: none
};

// Numbers the event and hands it over. Use TRACE, or this where there is no host (links,
// scenarios).
void trace_emit(struct trace_sink *sink, struct trace_event *ev);

// `TRACE(h, .type = TRACE_TCP_STATE, .conn = id, .tcp_state = {...})` for any h with now, id,
// trace.
#define TRACE(h_, ...)                                                         \
    do {                                                                       \
        if ((h_)->trace != NULL)                                               \
            trace_emit((h_)->trace, &(struct trace_event){                     \
                .at = (h_)->now, .host = (h_)->id, __VA_ARGS__});              \
    } while (0)

// Codec: numbers as varints (small ones take a byte), signed ones zigzagged, strings and bytes
// behind their length. encode returns the bytes written, or 0 if cap is below trace_encode_size,
// which is an upper bound for the given event. decode returns the bytes used, or 0 if p does not
// hold a whole, valid event; bytes and strings then point into p.
size_t trace_encode_size(const struct trace_event *ev);
size_t trace_encode(const struct trace_event *ev, uint8_t *p, size_t cap);
size_t trace_decode(struct trace_event *ev, const uint8_t *p, size_t len);

// A number that differs whenever events.def or words.def differ in anything but their sentences:
// a recording carries it, so that a reader of another version can tell.
uint64_t trace_schema(void);

// One line without newline:
//     "1.000200000 tcp_state host=1 conn=1 from=SYN-SENT to=ESTABLISHED why=syn-ack"
// Bytes are told by their number only. netif and conn are left out where they are 0.
void trace_print(struct text *out, const struct trace_event *ev);

const char *trace_type_name(enum trace_type type);  // "tcp_state"
const char *trace_type_text(enum trace_type type);  // "the state changes"

#endif
