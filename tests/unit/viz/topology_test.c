// topology_test.c - more than two hosts: how they are laid out, who is put on stage, and what a
// frame's journey over a router looks like from both its ends.
#include "claims.h"
#include "unit/viz/story.h"

#include "viz/density.h"
#include "viz/topology.h"
#include "viz/typing.h"

enum { ANNA = 1, BOB, ROUTER, SERVER_B, ALONE };

static struct story story;
static struct recording rec;
static struct stage stage;

static void tell(struct trace_event ev) { story_tell(&story, ev); }

static void cable(uint32_t link, uint16_t a, uint16_t an, uint16_t b, uint16_t bn)
{
    tell((struct trace_event){.host = a, .netif = an, .type = TRACE_LINK_NEW,
                              .link_new = {link, b, bn}});
    struct trace_link_set_event set = {link, 1000000 * link, MSEC(link), 0, 30};
    tell((struct trace_event){.host = a, .netif = an, .type = TRACE_LINK_SET, .link_set = set});
    tell((struct trace_event){.host = b, .netif = bn, .type = TRACE_LINK_SET, .link_set = set});
}

struct hop { nsec at; uint64_t frame; uint16_t from, netif, to; uint32_t link; bool lost; };

static void fly(struct hop h, struct trace_bytes bytes)
{
    tell((struct trace_event){.at = h.at, .host = h.from, .netif = h.netif, .type = TRACE_FRAME_TX,
                              .frame_tx = {h.frame, SENT_DATA, bytes.len, 0, 0, bytes}});
    tell((struct trace_event){.at = h.at, .host = h.from, .netif = h.netif, .type = TRACE_LINK_FLY,
                              .link_fly = {h.link, h.frame, h.at, h.at + MSEC(1), 12, 18000}});
    nsec then = h.at + (h.lost ? USEC(500) : MSEC(1));
    if (h.lost)
        tell((struct trace_event){.at = then, .host = h.from, .netif = h.netif,
                                  .type = TRACE_LINK_DROP,
                                  .link_drop = {h.link, h.frame, DROP_LINK_LOSS, then}});
    else
        tell((struct trace_event){.at = then, .host = h.to, .netif = 1, .type = TRACE_FRAME_RX,
                                  .frame_rx = {h.frame, bytes.len, 0, 0, bytes}});
}

// Anna sends to the server: one segment comes over, one is lost behind the router.
static void begin(void)
{
    static const char *const names[] = {"anna", "bob", "router", "server", "alone"};
    rec = (struct recording){0};
    tell((struct trace_event){.type = TRACE_RUN, .run = {story_str("net"), 1}});
    for (uint16_t h = ANNA; h <= ALONE; h++) story_host(&story, h, names[h - 1]);
    cable(1, ANNA, 1, ROUTER, 1);
    cable(2, BOB, 1, ROUTER, 2);
    cable(3, ROUTER, 3, SERVER_B, 1);
    story_sock(&story, (struct story_sock){0, ANNA, 1, 3, KIND_TCP, story_end(ANNA, 5000),
                                           story_end(SERVER_B, 80)});
    story_sock(&story, (struct story_sock){0, SERVER_B, 2, 4, KIND_TCP, story_end(SERVER_B, 80),
                                           story_end(ANNA, 5000)});
    for (uint64_t n = 0; n < 2; n++) {
        uint8_t *p = calloc(1, STORY_BYTES);
        story.bytes[story.n] = p;
        struct eth_frame eth = {story_mac(ROUTER), story_mac(ANNA), ETH_TYPE_IP4};
        size_t at = eth_emit(&eth, p);
        struct ip4_packet ip = {.src = story_addr(ANNA), .dst = story_addr(SERVER_B), .df = true,
                                .ttl = 64, .proto = IP_PROTO_TCP, .hdr_len = IP4_HDR_MIN,
                                .total_len = 140};
        at += ip4_emit(&ip, p + at);
        struct tcp_seg seg = {.sport = 5000, .dport = 80, .seq = seq_of(1000 + (uint32_t)n * 100),
                              .ack = seq_of(1), .wnd = 100, .flags = TCP_ACK};
        if (n == 0) seg.flags = TCP_SYN;
        at += tcp_emit(&seg, p + at);
        struct trace_bytes bytes = {p, (uint32_t)at + 100};
        uint64_t id = 77 + n;
        nsec when = MSEC(10 * n + 1);
        fly((struct hop){when, id, ANNA, 1, ROUTER, 1, false}, bytes);
        fly((struct hop){when + MSEC(2), id, ROUTER, 3, SERVER_B, 3, n == 1}, bytes);
    }
    story_end_into(&story, &rec);
    stage_init(&stage, &rec, NULL);
    stage_compose(&stage, 1280, 720);
}

static void end(void)
{
    stage_free(&stage);
    recording_free(&rec);
}

static void hands(const char *keys)
{
    char error[120];
    ck_assert_msg(typing_play(&stage, keys, pt(1280, 720), error, sizeof error), "%s", error);
    stage_compose(&stage, 1280, 720);
}

static void click_on(uint32_t kind, uint64_t id)
{
    for (size_t i = stage.list.n; i > 0; i--) {
        const struct draw_cmd *c = &stage.list.cmd[i - 1];
        if (c->kind != DRAW_HIT || c->hit.kind != kind || c->hit.id != id) continue;
        char keys[40];
        snprintf(keys, sizeof keys, "<Click %d %d>", (int)(c->r.x + c->r.w / 2),
                 (int)(c->r.y + c->r.h / 2));
        hands(keys);
        return;
    }
    ck_abort_msg("there is no %u:%llu to click on", kind, (unsigned long long)id);
}

static void on_stage(uint16_t left, uint16_t right)
{
    ck_assert_uint_eq(rec.history.stage[0], left);
    ck_assert_uint_eq(rec.history.stage[1], right);
}

START_TEST(openers_stand_left_and_the_far_end_right)
{
    begin();
    struct topology t;
    topology_of(&t, &rec);
    static const struct { uint16_t host; uint8_t column, row; } want[] = {
        {ANNA, 0, 0}, {ROUTER, 1, 0}, {BOB, 2, 0}, {SERVER_B, 2, 1}, {ALONE, 3, 0}};
    ck_assert_uint_eq(t.n, ARRAY_LEN(want));
    for (size_t i = 0; i < t.n; i++) {
        ck_assert_uint_eq(t.node[i].host, want[i].host);
        ck_assert_uint_eq(t.node[i].column, want[i].column);
        ck_assert_uint_eq(t.node[i].row, want[i].row);
    }
    ck_assert_uint_eq(t.columns, 4);
    ck_assert_uint_eq(t.rows[2], 2);
    ck_assert_int_eq(topology_place(&t, ROUTER), 1);
    ck_assert_int_eq(topology_place(&t, 99), -1);
    end();
}
END_TEST

START_TEST(who_talks_over_a_router_is_on_stage_and_others_can_be)
{
    begin();
    on_stage(ANNA, SERVER_B);
    click_on(OBJECT_HOST, ROUTER);
    on_stage(ROUTER, SERVER_B);
    click_on(OBJECT_HOST, BOB);
    on_stage(ROUTER, BOB);
    click_on(OBJECT_HOST, ROUTER);  // it is there already
    on_stage(ROUTER, BOB);
    click_on(OBJECT_HOST, ANNA);
    on_stage(ANNA, ROUTER);
    hands("o");
    on_stage(ROUTER, BOB);
    hands("oO");
    on_stage(ROUTER, BOB);
    end();
}
END_TEST

START_TEST(keys_alone_choose_too)
{
    begin();
    hands("<S-Tab><S-Tab><S-Tab>");
    ck_assert_int_eq(stage.scene.focus, PANE_STRIP);
    hands("<Down><Right><Enter>");  // the first chip, and the next
    on_stage(ROUTER, SERVER_B);
    end();
}
END_TEST

START_TEST(the_network_shows_each_cable_with_its_queues)
{
    begin();
    stage_seek(&stage, MSEC(3) + USEC(500));
    hands("<F8>");
    ck_assert_int_eq(stage.largest, PANE_NETWORK);
    int queues = 0, rates = 0, frames = 0;
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        const char *said = c->kind == DRAW_TEXT ? (char *)stage.list.bytes + c->text.at : "";
        queues += strcmp(said, "12 / 30") == 0;
        rates += strcmp(said, "3 Mb/s · 3 ms") == 0;
        frames += c->kind == DRAW_HIT && c->hit.kind == OBJECT_FRAME;
    }
    ck_assert_int_eq(queues, 2);  // Anna's and the router's
    ck_assert_int_eq(rates, 1);
    ck_assert_int_eq(frames, 1);
    click_on(OBJECT_LINK, 2);
    on_stage(ROUTER, BOB);
    hands("<Esc>");
    ck_assert_int_eq(stage.largest, PANES);
    end();
}
END_TEST

START_TEST(a_journey_goes_from_the_first_sender_to_the_last_receiver)
{
    begin();
    hands("<End>");
    const struct scene *s = &stage.scene;
    ck_assert(s->over);
    size_t seen = 0;
    for (uint32_t i = 0; i < s->h->frames; i++) {
        const struct history_frame *f = &s->h->frame[i];
        if (!frame_on_stage(s, f)) continue;
        struct journey j = frame_journey(s, f);
        ck_assert_uint_eq(f->from, ANNA);
        ck_assert(frame_goes_right(s, f));
        ck_assert_int_eq(j.depart, f->id == 77 ? MSEC(1) : MSEC(11));
        ck_assert_int_eq(j.end, f->id == 77 ? MSEC(4) : MSEC(13) + USEC(500));
        ck_assert_int_eq(j.ended, f->id == 77 ? END_RECEIVED : END_LOST);
        ck_assert_uint_eq(f->seq, f->id == 77 ? 0 : 100);  // from the bytes alone
        seen++;
    }
    ck_assert_uint_eq(seen, 2);
    ck_assert_uint_eq(s->h->flow[0].frames, 2);  // a router's copies are no other frames
    hands("o");
    ck_assert(!stage.scene.over);
    end();
}
END_TEST

START_TEST(a_router_asks_no_socket)
{
    begin();
    stage_seek(&stage, MSEC(2));
    hands("");
    bool told = false;
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        const char *said = c->kind == DRAW_TEXT ? (char *)stage.list.bytes + c->text.at : "";
        told |= strstr(said, "Router is not whom it is for") != NULL;
        ck_assert_ptr_null(strstr(said, "RST"));
    }
    ck_assert(told);
    end();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("topology");
    TCase *tc = tcase_create("topology");
    tcase_add_test(tc, openers_stand_left_and_the_far_end_right);
    tcase_add_test(tc, who_talks_over_a_router_is_on_stage_and_others_can_be);
    tcase_add_test(tc, keys_alone_choose_too);
    tcase_add_test(tc, the_network_shows_each_cable_with_its_queues);
    tcase_add_test(tc, a_journey_goes_from_the_first_sender_to_the_last_receiver);
    tcase_add_test(tc, a_router_asks_no_socket);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
