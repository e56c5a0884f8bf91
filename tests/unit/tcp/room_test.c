// room_test.c - how much may be written, and when a writer is told of room: TCP_NOTSENT_LOWAT and
// the third of the buffer that must be free.
#include "claims.h"
#include "unit/tcp_peer.h"

static void set(struct peer *p, enum ng_option o, uint32_t n)
{
    ck_assert_int_eq(ng_sock_set(p->h, p->s, o, &n, sizeof n), 0);
}

static int64_t put(struct peer *p, size_t n)
{
    static const uint8_t zeros[65536];
    int64_t rc = ng_sock_write(p->h, p->s, zeros, n);
    peer_collect(p);
    return rc;
}

static bool writable(struct peer *p)
{
    return (ng_sock_events(p->h, p->s) & NG_WRITABLE) != 0;
}

// Of 12000 bytes a third is free when 8000 are left: that is news once.
START_TEST(a_writer_is_named_once_there_is_room)
{
    struct peer *p = peer_connected();
    set(p, NG_SO_SNDBUF, 12000);
    peer_is_named(p);
    ck_assert_int_eq(put(p, 65536), 12000);
    ck_assert(!writable(p));
    peer_acks(p, 3999);
    ck_assert(!peer_is_named(p) && !writable(p));
    peer_acks(p, 4000);
    ck_assert(peer_is_named(p) && writable(p));
    peer_acks(p, 6000);
    ck_assert(!peer_is_named(p) && writable(p));
    peer_free(p);
}
END_TEST

// The socket always had room, and nobody asked for more.
START_TEST(who_needs_no_room_is_not_named)
{
    struct peer *p = peer_connected();
    set(p, NG_SO_SNDBUF, 12000);
    peer_is_named(p);
    ck_assert_int_eq(put(p, 3000), 3000);
    peer_acks(p, 1460);
    peer_acks(p, 3000);
    ck_assert(!peer_is_named(p) && writable(p));
    peer_free(p);
}
END_TEST

// Ten segments of 1460 go at once. `lowat` bytes may wait behind them; below half, it is told.
static const struct { const char *how; uint32_t lowat, wait; } lowats[] = {
    {"half of it waits: not yet", 4000, 4000},
    {"one may wait, none must", 1, 1},
    {"less than a segment", 1000, 1000},
};

START_TEST(only_so_much_may_wait_to_be_sent)
{
    struct peer *p = peer_connected();
    set(p, NG_SO_SNDBUF, 60000);
    uint32_t lowat = lowats[_i].lowat, first = 14600;
    if (_i == 1) ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_notsent_lowat", "1"), 0);
    else set(p, NG_TCP_NOTSENT_LOWAT, lowat);
    peer_is_named(p);
    ck_assert_msg(put(p, 65536) == first + lowats[_i].wait, "%s", lowats[_i].how);
    ck_assert(!writable(p) && !peer_is_named(p));
    ck_assert_int_eq(put(p, 1), -EAGAIN);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 14600);
    ck_assert(!writable(p) && !peer_is_named(p));
    // The window opens for one segment more, then for all.
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1461, .wnd = 14600);
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    bool room = 2 * info.notsent < lowat;
    ck_assert_msg(writable(p) == room && peer_is_named(p) == room, "%s", lowats[_i].how);
    peer_acks(p, first + lowats[_i].wait - info.notsent);
    ck_assert(writable(p) && peer_is_named(p) == !room);
    peer_free(p);
}
END_TEST

// What would not fit at once is refused, and told of when it might.
START_TEST(giving_waits_for_room_too)
{
    struct peer *p = peer_connected();
    set(p, NG_SO_SNDBUF, 60000);
    set(p, NG_TCP_NOTSENT_LOWAT, 2000);
    ck_assert_int_eq(put(p, 65536), 14600 + 2000);
    peer_is_named(p);
    struct chunk *c = chunk_new(&p->h->pool, 20000);
    c->filled = 20000;
    struct slice s = {.chunk = c, .len = 20000};
    ck_assert_int_eq(ng_sock_give(p->h, p->s, s), -EAGAIN);
    peer_acks(p, 14600);
    ck_assert(peer_is_named(p));
    ck_assert_int_eq(ng_sock_give(p->h, p->s, s), 20000);
    slice_drop(&s);
    peer_free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("room");
    TCase *tc = tcase_create("room");
    tcase_add_test(tc, a_writer_is_named_once_there_is_room);
    tcase_add_test(tc, who_needs_no_room_is_not_named);
    tcase_add_loop_test(tc, only_so_much_may_wait_to_be_sent, 0, (int)ARRAY_LEN(lowats));
    tcase_add_test(tc, giving_waits_for_room_too);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
