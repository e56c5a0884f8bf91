// tcp.h - a connection, as the files of this folder see it. The public view is ng_tcp_info.
//
// Three things can stand in the table under a 4-tuple: a connection (struct tcp, from SYN to
// CLOSED), and a dead one in TIME-WAIT (struct timewait, 64 bytes). Both begin with struct conn. A
// listener is a struct tcp too, found by port. A connection that no socket owns yet (in a
// listener's queues) or any more (closed by its application) belongs to this folder alone.
//
// Who does what: tcp_input.c and tcp_segment.c take a segment step by step (RFC 9293 §3.10.7) and
// leave wishes: bytes acknowledged, an ACK to send, something lost. tcp_output.c grants them at the
// end of the run: tcp_plan decides, tcp_emit_plan sends. tcp_loss.c says what is lost, a cc_*.c how
// much may fly, tcp_timer.c when to look again.
//
// A door is a function that others call (tcp_user.h). Inside, a connection is never freed; it
// becomes CLOSED, and the door settles it at its end (tcp_settle).
#ifndef TCP_H
#define TCP_H

#include "tcp/cc.h"
#include "tcp/fastopen.h"
#include "tcp/ledger.h"
#include "tcp/notes.h"
#include "tcp/rcvq.h"
#include "tcp/sent.h"
#include "tcp/sndq.h"
#include "tcp/syncookie.h"
#include "tcp/tcp_rtt.h"
#include "tcp/tcp_user.h"
#include "tcp/timewait.h"
#include "wire/tcp_wire.h"

enum deadline {          // what each may be waiting for:
    DEADLINE_PROBE,      // TAIL_PROBE or REORDER; of one instant they come before the RTO
    DEADLINE_RETRANSMIT, // RTO, or PERSIST when nothing is in flight
    DEADLINE_ACK,        // DELACK
    DEADLINE_LIFE,       // KEEPALIVE, LINGER, TIME_WAIT, FIN_WAIT_2
    DEADLINE_PACE,       // PACE, or a new try after memory was out
    DEADLINE_CORK,       // CORK
    DEADLINES
};

#define TCP_TWO_MSL SEC(60)  // Linux: TCP_TIMEWAIT_LEN (MUST-13)

enum recovery { RECOVERY_OPEN, RECOVERY_FAST, RECOVERY_RTO };

// The urgent byte that the peer announced last: it is on its way; it is here; MSG_OOB took it.
enum urgent { URGENT_NONE, URGENT_AHEAD, URGENT_HERE, URGENT_READ };

enum { ECN_OK = 1,      // agreed on
       ECN_ASKED = 2,   // our SYN asked for it
       ECN_ECHO = 4,    // marks came: our ACKs say so
       ECN_CUT = 8,     // our window was cut: the next new data says so
       ECN_REDUCED = 16,    // it was for marks, and nothing sent since was acknowledged
       ECN_SINKS = 32,      // and it sinks still, by PRR
       ECN_SEEN = 64 };     // bytes of the peer came as ECT or CE

struct listener {
    struct list_node syn_queue, accept_queue;
    uint32_t         syn_len, accept_len, backlog;
    nsec             cookies_until;  // SYN cookies given out may come back until then
    // Fast Open: children that a cookie opened and no last ACK confirmed yet; how many may be.
    uint32_t         fo_pending, fo_limit;
    struct fastopen_keys fo_keys;  // its own; of count 0: the host's
};

// What can be undone when a loss was a false alarm. again: bytes from `from` on that went again and
// that no D-SACK has named yet.
struct undo { uint32_t cwnd, ssthresh, retrans_ts, again; struct seq from;
              bool valid, marked; };  // marked: something went again, first at retrans_ts

// How long a packet the path carries, found by trying (RFC 4821), see tcp_mtu.c. Sizes are of
// whole packets.
struct mtu_search {
    struct seq end;         // behind what the packet on trial carries
    uint16_t   low, high;   // known to pass; the longest that may
    uint16_t   probe;       // of the packet on trial; 0: none
    uint16_t   start;       // what the handshake left a passive side with; 0: it failed
    uint16_t   since_s;     // when this search began, in the host's seconds
    uint16_t   epoch;       // of the path MTUs that the present size follows from
};

struct tcp {
    struct conn      conn;
    uint8_t          state;       // enum tcp_state
    uint8_t          recovery;    // enum recovery
    uint8_t          snd_wscale, rcv_wscale;
    // Who we are to others.
    bool             owned : 1;       // a socket holds it
    bool             passive : 1;     // came from a listener (MUST-11)
    bool             promoted : 1;    // from its SYN queue to its accept queue
    bool             in_table : 1;    // under its 4-tuple
    bool             started : 1;     // it was a connection once
    bool             bound_port : 1, bound_addr : 1;  // by bind()
    // Agreed on in the handshake.
    bool             wscale_ok : 1, ts_ok : 1, sack_ok : 1;
    // Options of the user.
    bool             reuse_addr : 1, reuse_port : 1, nodelay : 1, cork : 1, keepalive : 1;
    bool             linger_on : 1, paced : 1, may_fragment : 1;
    bool             oob_inline : 1;    // urgent bytes stay in the stream
    bool             lingering : 1;     // close() was called, and waits
    bool             more : 1, more_held : 1;  // MSG_MORE: no push at the end; a cork until an ACK
    // Where we are.
    bool             shut_rd : 1, fin_wanted : 1, fin_sent : 1;
    bool             peer_fin : 1, peer_fin_known : 1;  // taken in order; or seen, at peer_fin_at
    bool             pingpong : 1,      // a conversation: see delack.c
                     override : 1, probe_window : 1, keep_probe : 1;
    bool             gso_ok : 1, gso_soft : 1;  // bursts; cut by our interface, not by the device
    bool             parked : 1;
    bool             mtu_bound : 1;     // mtu.high is of the path as it is known
    bool             cwnd_limited : 1;  // the last flight was as large as cwnd let it be
    bool             tail_probe : 1, tail_out : 1, tail_was_new : 1;  // wanted; in flight; new
    bool             buf_told_stale : 1, reordering_seen : 1, memory_out : 1;
    bool             held : 1;          // by pacing
    bool             wants_room : 1;    // a writer found none, or would have
    bool             frto : 1, frto_new : 1;  // is the RTO in doubt; new data is to tell
    bool             rate_app_limited : 1;
    bool             snd_urgent : 1;    // snd_up is a mark that was not acknowledged yet
    uint8_t          urgent, urgent_byte;  // enum urgent: of the byte at rcv_up
    uint8_t          ack_why;     // enum sent: an ACK is wanted at the end of the run
    uint8_t          quick;       // ACKs still to be sent at once (see delack.c)
    uint8_t          peer_pushed; // ends of writes since our last ACK; 2: or more
    uint8_t          retries, probes, keep_probes, syn_sent;
    uint8_t          deadline_kind[DEADLINES];  // enum tcp_timer
    uint8_t          ttl, tos;
    bool             mtu_search_on;
    int32_t          error, soft_error;  // positive errno, for the user
    uint16_t         mss_peer, mss_own, mss_user;  // as in the options
    uint16_t         mss;         // what fits in a segment of ours now (MUST-16)
    uint16_t         rcv_mss;     // the size of full segments that come in
    uint16_t         ato_ms;      // how long an ACK waits; 0: no bytes came yet
    uint32_t         user_timeout_ms, dup_acks;
    uint16_t         keep_idle_s, keep_intvl_s, linger_s;
    uint8_t          keep_count;
    uint8_t          ecn;             // ECN_*
    uint8_t          syn_retries;     // 0: as the settings say
    // Fast Open
    uint16_t         fo;              // FO_*
    uint32_t         fo_listener;     // the id of the listener where it is pending; 0: it is not
    uint32_t         notsent_lowat;   // bytes; 0: as the settings say

    struct host     *host;
    struct ready    *ready;
    struct tcp      *parent;      // the listener in whose queues it is
    struct listener *listener;    // LISTEN, and before it when an option needs it
    struct ledger   *ledger;      // NULL until bytes are written or come
    struct list_node wish;        // in host->output, or parked at a busy interface
    struct netif    *out;         // where the path led when it was last looked at; or NULL
    union {                       // a listener's child never is in the second
        struct list_node queue;   // in the parent's SYN or accept queue
        struct list_node port;    // in the table's ports: bound or listening
    };
    struct timer     timer;
    nsec             deadline[DEADLINES];
    nsec             told_rto;    // the last RTO deadline that the trace was told

    // Send sequence space: UNA and NXT are sent.una and sent.nxt.
    struct seq       iss, snd_wl1, snd_wl2, snd_small_end, recover, tail_end, snd_up;
    uint32_t         snd_wnd, snd_wnd_max;
    struct seq       ecn_until;                // marks before it are of the round that was answered
    uint32_t         max_flight;               // the largest in a round that ends at:
    struct seq       round_end;
    // Receive sequence space.
    struct seq       irs, rcv_nxt, rcv_edge;   // rcv_edge: the right edge we offered
    struct seq       rcv_acked, peer_fin_at;   // last ACK we sent
    struct seq       rcv_up;                   // the last urgent byte, unless URGENT_NONE
    struct seq       rcv_round;                // auto-tuning: end of the round
    uint32_t         rcv_copied;               // bytes the user read in this round
    uint32_t         rcv_most;                 // the window so far (tcp_window_slow_start)
    struct seq_range dsack;                    // to be told in the next ACK
    uint32_t         ts_recent, ts_offset, ts_echo;
    nsec             rcv_round_at;             // when the round began
    nsec             ts_recent_at, last_rcv, last_snd;
    nsec             retries_since;            // the first timeout in a row

    struct mtu_search mtu;

    struct seq       buffers_from;             // Linux's buffers: see tcp_room.c
    struct seq       push_from, push_to;       // ends of them that are pushed
    uint32_t         push_step;                // 0: none
    struct sndq      sndq;
    struct rcvq      rcvq;
    struct sent_board sent;
    struct tcp_rtt   rtt;
    const struct cc *cc;
    struct cc_state  ccs;
    struct undo      undo;
    // RACK (RFC 8985 §5.2)
    nsec             rack_rtt;         // 0: of none yet. The rest is in struct flight
    struct seq       rack_dsack_round;
    uint8_t          rack_reo_mult, rack_persist;
    // Counted for ng_tcp_info.
    uint64_t         bytes_acked, bytes_received;
    uint32_t         segs_in, segs_out;
    uint16_t         reordering, reordered;    // in segments; how often
    uint32_t         segs_delivered;
    uint32_t         data_received_ms;         // of the host's clock, when the last bytes came
    uint64_t         delivered;         // bytes
    uint64_t         app_limited_until; // of delivered; 0: the application is faster
    uint32_t         rate_delivered, rate_us;  // the sample that ng_tcp_info tells
    // Pacing
    nsec             pace_at;           // when the next burst may leave
    uint64_t         pace_max;          // bytes a second; or PACE_UNLIMITED
    uint32_t         data_segs_out;
    uint32_t         delivered_marked;  // bytes acknowledged with ECE
    uint32_t         marks_in;          // segments that came marked
};
// With its places in three tables (a socket's 57 bytes, up to 32 by name and 24 by id), and with
// what malloc() puts before each.
static_assert(sizeof(struct tcp) <= 1024 - 120, "an idle connection is at most 1 KB");

// A segment on its way in, with all that was learned of it.
struct arrival {
    struct host          *host;
    struct frame         *f;
    const struct ip_info *ip;
    struct tcp_seg        seg;
    uint32_t              len;   // bytes of payload
    uint32_t              off;   // where they begin, from the frame's start
};

// What a step of the input says; only the parent acts on it.
struct verdict { enum verdict_act { GO_ON, DROP, ANSWER, RESET } act; enum drop why;
                 enum sent reply; };

struct plan {
    struct seq seq;
    uint32_t   len;        // bytes of payload
    uint32_t   record;     // AGAIN: which one
    uint8_t    flags, why; // enum sent
    bool       push;       // the end of what the application wrote
    enum plan_kind { PLAN_NEW, PLAN_AGAIN, PLAN_BARE } kind;  // BARE: it takes no sequence numbers
};

struct port_bucket { struct list_node tcps; };
// Twelve bytes each, since there are up to two and two and a half of them for each connection.
#define TIGHT __attribute__((packed, aligned(4)))
struct id_entry    { uint32_t id; struct conn *conn; } TIGHT;
struct tuple_slot  { uint32_t tag; struct conn *conn; } TIGHT;

enum { TCP_PORT_BUCKETS = 256 };

struct tcp_table {
    struct tuple_slot *slot;       // open addressing; a power of two
    uint32_t           slots, used;
    struct conn       *last;       // found last: segments come in runs
    struct id_entry   *by_id;      // rising; holes where conn is NULL
    uint32_t           ids, id_cap, id_holes;
    uint32_t           tcps;       // struct tcp that exist
    struct list_node   port[TCP_PORT_BUCKETS];
    struct timewait  **waiting;    // ring, in order of entering TIME-WAIT
    uint32_t           wait_cap, wait_head, waits;
    struct timer       wait_timer;
    nsec               challenge_since;   // RFC 5961 §7: how many may still go in this second
    uint32_t           challenges;
    struct fastopen_cache *fastopen;      // NULL as long as nothing is known
    nsec               fo_paused_at;      // bytes on a SYN seemed to be swallowed,
    uint32_t           fo_pauses;         // so often in a row
};

// tcp_state.c
bool tcp_state_may_follow(enum tcp_state from, enum tcp_state to);
void tcp_set_state(struct tcp *t, enum tcp_state to, enum tcp_why why);
static inline bool tcp_in(const struct tcp *t, uint32_t states) { return BIT(t->state) & states; }
enum { TCP_OPENING = BIT(TCP_SYN_SENT) | BIT(TCP_SYN_RCVD),
       TCP_MAY_SEND = BIT(TCP_ESTABLISHED) | BIT(TCP_CLOSE_WAIT),
       TCP_MAY_RECEIVE = BIT(TCP_ESTABLISHED) | BIT(TCP_FIN_WAIT_1) | BIT(TCP_FIN_WAIT_2),
       TCP_OUR_FIN = BIT(TCP_FIN_WAIT_1) | BIT(TCP_CLOSING) | BIT(TCP_LAST_ACK),
       TCP_SYNCHRONIZED = TCP_MAY_SEND | TCP_MAY_RECEIVE | BIT(TCP_CLOSING) | BIT(TCP_LAST_ACK)
                        | BIT(TCP_TIME_WAIT) };

// Fast Open lets a listener's child send and receive before the last ACK of the handshake.
static inline bool tcp_opened_early(const struct tcp *t)
{
    return t->state == TCP_SYN_RCVD && (t->fo & FO_CHILD);
}
static inline bool tcp_may_send(const struct tcp *t)
{
    return tcp_in(t, TCP_MAY_SEND) || tcp_opened_early(t);
}
static inline bool tcp_may_receive(const struct tcp *t)
{
    return tcp_in(t, TCP_MAY_RECEIVE) || tcp_opened_early(t);
}

// tcp_conn.c: birth, death, and what all files need of a connection.
struct tcp *tcp_new(struct host *h);          // CLOSED, with an id; NULL at the limit
void        tcp_inherit(struct tcp *t, const struct tcp *from);  // the user's options
void        tcp_renew(struct tcp *t);         // CLOSED after a life; becomes as tcp_new() made it
void        tcp_settle(struct tcp *t);        // the end of every door: frees what is over
void        tcp_wake(struct tcp *t);
void        tcp_doubt(struct tcp *t, int error);  // a soft error: told, and no more
void        tcp_finish(struct tcp *t, enum tcp_why why, int error);  // to CLOSED, from anywhere
void        tcp_start(struct tcp *t, struct seq iss);    // the names are known: numbers, path
struct seq  tcp_new_isn(const struct tcp *t);
uint32_t    tcp_initial_window(const struct tcp *t);
void        tcp_begin_sending(struct tcp *t);  // the peer has a window: ours for congestion too
void        tcp_established(struct tcp *t, enum tcp_why why);
void        tcp_forget(struct tcp *t);        // out of queues, lists and the table; frees it
void        tcp_want_output(struct tcp *t);
void        tcp_want_ack(struct tcp *t, enum sent why);
void        tcp_tell_name(const struct tcp *t);
void        tcp_tell_window(const struct tcp *t);
void        tcp_tell_cwnd(const struct tcp *t, enum cwnd_why why);
void        tcp_buf_changed(struct tcp *t);
uint32_t    tcp_ms_at(const struct host *h, nsec at);  // of the clock that peers see
uint32_t    tcp_ts_offset(const struct host *h, const struct conn *c);  // its clock begins there
uint8_t     tcp_wscale_offered(const struct host *h);
// What a receive buffer of so many bytes holds of payload: Linux keeps the rest for its own use.
static inline uint32_t tcp_rcv_payload(int64_t space) { return (uint32_t)(space / 2); }
static inline uint32_t tcp_ts_now(const struct tcp *t)
{
    return tcp_ms_at(t->host, t->host->now) + t->ts_offset;
}
struct seq  tcp_data_end(const struct tcp *t);  // behind the last byte written, without FIN

// tcp_table.c
struct addr     conn_local_addr(const struct conn *c);
struct addr     conn_remote_addr(const struct conn *c);
struct endpoint conn_local(const struct conn *c);
struct endpoint conn_remote(const struct conn *c);
void         conn_name(struct conn *c, struct endpoint local, struct endpoint remote);
uint64_t     conn_hash(const struct conn *c, uint8_t use, const uint64_t key[2]);
struct conn *table_find(const struct host *h, struct endpoint local, struct endpoint remote);
bool         table_add(struct host *h, struct conn *c);      // under its names; false: no memory
void         table_remove(struct host *h, struct conn *c);
bool         table_replace(struct host *h, struct conn *old, struct conn *with);  // same names, id
bool         table_add_id(struct host *h, struct conn *c);
void         table_remove_id(struct host *h, struct conn *c);
struct conn *table_next(const struct host *h, uint32_t after);
struct tcp  *table_listener(const struct host *h, struct endpoint local, struct endpoint remote);
void         table_bind(struct tcp *t);                      // into the list of its port
int          table_may_bind(const struct tcp *t, struct endpoint local);  // 0, -EADDRINUSE
int          table_may_listen(const struct tcp *t);
int          table_pick_port(struct tcp *t, struct endpoint local, struct endpoint remote);
enum { HASH_TUPLE = 1, HASH_ISN, HASH_PORT, HASH_TS, HASH_COOKIE,
       HASH_FASTOPEN };

// tcp_listen.c
struct listener *listen_make(struct tcp *t);  // t->listener; NULL: no memory
void listen_arrive(struct tcp *listener, struct arrival *a);  // takes the frame
bool listen_promote(struct tcp *child);      // the last ACK came; false: the accept queue is full
void listen_leave(struct tcp *child);        // out of the parent's queues
void listen_close(struct tcp *listener);
void listen_tell(const struct tcp *listener);

// tcp_input.c, tcp_segment.c, tcp_ack.c
void           tcp_arrive(struct tcp *t, struct arrival *a);  // takes the frame
void           tcp_take_options(struct tcp *t, const struct tcp_opts *o);  // of a SYN
void           tcp_tell_in(const struct tcp *t, const struct arrival *a);
void           arrival_free(struct arrival *a);
void           arrival_drop(struct arrival *a, enum drop why);
struct verdict check_paws(struct tcp *t, const struct arrival *a);
struct verdict check_seq(struct tcp *t, const struct arrival *a);
struct verdict check_rst(struct tcp *t, const struct arrival *a);
struct verdict check_syn(struct tcp *t, const struct arrival *a);
struct verdict check_ack(struct tcp *t, const struct arrival *a);
struct verdict take_ack(struct tcp *t, const struct arrival *a);
struct verdict take_data(struct tcp *t, struct arrival *a);
void           take_fin(struct tcp *t, const struct arrival *a);
void           tcp_take_syn(struct tcp *t, const struct arrival *a);
void           tcp_fin_acked(struct tcp *t);
void           tcp_take_acked(struct tcp *t, const struct arrival *a);

// tcp_output.c, tcp_plan.c
void     tcp_output(struct tcp *t);
bool     tcp_burst_waits(const struct tcp *t);  // more could go, but more still with the next ACK
bool     tcp_plan(const struct tcp *t, struct plan *p);       // pure: the next segment, if any
bool     tcp_emit_plan(struct tcp *t, const struct plan *p);  // false: no memory
void     tcp_send_ack(struct tcp *t, enum sent why);          // at once
void     tcp_send_rst(struct tcp *t, enum sent why);
unsigned tcp_sacks(const struct tcp *t, struct seq_range range[TCP_SACK_MAX]);
void     tcp_send_bare_rst(struct tcp *t, struct seq seq, enum sent why);  // without ACK
void     tcp_refuse(const struct arrival *a, enum sent why);  // a RST to nobody's segment
bool     tcp_challenge_allowed(struct host *h);
uint32_t tcp_window_now(const struct tcp *t);   // what the next segment would offer
uint16_t tcp_window_field(struct tcp *t, bool syn);
bool     tcp_window_grew(const struct tcp *t);  // enough to tell the peer (SWS avoidance)
void     tcp_reply(struct host *h, const struct conn *c, const struct tcp_seg *seg, enum sent why);

// tcp_mtu.c
enum mtu_turn { MTU_NONE, MTU_WAIT, MTU_PROBE };  // WAIT: until cwnd has room for a probe
void          tcp_set_mss(struct tcp *t);
void          mtu_begin(struct tcp *t);
void          mtu_check(struct tcp *t);       // before output: the path may be another
enum mtu_turn mtu_turn(const struct tcp *t, uint32_t avail, uint32_t window, uint32_t *len);
void          mtu_on_sent(struct tcp *t, const struct plan *p);
void          mtu_on_acked(struct tcp *t);
bool          mtu_on_loss(struct tcp *t);     // true: of the probe alone, and no congestion
void          mtu_on_timeout(struct tcp *t);  // before the loss it means

// delack.c
enum { QUICK_ACKS = 16 };  // Linux: TCP_MAX_QUICKACKS
void delack_quicken(struct tcp *t, uint32_t most);  // so many ACKs at most go at once
void delack_on_data(struct tcp *t);
void delack_note_end(struct tcp *t, uint32_t len, bool pushed);
bool delack_is_quick(const struct tcp *t);
void delack_wait(struct tcp *t);
void delack_fired(struct tcp *t);
void delack_on_read(struct tcp *t);
void delack_on_sent(struct tcp *t, const struct plan *p);
void delack_ask(struct tcp *t, int n);

// tune.c
void tune_on_data(struct tcp *t, const struct arrival *a);
void tune_on_read(struct tcp *t, size_t read);
nsec tune_rtt(const struct tcp *t);  // as a receiver sees it; 0: not known

// ecn.c
void    ecn_take_syn(struct tcp *t, const struct arrival *a);
uint8_t ecn_flags(struct tcp *t, const struct plan *p);
uint8_t ecn_codepoint(const struct tcp *t, const struct plan *p);
void    ecn_arrive(struct tcp *t, const struct arrival *a);
void    ecn_heed(struct tcp *t, const struct arrival *a, uint32_t delivered,
                 uint32_t flight);
bool    ecn_in_round(const struct tcp *t);  // the window was cut less than a round trip ago
void    ecn_was_cut(struct tcp *t);
void    ecn_acked(struct tcp *t);

// urgent.c
bool     urgent_out(const struct tcp *t);      // a mark of ours is not acknowledged yet
void     urgent_mark(struct tcp *t);
void     urgent_acked(struct tcp *t);
void     urgent_put(const struct tcp *t, struct tcp_seg *seg);
void     take_urgent(struct tcp *t, const struct arrival *a);
bool     urgent_at_mark(const struct tcp *t);
size_t   urgent_reach(struct tcp *t, size_t n);
void     urgent_passed(struct tcp *t);
uint32_t urgent_readable(const struct tcp *t);
ssize_t  urgent_read(struct tcp *t, uint8_t *byte, bool peek);

// tcp_room.c
uint32_t tcp_write_room(const struct tcp *t);
bool     tcp_room_is_worth_it(const struct tcp *t);
void     tcp_wake_writer(struct tcp *t);   // if there is room again
void     tcp_tune_sndq(struct tcp *t);
void     tcp_note_buffers(struct tcp *t, struct seq from);
uint32_t tcp_buffer_left(const struct tcp *t, struct seq at);
bool     tcp_is_pushed_at(const struct tcp *t, struct seq end);

// tcp_timer.c
void deadline_set(struct tcp *t, enum deadline d, enum tcp_timer kind, nsec at);
void deadline_clear(struct tcp *t, enum deadline d);
static inline bool deadline_is(const struct tcp *t, enum deadline d, enum tcp_timer kind)
{
    return t->deadline[d] != NEVER && t->deadline_kind[d] == kind;
}
void tcp_arm_rto(struct tcp *t, bool anew);  // anew: the peer's ACK moved on
void tcp_arm_persist(struct tcp *t);
void tcp_arm_keepalive(struct tcp *t);
void tcp_stop_timers(struct tcp *t);

// rate.c, pace.c
#define PACE_UNLIMITED UINT64_MAX
struct rate_mark   rate_on_send(struct tcp *t);
void               rate_check_app(struct tcp *t);
struct rate_sample rate_on_ack(struct tcp *t, const struct sent_news *news);
uint64_t           rate_delivery(const struct tcp *t);
uint64_t           pace_rate(const struct tcp *t);
bool               pace_on(const struct tcp *t);
bool               pace_holds(struct tcp *t, const struct plan *p);  // then the timer is set
void               pace_sent(struct tcp *t, uint32_t len);
void               pace_bound(struct tcp *t, uint64_t rate);
void               pace_tell(const struct tcp *t);

// tcp_loss.c
uint32_t loss_pipe(const struct tcp *t);
void     loss_on_ack(struct tcp *t, const struct sent_news *news, bool dup);
void     loss_note_reordering(struct tcp *t, struct seq low, struct seq high);
void     loss_on_rto(struct tcp *t);
void     loss_on_reorder_timer(struct tcp *t);
void     loss_on_sent(struct tcp *t, const struct plan *p, uint32_t numbers);
void     loss_arm_tail_probe(struct tcp *t);
void     loss_after_idle(struct tcp *t);
void     loss_begin_sinking(struct tcp *t, uint32_t flight);
void     loss_resize(struct tcp *t, uint32_t record);  // too long for the path, not congestion
void     loss_check_spurious(struct tcp *t, uint32_t ts_ecr);
void     loss_on_dsack(struct tcp *t, struct seq from, struct seq to);
void     loss_after_output(struct tcp *t);
void     loss_check_tail(struct tcp *t, bool plain_dup);

#endif
