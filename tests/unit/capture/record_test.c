// record_test.c - what went in comes out; what stands in the file is what others may read.
#include "claims.h"
#include "unit/capture/capture_world.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/csum.h"
#include "capture/capfile.h"
#include "capture/pcapng.h"
#include "unit/core/random_event.h"

enum { FILE_MAX = 8 << 20 };
static uint8_t file[FILE_MAX];

static struct stream replay_all(const uint8_t *p, size_t len)
{
    struct stream got = {.count = 0};
    struct trace_event ev;
    struct replay *r = replay_of(p, len);
    enum replay_next next;
    while ((next = replay_next(r, &ev)) == REPLAY_EVENT) stream_add(&got, &ev);
    ck_assert_msg(next == REPLAY_END, "%s", replay_error(r));
    ck_assert(replay_is_ours(r));
    replay_close(r);
    return got;
}

// Random events of all types, in runs of one instant, as hosts tell them. Odd seeds have links, so
// that packets wait for ever for their fate; with even ones they are released at once.
static struct stream record_random(const char *path, uint64_t seed, int events)
{
    struct stream want = {.count = 0};
    struct rng rng;
    struct record *r = record_to(path);
    nsec now = 0;
    rng_seed(&rng, seed);
    for (int i = 0; i < events; i++) {
        struct trace_event ev;
        random_event(&rng, (enum trace_type)rng_below(&rng, TRACE_TYPES), &ev);
        if (rng_below(&rng, 3) == 0) now += (nsec)rng_below(&rng, SEC(1));
        ev.at = now;
        ev.host %= 4;
        ev.netif %= 3;
        if (ev.type == TRACE_LINK_NEW) {
            if (seed % 2 == 0) ev.host = 9;
            ev.link_new.peer_host = ev.host == 9 ? 9 : (uint16_t)rng_below(&rng, 4);
        }
        trace_emit(record_sink(r), &ev);
        stream_add(&want, &ev);
    }
    record_end(r);
    return want;
}

START_TEST(replay_gives_back_the_same_stream)
{
    struct stream want = record_random(scratch_path("a.pcapng"), (uint64_t)_i, 4000);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    struct stream got = replay_all(file, len);
    ck_assert_uint_eq(got.count, want.count);
    ck_assert_uint_eq(got.len, want.len);
    ck_assert(memcmp(got.p, want.p, want.len) == 0);
    free(got.p);
    free(want.p);
}
END_TEST

START_TEST(equal_runs_give_equal_bytes)
{
    static uint8_t other[FILE_MAX];
    free(record_random(scratch_path("a.pcapng"), 9, 1000).p);
    free(record_random(scratch_path("b.pcapng"), 9, 1000).p);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    ck_assert_uint_eq(slurp(scratch_path("b.pcapng"), other, sizeof other), len);
    ck_assert(memcmp(file, other, len) == 0);
}
END_TEST

// Whatever is cut off, what comes before is what was recorded, and the end is told as cut. Even the
// block of events in which the cut lies gives those that are whole. (A cut between two blocks would
// look like an end: blocks are multiples of four, and the later cuts are odd.)
START_TEST(a_cut_file_gives_what_is_whole)
{
    struct stream want = record_random(scratch_path("a.pcapng"), 6, 4000);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    uint64_t before = 0;
    for (size_t cut = 28; cut < len; cut += cut < 501 ? 1 : 4998) {
        struct trace_event ev;
        struct stream got = {.count = 0};
        char error[300];
        struct replay *r = replay_open_bytes(file, cut, error, sizeof error);
        NEED(r != NULL);
        enum replay_next next;
        while ((next = replay_next(r, &ev)) == REPLAY_EVENT) stream_add(&got, &ev);
        if (replay_is_ours(r)) {
            NEED(next == REPLAY_BROKEN || got.count == 0);
            NEED(got.len == 0 || memcmp(got.p, want.p, got.len) == 0);
            NEED(got.count >= before && got.count < want.count);
            before = got.count;
        }
        const char *says = replay_error(r);
        if (next == REPLAY_BROKEN)
            NEED(strstr(says, "cut short") != NULL || strstr(says, "are missing") != NULL);
        free(got.p);
        replay_close(r);
    }
    ck_assert_uint_gt(before, want.count / 2);
    free(want.p);
}
END_TEST

START_TEST(a_short_run_that_was_cut_is_not_lost)
{
    struct stream want = record_random(scratch_path("a.pcapng"), 6, 100);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    struct trace_event ev;
    struct replay *r = replay_of(file, len - 40);
    uint64_t count = 0;
    enum replay_next next;
    while ((next = replay_next(r, &ev)) == REPLAY_EVENT) count++;
    ck_assert_int_eq(next, REPLAY_BROKEN);
    ck_assert_uint_ge(count, 50);
    ck_assert_uint_lt(count, 100);
    replay_close(r);
    free(want.p);
}
END_TEST

// --- what others read --------------------------------------------------------------------------

static void emit(struct record *r, struct trace_event ev)
{
    ev.host = ev.host == 0 ? 1 : ev.host;
    ev.netif = 1;
    trace_emit(record_sink(r), &ev);
}

static struct trace_str str(const char *s) { return (struct trace_str){s, (uint32_t)strlen(s)}; }

static void two_hosts(struct record *r)
{
    for (uint16_t host = 1; host <= 2; host++) {
        emit(r, (struct trace_event){.type = TRACE_HOST_NEW, .host = host,
                                     .host_new.name = str(host == 1 ? "client" : "server")});
        emit(r, (struct trace_event){.type = TRACE_NETIF_NEW, .host = host, .netif_new = {
            .name = str("eth0"), .mac = {{2, 0, 0, 0, 0, (uint8_t)host}}, .mtu = 1500}});
        emit(r, (struct trace_event){.type = TRACE_NETIF_ADDR, .host = host, .netif_addr = {
            .addr = addr_ip4(0x0a000000u + host), .prefix = 24}});
    }
}

static bool find(const uint8_t *p, size_t len, const char *text)
{
    return memmem(p, len, text, strlen(text)) != NULL;
}

// Frame 1 arrives and is dropped at the same instant; frame 2 is lost by the link as it is sent;
// frame 3 arrives and is dropped later, which its packet cannot tell any more.
START_TEST(comments_tell_the_reason)
{
    static const uint8_t bytes[60] = {0};
    struct trace_bytes data = {bytes, sizeof bytes};
    struct record *r = record_to(scratch_path("a.pcapng"));
    two_hosts(r);
    emit(r, (struct trace_event){.at = 5, .type = TRACE_FRAME_TX, .frame_tx = {
        .frame = 1, .why = SENT_WINDOW_PROBE, .len = 60, .data = data}});
    emit(r, (struct trace_event){.at = 5, .type = TRACE_FRAME_TX, .frame_tx = {
        .frame = 2, .why = SENT_RTO, .len = 60, .data = data}});
    emit(r, (struct trace_event){.at = 5, .type = TRACE_LINK_DROP, .link_drop = {
        .link = 1, .frame = 2, .why = DROP_LINK_FILTER, .when = 5}});
    emit(r, (struct trace_event){.at = 9, .host = 2, .type = TRACE_FRAME_RX, .frame_rx = {
        .frame = 1, .len = 60, .data = data}});
    emit(r, (struct trace_event){.at = 9, .host = 2, .type = TRACE_FRAME_DROP, .frame_drop = {
        .frame = 1, .why = DROP_TCP_OUT_OF_WINDOW, .len = 60}});
    emit(r, (struct trace_event){.at = 12, .host = 2, .type = TRACE_FRAME_RX, .frame_rx = {
        .frame = 3, .len = 60, .data = data}});
    emit(r, (struct trace_event){.at = 13, .host = 2, .type = TRACE_FRAME_DROP, .frame_drop = {
        .frame = 3, .why = DROP_TCP_PAWS, .len = 60}});
    record_end(r);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    ck_assert(find(file, len, "window-probe: The window is zero: ask whether it has opened."));
    ck_assert(find(file, len, "the first hole. DROPPED link-filter: The scenario asked"));
    ck_assert(find(file, len, "DROPPED tcp-out-of-window: Its sequence numbers lie"));
    ck_assert(!find(file, len, "tcp-paws"));
    ck_assert(find(file, len, "client/eth0"));
    ck_assert(find(file, len, "server/eth0"));
    ck_assert(find(file, len, "netglass"));
}
END_TEST

// Over a link without delay a frame leaves, arrives and is dropped at one instant: it is the
// packet of the host that dropped it which says so.
START_TEST(the_host_that_drops_is_the_one_that_says_so)
{
    static const uint8_t bytes[60] = {0};
    struct trace_bytes data = {bytes, sizeof bytes};
    struct record *r = record_to(scratch_path("a.pcapng"));
    two_hosts(r);
    emit(r, (struct trace_event){.type = TRACE_FRAME_RX, .host = 2, .frame_rx = {
        .frame = 1, .len = 9000, .data = data}});
    emit(r, (struct trace_event){.type = TRACE_FRAME_TX, .frame_tx = {
        .frame = 1, .why = SENT_DATA, .len = 9000, .data = data}});
    emit(r, (struct trace_event){.type = TRACE_FRAME_DROP, .host = 2, .frame_drop = {
        .frame = 1, .why = DROP_TCP_PAWS, .len = 9000}});
    record_end(r);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    ck_assert(find(file, len, "DROPPED tcp-paws"));
    ck_assert(!find(file, len, "send buffer. DROPPED"));

    struct capfile f;
    char error[200];
    ck_assert(capfile_of_bytes(&f, file, len, error, sizeof error));
    while (capfile_next(&f) != CAPFILE_PACKET) NEED(f.error[0] == '\0');
    ck_assert_uint_eq(f.packet.caplen, 60);
    ck_assert_uint_eq(f.packet.len, 9000);
    capfile_close(&f);
}
END_TEST

static void sent(struct record *r, nsec at, uint64_t frame)
{
    static const uint8_t bytes[60] = {0};
    emit(r, (struct trace_event){.at = at, .type = TRACE_FRAME_TX, .frame_tx = {
        .frame = frame, .why = SENT_DATA, .len = 60, .data = {bytes, sizeof bytes}}});
}

static void flies(struct record *r, nsec depart, uint64_t frame)
{
    emit(r, (struct trace_event){.at = depart, .type = TRACE_LINK_FLY, .link_fly = {
        .link = 1, .frame = frame, .depart = depart, .arrive = depart + 20}});
}

// The comment of each packet, in order: what follows its last "DROPPED", or "-".
static void read_fates(char fates[200])
{
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    struct text t = text_of(fates, 200);
    for (size_t at = 0; at < len; at += le_get32(file + at + 4)) {
        if (le_get32(file + at) != PCAPNG_PACKET) continue;
        const char *drop = memmem(file + at, le_get32(file + at + 4), "DROPPED ", 8);
        if (drop == NULL) text_put_str(&t, "- ");
        else text_put_bytes(&t, drop + 8, strcspn(drop + 8, ":") + 1);
    }
}

// Frame 1 flies and arrives, 2 is lost in its flight, 3 is refused by the link's queue, 4 waits in
// that queue to the end; all of them were followed by others.
START_TEST(a_frame_lost_in_its_flight_says_so)
{
    char fates[200];
    struct record *r = record_to(scratch_path("a.pcapng"));
    two_hosts(r);
    emit(r, (struct trace_event){.type = TRACE_LINK_NEW, .link_new = {
        .link = 1, .peer_host = 2, .peer_netif = 1}});
    for (uint64_t frame = 1; frame <= 4; frame++) {
        sent(r, (nsec)frame, frame);
        if (frame == 3)
            emit(r, (struct trace_event){.at = 3, .type = TRACE_LINK_DROP, .link_drop = {
                .link = 1, .frame = 3, .why = DROP_LINK_QUEUE_FULL, .when = 3}});
    }
    flies(r, 10, 1);
    flies(r, 15, 2);
    emit(r, (struct trace_event){.at = 25, .type = TRACE_LINK_DROP, .link_drop = {
        .link = 1, .frame = 2, .why = DROP_LINK_LOSS, .when = 25}});
    emit(r, (struct trace_event){.at = 30, .host = 2, .type = TRACE_FRAME_RX, .frame_rx = {
        .frame = 1, .len = 60}});
    emit(r, (struct trace_event){.at = 30, .host = 2, .type = TRACE_FRAME_DROP, .frame_drop = {
        .frame = 1, .why = DROP_IP_NOT_MINE, .len = 60}});
    record_end(r);
    read_fates(fates);
    ck_assert_str_eq(fates, "- link-loss:link-queue-full:- ip-not-mine:");
}
END_TEST

// Nobody ever tells what became of these frames; the file must neither wait for ever nor forget.
START_TEST(what_waits_has_a_limit)
{
    static uint8_t big[60000];
    struct trace_event ev;
    unsigned frames = 0;
    struct record *r = record_to(scratch_path("a.pcapng"));
    two_hosts(r);
    emit(r, (struct trace_event){.type = TRACE_LINK_NEW, .link_new = {
        .link = 1, .peer_host = 2, .peer_netif = 1}});
    for (int i = 0; i < 600; i++)
        emit(r, (struct trace_event){.at = i, .type = TRACE_FRAME_TX, .frame_tx = {
            .frame = (uint64_t)i, .why = SENT_DATA, .len = sizeof big, .data = {big, sizeof big}}});
    struct stat st;
    ck_assert_int_eq(stat(scratch_path("a.pcapng.part"), &st), 0);
    ck_assert_int_gt(st.st_size, 10 << 20);
    record_end(r);
    char error[200];
    struct replay *back = replay_open(scratch_path("a.pcapng"), error, sizeof error);
    while (replay_next(back, &ev) == REPLAY_EVENT)
        if (ev.type == TRACE_FRAME_TX) NEED(ev.frame_tx.frame == frames++);
    ck_assert_str_eq(replay_error(back), "");
    ck_assert_uint_eq(frames, 600);
    replay_close(back);
}
END_TEST

START_TEST(an_interface_says_who_it_is)
{
    struct record *r = record_to(scratch_path("a.pcapng"));
    two_hosts(r);
    record_end(r);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    // if_IPv4addr of 8 bytes: 10.0.0.2, 255.255.255.0; if_macaddr; if_tsresol 9.
    ck_assert(memmem(file, len, "\4\0\10\0\12\0\0\2\377\377\377\0", 12) != NULL);
    ck_assert(memmem(file, len, "\6\0\6\0\2\0\0\0\0\2\0\0", 12) != NULL);
    ck_assert(memmem(file, len, "\11\0\1\0\11\0\0\0", 8) != NULL);
}
END_TEST

// An IPv4/TCP frame whose checksum field holds only the pseudo header's sum.
static size_t frame_with_csum_to_do(uint8_t p[100], size_t payload)
{
    static const uint8_t head[54] = {
        2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
        0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        0x30, 0x39, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0};
    memcpy(p, head, sizeof head);
    memset(p + sizeof head, 'x', payload);
    put16(p + 16, (uint16_t)(40 + payload));
    put16(p + 24, csum_field(csum_sum(p + 14, 20)));
    put16(p + 50, csum_pseudo(addr_ip4(0x0a000001), addr_ip4(0x0a000002), 6, 20 + payload));
    return sizeof head + payload;
}

START_TEST(checksums_to_do_are_done_in_the_file_only)
{
    uint8_t p[100];
    struct trace_event ev;
    size_t len = frame_with_csum_to_do(p, 7);
    struct record *r = record_to(scratch_path("a.pcapng"));
    two_hosts(r);
    emit(r, (struct trace_event){.type = TRACE_FRAME_TX, .frame_tx = {
        .frame = 1, .why = SENT_DATA, .len = (uint32_t)len, .csum_todo = 1,
        .data = {p, (uint32_t)len}}});
    record_end(r);

    size_t size = slurp(scratch_path("a.pcapng"), file, sizeof file);
    struct capfile f;
    char error[200];
    ck_assert(capfile_of_bytes(&f, file, size, error, sizeof error));
    while (capfile_next(&f) != CAPFILE_PACKET) NEED(f.error[0] == '\0');
    ck_assert_uint_eq(f.packet.caplen, len);
    uint16_t pseudo = csum_pseudo(addr_ip4(0x0a000001), addr_ip4(0x0a000002), 6, len - 34);
    ck_assert(csum_ok(pseudo, f.packet.p + 34, len - 34));
    ck_assert(!csum_ok(pseudo, p + 34, len - 34));
    capfile_close(&f);

    struct replay *back = replay_of(file, size);
    do NEED(replay_next(back, &ev) == REPLAY_EVENT); while (ev.type != TRACE_FRAME_TX);
    ck_assert_uint_eq(ev.frame_tx.data.len, len);
    ck_assert_mem_eq(ev.frame_tx.data.p, p, len);
    replay_close(back);
}
END_TEST

START_TEST(packets_stand_in_order_of_time)
{
    free(record_random(scratch_path("a.pcapng"), 3, 3000).p);
    size_t size = slurp(scratch_path("a.pcapng"), file, sizeof file);
    struct capfile f;
    char error[200];
    ck_assert(capfile_of_bytes(&f, file, size, error, sizeof error));
    nsec last = 0;
    unsigned packets = 0;
    enum capfile_next got;
    while ((got = capfile_next(&f)) != CAPFILE_END) {
        NEED(got != CAPFILE_BROKEN);
        if (got != CAPFILE_PACKET) continue;
        NEED(f.packet.at >= last);
        last = f.packet.at;
        packets++;
    }
    ck_assert_uint_gt(packets, 50);
    capfile_close(&f);
}
END_TEST

START_TEST(classic_pcap_holds_the_frames)
{
    uint8_t p[100];
    size_t len = frame_with_csum_to_do(p, 9);
    struct record *r = record_to(scratch_path("a.pcap"));
    two_hosts(r);
    emit(r, (struct trace_event){.at = SEC(3) + 5, .type = TRACE_FRAME_TX, .frame_tx = {
        .frame = 1, .why = SENT_DATA, .len = 70000, .csum_todo = 1, .data = {p, (uint32_t)len}}});
    record_end(r);
    size_t size = slurp(scratch_path("a.pcap"), file, sizeof file);
    ck_assert_uint_eq(size, 24 + 16 + len);
    struct capfile f;
    char error[200];
    ck_assert(capfile_of_bytes(&f, file, size, error, sizeof error));
    ck_assert(capfile_next(&f) == CAPFILE_PACKET);
    ck_assert(f.packet.at == SEC(3) + 5 && f.packet.len == 70000 && f.packet.caplen == len);
    ck_assert(capfile_next(&f) == CAPFILE_END);
    capfile_close(&f);
}
END_TEST

// --- names and disks ---------------------------------------------------------------------------

START_TEST(the_name_appears_when_all_is_written)
{
    struct record *r = record_to(scratch_path("a.pcapng"));
    ck_assert_int_ne(access(scratch_path("a.pcapng"), F_OK), 0);
    ck_assert_int_eq(access(scratch_path("a.pcapng.part"), F_OK), 0);
    record_end(r);
    ck_assert_int_eq(access(scratch_path("a.pcapng"), F_OK), 0);
    ck_assert_int_ne(access(scratch_path("a.pcapng.part"), F_OK), 0);
    r = record_to(scratch_path("b.pcapng"));
    record_abandon(r);
    ck_assert_int_ne(access(scratch_path("b.pcapng"), F_OK), 0);
}
END_TEST

START_TEST(what_cannot_be_opened_is_told)
{
    char error[200] = "";
    ck_assert_ptr_null(record_open("/nonexistent/a.pcapng", error, sizeof error));
    ck_assert_str_eq(error, "cannot write /nonexistent/a.pcapng: No such file or directory");
    ck_assert_ptr_null(record_open(scratch, error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "Is a directory"));
    ck_assert_ptr_null(record_open(scratch_path("a.txt"), error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "a.txt: a capture's name must end in .pcapng or .pcap"));
    ck_assert_int_ne(access(scratch_path("a.txt.part"), F_OK), 0);
    struct record *device = record_open("/dev/null", error, sizeof error);
    ck_assert_ptr_nonnull(device);
    record_abandon(device);
    ck_assert_ptr_null(replay_open("/nonexistent/a", error, sizeof error));
    ck_assert_str_eq(error, "cannot read /nonexistent/a: No such file or directory");
}
END_TEST

static int fill(struct record *r, char *error, size_t cap)
{
    static uint8_t big[60000];
    for (int i = 0; i < 100; i++)
        emit(r, (struct trace_event){.at = i, .type = TRACE_FRAME_TX, .frame_tx = {
            .frame = 1, .why = SENT_DATA, .len = sizeof big, .data = {big, sizeof big}}});
    return record_close(r, error, cap);
}

START_TEST(a_full_disk_is_told_once_and_leaves_nothing)
{
    char error[200] = "";
    ck_assert_int_eq(fill(record_to("/dev/full"), error, sizeof error), -ENOSPC);
    ck_assert_str_eq(error, "cannot write /dev/full: No space left on device");

    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {1 << 20, 1 << 20};
    struct record *r = record_to(scratch_path("a.pcapng"));
    NEED(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    ck_assert_int_eq(fill(r, error, sizeof error), -EFBIG);
    ck_assert_int_ne(access(scratch_path("a.pcapng"), F_OK), 0);
    ck_assert_int_ne(access(scratch_path("a.pcapng.part"), F_OK), 0);
}
END_TEST

START_TEST(another_version_is_told_apart)
{
    char error[300] = "";
    free(record_random(scratch_path("a.pcapng"), 1, 10).p);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    uint8_t *hello = memmem(file, len, "1NG1", 4);
    ck_assert_ptr_nonnull(hello);
    hello[8] ^= 1;
    ck_assert_ptr_null(replay_open_bytes(file, len, error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "recorded by another version of netglass"));
}
END_TEST

START_TEST(packets_and_events_must_belong_together)
{
    free(record_random(scratch_path("a.pcapng"), 1, 500).p);
    size_t len = slurp(scratch_path("a.pcapng"), file, sizeof file);
    for (size_t at = 0; at < len; at += le_get32(file + at + 4)) {
        if (le_get32(file + at) != PCAPNG_PACKET) continue;
        file[at] = 0x7f;  // a packet becomes a block nobody knows
        break;
    }
    struct trace_event ev;
    struct replay *r = replay_of(file, len);
    enum replay_next next;
    while ((next = replay_next(r, &ev)) == REPLAY_EVENT) continue;
    ck_assert_int_eq(next, REPLAY_BROKEN);
    ck_assert_ptr_nonnull(strstr(replay_error(r), "do not belong together"));
    replay_close(r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("record");
    TCase *c = tcase_create("record");
    tcase_add_checked_fixture(c, scratch_begin, scratch_end);
    tcase_add_loop_test(c, replay_gives_back_the_same_stream, 0, 3);
    tcase_add_test(c, equal_runs_give_equal_bytes);
    tcase_add_test(c, a_cut_file_gives_what_is_whole);
    tcase_add_test(c, a_short_run_that_was_cut_is_not_lost);
    tcase_add_test(c, comments_tell_the_reason);
    tcase_add_test(c, the_host_that_drops_is_the_one_that_says_so);
    tcase_add_test(c, a_frame_lost_in_its_flight_says_so);
    tcase_add_test(c, what_waits_has_a_limit);
    tcase_add_test(c, an_interface_says_who_it_is);
    tcase_add_test(c, checksums_to_do_are_done_in_the_file_only);
    tcase_add_test(c, packets_stand_in_order_of_time);
    tcase_add_test(c, classic_pcap_holds_the_frames);
    tcase_add_test(c, the_name_appears_when_all_is_written);
    tcase_add_test(c, what_cannot_be_opened_is_told);
    tcase_add_test(c, a_full_disk_is_told_once_and_leaves_nothing);
    tcase_add_test(c, another_version_is_told_apart);
    tcase_add_test(c, packets_and_events_must_belong_together);
    suite_add_tcase(s, c);
    return run_claims(s);
}
