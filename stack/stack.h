// stack.h - the public face of netglass: hosts, interfaces, sockets. Nothing else is needed.
//
// A host is a passive value. It has no clock, no thread and no file descriptor, and never calls
// out. Four things go in by a call: a frame, a moment, a socket call, a setting. Four things come
// out of a queue: frames to send, sockets that changed, the next deadline, and a stream of events
// that tells everything. Whoever holds a host drives it:
//
//     ng_host_input(h, netif, frame, now)     for each frame that came
//     ng_host_run(h, now)                     due timers, then all who want to send
//     while ((s = ng_host_ready(h))) ...      applications make their ng_sock_* calls
//     ng_host_run(h, now)                     what they wrote goes out
//     while ((f = ng_netif_take(netif))) ...  the driver sends, then frame_free(f)
//     sleep until ng_host_next(h), or until a frame comes
//
// Time never goes backwards: now is at least that of the call before. Socket calls act at the time
// of the last input or run. Calls never block: they return >= 0, or -errno (-EAGAIN where a
// blocking call would wait); blocking, poll and epoll are built by whoever drives.
#ifndef STACK_H
#define STACK_H

#include <sys/types.h>

#include "base/addr.h"
#include "base/base.h"
#include "base/counts.h"
#include "base/words.h"

struct host;
struct netif;
struct frame;
struct slice;
struct trace_sink;

#define NG_API __attribute__((visibility("default")))

// --- hosts -----------------------------------------------------------------------------------

struct ng_host_config {
    const char        *name;       // shown to people; NULL: "host"
    uint16_t           id;         // in events and frame ids; unique among the hosts of one run
    uint64_t           seed;       // of every random choice and secret key; real hosts draw it well
    nsec               now;        // the time at birth
    struct trace_sink *trace;      // may be NULL; must outlive the host
    size_t             memory;     // bytes of packet memory; 0: 256 MiB
    uint32_t           sockets;    // how many at most; 0: 65536
};

NG_API struct host *ng_host_new(const struct ng_host_config *cfg);  // NULL: no memory
NG_API void         ng_host_free(struct host *h);
// Takes the frame. Its id is kept if it has one.
NG_API void         ng_host_input(struct host *h, struct netif *n, struct frame *f, nsec now);
NG_API void         ng_host_run(struct host *h, nsec now);
NG_API nsec         ng_host_next(const struct host *h);  // run again by then; NEVER: nothing waits
// Settings carry Linux's sysctl names ("net.ipv4.tcp_syn_retries"); values are text as in
// sysctl(8). -ENOENT: no such setting, -EINVAL: not a value of it, -ERANGE: outside its limits.
NG_API int          ng_host_set(struct host *h, const char *name, const char *value);
NG_API int          ng_host_get(const struct host *h, const char *name, char *value, size_t cap);
// Forgets what was learned of peers and outlives their connections: Fast Open's cookies.
NG_API void         ng_host_flush_peers(struct host *h);
NG_API nsec         ng_host_now(const struct host *h);  // of the last input or run
NG_API uint64_t     ng_host_drops(const struct host *h, enum drop why);
NG_API const struct counts *ng_host_counts(const struct host *h);
// A fresh frame of n contiguous bytes from the host's pool for the driver to read into, or NULL.
NG_API struct frame *ng_host_frame(struct host *h, size_t n);

// --- interfaces ------------------------------------------------------------------------------

// What the device does for frames it is given. GSO: nothing, but TCP makes bursts as if it did, and
// they are cut at the last moment: less work, and the same segments with the same PSH as Linux has.
enum { NG_OFFLOAD_CSUM = 1, NG_OFFLOAD_TSO = 2, NG_OFFLOAD_GSO = 4 };

struct ng_netif_config {
    const char *name;         // "eth0"
    struct mac  mac;
    uint32_t    mtu;          // of the IP packet; 0: 1500
    uint32_t    offload;      // NG_OFFLOAD_* bits
    uint32_t    txq_frames;   // frames that may wait for the driver; 0: 1000
    uint16_t    vlan;         // 802.1Q: 1 to 4094, the only one it is in; 0: frames have no tag
    bool        point_to_point;  // one other end, which needs no MAC: no ARP, no discovery
};

NG_API struct netif *ng_host_add_netif(struct host *h, const struct ng_netif_config *cfg);
// Holds for what is sent from now on. -EINVAL: below 68 (1280 where IPv6 is spoken), above 65535.
NG_API int           ng_netif_set_mtu(struct netif *n, uint32_t mtu);
// How many frames may wait for the driver from now on, besides those that do. With 0 nothing is
// sent: TCP's bytes wait, and are tried again each half second; all else is dropped.
NG_API void          ng_netif_set_queue(struct netif *n, uint32_t frames);
NG_API int           ng_netif_add_addr(struct netif *n, struct addr a, unsigned prefix);
// IPv6 begins here without an address that was given: with a link-local name of our own making, and
// those of routers' prefixes where the settings say so (RFC 4862). The first IPv6 address that is
// added does it too. 0, also if it had begun; -EINVAL: the MTU is below 1280.
NG_API int           ng_netif_start_ip6(struct netif *n);
// 0, or -EADDRNOTAVAIL. Its subnet's route goes with the last address in it.
NG_API int           ng_netif_remove_addr(struct netif *n, struct addr a);
// OWN_NONE, or what an address of the interface is worth now.
NG_API enum own      ng_netif_addr_state(struct netif *n, struct addr a);
// The servers of names that a router of this link tells of (RFC 8106): how many of them are in
// server[] now, up to most.
NG_API unsigned      ng_netif_servers(const struct netif *n, struct addr *server, unsigned most);
// dst/prefix through gateway (or on-link if the gateway is of family NONE). 0/0 is the default
// route.
NG_API int           ng_host_add_route(struct host *h, struct addr dst, unsigned prefix,
                                       struct addr gateway, struct netif *n);
// What a route says of the paths that begin with it; of what is 0 it says nothing.
struct ng_route_metrics {
    uint32_t mtu;         // bytes: the longest packet, 68 to 65535
    bool     mtu_locked;  // and what routers tell of the path is not believed
    uint32_t mss;         // bytes: what TCP's MSS option offers, up to 65535
    uint32_t initcwnd;    // segments: TCP's first window, up to 65535
};
// In place of what was said of the route before. -ESRCH: there is none such, -EINVAL: bad numbers.
NG_API int           ng_host_set_route_metrics(struct host *h, struct addr dst, unsigned prefix,
                                               struct addr gateway,
                                               const struct ng_route_metrics *m);
NG_API int           ng_host_remove_route(struct host *h, struct addr dst, unsigned prefix,
                                          struct addr gateway);  // 0, or -ESRCH
NG_API struct frame *ng_netif_take(struct netif *n);  // the next frame for the wire, or NULL; owned
NG_API uint16_t      ng_netif_id(const struct netif *n);
NG_API struct mac    ng_netif_mac(const struct netif *n);
// The driver's word that a frame could not be sent after all; takes the frame.
NG_API void          ng_netif_drop(struct netif *n, struct frame *f, enum drop why);

// --- applications ----------------------------------------------------------------------------
// An application is a table of descriptors that begins at 3, as in a Unix process: 0, 1 and 2 are
// taken. The lowest free number is given out. The number means nothing outside its application.

typedef uint16_t ng_app;  // 0: none

NG_API ng_app ng_app_new(struct host *h, const char *name, bool blocking);  // 0: no memory
NG_API void   ng_app_exit(struct host *h, ng_app app);  // closes all its sockets
NG_API const char *ng_app_name(const struct host *h, ng_app app);  // NULL: there is none

// --- sockets ---------------------------------------------------------------------------------
// A handle is an index and a generation: a stale one gives -EBADF, never a dangling pointer.

typedef uint32_t ng_sock;  // 0: none

enum { NG_READABLE = 1,   // read() would not block: bytes, the end of the stream, or an error
       NG_WRITABLE = 2,   // write() would take at least one byte (or fail at once)
       NG_ACCEPTABLE = 4, // accept() would give a socket
       NG_CONNECTED = 8,  // the handshake is complete
       NG_PEER_CLOSED = 16,  // the peer's FIN has arrived (EPOLLRDHUP)
       NG_HUP = 32,       // both directions are over
       NG_URGENT = 128,   // the peer told of an urgent byte that was not read yet (SIGURG)
       NG_PRIORITY = 256, // and it is here: NG_MSG_OOB would read it (EPOLLPRI)
       NG_LINGERED = 512, // close() need not wait any more (NG_SO_LINGER)
       NG_NOTED = 1024,   // ng_sock_note() has something to tell
       NG_ERROR = 64 };   // an error waits: ng_sock_get(NG_SO_ERROR), or the next call returns it

enum { NG_SHUT_RD = 0, NG_SHUT_WR = 1, NG_SHUT_RDWR = 2 };

enum ng_option {
    NG_SO_ERROR = 1,    // int, get only: the waiting error (positive errno), which it clears
    NG_SO_SNDBUF,       // int: bytes
    NG_SO_RCVBUF,       // int: bytes
    NG_SO_REUSEADDR,    // int: 0, 1
    NG_SO_REUSEPORT,    // int: 0, 1
    NG_SO_LINGER,       // struct ng_linger
    NG_SO_KEEPALIVE,    // int: 0, 1
    NG_SO_BROADCAST,    // int: 0, 1
    NG_IP_TTL,          // int: 1..255
    NG_IP_TOS,          // int: 0..255
    NG_TCP_NODELAY,     // int: 0, 1
    NG_TCP_CORK,        // int: 0, 1
    NG_TCP_MAXSEG,      // int: bytes
    NG_TCP_QUICKACK,    // int: 0, 1
    NG_TCP_USER_TIMEOUT,// int: milliseconds
    NG_TCP_CONGESTION,  // char[]: "newreno", "cubic", ...
    NG_TCP_KEEPIDLE,    // int: seconds of silence before the first question
    NG_TCP_KEEPINTVL,   // int: seconds between questions
    NG_TCP_KEEPCNT,     // int: unanswered questions that end a connection
    NG_TCP_SYNCNT,      // int: how often a SYN is sent again
    NG_TCP_FASTOPEN,    // int: a listener's connections that wait for the last ACK; 0: none may
    NG_TCP_FASTOPEN_CONNECT,   // int: 0, 1: connect() waits for the first write, if it can
    NG_TCP_FASTOPEN_NO_COOKIE, // int: 0, 1
    NG_SO_MAX_PACING_RATE,     // uint64_t or uint32_t: bytes a second; all ones: no bound
    NG_TCP_FASTOPEN_KEY,       // 16 bytes, or 32: of cookies, and of those still recognised
    NG_IP_MTU_DISCOVER, // int: 1: nobody may cut what is sent (a datagram too long: -EMSGSIZE)
    // UDP only from here on.
    NG_IP_MULTICAST_TTL,   // int: 0..255; 1 unless set, so that groups stay on the link
    NG_IP_MULTICAST_LOOP,  // int: 0, 1: members on this host hear it too; 1 unless set
    NG_IP_MULTICAST_IF, // int: ng_netif_id() of the link that groups are sent to; 0: routes say
    NG_IP_JOIN,         // struct ng_group: hear what is sent to it
    NG_IP_LEAVE,        // struct ng_group
    NG_IP_RECVERR,      // int: 0, 1: errors that are not final are told too, and who told them
    NG_IP_OPTIONS,      // uint8_t[]: IPv4 options to send, up to 40 bytes, in words
    NG_SO_NO_CHECK,     // int: 0, 1: no checksum on IPv4 datagrams
    // TCP's urgent data.
    NG_SO_OOBINLINE,    // int: 0, 1: urgent bytes are read with the others
    NG_SO_ATMARK,       // int, get only: 1: the next byte to read is the urgent one
    NG_SO_INQ,          // int, get only: bytes that can be read, up to the urgent one
    NG_SO_NOTES,        // int, TCP only: NG_NOTE_* that are wanted of each write from now on
    NG_SO_DROPS,        // int, get only, UDP: datagrams that found the receive queue full, so far
    NG_TCP_NOTSENT_LOWAT, // uint32_t: writable as long as fewer bytes wait to be sent; 0: as set
};

// netif 0: the one by which the group would be sent to.
struct ng_group { struct addr group; uint16_t netif; };

struct ng_linger { int onoff, seconds; };

NG_API ng_sock ng_sock_open(struct host *h, ng_app app, enum sock_kind kind, int *error);
NG_API int     ng_sock_fd(const struct host *h, ng_sock s);             // -EBADF
NG_API ng_app  ng_sock_app(const struct host *h, ng_sock s);            // 0: none, or stale
NG_API ng_sock ng_app_sock(const struct host *h, ng_app app, int fd);   // 0: no such descriptor
NG_API int     ng_sock_bind(struct host *h, ng_sock s, const struct endpoint *local);
NG_API int     ng_sock_listen(struct host *h, ng_sock s, int backlog);
// -EINPROGRESS at first; NG_WRITABLE | NG_CONNECTED, or NG_ERROR, tells the outcome.
NG_API int     ng_sock_connect(struct host *h, ng_sock s, const struct endpoint *peer);
// The first waiting connection, as a NEW socket of the listener's application; 0 with *error set.
NG_API ng_sock ng_sock_accept(struct host *h, ng_sock s, struct endpoint *peer, int *error);
NG_API ssize_t ng_sock_read(struct host *h, ng_sock s, void *buf, size_t n);  // 0: end of stream
NG_API ssize_t ng_sock_write(struct host *h, ng_sock s, const void *buf, size_t n);
NG_API ssize_t ng_sock_sendto(struct host *h, ng_sock s, const void *buf, size_t n,
                              const struct endpoint *to);
NG_API ssize_t ng_sock_recvfrom(struct host *h, ng_sock s, void *buf, size_t n,
                                struct endpoint *from);
// All that is known of a datagram, as it is received; to send, what is not zero is asked for.
struct ng_packet_info {
    struct addr local;       // where it was sent to; the source to send from
    uint16_t    netif;       // by which interface: ng_netif_id
    uint8_t     ttl, tos;    // hop limit and traffic class in IPv6
    uint8_t     options_len;
    uint8_t     options[40]; // of IPv4, as on the wire
};
// The last ICMP error that this socket (with NG_IP_RECVERR) was told: the errno, who told it, whom
// the datagram was for, and the path's MTU if it was too long. Cleared. -EAGAIN: there is none.
struct ng_sock_trouble { int error; struct addr from; struct endpoint to; uint32_t mtu; };
NG_API int ng_sock_trouble(struct host *h, ng_sock s, struct ng_sock_trouble *t);
// send(2) and recv(2) with flags. -EOPNOTSUPP: a flag that means nothing for this kind of socket.
enum { NG_MSG_PEEK = 1,   // receive: the bytes stay
       NG_MSG_TRUNC = 2,  // receive: a stream's bytes are dropped, a datagram's length is told
       NG_MSG_OOB = 4,    // of a stream: all up to the last byte is urgent; or: the urgent byte
       NG_MSG_MORE = 8, NG_MSG_EOR = 16, NG_MSG_FASTOPEN = 32,
       NG_MSG_FREED = 64 };  // of a stream: NG_NOTE_FREED is wanted of this write
struct ng_message {
    void    *buf;   // only read from by send
    size_t   len;
    unsigned flags;
    bool     has_peer;  // send: to whom. receive: filled in, peer is who sent it
    struct endpoint peer;
    struct ng_packet_info *info;  // of a datagram; NULL: nothing more is asked, or told
};
// What a stream's writes asked to be told, oldest first: that the last byte of a write was SENT for
// the first time, or was ACKED; that the bytes are FREED, acknowledged or given up, and what was
// given (ng_sock_give) may be used again. Linux: SO_TIMESTAMPING, MSG_ZEROCOPY. At most 64 writes
// can be underway and 64 notes wait. More are not told; a send with NG_MSG_FREED is -ENOBUFS then.
enum ng_note_kind { NG_NOTE_SENT = 1, NG_NOTE_ACKED = 2, NG_NOTE_FREED = 4 };
struct ng_note {
    enum ng_note_kind kind;
    nsec     at;           // of the host's clock
    uint32_t first, last;  // FREED: these writes, counted from 0 among those that asked for it.
};                         // Else the byte, counted from 0 since NG_SO_NOTES was set
NG_API int ng_sock_note(struct host *h, ng_sock s, struct ng_note *n);  // -EAGAIN: there is none
NG_API ssize_t ng_sock_send(struct host *h, ng_sock s, const struct ng_message *m);
NG_API ssize_t ng_sock_receive(struct host *h, ng_sock s, struct ng_message *m);
// Reading without a copy: peek lends contiguous bytes until the next read, consume or close of this
// socket; consume says how many of them are done with.
NG_API ssize_t ng_sock_peek(struct host *h, ng_sock s, const uint8_t **p);
NG_API int     ng_sock_consume(struct host *h, ng_sock s, size_t n);
// Writing without a copy: takes a count of the slice's chunk. All of it, or -EAGAIN.
NG_API ssize_t ng_sock_give(struct host *h, ng_sock s, struct slice bytes);
NG_API int     ng_sock_shutdown(struct host *h, ng_sock s, int how);
// -EAGAIN: the FIN is sent, but NG_SO_LINGER wants it acknowledged first, whatever the socket's
// mode; call again on NG_LINGERED. Anything else: the handle is gone.
NG_API int     ng_sock_close(struct host *h, ng_sock s);
NG_API int     ng_sock_abort(struct host *h, ng_sock s);
NG_API int     ng_sock_set(struct host *h, ng_sock s, enum ng_option o, const void *v, size_t n);
NG_API int     ng_sock_get(struct host *h, ng_sock s, enum ng_option o, void *v, size_t *n);
NG_API int     ng_sock_local(const struct host *h, ng_sock s, struct endpoint *e);
NG_API int     ng_sock_remote(const struct host *h, ng_sock s, struct endpoint *e);
NG_API unsigned ng_sock_events(const struct host *h, ng_sock s);  // NG_* bits now; 0 if stale
// The next socket whose events changed since it was last named, or 0. Level them with
// ng_sock_events; a socket is named once however much happened to it.
NG_API ng_sock ng_host_ready(struct host *h);
// The host's sockets and connections, in order of id, for ss(8)-like listings: begins with *cursor
// = 0, false at the end. Connections that no application owns any more are among them.
struct ng_sock_entry {
    uint32_t conn; enum sock_kind kind; enum tcp_state state; ng_app app; int fd;
    struct endpoint local, remote; uint32_t snd_len, rcv_len, accept_len, backlog;
    uint32_t snd_max, rcv_max;  // bytes that the buffers take
    uint32_t dropped;           // as NG_SO_DROPS
};
NG_API bool ng_host_walk(const struct host *h, uint32_t *cursor, struct ng_sock_entry *entry);

// Bytes that a socket holds, and how many it may hold, as SO_RCVBUF and SO_SNDBUF tell; and how
// many datagrams found no room.
struct ng_sock_memory { uint32_t rcv_len, rcv_most, snd_len, snd_most, dropped; };
NG_API int ng_sock_memory(const struct host *h, ng_sock s, struct ng_sock_memory *memory);

// How a sender sees its path, as Linux has it.
enum ng_ca_state { NG_CA_OPEN, NG_CA_DISORDER, NG_CA_CWR, NG_CA_RECOVERY, NG_CA_LOSS };

// Why Fast Open was asked for and did not carry bytes.
enum ng_fastopen_fail { NG_FASTOPEN_FINE, NG_FASTOPEN_NO_COOKIE, NG_FASTOPEN_NOT_ACKED,
                        NG_FASTOPEN_SYN_AGAIN };

// What TCP knows of a connection. Fields follow Linux's tcp_info; units are in the names or here.
// What it has and this has not, means nothing here: see scenarios/drill/info.def.
struct ng_tcp_info {
    enum tcp_state state;
    uint32_t mss_snd, mss_rcv;            // bytes of payload in a segment
    uint8_t  wscale_snd, wscale_rcv;      // shifts; both 0 if not agreed
    bool     timestamps, sack, ecn;       // agreed on
    bool     ecn_seen;                    // bytes came from whom ECN was agreed on with, as ECT
    bool     syn_data;                    // bytes on a SYN were accepted (Fast Open)
    bool     fastopen_child;              // its cookie opened it before the last ACK did
    uint32_t cwnd, ssthresh;              // bytes
    uint32_t snd_wnd, rcv_wnd;            // bytes
    uint32_t mss_offered;                 // in our SYN
    enum ng_ca_state ca_state;
    // Bytes: in flight; of it SACKed, taken for lost (also if sent again since), sent again.
    uint32_t unacked, sacked, lost, retrans;
    uint32_t probes;                      // of a shut window, unanswered
    uint32_t reordering;                  // segments that may overtake one, as seen so far
    uint32_t reordered;                   // how often some did
    uint64_t segs_delivered;
    nsec     since_data;                  // how long ago the last bytes came
    uint32_t retransmits, backoff;        // of the oldest segment, in a row
    uint64_t bytes_sent, bytes_acked, bytes_received, bytes_retrans;
    uint64_t segs_out, segs_in, total_retrans;
    nsec     rto, srtt, rttvar, min_rtt;
    uint64_t pacing_rate, max_pacing_rate;  // bytes a second; all ones: no bound
    uint64_t delivery_rate;               // bytes a second, as last measured; 0: not yet
    bool     delivery_rate_app_limited;   // the application was slower then, not the path
    uint64_t data_segs_out;
    uint32_t pmtu;                        // bytes: the longest packet that the path takes
    uint32_t rcv_space;                   // bytes: the receive buffer as it has grown
    uint32_t rcv_ssthresh;                // bytes: the largest window that it may offer now
    nsec     rcv_rtt;                     // a round trip as what comes tells of it; 0: not yet
    nsec     ato;                         // how long an ACK waits, if it does; 0: no bytes came yet
    uint32_t unread, notsent;             // bytes: for read(); written, and not sent yet
    uint32_t accept_len, backlog;         // of a listener
    nsec     since_sent, since_ack;       // how long ago bytes were sent; a segment came
    uint64_t data_segs_in;                // segments with bytes
    uint32_t early_segs_in;               // of them out of order (rcv_ooopack)
    uint32_t dsack_dups;                  // duplicates that the peer told of
    uint32_t delivered_ce;                // segments acknowledged with ECE
    uint32_t received_ce;                 // segments that came marked
    uint32_t received_e1_bytes, received_e0_bytes, received_ce_bytes;  // by codepoint
    uint32_t total_rto, total_rto_recoveries;  // timeouts; rows of them
    nsec     total_rto_time;              // in such rows
    nsec     busy_time;                   // with bytes to send or in flight; of it,
    nsec     rwnd_limited, sndbuf_limited;  // held up by the peer's window; by our buffer
    enum ng_fastopen_fail fastopen_fail;
    char     congestion[16];
};
NG_API int ng_tcp_info(const struct host *h, ng_sock s, struct ng_tcp_info *info);

// What its congestion control knows, of those that tell more than cwnd: Linux's TCP_CC_INFO.
enum ng_cc_kind { NG_CC_PLAIN, NG_CC_DCTCP, NG_CC_VEGAS, NG_CC_BBR };
struct ng_cc_info {
    enum ng_cc_kind kind;
    bool     enabled;                     // DCTCP: ECN was agreed on; Vegas: it steers now
    bool     ce_state;                    // DCTCP: the last bytes came marked
    uint32_t alpha, marked, acked;        // DCTCP: the share of marks, of 1024; bytes of this round
    uint32_t samples, base_us, least_us;  // Vegas: of this round; round trips: of all, of this one
    uint64_t bw;                          // BBR: bytes a second
    uint32_t min_rtt_us, pacing_gain, cwnd_gain;  // BBR: gains of 256
};
NG_API int ng_tcp_cc_info(const struct host *h, ng_sock s, struct ng_cc_info *info);

#endif
