// inspector_test.c - the fields of a frame beside its bytes: each that is asked for is there, and
// its value whole.
#include "claims.h"
#include "unit/viz/story.h"
#include "viz/dissect.h"
#include "viz/stage.h"
#include "viz/wording.h"
#include "wire/ip6_wire.h"

static struct recording rec;
static struct stage stage;

static const char LONG_SRC[] = "2001:db8:1234:5678:9abc:def0:1234:5678";
static const char LONG_DST[] = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff";

static void tell_frame(struct story *s, uint8_t *p, size_t len)
{
    s->bytes[s->n] = p;
    story_tell(s, (struct trace_event){
        .at = USEC(5), .host = CLIENT, .netif = 1, .type = TRACE_FRAME_TX,
        .frame_tx = {9, SENT_DATA, (uint32_t)len, 0, 0, {p, (uint32_t)len}}});
}

static size_t put_headers(uint8_t *p, int version)
{
    struct eth_frame eth = {story_mac(SERVER), story_mac(CLIENT),
                            version == 4 ? ETH_TYPE_IP4 : ETH_TYPE_IP6};
    size_t at = eth_emit(&eth, p);
    if (version == 4) {
        struct ip4_packet ip = {.src = addr_ip4(0xc0a864c8), .dst = addr_ip4(0xc0a864c9),
                                .ttl = 255, .proto = IP_PROTO_TCP, .hdr_len = IP4_HDR_MIN,
                                .total_len = 40};
        return at + ip4_emit(&ip, p + at);
    }
    struct ip6_packet ip = {.proto = IP_PROTO_TCP, .hdr_len = 40, .hop_limit = 255,
                             .payload_len = 20};
    ck_assert(addr_parse(&ip.src, LONG_SRC));
    ck_assert(addr_parse(&ip.dst, LONG_DST));
    return at + ip6_emit(&ip, p + at);
}

static void open_frame(int version)
{
    static struct story story;
    story_world(&story);
    uint8_t *p = calloc(1, STORY_BYTES);
    size_t at = put_headers(p, version);
    struct tcp_seg seg = {.sport = 65535, .dport = 80, .seq = seq_of(4294967295u),
                          .ack = seq_of(4294967295u), .wnd = 65535, .flags = 0x3f};
    at += tcp_emit(&seg, p + at);
    tell_frame(&story, p, at);
    story_end_into(&story, &rec);
    stage_init(&stage, &rec, NULL);
    stage_seek(&stage, USEC(6));
}

static void end(void)
{
    stage_free(&stage);
    recording_free(&rec);
}

// All that is written in the fields' column, line after line.
static void read_fields(char *said, size_t len, struct rect in)
{
    struct text t = text_of(said, len);
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        if (c->kind != DRAW_TEXT || c->r.x < in.x || c->r.x > in.x + in.w) continue;
        if (c->r.y < in.y || c->r.y > in.y + in.h) continue;
        const char *s = (const char *)stage.list.bytes + c->text.at;
        struct text_style st = {.font = c->text.font, .size = c->text.size};
        float width = draw_text_width(&stage.list, st, s);
        ck_assert_msg(c->text.max == 0 || width <= c->text.max, "\"%s\" is cut", s);
        bool left = c->text.align != TEXT_RIGHT;
        float from = left ? c->r.x : c->r.x - width;
        ck_assert_msg(from >= in.x && from + width <= in.x + in.w, "\"%s\" has no room", s);
        text_put_str(&t, s);
    }
}

START_TEST(every_field_that_is_asked_for_is_there_and_whole)
{
    open_frame(_i == 0 ? 4 : 6);
    struct trace_bytes b = frame_bytes_of(&rec, &rec.history.frame[0]);
    struct dissect d;
    struct header_field f[FIELDS_MAX];
    dissect(&d, b.p, b.len);
    size_t n = dissect_fields(&d, b.p, f);
    ck_assert_uint_gt(n, 15);
    for (size_t i = 0; i < n; i++) {
        stage.scene.frame = 0;
        stage.scene.selected = (struct object){OBJECT_BYTE, f[i].at};
        stage_compose(&stage, 1280, 720);
        char said[1000];
        read_fields(said, sizeof said, rect(335, 480, 160, 161));
        ck_assert_msg(strstr(said, f[i].name) != NULL, "no %s in: %s", f[i].name, said);
        bool rel = strcmp(f[i].name, "Seq") == 0 || strcmp(f[i].name, "Ack") == 0;
        ck_assert_msg(rel || strstr(said, f[i].value) != NULL, "no %s in: %s", f[i].value, said);
    }
    end();
}
END_TEST

// Where each field stands must not depend on the mouse that goes over them.
START_TEST(the_mouse_moves_no_field_that_is_seen)
{
    open_frame(4);
    stage.scene.frame = 0;
    stage.scene.selected = (struct object){OBJECT_BYTE, 30};  // the destination, the last of nine
    stage_compose(&stage, 1280, 720);
    char before[1000], after[1000];
    read_fields(before, sizeof before, rect(335, 480, 160, 161));
    stage.scene.hover = (struct object){OBJECT_BYTE, 26};
    stage_compose(&stage, 1280, 720);
    read_fields(after, sizeof after, rect(335, 480, 160, 161));
    ck_assert_str_eq(before, after);
    end();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("inspector");
    TCase *tc = tcase_create("inspector");
    tcase_add_loop_test(tc, every_field_that_is_asked_for_is_there_and_whole, 0, 2);
    tcase_add_test(tc, the_mouse_moves_no_field_that_is_seen);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
