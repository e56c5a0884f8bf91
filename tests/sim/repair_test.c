// repair_test.c - any loss of up to 30 of the 100 segments of a window is repaired without an RTO,
// unless what is sent again is lost to the last (RFC 8985, RFC 6675, RFC 6937).
//
// A seed draws which segments die, whether the stream ends right behind the window (then the tail
// probe has to find the loss), and whether the first few repairs die too; every second seed speaks
// IPv6. REPAIR_SEEDS=5000 is the campaign of `make soak`; a failing seed is printed, REPAIR_FIRST=n
// begins with it.
#include "claims.h"
#include "sim/bulk.h"
#include "sim/setting.h"
#include "wire/eth_wire.h"
#include "wire/tcp_wire.h"

enum { WINDOW = 100, MOST_LOST = 30, MSS = 1448, WARM = 1500 * MSS };

// Each segment of the window: how many of its first copies die.
struct fate { uint8_t deaths[WINDOW]; struct seq isn; };

// A frame of the sender: does it die? Frames are Ethernet and IP without options.
static bool dies(void *self, const uint8_t *b, size_t len)
{
    struct fate *f = self;
    struct tcp_seg seg;
    struct family_packet ip;
    if (!family_parse(&ip, b + ETH_HDR_LEN, len - ETH_HDR_LEN) || ip.proto != 6) return false;
    if (tcp_parse(&seg, b + ETH_HDR_LEN + family_hdr(), ip.len) != DROP_NONE) return false;
    if (seg.flags & TCP_SYN) f->isn = seg.seq;
    uint32_t at = (uint32_t)seq_diff(seg.seq, f->isn) - 1;
    if (ip.len == seg.hdr_len) return false;
    if (at < WARM || at >= WARM + WINDOW * MSS) return false;
    uint8_t *deaths = &f->deaths[(at - WARM) / MSS];
    if (*deaths == 0) return false;
    --*deaths;
    return true;
}

struct draw { unsigned lost, again; bool ends, tight; };  // tight: never more than WINDOW in flight

static struct draw draw_fate(uint64_t seed, struct fate *f)
{
    struct rng r;
    rng_seed(&r, seed);
    memset(f, 0, sizeof *f);
    struct draw d = {.lost = 1 + (unsigned)rng_below(&r, MOST_LOST),
                     .ends = rng_chance(&r, 250000), .tight = rng_chance(&r, 500000)};
    bool run = rng_chance(&r, 200000);  // one burst, at any place
    unsigned first = (unsigned)rng_below(&r, WINDOW - d.lost + 1);
    for (unsigned n = 0; n < d.lost;) {
        unsigned i = run ? first + n : (unsigned)rng_below(&r, WINDOW);
        n += f->deaths[i] == 0;
        f->deaths[i] = 1;
    }
    // Repairs that die: never the last, and only where others follow that tell of it.
    if (!d.ends && d.lost > 4 && rng_chance(&r, 300000)) d.again = 1 + (unsigned)rng_below(&r, 3);
    for (unsigned i = 0, n = 0; i < WINDOW && n < d.again; i++)
        if (f->deaths[i] == 1 && ++n > 0) f->deaths[i] = 2;
    return d;
}

static void repair(uint64_t seed)
{
    static const struct link_config cfg = {.rate_bps = 100000000, .delay = MSEC(20),
                                           .queue_packets = 5000};
    struct fate fate;
    struct draw d = draw_fate(seed, &fate);
    family = seed % 2 != 0 ? FAMILY_IP4 : FAMILY_IP6;
    struct bulk *b = bulk_open(seed, &cfg, NULL);
    int most = WINDOW * MSS;
    if (d.tight) ng_sock_set(b->app[0].host, b->sock[0], NG_SO_SNDBUF, &most, sizeof most);
    b->total = WARM + WINDOW * MSS + (d.ends ? 0 : 400 * MSS);
    link_add_rule(b->link, LINK_A, &(struct link_rule){.match = dies, .self = &fate,
                                                       .count = UINT32_MAX});
    sim_run(b->s, SEC(30));
    unsigned left = 0;
    for (int i = 0; i < WINDOW; i++) left += fate.deaths[i];
    bool whole = b->ended && !b->broken && !b->failed && b->read == b->total;
    uint64_t rto = b->log.cwnds[CWND_RTO];
    if (!whole || rto > 0 || left > 0)
        ck_abort_msg("seed %d: %u lost, %u twice, ends %d, tight %d: whole %d, %u RTOs, %u unmet",
                     (int)seed, d.lost, d.again, d.ends, d.tight, whole, (unsigned)rto, left);
    bulk_close(b);
}

START_TEST(thirty_of_a_hundred_are_repaired_without_rto)
{
    int first = setting("REPAIR_FIRST", 1), seeds = setting("REPAIR_SEEDS", 100);
    for (int seed = first; seed < first + seeds; seed++) repair((uint64_t)seed);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("repair");
    TCase *c = tcase_create("repair");
    tcase_set_timeout(c, 1200);
    tcase_add_test(c, thirty_of_a_hundred_are_repaired_without_rto);
    suite_add_tcase(s, c);
    return run_claims(s);
}
