// history.h - what was: every frame, state, flow and beat of a recording, in order of time.
//
// model.h is one instant; a ladder, a graph and a timeline need the past of it. Both are made from
// the same events in the same pass, and nothing here is ever changed later but a frame's end. Rows
// are small and flat, and found by time with a binary search, so a pane looks at what it shows and
// at nothing else.
//
// A *beat* is one step of the story: an event worth a sentence and those that follow from it. A
// *flow* is a connection (or a pair that exchanges datagrams) seen from both sides; its first side
// is the one that opened it. Numbers are indices into the arrays; NONE is no such row.
//
// The frames of a flow, and the samples of a socket, are chains backwards in time. A long run has
// long chains, so each row also knows a row far behind it: `jump` skips as binary numbers carry
// (Myers' skew-binary lists), and any instant of a chain is found in a logarithm of its length.
#ifndef HISTORY_H
#define HISTORY_H

#include "viz/dissect.h"
#include "viz/index.h"
#include "viz/model.h"
#include "viz/tape.h"

#define NONE UINT32_MAX

enum { HISTORY_RECENT = 1024 };

enum frame_end { END_ALIVE, END_RECEIVED, END_LOST, END_KILLED };  // lost on the wire, or in a host

struct history_frame {
    uint64_t id;
    struct tape_place place;   // of its FRAME_TX (or RX, if it came from outside), for its bytes
    nsec     tx, depart, arrive;  // arrive: when it would, if nothing happens to it; or NEVER
    nsec     end;              // when it was received or died; NEVER while it lives
    uint32_t flow, prev, next;     // in its flow
    uint32_t jump, nth;            // far behind it; its place, from 1
    uint32_t len, seq, ack, wnd, data;
    uint16_t from, to;         // hosts; 0: outside this recording
    uint16_t l3_len, l4_len;
    uint8_t  kind, flags, why, drop;  // enum packet_kind, TCP flags, enum sent, enum drop
    uint8_t  ended, side;      // enum frame_end; which side of the flow sent it
    bool     seen;             // place is set
    bool     onward;           // a router sends it on: its first way is another row of this id
};

struct history_flow {
    struct endpoint end[2];    // 0: who opened
    uint16_t host[2];
    uint32_t conn[2];          // sockets' ids, 0: not known
    uint32_t first, last, frames, again, lost;
    uint64_t bytes[2];         // of payload, as sent
    uint8_t  kind, mark;       // enum sock_kind; its sign on the screen, 0..
    uint8_t  scale[2], begun;  // of TCP: window scales; bit n: side n's SYN was seen, and its
    uint32_t isn[2];           // first number
    nsec     born;
};

struct history_span {          // a connection in a state
    nsec     from, to;         // to: NEVER while it lasts
    uint32_t conn;
    uint16_t host;
    uint8_t  state, why;
};

enum sample_kind { SAMPLE_CWND, SAMPLE_WINDOW, SAMPLE_RTT, SAMPLE_ACKED, SAMPLE_BUF, SAMPLES };

struct history_sample { nsec at; uint64_t a, b, c; uint32_t prev, jump, nth; };

struct history_sock {
    uint32_t conn, listener, flow;
    uint16_t host;
    int32_t  fd;               // the last one it had; -1
    uint64_t fd_from, fd_to;   // the events that gave it and took it
    uint8_t  kind;
    uint32_t peak_snd, peak_rcv;
    uint32_t last[SAMPLES];    // newest sample of each kind
    uint32_t span;             // its newest state
};

// Something went wrong here: a frame was lost (at its end) or sent again (when it left).
struct trouble { nsec at; uint32_t frame; bool again; };

struct beat { uint64_t event; nsec at; uint32_t frame; uint16_t host; uint8_t type, weight; };

struct history {
    struct history_frame  *frame;
    struct history_flow   *flow;
    struct history_span   *span;
    struct history_sample *sample;
    struct history_sock   *sock;
    struct beat           *beat;
    struct trouble        *trouble;      // in order of time
    nsec                  *frame_reach;  // the greatest end among the frames up to each
    size_t frames, frames_cap, flows, flows_cap, spans, spans_cap, samples, samples_cap;
    size_t socks, socks_cap, beats, beats_cap, reach_cap,
           troubles, troubles_cap;
    struct index frame_ids, sock_ids, flow_ends;
    struct index pairs;         // of hosts: how many frames went between them
    // By a frame's id, and by a socket's: one more than the row last spoken of, by its newest way.
    uint32_t recent_1[HISTORY_RECENT], recent_sock_1[HISTORY_RECENT];
    uint32_t pair_most;
    uint16_t pair[2];           // those with most
    uint16_t stage[2];          // the two hosts that speak most with each other, or
    bool     stage_kept;        // those that someone chose
    size_t   settled;           // frames whose fate was looked at by history_settle
    bool     routed;            // some frame was sent on
    bool     short_of_memory;
};

void history_free(struct history *h);  // zeroed is empty
// ev's order is its number in the recording; m is the model after it, place where it is kept.
void history_apply(struct history *h, const struct model *m, const struct trace_event *ev,
                   struct tape_place place);

uint32_t history_frame_of(const struct history *h, uint64_t id);  // its last way, if several
// Over routers a frame goes several ways under one number: the last of them.
const struct history_frame *history_last_way(const struct history *h,
                                             const struct history_frame *f);
uint32_t history_sock_of(const struct history *h, uint16_t host, uint32_t conn);
uint32_t history_flow_of(const struct history *h, struct endpoint a, struct endpoint b,
                         uint8_t kind);
// The first frame that may still be alive at t or later; the first that is sent after t.
uint32_t history_first_reaching(const struct history *h, nsec t);
uint32_t history_first_after(const struct history *h, nsec t);
// The newest frame of a flow that was sent by t, and the newest sample of a chain; or NONE.
uint32_t history_flow_until(const struct history *h, uint32_t flow, nsec t);
uint32_t history_sample_until(const struct history *h, uint32_t newest, nsec t);
size_t   history_trouble_after(const struct history *h, nsec t);     // the first with at > t
size_t   history_beat_after(const struct history *h, nsec t);        // the first with at > t
size_t   history_beat_of(const struct history *h, uint64_t events);  // the last with event < events
// The beat that tells most of those at the instant of beat i, up to i.
size_t   history_beat_telling(const struct history *h, size_t i);
// Its descriptor at an event: -1 before it had one, and after it was given up.
int32_t  history_fd_at(const struct history *h, uint16_t host, uint32_t conn, uint64_t event);
// Frames that never came to an end, long after they should have: they are no longer in flight.
void     history_settle(struct history *h, nsec now);
// Fills stage with the pair of hosts that exchange most frames, the opener first.
void     history_choose_stage(struct history *h, const struct model *m);
void     history_keep_stage(struct history *h, const uint16_t pair[2]);  // these, from now on
size_t   history_memory(const struct history *h);

bool frame_is_again(const struct history_frame *f);
bool frame_is_control(const struct history_frame *f);  // SYN, FIN or RST
bool frame_is_bare_ack(const struct history_frame *f);

#endif
