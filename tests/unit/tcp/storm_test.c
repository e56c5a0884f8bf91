// storm_test.c - a peer gone mad: random segments around every window edge, in every state, while
// the application makes random calls. Nothing may break a CHECK, leak, or run backwards.
#include "base/rng.h"
#include "claims.h"
#include "unit/tcp_peer.h"
#include "unit/thorough.h"

static uint8_t random_flags(struct rng *r)
{
    static const uint8_t usual[] = {TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH, TCP_SYN,
                                    TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST,
                                    TCP_RST | TCP_ACK, 0};
    if (rng_chance(r, 100000)) return (uint8_t)rng_next(r);
    uint8_t f = usual[rng_below(r, ARRAY_LEN(usual))];
    // Ends are rare, so that there is a life before them.
    if ((f & (TCP_RST | TCP_FIN)) && !rng_chance(r, 100000)) f = TCP_ACK;
    return f;
}

// Mostly near a number that means something, sometimes anywhere.
static uint32_t near(struct rng *r, uint32_t n)
{
    if (rng_chance(r, 20000)) return (uint32_t)rng_next(r);
    static const int32_t off[] = {0, 0, 0, 0, 1, -1, 1460, -1460, 100, 65535, 70000, -70000};
    return n + (uint32_t)off[rng_below(r, ARRAY_LEN(off))];
}

static void random_options(struct peer *p, struct rng *r, const struct ng_tcp_info *info,
                           struct tcp_opts *o)
{
    o->has_mss = rng_chance(r, 200000);
    o->mss = (uint16_t)rng_below(r, 2000);
    o->has_wscale = rng_chance(r, 200000);
    o->wscale = (uint8_t)rng_below(r, 15);
    o->has_sack_ok = rng_chance(r, 500000);
    o->has_ts = rng_chance(r, 950000) ? info->timestamps : !info->timestamps;
    o->ts_val = p->ts_val + (uint32_t)rng_below(r, 3) - (rng_chance(r, 50000) ? 1000 : 0);
    o->ts_ecr = p->ts_seen - (uint32_t)rng_below(r, 50);
    o->sacks = (uint8_t)(rng_chance(r, 300000) ? rng_below(r, 4) : 0);
    if (o->has_mss && o->sacks > 1) o->sacks = 1;
    for (int i = 0; i < o->sacks; i++) {
        o->sack[i].from = seq_add(p->host_isn, (uint32_t)rng_below(r, 60000));
        o->sack[i].to = seq_add(o->sack[i].from, (uint32_t)rng_below(r, 5000));
    }
}

static void call_something(struct peer *p, struct rng *r)
{
    static uint8_t buf[20000];
    struct ng_linger l = {1, 0};
    int n = (int)rng_below(r, 8000);
    switch (rng_below(r, 60)) {
    case 0: ng_sock_shutdown(p->h, p->s, (int)rng_below(r, 3)); break;
    case 1: ng_sock_set(p->h, p->s, NG_SO_LINGER, &l, sizeof l); break;
    case 2: ng_sock_set(p->h, p->s, NG_TCP_CORK, &(int){(int)rng_below(r, 2)}, sizeof(int)); break;
    case 3: ng_sock_set(p->h, p->s, NG_SO_RCVBUF, &n, sizeof n); break;
    case 4: ng_sock_set(p->h, p->s, NG_SO_SNDBUF, &n, sizeof n); break;
    case 5: ng_sock_set(p->h, p->s, NG_TCP_MAXSEG, &n, sizeof n); break;
    default: break;
    }
    if (rng_chance(r, 600000)) ng_sock_write(p->h, p->s, buf, rng_below(r, sizeof buf));
    if (rng_chance(r, 500000)) ng_sock_read(p->h, p->s, buf, rng_below(r, sizeof buf));
    ng_sock_events(p->h, p->s);
}

static void check_info(const struct ng_tcp_info *info, uint64_t *acked, uint64_t *received)
{
    if (info->bytes_acked < *acked || info->bytes_received < *received) ck_abort_msg("backwards");
    if (info->lost > info->unacked || info->retrans > info->unacked) ck_abort_msg("scoreboard");
    if (info->rto > SEC(120)) ck_abort_msg("RTO");
    *acked = info->bytes_acked;
    *received = info->bytes_received;
}

static void storm(uint64_t seed, int steps)
{
    struct peer *p = peer_new();
    struct rng r;
    rng_seed(&r, seed);
    p->ts = seed & 1;
    uint64_t acked = 0, received = 0;
    uint32_t next = 1;
    if (seed & 2) {
        ng_sock listener = peer_listener(p, 3);
        SAY(p, .flags = TCP_SYN, .opts = peer_opts(p));
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
        int error;
        struct endpoint e;
        p->s = ng_sock_accept(p->h, listener, &e, &error);
        ck_assert_uint_ne(p->s, 0);
    } else if (seed & 4) {
        peer_called(p);
    } else {
        peer_established(p);
    }
    for (int i = 0; i < steps; i++) {
        struct ng_tcp_info info;
        ng_tcp_info(p->h, p->s, &info);
        check_info(&info, &acked, &received);
        next = (uint32_t)info.bytes_received + 1;
        uint32_t una = (uint32_t)info.bytes_acked + 1;
        struct say say = {.flags = random_flags(&r), .seq = near(&r, next),
                          .ack = near(&r, una + (uint32_t)rng_below(&r, info.unacked + 1)),
                          .len = rng_chance(&r, 500000) ? (uint32_t)rng_below(&r, 1460) : 0,
                          .wnd = rng_chance(&r, 100000) ? -1 : (int)rng_below(&r, 65535)};
        random_options(p, &r, &info, &say.opts);
        p->ts_val += (uint32_t)rng_below(&r, 2);
        peer_say(p, &say);
        call_something(p, &r);
        p->outs = 0;
        nsec wait = rng_chance(&r, 50000) ? SEC(1) : (nsec)rng_below(&r, MSEC(20));
        for (nsec until = p->now + wait; p->now < until; p->outs = 0) {
            nsec at = ng_host_next(p->h);
            p->now = at < until ? (at > p->now ? at : p->now) : until;
            peer_collect(p);
        }
    }
    ng_sock_close(p->h, p->s);
    p->outs = 0;
    peer_close(p);  // CHECKs that all memory came back
    free(p);
}

START_TEST(no_storm_sinks_us)
{
    for (uint64_t i = 0; i < 12; i += (uint64_t)every(3)) storm((uint64_t)_i * 12 + i, 150);
}
END_TEST

static void add_tests(TCase *tc)
{
    const char *many = getenv("NG_STORMS");  // more than the tests have time for
    tcase_add_loop_test(tc, no_storm_sinks_us, 0, many != NULL ? (int)strtol(many, NULL, 10) : 8);
    tcase_set_timeout(tc, 60);
}

int main(void)
{
    Suite *s = suite_create("storm");
    family_add(s, add_tests);
    return run_claims(s);
}
