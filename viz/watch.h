// watch.h - breakpoints: what a person waits for, in words, judged at every event.
//
//     cwnd < 2900            a value crosses a line: cwnd ssthresh inflight snd_wnd rcv_wnd snd rcv
//     rto >= 400ms           srtt rto; with < <= > >= = !=, and k, M, us, ms, s behind a number
//     rto fires              a timer does, by its name: rto persist delayed-ack keepalive ...
//     state TIME-WAIT        a connection enters a state; `state any` is every change
//     lost                   a frame is lost, on the wire or in a host
//     again                  bytes are sent again
//     at 200ms               an instant, counted from the first
//     frame udp port 53      a frame of a filter in tcpdump's language is sent
//     ... of client fd 4     behind all but `at` and `frame`: of this host, of this descriptor
//
// A value breaks when it crosses the line, not as long as it lies beyond: whoever went on does not
// stop again at once.
#ifndef WATCH_H
#define WATCH_H

#include "viz/recording.h"

enum { WATCHES_MAX = 8, WATCH_TEXT = 256 };

struct filter;

enum watch_kind { WATCH_VALUE, WATCH_TIMER, WATCH_STATE, WATCH_LOST, WATCH_AGAIN, WATCH_AT,
                  WATCH_FRAME };
enum watch_value { VALUE_CWND, VALUE_SSTHRESH, VALUE_INFLIGHT, VALUE_SND_WND, VALUE_RCV_WND,
                   VALUE_SND, VALUE_RCV, VALUE_SRTT, VALUE_RTO, VALUES };
enum watch_op { OP_LESS, OP_LESS_EQUAL, OP_GREATER, OP_GREATER_EQUAL, OP_EQUAL, OP_NOT_EQUAL };

struct watch {
    char           text[WATCH_TEXT];
    enum watch_kind kind;
    enum watch_value value;
    enum watch_op  op;
    int64_t        line;         // what a value is held against; of WATCH_AT, the instant
    int            which;        // enum tcp_state or tcp_timer; -1: any
    char           host[MODEL_NAME];  // "": any
    int32_t        fd;           // -1: any
    struct filter *filter;
};

struct watches { struct watch watch[WATCHES_MAX]; size_t n; };

// False, with a sentence in error, if text is none. watch_free frees what a good one holds.
bool watch_parse(struct watch *w, const char *text, char *error, size_t cap);
void watch_free(struct watch *w);
// Does ev, which happens to the world of `before`, make it break? start: the first instant.
bool watch_hits(const struct watch *w, const struct recording *r, const struct model *before,
                const struct trace_event *ev);

bool watches_add(struct watches *ws, const char *text, char *error, size_t cap);
void watches_drop(struct watches *ws, size_t i);
void watches_free(struct watches *ws);
// The first event in [from, to) at which one breaks, and which; or `to`.
uint64_t watches_find(const struct watches *ws, struct recording *r, uint64_t from, uint64_t to,
                      size_t *which);

#endif
