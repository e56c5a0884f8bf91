// The fold: what the events of a made-up run add up to, and that a copy, a checkpoint and a walk
// from the start always agree.
#include "claims.h"
#include "unit/viz/story.h"

#include "capture/record.h"

#include <stdio.h>
#include <unistd.h>

static struct story story;
static struct recording rec;

static void begin(void)
{
    rec = (struct recording){0};
    story_two_connections(&story);
    story_end_into(&story, &rec);
}

static void end(void) { recording_free(&rec); }

static const struct model *at(nsec t)
{
    return recording_at(&rec, recording_events_until(&rec, t));
}

START_TEST(sockets_follow_the_handshake)
{
    const struct model *m = at(USEC(5));
    ck_assert_int_eq(model_sock(m, CLIENT, 1)->state, TCP_SYN_SENT);
    ck_assert_ptr_null(model_sock(m, SERVER, 2));
    m = at(USEC(11));
    ck_assert_int_eq(model_sock(m, SERVER, 2)->state, TCP_SYN_RCVD);
    ck_assert_int_eq(model_sock(m, SERVER, 2)->fd, -1);
    m = at(USEC(31));
    ck_assert_int_eq(model_sock(m, SERVER, 2)->state, TCP_ESTABLISHED);
    ck_assert_int_eq(model_sock(m, SERVER, 2)->fd, 4);
    ck_assert_int_eq(model_sock(m, SERVER, 1)->state, TCP_LISTEN);
}
END_TEST

START_TEST(a_blocking_call_blocks_until_it_succeeds)
{
    ck_assert(model_app_blocked(model_app(at(USEC(30)), SERVER, 1)));
    ck_assert(model_app_blocked(model_app(at(USEC(5)), CLIENT, 1)));
    ck_assert(!model_app_blocked(model_app(at(USEC(21)), CLIENT, 1)));
    const struct model_app *a = model_app(at(USEC(31)), SERVER, 1);
    ck_assert(!model_app_blocked(a));
    ck_assert_int_eq(a->result, 4);
}
END_TEST

START_TEST(the_most_specific_socket_wins)
{
    const struct model *m = at(USEC(100));
    struct endpoint ends[2] = {story_end(SERVER, 80), story_end(CLIENT, 49153)};
    ck_assert_int_eq(model_match(m, SERVER, KIND_TCP, ends)->fd, 5);
    ends[1].port = 4;
    ck_assert_int_eq(model_match(m, SERVER, KIND_TCP, ends)->fd, 3);
    ends[0].port = 81;
    ck_assert_ptr_null(model_match(m, SERVER, KIND_TCP, ends));
}
END_TEST

START_TEST(history_knows_flows_and_ends)
{
    const struct history *h = &rec.history;
    ck_assert_uint_eq(h->flows, 2);
    ck_assert_uint_eq(h->stage[0], CLIENT);
    ck_assert_uint_eq(h->flow[1].conn[0], 2);
    ck_assert_uint_eq(h->flow[1].conn[1], 3);
    ck_assert_uint_eq(h->flow[1].lost, 1);
    ck_assert_uint_eq(h->flow[1].again, 1);
    const struct history_frame *lost = &h->frame[6];
    ck_assert_int_eq(lost->ended, END_LOST);
    ck_assert_uint_eq(lost->data, 512);
    ck_assert_int_eq(lost->end, USEC(101));
    ck_assert_uint_eq(history_first_reaching(h, USEC(45)), 3);
    ck_assert_uint_eq(history_first_after(h, USEC(45)), 3);
}
END_TEST

static uint64_t mix(uint64_t sum, uint64_t v) { return (sum ^ v) * 0x100000001b3ull; }

// What a model says, field by field: padding is nobody's.
static uint64_t digest(const struct model *m)
{
    uint64_t sum = mix(mix(m->events, (uint64_t)m->now), m->drops);
    for (size_t i = 0; i < m->hosts; i++)
        sum = mix(mix(mix(sum, m->host[i].tx), m->host[i].paths), m->host[i].path[0].event);
    for (size_t i = 0; i < m->apps; i++)
        sum = mix(mix(mix(sum, m->app[i].pendings), m->app[i].last.call), (uint64_t)m->app[i].at);
    for (size_t i = 0; i < m->socks; i++) {
        const struct model_sock *s = &m->sock[i];
        sum = mix(mix(mix(sum, s->conn), s->state), (uint64_t)s->fd);
        sum = mix(mix(mix(sum, s->snd_len), s->snd_nxt), s->written);
    }
    return sum;
}

// A long run: 40,000 events, so that there are checkpoints, looked at in a jumping order.
START_TEST(any_instant_is_the_walk_from_the_start)
{
    struct trace_event tick = {.host = CLIENT, .conn = 2, .type = TRACE_SOCK_BUF};
    for (uint32_t i = 0; i < 40000; i++) {
        tick.at = rec.end + 10;
        tick.sock_buf.snd_len = i;
        ck_assert(recording_add(&rec, &tick));
    }
    ck_assert_uint_ge(rec.checkpoints, 3);
    for (uint64_t n = 1; n < rec.tape.events; n = (n * 7919) % 40009) {
        struct model walked = {0};
        struct tape_cursor c = tape_seek(&rec.tape, 0);
        struct trace_event ev;
        while (walked.events < n && tape_next(&c, &ev)) model_apply(&walked, &ev);
        if (digest(&walked) != digest(recording_at(&rec, n))) ck_abort_msg("at %lu", (long)n);
        model_free(&walked);
        if (n % 13 == 0) break;
    }
}
END_TEST

START_TEST(the_tape_gives_back_what_it_got)
{
    uint64_t frames = 0;
    struct trace_event ev;
    for (uint64_t i = 0; i < rec.tape.events; i++) {
        ck_assert(tape_get(&rec.tape, i, &ev));
        ck_assert_uint_eq(ev.order, i);
        if (ev.type == TRACE_FRAME_RX) ck_assert_uint_eq(ev.frame_rx.data.len, 0);
        frames += ev.type == TRACE_FRAME_TX;
    }
    ck_assert(!tape_get(&rec.tape, rec.tape.events, &ev));
    ck_assert_uint_eq(frames, rec.history.frames);
}
END_TEST

// A file of several blocks of the tape is read by one thread and folded by another.
START_TEST(a_file_opens_as_what_was_recorded)
{
    static char text[2000];
    char path[64], error[200];
    snprintf(path, sizeof path, "/tmp/netglass-model-test.%d.pcapng", getpid());
    memset(text, 'n', sizeof text);
    struct trace_event ev = {.host = CLIENT, .conn = 2};
    for (uint32_t i = 0; i < 22000; i++) {
        bool note = i % 4 == 0;
        ev.type = note ? TRACE_NOTE : TRACE_SOCK_BUF;
        ev.at = rec.end + 10;
        if (note) ev.note.text = (struct trace_str){text, sizeof text};
        else ev.sock_buf = (struct trace_sock_buf_event){.snd_len = i};
        CHECK(recording_add(&rec, &ev));
    }
    recording_done(&rec);
    ck_assert_uint_ge(rec.tape.blocks, 3);
    struct record *file = record_open(path, error, sizeof error);
    ck_assert_ptr_nonnull(file);
    struct tape_cursor c = tape_seek(&rec.tape, 0);
    while (tape_next(&c, &ev)) record_sink(file)->emit(record_sink(file), &ev);
    ck_assert_int_eq(record_close(file, error, sizeof error), 0);

    struct recording opened = {0};
    ck_assert_msg(recording_open(&opened, path, error, sizeof error), "%s", error);
    unlink(path);
    ck_assert_str_eq(opened.broken, "");
    ck_assert_uint_eq(opened.tape.events, rec.tape.events);
    ck_assert_uint_eq(opened.last.events, rec.last.events);
    ck_assert_uint_eq(digest(&opened.last), digest(&rec.last));
    ck_assert_uint_eq(opened.history.frames, rec.history.frames);
    ck_assert_uint_eq(opened.history.samples, rec.history.samples);
    ck_assert_uint_eq(opened.history.beats, rec.history.beats);
    ck_assert_uint_eq(opened.checkpoints, rec.checkpoints);
    ck_assert_uint_ge(opened.checkpoints, 2);
    ck_assert_int_eq(warp_length(&opened.warp), warp_length(&rec.warp));
    ck_assert_int_eq(opened.end, rec.end);
    recording_free(&opened);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("model");
    TCase *tc = tcase_create("model");
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, sockets_follow_the_handshake);
    tcase_add_test(tc, a_blocking_call_blocks_until_it_succeeds);
    tcase_add_test(tc, the_most_specific_socket_wins);
    tcase_add_test(tc, history_knows_flows_and_ends);
    tcase_add_test(tc, any_instant_is_the_walk_from_the_start);
    tcase_add_test(tc, the_tape_gives_back_what_it_got);
    tcase_add_test(tc, a_file_opens_as_what_was_recorded);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
