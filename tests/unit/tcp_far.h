// tcp_far.h - a peer 100 ms away, and a host that sends to it: what tests of the sender begin with.
#ifndef TCP_FAR_H
#define TCP_FAR_H

#include "unit/tcp_peer.h"

enum { MSS = 1460 };

// ESTABLISHED with a round trip of 100 ms, so that the RTO is 300 ms.
static inline struct peer *far_peer(bool sack, bool ts)
{
    struct peer *p = peer_new();
    p->ts = ts;
    peer_called(p);
    peer_wait(p, MSEC(100));
    struct tcp_opts o = peer_opts(p);
    o.has_sack_ok = sack;
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = o);
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    return p;
}

static inline struct ng_tcp_info info_of(struct peer *p)
{
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    return info;
}

static inline void send(struct peer *p, uint32_t n)
{
    static const uint8_t zeros[1 << 17];
    int big = 1 << 20;
    ng_sock_set(p->h, p->s, NG_SO_SNDBUF, &big, sizeof big);
    p->outs = 0;
    ck_assert_int_eq(ng_sock_write(p->h, p->s, zeros, n), (int)n);
    peer_collect(p);
}

static inline void ack(struct peer *p, uint32_t at)
{
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = at);
}

static inline void sack(struct peer *p, uint32_t at, uint32_t from, uint32_t to)
{
    struct tcp_opts o = {.sacks = 1};
    o.sack[0].from = seq_add(p->host_isn, from);
    o.sack[0].to = seq_add(p->host_isn, to);
    o.has_ts = p->ts;
    o.ts_val = p->ts_val;
    o.ts_ecr = p->ts_seen;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = at, .opts = o);
}

// The host's side of it, from inside.
static inline struct tcp *inside(struct peer *p)
{
    struct conn *c = table_next(p->h, 0);
    ck_assert_ptr_nonnull(c);
    return (struct tcp *)(void *)c;
}

static inline void setting_is(struct peer *p, const char *name, const char *value)
{
    ck_assert_int_eq(ng_host_set(p->h, name, value), 0);
}

#endif
