// arrival_table_test.c - every state meets every kind of segment: all sets of SYN, ACK, RST, FIN,
// with and without data, at both edges of the window and on either side of them, with ACKs that are
// too old, just not, old, of a part, of all, and of what was never sent. What must come of it (the
// state, the segment sent, the bytes delivered, the error) is said by oracle.h.
#include <stdio.h>

#include "claims.h"
#include "unit/tcp_peer.h"
#include "unit/thorough.h"
#include "unit/tcp/oracle.h"

enum situation { AT_CLOSED, AT_LISTEN, AT_SYN_SENT, AT_CALLED, AT_BOTH_CALLED, AT_ESTABLISHED,
                 AT_FIN_WAIT_1, AT_FIN_WAIT_2, AT_CLOSE_WAIT, AT_CLOSING, AT_LAST_ACK,
                 AT_TIME_WAIT, SITUATIONS };
enum { FLAG_SETS = 16, PLACES = 9, ACKS = 6, LENGTHS = 3, WRITTEN = 100 };

static const enum tcp_state state_of[SITUATIONS] = {
    [AT_CLOSED] = TCP_CLOSED, [AT_LISTEN] = TCP_LISTEN, [AT_SYN_SENT] = TCP_SYN_SENT,
    [AT_CALLED] = TCP_SYN_RCVD, [AT_BOTH_CALLED] = TCP_SYN_RCVD,
    [AT_ESTABLISHED] = TCP_ESTABLISHED, [AT_FIN_WAIT_1] = TCP_FIN_WAIT_1,
    [AT_FIN_WAIT_2] = TCP_FIN_WAIT_2, [AT_CLOSE_WAIT] = TCP_CLOSE_WAIT,
    [AT_CLOSING] = TCP_CLOSING, [AT_LAST_ACK] = TCP_LAST_ACK, [AT_TIME_WAIT] = TCP_TIME_WAIT,
};

static const struct tcp_opts plain = {.has_mss = true, .mss = 1460};

// --- into the situation ------------------------------------------------------------------------

static void open_and_write(struct peer *p)
{
    static const char bytes[WRITTEN];
    peer_called(p);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = plain);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, bytes, WRITTEN), WRITTEN);
    peer_collect(p);
}

static void end_ours(struct peer *p)
{
    ck_assert_int_eq(ng_sock_shutdown(p->h, p->s, NG_SHUT_WR), 0);
    peer_collect(p);
}

static void arrange(struct peer *p, enum situation at)
{
    if (at == AT_LISTEN || at == AT_CALLED) p->s = peer_listener(p, 5);
    if (at == AT_CALLED) SAY(p, .flags = TCP_SYN, .opts = plain);
    if (at == AT_SYN_SENT || at == AT_BOTH_CALLED) peer_called(p);
    if (at == AT_BOTH_CALLED) SAY(p, .flags = TCP_SYN, .opts = plain);
    if (at < AT_ESTABLISHED) return;
    open_and_write(p);
    if (at == AT_CLOSE_WAIT || at == AT_LAST_ACK)
        SAY(p, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    if (at != AT_ESTABLISHED && at != AT_CLOSE_WAIT) end_ours(p);
    if (at == AT_FIN_WAIT_2 || at == AT_TIME_WAIT)
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = WRITTEN + 2);
    if (at == AT_CLOSING) SAY(p, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    if (at == AT_TIME_WAIT) SAY(p, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = WRITTEN + 2);
}

// The connection itself, in the table under its names; NULL: there is none.
static struct tcp *find(struct peer *p)
{
    struct conn *c = table_find(p->h, (struct endpoint){host_addr(), HOST_PORT},
                                (struct endpoint){peer_addr(), PEER_PORT});
    return c != NULL && c->kind == CONN_TCP ? (struct tcp *)(void *)c : NULL;
}

// What the situation is by construction, and the window from the last segment that we sent.
static struct tcb tcb_of(struct peer *p, enum situation at)
{
    struct tcb c = {.state = state_of[at], .passive = at == AT_CALLED, .max_wnd = 65535};
    const struct tcp *t = find(p);
    if (t == NULL) return c;
    c.rcv_wnd = tcp_window_now(t);
    c.rcv_nxt = at >= AT_CLOSE_WAIT ? 2 : 1;
    c.nxt = 1;
    if (at < AT_ESTABLISHED) return c;
    c.fin_sent = at != AT_ESTABLISHED && at != AT_CLOSE_WAIT;
    c.nxt = 1 + WRITTEN + c.fin_sent;
    c.una = at == AT_FIN_WAIT_2 || at == AT_TIME_WAIT ? c.nxt : 1;
    return c;
}

// --- the segment -------------------------------------------------------------------------------

struct kind { unsigned flags, place, ack, length; };

static struct in_seg segment_of(const struct tcb *c, struct kind k)
{
    static const uint8_t bit[4] = {TCP_SYN, TCP_ACK, TCP_RST, TCP_FIN};
    static const uint32_t length[LENGTHS] = {0, 1, 10};
    struct in_seg s = {.len = length[k.length]};
    for (int i = 0; i < 4; i++)
        if (k.flags & BIT(i)) s.flags |= bit[i];
    uint32_t n = seg_len(&s), nxt = c->rcv_nxt, edge = nxt + c->rcv_wnd;
    const uint32_t place[PLACES] = {
        nxt - 5000, nxt - n - 1, nxt - (n > 0 ? n : 1), nxt - n / 2, nxt, nxt + 1, edge - 1, edge,
        edge + 1000};
    const uint32_t ack[ACKS] = {c->una - c->max_wnd - 1, c->una - c->max_wnd, c->una, c->nxt - 1,
                                c->nxt, c->nxt + 1};
    s.seq = place[k.place];
    s.ack = s.flags & TCP_ACK ? ack[k.ack] : 0;
    return s;
}

// Where we knowingly do otherwise than the oracle's reading.
static void amend(const struct tcb *c, const struct in_seg *s, struct outcome *o)
{
    uint8_t syn = s->flags & (TCP_SYN | TCP_RST);
    if (c->state != TCP_SYN_RCVD || syn != TCP_SYN || s->seq != c->rcv_nxt - 1) return;
    // The SYN that we know comes again, by itself or with the ACK of ours that both callers wait
    // for (Figure 8): the text of the first step would drop it with an ACK. Alone it asks for our
    // SYN,ACK again.
    if (!(s->flags & TCP_ACK)) {
        *o = (struct outcome){.state = c->state, .rcv_nxt = c->rcv_nxt,
                              .reply = TCP_SYN | TCP_ACK, .reply_ack = c->rcv_nxt};
        return;
    }
    if (c->passive) return;
    struct in_seg rest = *s;
    rest.flags &= (uint8_t)~TCP_SYN;
    rest.seq++;
    *o = oracle(c, &rest);
    if (o->reply == 0) send_ack(o, c);  // Linux: the SYN came twice, and that is told
}

// --- what came of it ---------------------------------------------------------------------------

static struct outcome seen(struct peer *p, enum situation at, const struct tcb *before_it)
{
    struct outcome o = {.state = TCP_CLOSED, .una = before_it->una, .rcv_nxt = before_it->rcv_nxt};
    const struct tcp *t = find(p);
    if (t != NULL) {
        o.state = (enum tcp_state)t->state;
        o.una = (uint32_t)seq_diff(t->sent.una, t->iss);
        o.rcv_nxt = (uint32_t)seq_diff(t->rcv_nxt, t->irs);
        o.delivered = t->rcvq.bytes.len;
        o.eof = t->peer_fin;
    } else if (at == AT_LISTEN || at == AT_CALLED) {
        o.state = TCP_LISTEN;
    }
    int error = 0;
    size_t n = sizeof error;
    if (p->s != 0 && ng_sock_get(p->h, p->s, NG_SO_ERROR, &error, &n) == 0) o.error = error;
    if (p->outs == 0) return o;
    const struct peer_seg *r = &p->out[0];
    o.reply = (uint8_t)(r->seg.flags & ~TCP_PSH);
    o.reply_seq = r->seq;
    o.reply_ack = r->ack;
    return o;
}

static void print_outcome(const char *who, const struct outcome *o)
{
    printf("#   %s: %s una %d rcv %d, %d bytes, eof %d, error %d, reply %02x seq %d ack %d\n", who,
           tcp_state_name(o->state), (int)o->una, (int)o->rcv_nxt, (int)o->delivered, o->eof,
           o->error, o->reply, (int)o->reply_seq, (int)o->reply_ack);
}

// What cannot be compared is made equal: the end of a connection tells no numbers, a new one of a
// listener counts from where its SYN says, and the end of the stream may have come before.
static void level(struct outcome *want, struct outcome *got, const struct tcb *c)
{
    if (want->state == TCP_CLOSED || want->state == TCP_LISTEN) {
        want->una = got->una;
        want->rcv_nxt = got->rcv_nxt;
    }
    if (c->state == TCP_LISTEN || c->state == TCP_SYN_SENT) want->rcv_nxt = got->rcv_nxt;
    if (c->state == TCP_LISTEN) want->una = got->una;
    if (c->rcv_nxt == 2) want->eof = got->eof;
    if (!(want->reply & TCP_ACK)) want->reply_ack = got->reply_ack;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
    return a->state == b->state && a->una == b->una && a->rcv_nxt == b->rcv_nxt
        && a->delivered == b->delivered && a->reply == b->reply && a->error == b->error
        && a->eof == b->eof
        && (a->reply == 0 || (a->reply_seq == b->reply_seq && a->reply_ack == b->reply_ack));
}

static bool try(enum situation at, struct kind k)
{
    struct peer p;
    peer_open(&p);
    arrange(&p, at);
    struct tcb c = tcb_of(&p, at);
    struct in_seg s = segment_of(&c, k);
    struct outcome want = oracle(&c, &s);
    amend(&c, &s, &want);
    SAY(&p, .flags = s.flags, .seq = s.seq, .ack = s.ack, .len = s.len,
        .opts = s.flags & TCP_SYN ? plain : (struct tcp_opts){0});
    struct outcome got = seen(&p, at, &c);
    level(&want, &got, &c);
    bool ok = same(&want, &got) && p.outs <= 1;
    if (!ok) {
        printf("# situation %d %s: flags %02x seq %d ack %d len %d, %u replies\n", at,
               tcp_state_name(c.state), s.flags, (int)s.seq, (int)s.ack, (int)s.len, p.outs);
        print_outcome("want", &want);
        print_outcome("got ", &got);
    }
    peer_close(&p);
    return ok;
}

START_TEST(what_arrives_does_as_the_rfc_says)
{
    enum situation at = (enum situation)_i;
    unsigned tried = 0, wrong = 0;
    for (unsigned flags = 0; flags < FLAG_SETS; flags++)
        for (unsigned i = 0; i < PLACES * LENGTHS * ACKS; i++) {
            struct kind k = {flags, i % PLACES, i / PLACES % ACKS, i / PLACES / ACKS};
            if (!(flags & 2) && k.ack > 0) continue;  // no ACK: one is like the other
            if (family == FAMILY_IP6 && (flags + i) % (unsigned)every(7) != 0) continue;
            tried++;
            wrong += !try(at, k);
        }
    if (family == FAMILY_IP4)
        printf("# %s: %u segments\n", tcp_state_name(state_of[at]), tried);
    fflush(stdout);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, what_arrives_does_as_the_rfc_says, 0, SITUATIONS);
}

int main(void)
{
    Suite *s = suite_create("arrival table");
    family_add(s, add_tests);
    return run_claims(s);
}
