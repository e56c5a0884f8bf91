// ladder_print.c - draws a ladder's rows: time, the left host's margin, its lifeline, the arrows,
// the other lifeline, the right host's margin.
#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "scenarios/cli/ladder_rows.h"
#include "wire/tcp_wire.h"

enum { WIDTH_LEAST = 100, WIDTH_MOST = 200, WIDTH_PLAIN = 120, TIME_WIDTH = 10, MARKS = 8,
       LEAD = 2, TORN_FACTOR = 20, LINE_MAX_BYTES = 1024 };

enum ink { INK_PLAIN, INK_DIM, INK_FAINT, INK_BOLD, INK_CONTROL, INK_DATA, INK_ARP, INK_ICMP,
           INK_LOSS, INK_STATE };

static const char *const ink_code[] = {
    [INK_PLAIN] = "", [INK_DIM] = "2", [INK_FAINT] = "2;90", [INK_BOLD] = "1",
    [INK_CONTROL] = "33", [INK_DATA] = "35", [INK_ARP] = "34", [INK_ICMP] = "32",
    [INK_LOSS] = "1;31", [INK_STATE] = "1;36"};

// The two alphabets.
struct glyphs {
    const char *life, *dash, *right, *left, *lost, *dots, *gap, *mark[MARKS];
};

static const struct glyphs utf8 = {
    "│", "─", "▶", "◀", "\xe2\x9c\x97", "…", "┄", {"○", "◆", "■", "▲", "●", "◇", "□", "△"}};
static const struct glyphs ascii = {
    "|", "-", ">", "<", "X", "..", "~", {"a", "b", "c", "d", "e", "f", "g", "h"}};

struct page {
    const struct ladder       *l;
    const struct ladder_style *st;
    const struct glyphs       *g;
    FILE    *out;
    unsigned time, left, area, right;  // widths
    uint16_t host[2];             // places of the two hosts shown
    bool     marks;               // several flows: each carries its mark
    uint32_t *mark;               // by flow
    nsec     torn;                // longer gaps are drawn torn; 0: none
    unsigned column;              // where the pen stands
    size_t   frames, lost, again;
};

// --- the pen ---------------------------------------------------------------------------------

// How many columns: code points, as everything here is one column wide.
static unsigned width_of(const char *s)
{
    unsigned n = 0;
    for (; *s != 0; s++) n += ((uint8_t)*s & 0xc0) != 0x80;
    return n;
}

static void put(struct page *p, enum ink ink, const char *s)
{
    if (*s == 0) return;
    bool inked = p->st->colour && ink != INK_PLAIN;
    if (inked) fprintf(p->out, "\033[%sm", ink_code[ink]);
    fputs(s, p->out);
    if (inked) fputs("\033[0m", p->out);
    p->column += width_of(s);
}

static void put_to(struct page *p, unsigned column)
{
    for (; p->column < column; p->column++) fputc(' ', p->out);
}

static void put_times(struct page *p, enum ink ink, const char *s, unsigned n)
{
    char line[LINE_MAX_BYTES];
    struct text t = text_of(line, sizeof line);
    for (unsigned i = 0; i < n; i++) text_put_str(&t, s);
    put(p, ink, line);
}

static void end_line(struct page *p)
{
    fputc('\n', p->out);
    p->column = 0;
}

// As much of s as fits into a width; what is cut leaves dots.
static void fit(const struct page *p, char *to, size_t cap, const char *s, unsigned width)
{
    struct text t = text_of(to, cap);
    unsigned all = width_of(s), dots = width_of(p->g->dots);
    unsigned keep = all <= width || width <= dots ? width : width - dots, n = 0;
    for (; *s != 0; s++) {
        n += ((uint8_t)*s & 0xc0) != 0x80;
        if (n > keep) break;
        text_put_char(&t, *s);
    }
    if (all > width) text_put_str(&t, p->g->dots);
}

// --- words -----------------------------------------------------------------------------------

static const char *mark_of(const struct page *p, uint32_t flow)
{
    return flow != 0 && p->marks ? p->g->mark[p->mark[flow - 1] % MARKS] : "";
}

// The port that tells connections apart: that of who spoke first.
static void put_mark(const struct page *p, struct text *t, const struct row *r, bool spelt)
{
    if (r->flow == 0 || !p->marks) return;
    text_put_char(t, ' ');
    text_put_str(t, mark_of(p, r->flow));
    if (spelt) text_put_u64(t, LADDER_AT(p->l->flows, struct flow, r->flow - 1)->end[0].port);
}

// Why it was sent, where that is not plain from what it says: for the sender's margin.
static const char *tag_of(const struct row *r)
{
    if (r->again && r->why != SENT_TAIL_PROBE) return "RETRANSMIT";
    switch (r->why) {
    case SENT_DUP_ACK:       return "dup ACK";
    case SENT_WINDOW_UPDATE: return "window update";
    case SENT_WINDOW_PROBE:  return "window probe";
    case SENT_KEEPALIVE:     return "keep-alive";
    case SENT_TAIL_PROBE:    return "tail probe";
    case SENT_CHALLENGE_ACK: return "challenge";
    default: break;
    }
    bool full = r->tcp && r->win == 0 && !(r->flags & (TCP_SYN | TCP_RST));
    return full ? "ZERO WINDOW" : "";
}

static void put_number(struct text *t, const char *name, uint32_t v)
{
    text_put_str(t, name);
    text_put_u64(t, v);
}

// What an arrow says. Level 0 tells all; 1 leaves out that there are no bytes, 2 the window too,
// and 3 the acknowledgement.
static void put_label(const struct page *p, struct text *t, const struct row *r, int level)
{
    text_put_str(t, r->text);
    if (r->tcp) {
        put_number(t, " seq=", r->seq);
        if ((r->flags & TCP_ACK) && level < 3) put_number(t, " ack=", r->ack);
        if (r->len > 0 || level < 1) put_number(t, " len=", r->len);
        if (level < 2) put_number(t, " win=", r->win);
    }
    put_mark(p, t, r, r->first);
}

static enum ink ink_of(const struct row *r)
{
    if (r->lost || r->again) return INK_LOSS;
    switch (r->look) {
    case LOOK_CONTROL: return r->flags & TCP_RST ? INK_LOSS : INK_CONTROL;
    case LOOK_DATA: case LOOK_UDP: return INK_DATA;
    case LOOK_ARP:  return INK_ARP;
    case LOOK_ICMP: return INK_ICMP;
    default:        return INK_PLAIN;
    }
}

// --- rows ------------------------------------------------------------------------------------

static unsigned life(const struct page *p, int side)
{
    return p->time + p->left + (side == 0 ? 0 : 1 + p->area);
}

// Each line has its time; what goes on at the same moment shows it fainter.
static void put_time(struct page *p, nsec at, bool same)
{
    char buf[40];
    struct text t = text_of(buf, sizeof buf);
    text_put_fixed(&t, at / 1000, 6);
    if (t.len < p->time - 1) put_to(p, p->time - 1 - (unsigned)t.len);
    put(p, same ? INK_FAINT : INK_PLAIN, buf);
}

static void put_life(struct page *p, int side)
{
    put_to(p, life(p, side));
    put(p, INK_DIM, p->g->life);
}

// One line: what stands in the margins; the space between is filled by the caller, or empty.
static void put_left(struct page *p, enum ink ink, const char *s)
{
    char cut[LINE_MAX_BYTES];
    fit(p, cut, sizeof cut, s, p->left - 1);
    put_to(p, life(p, 0) - 1 - width_of(cut));
    put(p, ink, cut);
    put_life(p, 0);
}

static void put_right(struct page *p, enum ink ink, const char *s)
{
    char cut[LINE_MAX_BYTES];
    fit(p, cut, sizeof cut, s, p->right - 1);
    put_life(p, 1);
    if (*cut == 0) return;
    put_to(p, life(p, 1) + 2);
    put(p, ink, cut);
}

static void put_arrow(struct page *p, const struct row *r, bool rightward)
{
    char label[LINE_MAX_BYTES], cut[LINE_MAX_BYTES];
    unsigned room = p->area - LEAD - 3;
    for (int level = 0; level <= 3; level++) {
        struct text t = text_of(label, sizeof label);
        put_label(p, &t, r, level);
        if (width_of(label) <= room) break;
    }
    fit(p, cut, sizeof cut, label, room);
    enum ink ink = ink_of(r), line = ink == INK_PLAIN ? INK_DIM : ink;
    unsigned rest = p->area - LEAD - width_of(cut) - 2;  // dashes and the head, or the cross
    unsigned blank = r->lost ? rest / 2 : 0;
    const char *head = r->lost ? p->g->lost : rightward ? p->g->right : p->g->left;
    if (!rightward) {
        put_times(p, INK_PLAIN, " ", blank);
        put(p, line, head);
        put_times(p, line, p->g->dash, rest - blank - 1);
        put(p, INK_PLAIN, " ");
        put(p, ink, cut);
        put(p, INK_PLAIN, " ");
        put_times(p, line, p->g->dash, LEAD);
        return;
    }
    put_times(p, line, p->g->dash, LEAD);
    put(p, INK_PLAIN, " ");
    put(p, ink, cut);
    put(p, INK_PLAIN, " ");
    put_times(p, line, p->g->dash, rest - blank - 1);
    put(p, line, head);
}

static void put_frame(struct page *p, const struct row *r)
{
    bool rightward = r->host == p->host[0];
    char end[LINE_MAX_BYTES] = "";
    struct text t = text_of(end, sizeof end);
    if (r->drop != DROP_NONE) {
        text_put_str(&t, r->lost ? "lost: " : p->g->lost);
        text_put_str(&t, r->lost ? "" : " ");
        text_put_str(&t, drop_name(r->drop));
    } else {
        text_put_str(&t, r->got);
    }
    enum ink ink = r->drop != DROP_NONE ? INK_LOSS : INK_DIM;
    const char *tag = tag_of(r);
    put_left(p, rightward ? ink_of(r) : ink, rightward ? tag : end);
    put_arrow(p, r, rightward);
    put_right(p, rightward ? ink : ink_of(r), rightward ? end : tag);
    p->frames++;
    p->lost += r->lost;
    p->again += r->again;
}

// A word in a host's margin: a call, a state, a timer.
static void put_word(struct page *p, const struct row *r)
{
    static const enum ink inks[] = {[ROW_CALL] = INK_PLAIN, [ROW_STATE] = INK_STATE,
                                    [ROW_TIMER] = INK_CONTROL, [ROW_APP] = INK_BOLD,
                                    [ROW_NOTE] = INK_BOLD, [ROW_FAILED] = INK_LOSS};
    char word[LINE_MAX_BYTES];
    struct text t = text_of(word, sizeof word);
    int side = r->host == p->host[1];
    if (p->marks && side == 1) {  // marks stand next to the lifeline, one below the other
        text_put_str(&t, r->flow != 0 ? mark_of(p, r->flow) : " ");
        text_put_char(&t, ' ');
    }
    const struct ladder_host *h = LADDER_AT(p->l->hosts, struct ladder_host, r->host);
    if (h->apps > 1 && r->app != 0) {
        text_put_str(&t, LADDER_AT(p->l->apps, struct ladder_app, r->app - 1)->name);
        text_put_str(&t, ": ");
    }
    for (const char *s = r->text; *s != 0; s++) {
        if (*s == 1) text_put_str(&t, p->g->dots);
        else text_put_char(&t, *s);
    }
    bool unmarked = side == 0 && p->marks && r->flow == 0;
    if (unmarked && width_of(word) + 2 < p->left) text_put_str(&t, "  ");
    if (side == 0) put_mark(p, &t, r, false);
    put_left(p, inks[r->kind], side == 0 ? word : "");
    put_right(p, inks[r->kind], side == 1 ? word : "");
}

// What is said to all stands between the lifelines, over them if it is long.
static void put_note(struct page *p, const struct row *r)
{
    char word[LINE_MAX_BYTES];
    struct text t = text_of(word, sizeof word);
    text_put_str(&t, r->kind == ROW_FAILED ? "NOT MET: " : "");
    text_put_str(&t, r->text);
    unsigned width = width_of(word), middle = life(p, 0) + 1 + p->area / 2;
    bool inside = width + 4 <= p->area && !r->wide;
    if (inside) put_life(p, 0);
    unsigned column = middle > width / 2 ? middle - width / 2 : 0;
    put_to(p, column > p->time ? column : p->time);
    put(p, r->kind == ROW_FAILED ? INK_LOSS : INK_BOLD, word);
    if (inside) put_life(p, 1);
}

static void put_gap(struct page *p, nsec gap)
{
    char buf[64];
    struct text t = text_of(buf, sizeof buf);
    text_put_char(&t, ' ');
    if (gap < MSEC(1)) text_put_fixed(&t, gap / 100, 1);
    else if (gap < SEC(1)) text_put_fixed(&t, gap / 100000, 1);
    else text_put_fixed(&t, gap / 1000000, 3);
    text_put_str(&t, gap < MSEC(1) ? " us" : gap < SEC(1) ? " ms" : " s");
    text_put_str(&t, " pass ");
    unsigned width = width_of(buf), before = (p->area - width) / 2;
    put_to(p, life(p, 0));
    put_times(p, INK_DIM, p->g->gap, before + 1);
    put(p, INK_DIM, buf);
    put_times(p, INK_DIM, p->g->gap, p->area - width - before + 1);
    end_line(p);
}

// --- the page --------------------------------------------------------------------------------

static bool shown(const struct page *p, const struct row *r)
{
    if (r->kind == ROW_NOTE && r->host == LADDER_NOWHERE) return true;
    if (r->kind == ROW_FAILED) return true;
    bool here = r->host == p->host[0] || r->host == p->host[1];
    if (r->kind != ROW_FRAME) return here;
    return here && r->to != r->host && (r->to == p->host[0] || r->to == p->host[1]);
}

struct pair { uint16_t a, b; size_t n; };

// The two hosts with the most frames between them; the earlier one stands left.
static void choose_hosts(struct page *p)
{
    struct vec pairs = {0};
    struct pair best = {0, 1, 0};
    for (size_t i = 0; i < p->l->rows.count; i++) {
        const struct row *r = LADDER_AT(p->l->rows, struct row, i);
        if (r->kind != ROW_FRAME || r->host == LADDER_NOWHERE || r->to == LADDER_NOWHERE) continue;
        uint16_t a = r->host < r->to ? r->host : r->to, b = r->host < r->to ? r->to : r->host;
        struct pair *q = NULL;
        for (size_t k = 0; k < pairs.count && q == NULL; k++) {
            struct pair *at = LADDER_AT(pairs, struct pair, k);
            if (at->a == a && at->b == b) q = at;
        }
        if (q == NULL) q = vec_add(&pairs, sizeof *q);
        if (q == NULL) break;
        *q = (struct pair){a, b, q->n + 1};
        if (a != b && q->n > best.n) best = *q;
    }
    free(pairs.p);
    p->host[0] = best.a;
    p->host[1] = best.b;
}

static int compare_nsec(const void *a, const void *b)
{
    nsec x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

// A silence is torn when it is many times what is usual here.
static void choose_torn(struct page *p)
{
    struct vec gaps = {0};
    nsec before = 0;
    for (size_t i = 0; i < p->l->rows.count; i++) {
        const struct row *r = LADDER_AT(p->l->rows, struct row, i);
        if (!shown(p, r)) continue;
        nsec *gap = r->at > before ? vec_add(&gaps, sizeof *gap) : NULL;
        if (gap != NULL) *gap = r->at - before;
        before = r->at;
    }
    if (gaps.count > 0) {
        qsort(gaps.p, gaps.count, sizeof(nsec), compare_nsec);
        nsec usual = *LADDER_AT(gaps, nsec, gaps.count / 2);
        p->torn = usual > MSEC(1) / TORN_FACTOR ? usual * TORN_FACTOR : MSEC(1);
    }
    free(gaps.p);
}

// Marks are numbered by the order in which the flows are seen on this page.
static bool choose_marks(struct page *p)
{
    uint32_t next = 0;
    p->mark = calloc(p->l->flows.count + 1, sizeof *p->mark);
    if (p->mark == NULL) return false;
    for (size_t i = 0; i < p->l->rows.count; i++) {
        const struct row *r = LADDER_AT(p->l->rows, struct row, i);
        if (r->kind == ROW_FRAME && r->first && r->flow != 0 && shown(p, r))
            p->mark[r->flow - 1] = next++;
    }
    p->marks = next > 1;
    return true;
}

static void put_title(struct page *p, int side)
{
    char buf[LINE_MAX_BYTES];
    struct text t = text_of(buf, sizeof buf);
    if (p->host[side] < p->l->hosts.count) {
        const struct ladder_host *h = LADDER_AT(p->l->hosts, struct ladder_host, p->host[side]);
        char addr[ADDR_TEXT];
        text_put_str(&t, h->name);
        bool more = h->addr.family != FAMILY_NONE && strcmp(addr_print(h->addr, addr), h->name);
        if (more && h->name[0] != 0) text_put_char(&t, ' ');
        if (more) text_put_str(&t, addr);
    }
    unsigned half = width_of(buf) / 2, at = life(p, side);
    put_to(p, at > half ? at - half : 0);
    put(p, INK_BOLD, buf);
}

static void put_head(struct page *p)
{
    char buf[LINE_MAX_BYTES];
    struct text t = text_of(buf, sizeof buf);
    if (p->l->named) {
        text_put_str(&t, p->l->name);
        text_put_str(&t, ", seed ");
        text_put_u64(&t, p->l->seed);
        put(p, INK_DIM, buf);
        end_line(p);
        end_line(p);
    }
    put_title(p, 0);
    put_title(p, 1);
    end_line(p);
}

static void put_foot(struct page *p)
{
    char buf[LINE_MAX_BYTES];
    struct text t = text_of(buf, sizeof buf);
    text_put_u64(&t, p->frames);
    text_put_str(&t, p->frames == 1 ? " frame" : " frames");
    put_number(&t, ", lost on the wire: ", (uint32_t)p->lost);
    put_number(&t, ", sent again: ", (uint32_t)p->again);
    if (p->l->left_out > 0) put_number(&t, "; more events than a ladder shows: ",
                                       (uint32_t)p->l->left_out);
    end_line(p);
    put(p, INK_DIM, buf);
    end_line(p);
    if (p->l->apps.count == 0) return;
    put(p, INK_DIM, "Behind an arrow's head stands the socket that got it: new if accept() has not "
                    "given it a number");
    end_line(p);
    put(p, INK_DIM, "yet, (fd 3) if its program has closed it.");
    if (p->marks) {
        struct text marks = text_of(buf, sizeof buf);
        text_put_str(&marks, " ");
        for (int i = 0; i < 2; i++) {
            text_put_str(&marks, p->g->mark[i]);
            text_put_char(&marks, ' ');
        }
        text_put_str(&marks, "tell connections apart.");
        put(p, INK_DIM, buf);
    }
    end_line(p);
}

static void put_row(struct page *p, const struct row *r, nsec before)
{
    put_time(p, r->at, r->at == before);
    switch (r->kind) {
    case ROW_FRAME:
        put_frame(p, r);
        break;
    case ROW_NOTE: case ROW_FAILED:
        put_note(p, r);
        break;
    default:
        put_word(p, r);
    }
    end_line(p);
}

// "0.000000" with a blank on either side, and more for long runs.
static unsigned time_width(const struct ladder *l)
{
    unsigned width = TIME_WIDTH;
    nsec last = l->rows.count > 0 ? LADDER_AT(l->rows, struct row, l->rows.count - 1)->at : 0;
    for (nsec limit = SEC(10); width < WIDTH_LEAST / 5 && last >= limit; limit *= 10) width++;
    return width;
}

void ladder_print(const struct ladder *l, FILE *out, const struct ladder_style *st)
{
    unsigned width = st->width < WIDTH_LEAST ? WIDTH_LEAST : st->width > WIDTH_MOST ? WIDTH_MOST
                                                                                    : st->width;
    struct page p = {.l = l, .st = st, .g = st->utf8 ? &utf8 : &ascii, .out = out};
    p.time = time_width(l);
    p.area = width * 43 / 100;
    p.left = (width - p.time - 2 - p.area + 1) / 2;
    p.right = width - p.time - 2 - p.area - p.left;
    choose_hosts(&p);
    choose_torn(&p);
    if (!choose_marks(&p)) return;
    put_head(&p);
    nsec before = -1;
    for (size_t i = 0; i < l->rows.count; i++) {
        const struct row *r = LADDER_AT(l->rows, struct row, i);
        if (!shown(&p, r)) continue;
        if (before >= 0 && p.torn > 0 && r->at - before >= p.torn) put_gap(&p, r->at - before);
        put_row(&p, r, before);
        before = r->at;
    }
    put_foot(&p);
    free(p.mark);
}

struct ladder_style ladder_style_of(FILE *out)
{
    struct ladder_style st = {.width = WIDTH_PLAIN};
    setlocale(LC_CTYPE, "");
    st.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    bool terminal = isatty(fileno(out)) == 1;
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    st.colour = terminal && !dumb && (no_color == NULL || *no_color == 0);
    struct winsize ws;
    if (terminal && ioctl(fileno(out), TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
        st.width = ws.ws_col < WIDTH_PLAIN ? ws.ws_col : WIDTH_PLAIN;
    return st;
}
