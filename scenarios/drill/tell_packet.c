// tell_packet.c - the packet that was expected above the one that left, cell by cell, so that what
// differs stands under what it should be; and is marked, and only that. See tell.h.
//
//     expected  > P. 1:1001(1000) ack 1 <nop,nop,sack 1001:2000>   at 0.010000
//     left      > .  1:901(900)   ack 1 <nop,nop,sack 1001:2001>   at 0.010000
//                 ^^ ^^^^^^^^^^^                 ^^^^^^^^^^^^^^^
#include "scenarios/drill/tell.h"

enum { CELLS = SHOW_PARTS + OPTIONS_MAX + 1 };

// One part of a packet, or one of its options. Nothing is between options.
struct cell { const char *text[2]; int len[2]; bool differs, tight; };  // expected, left

struct grid { struct cell cell[CELLS]; unsigned count; };

static int width_of(const struct cell *c)
{
    return c->len[0] > c->len[1] ? c->len[0] : c->len[1];
}

static bool field_differs(const struct mismatch *m, const char *field)
{
    for (unsigned i = 0; i < m->diffs; i++)
        if (strcmp(m->diff[i].field, field) == 0) return true;
    return false;
}

static bool part_differs(const struct mismatch *m, int part)
{
    static const char *const fields[SHOW_PARTS][5] = {
        [SHOW_IP] = {"ECN", "TOS", "TTL", "flow label"},
        [SHOW_HEAD] = {"flags", "ICMP type", "ICMP code", "MTU", "id"},
        [SHOW_RANGE] = {"sequence", "length"}, [SHOW_ACK] = {"acknowledgment"},
        [SHOW_WIN] = {"window"}, [SHOW_URG] = {"urgent pointer"}, [SHOW_OPTIONS] = {"options"}};
    for (unsigned i = 0; i < 5 && fields[part][i] != NULL; i++)
        if (field_differs(m, fields[part][i])) return true;
    return false;
}

// Up to the comma behind an option, or the end of them all.
static int option_len(const char *p)
{
    size_t n = strcspn(p, ",");
    return (int)(p[n] == ',' ? n + 1 : n);
}

struct words { const char *p; int len; };

// Without < in front, and the mark behind.
static struct words option_words(const char *p, int len)
{
    bool open = len > 0 && p[0] == '<';
    struct words w = {p + open, len - open};
    if (w.len > 0) w.len--;
    return w;
}

static bool same_words(struct words a, struct words b)
{
    return a.len == b.len && memcmp(a.p, b.p, (size_t)a.len) == 0;
}

// Of a timestamp only the echo is compared, unless the script asks for more.
static bool same_stamp(const struct run *r, struct words a, struct words b)
{
    const char *ea = memmem(a.p, (size_t)a.len, " ecr ", 5);
    const char *eb = memmem(b.p, (size_t)b.len, " ecr ", 5);
    if (r->config.stamp_tick != 0 || ea == NULL || eb == NULL) return false;
    return same_words((struct words){ea, (int)(a.p + a.len - ea)},
                      (struct words){eb, (int)(b.p + b.len - eb)});
}

static void add_options(struct grid *g, const struct run *r, const char *e, const char *a)
{
    while ((*e != 0 || *a != 0) && g->count < CELLS) {
        struct cell c = {.text = {e, a}, .len = {option_len(e), option_len(a)}};
        struct words we = option_words(e, c.len[0]), wa = option_words(a, c.len[1]);
        e += c.len[0];
        a += c.len[1];
        c.differs = !same_words(we, wa) && !same_stamp(r, we, wa);
        c.tight = *e != 0 || *a != 0;
        g->cell[g->count++] = c;
    }
}

static void fill(struct grid *g, const struct run *r, const struct mismatch *m,
                 struct show show[2])
{
    for (int i = 0; i < SHOW_PARTS; i++) {
        const char *e = show[0].part[i], *a = show[1].part[i];
        struct cell c = {.text = {e, a}, .len = {(int)strlen(e), (int)strlen(a)},
                         .differs = part_differs(m, i)};
        bool by_one = i == SHOW_OPTIONS && c.differs && *e != 0 && *a != 0;
        if (by_one) add_options(g, r, e, a);
        else if (width_of(&c) > 0) g->cell[g->count++] = c;
    }
}

static void put_time(FILE *to, nsec t)
{
    char text[32];
    struct text b = text_of(text, sizeof text);
    text_put_fixed(&b, t / 1000, 6);
    fputs(text, to);
}

static void put_when(FILE *to, const struct mismatch *m)
{
    fputs(m->any_time ? "  at any time" : "  at ", to);
    if (m->any_time) return;
    put_time(to, m->from);
    if (m->from == m->to) return;
    fputc('~', to);
    put_time(to, m->to);
}

// How far from when it was expected.
static void put_off(FILE *to, const struct mismatch *m)
{
    nsec at = m->live->at, off = at > m->to ? at - m->to : at < m->from ? m->from - at : 0;
    if (m->any_time || off == 0) return;
    fputs(", ", to);
    put_time(to, off);
    fprintf(to, " s too %s", at > m->to ? "late" : "early");
}

static void put_row(FILE *to, const struct grid *g, int which)
{
    fputs(which == 0 ? "  expected  > " : "  left      > ", to);
    for (unsigned i = 0; i < g->count; i++) {
        const struct cell *c = &g->cell[i];
        fprintf(to, "%.*s%*s", c->len[which], c->text[which],
                width_of(c) - c->len[which] + !c->tight, "");
    }
}

// No line at all if nothing differs.
static void put_marks(FILE *to, const struct grid *g)
{
    int column = 0, done = 0;
    for (unsigned i = 0; i < g->count; i++) {
        const struct cell *c = &g->cell[i];
        if (c->differs && done == 0) fputs("              ", to);
        for (; c->differs && done < column; done++) fputc(' ', to);
        for (; c->differs && done < column + width_of(c); done++) fputc('^', to);
        column += width_of(c) + !c->tight;
    }
    if (done > 0) fputc('\n', to);
}

static void put_pair(FILE *to, const struct run *r, const struct mismatch *m)
{
    struct show show[2];
    struct grid g = {0};
    show_packet(&show[0], m->packet, m->live->family == FAMILY_IP6);
    show_live(&show[1], m->live, m->packet);
    fill(&g, r, m, show);
    put_row(to, &g, 0);
    put_when(to, m);
    fputc('\n', to);
    put_row(to, &g, 1);
    fputs("  at ", to);
    put_time(to, m->live->at);
    put_off(to, m);
    fputc('\n', to);
    put_marks(to, &g);
}

static void put_missing(FILE *to, const struct mismatch *m)
{
    struct show e;
    show_packet(&e, m->packet, m->six);
    fputs("  expected  > ", to);
    for (int i = 0; i < SHOW_PARTS; i++)
        if (e.part[i][0] != 0) fprintf(to, "%s ", e.part[i]);
    put_when(to, m);
    fputs("\n  left        nothing\n", to);
}

void tell_packets(struct run *r, const struct mismatch *m)
{
    FILE *to = r->text;
    if (m->live == NULL) {
        put_missing(to, m);
        return;
    }
    put_pair(to, r, m);
    for (unsigned i = 0; i < m->diffs && !m->next_fits; i++) {
        const struct diff *d = &m->diff[i];
        fprintf(to, "  %-14s ", d->field);
        if (d->expected[0] != 0) fprintf(to, "expected %s, ", d->expected);
        fprintf(to, "is %s\n", d->actual[0] != 0 ? d->actual : "none");
    }
    const struct live *l = m->live;
    fprintf(to, "  it left after line %u", (unsigned)l->step_line);
    if (l->why < SENTS && l->why != SENT_NOTHING)
        fprintf(to, ", as %s: %s", sent_name((enum sent)l->why), sent_text((enum sent)l->why));
    fputc('\n', to);
    if (m->joined > 1) fprintf(to, "  it is %u segments joined\n", (unsigned)m->joined);
}
