// "Which socket gets it?": the sockets of the host a frame goes to, and how many of the four fields
// of its address pair each matches. The most specific row that does not contradict wins; that is
// all there is to it, and it is what most learners have wrong.
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/wording.h"

enum { ROWS_MAX = 32, ROW_H = 26, HEAD_H = 47, FIELDS = 4 };

// Per field of the 4-tuple: does the socket name it, and does the frame have that?
enum match { MATCH_ANY, MATCH_EQUAL, MATCH_NOT };

struct row { const struct model_sock *k; enum match m[FIELDS]; int score; bool fits; };

struct table {
    const struct history_frame *f;
    uint16_t        host;
    uint8_t         kind;
    struct endpoint local, remote;  // as the receiver sees them
    struct row      row[ROWS_MAX];
    size_t          rows;
    int             winner;
    uint16_t passing;  // for whom it is, if not for this host
};

static enum match match_addr(struct addr have, struct addr want)
{
    return addr_is_any(have) ? MATCH_ANY : addr_eq(have, want) ? MATCH_EQUAL : MATCH_NOT;
}

static enum match match_port(uint16_t have, uint16_t want)
{
    return have == 0 ? MATCH_ANY : have == want ? MATCH_EQUAL : MATCH_NOT;
}

static void judge(struct table *t, struct row *row)
{
    const struct model_sock *k = row->k;
    row->m[0] = match_addr(k->local.addr, t->local.addr);
    row->m[1] = match_port(k->local.port, t->local.port);
    row->m[2] = match_addr(k->remote.addr, t->remote.addr);
    row->m[3] = match_port(k->remote.port, t->remote.port);
    row->fits = k->kind == t->kind && row->m[1] == MATCH_EQUAL;
    for (int i = 0; i < FIELDS; i++) {
        row->score += k->kind == t->kind && row->m[i] == MATCH_EQUAL;
        if (row->m[i] == MATCH_NOT) row->fits = false;
    }
}

static bool row_before(const struct row *a, const struct row *b)
{
    if (a->fits != b->fits) return a->fits;
    return a->score > b->score;
}

static bool fill(struct table *t, const struct scene *s)
{
    if (s->frame == NONE) return false;
    t->f = &s->h->frame[s->frame];
    if (t->f->kind != PACKET_TCP && t->f->kind != PACKET_UDP) return false;
    struct dissect d;
    frame_dissect(s->rec, t->f, &d);
    if (d.l4 == 0) return false;
    t->host = t->f->to;
    t->kind = d.kind == PACKET_TCP ? KIND_TCP : KIND_UDP;
    t->local = d.dst;
    t->remote = d.src;
    uint16_t owner = model_owner(s->m, d.dst.addr);
    t->passing = t->host != 0 && owner != 0 && owner != t->host ? owner : 0;
    for (size_t i = 0; i < s->m->socks && t->passing == 0; i++) {
        const struct model_sock *k = &s->m->sock[i];
        if (k->host != t->host || k->local.port == 0) continue;
        bool made_by_it = k->listener != 0 && t->f->flags == TCP_SYN && k->born == t->f->end;
        if (made_by_it) continue;
        struct row row = {.k = k};
        judge(t, &row);
        size_t at = t->rows < ROWS_MAX ? t->rows++ : ROWS_MAX - 1;
        for (; at > 0 && row_before(&row, &t->row[at - 1]); at--) t->row[at] = t->row[at - 1];
        t->row[at] = row;
    }
    t->winner = t->rows > 0 && t->row[0].fits ? 0 : -1;
    return true;
}

static const float GAP = 5;

struct cells { float fd, local, remote, state, match; bool brief, long_state; };

static const struct text_style cell_style = {.font = FONT_MONO, .size = 11};
static const struct text_style state_style = {.font = FONT_SEMI, .size = 11,
                                              .ink = {PALETTE_HI, 255}};

// Brief: the port alone, where the address is the host's own.
static void put_cell(struct text *t, struct endpoint e, bool brief)
{
    if (brief && !addr_is_any(e.addr)) {
        text_put_char(t, ':');
        text_put_u64(t, e.port);
    } else {
        text_put_end(t, e);
    }
}

static const char *state_of(const struct model_sock *k, bool in_full)
{
    if (k->kind != KIND_TCP) return k->kind == KIND_UDP ? "UDP" : "ping";
    return in_full ? tcp_state_name(k->state) : tcp_state_short(k->state);
}

static float cell_width(const struct draw_list *l, struct endpoint e, bool brief)
{
    char buf[ENDPOINT_TEXT + 4];
    struct text t = text_of(buf, sizeof buf);
    put_cell(&t, e, brief);
    return draw_text_width(l, cell_style, buf);
}

// What the columns need, in three steps: all in full, states short, local addresses by their ports.
static struct cells columns_of(const struct draw_list *l, const struct table *t, struct rect r)
{
    float room = r.w - 14 - 20 - 62 - 10, need[3] = {0};  // local, remote, state
    struct cells c = {.fd = r.x + 14, .match = right_of(r) - 62, .long_state = true};
    for (int step = 0; step < 3; step++) {
        c.long_state = step == 0;
        c.brief = step == 2;
        need[0] = need[1] = need[2] = 28;
        for (size_t i = 0; i < t->rows; i++) {
            const struct model_sock *k = t->row[i].k;
            const char *state = state_of(k, c.long_state);
            need[0] = fmaxf(need[0], cell_width(l, k->local, c.brief));
            need[1] = fmaxf(need[1], cell_width(l, k->remote, false));
            need[2] = fmaxf(need[2], draw_text_width(l, state_style, state));
        }
        if (need[0] + need[1] + need[2] + 3 * GAP <= room) break;
    }
    float most = room - need[0] - need[2] - 3 * GAP;
    if (need[1] > most) need[1] = most;  // its end is shown
    float spare = fmaxf((room - need[0] - need[1] - need[2]) / 3, GAP);
    c.local = c.fd + 20;
    c.remote = c.local + need[0] + spare;
    c.state = c.remote + need[1] + spare;
    return c;
}

static void draw_cell(struct draw_list *l, struct pt at, struct endpoint e, struct text_style st,
                      bool brief)
{
    char buf[ENDPOINT_TEXT + 4];
    struct text t = text_of(buf, sizeof buf);
    put_cell(&t, e, brief);
    paint_tail(l, at, st, buf);
}

static void draw_meter(struct draw_list *l, const struct table *t, const struct row *row,
                       struct pt at)
{
    for (int i = 0; i < FIELDS; i++) {
        bool won = row == t->row && t->winner == 0;
        struct rect c = rect(at.x + (float)i * 13, at.y - 5, 10, 10);
        bool equal = row->k->kind == t->kind && row->m[i] == MATCH_EQUAL;
        bool not = row->k->kind == t->kind && row->m[i] == MATCH_NOT;
        if (equal) draw_fill(l, c, 2, ink(won ? PALETTE_SEL : PALETTE_LOW));
        else draw_stroke(l, c, 2, 1, ink(PALETTE_LOW));
        if (not) paint_cross(l, pt(c.x + 5, c.y + 5), 6, ink(PALETTE_LOSS));
    }
}

static void draw_row(struct draw_list *l, const struct table *t, struct cells c, struct rect r,
                     size_t i)
{
    const struct row *row = &t->row[i];
    const struct model_sock *k = row->k;
    bool won = (int)i == t->winner;
    float y = r.y + r.h / 2;
    if (won) {
        draw_fill(l, r, 4, ink_a(PALETTE_SEL, 40));
        draw_stroke(l, r, 4, 1.5f, ink(PALETTE_SEL));
    }
    struct text_style cell = style(FONT_MONO, 11, won ? PALETTE_HI : PALETTE_MID);
    struct text_style differs = cell;
    differs.ink = ink(PALETTE_LOSS);
    if (k->fd >= 0) draw_textf(l, pt(c.fd, y), cell, "%d", k->fd);
    else draw_text(l, pt(c.fd, y), cell, "–");
    bool same = k->kind == t->kind;
    bool local_not = same && (row->m[0] == MATCH_NOT || row->m[1] == MATCH_NOT);
    bool remote_not = same && (row->m[2] == MATCH_NOT || row->m[3] == MATCH_NOT);
    draw_cell(l, pt(c.local, y), k->local, fit(local_not ? differs : cell, c.remote - c.local - 4),
              c.brief);
    draw_cell(l, pt(c.remote, y), k->remote,
              fit(remote_not ? differs : cell, c.state - c.remote - 4), false);
    draw_text(l, pt(c.state, y), fit(state_style, c.match - c.state - 6),
              state_of(k, c.long_state));
    draw_meter(l, t, row, pt(c.match, y));
    draw_hit(l, r, OBJECT_SOCK, sock_id(k->host, k->conn));
}

// Nobody is there now. Did it find somebody when it came?
static void put_no_winner(struct text *out, const struct scene *s, const struct table *t)
{
    const struct model_host *h = model_host(s->m, t->host);
    const struct model_path *p = h != NULL ? model_path(h, t->f->id) : NULL;
    if (t->f->end > s->t) text_put_str(out, "No row fits as yet.");
    else if (p != NULL && p->up && p->conn != 0 && p->drop == DROP_NONE)
        text_put_str(out, "The socket that got it is gone by now.");
    else if (t->kind == KIND_UDP) text_put_str(out, "No row fits: ICMP port unreachable answers.");
    else if ((t->f->flags & TCP_RST) != 0) text_put_str(out, "No row fits; a RST gets no answer.");
    else text_put_str(out, "No row fits: a RST answers.");
}

// Which single thing tells the winner from the next of the same local port.
static void put_conclusion(struct text *out, const struct scene *s, const struct table *t)
{
    if (t->winner < 0) {
        put_no_winner(out, s, t);
        return;
    }
    const struct model_sock *w = t->row[0].k;
    size_t same = 0;
    for (size_t i = 0; i < t->rows; i++)
        same += t->row[i].k->local.port == w->local.port && t->row[i].k->kind == w->kind;
    const struct row *next = t->rows > 1 ? &t->row[1] : NULL;
    if (same < 2 || next == NULL) {
        text_put_str(out, "Only one socket has port ");
        text_put_u64(out, w->local.port);
        text_put_str(out, ".");
        return;
    }
    text_put_str(out, "Port ");
    text_put_u64(out, w->local.port);
    text_put_str(out, ", ");
    text_put_u64(out, same);
    text_put_str(out, " sockets: ");
    bool port = false, addr = false;
    for (size_t i = 1; i < t->rows; i++) {
        if (t->row[i].k->local.port != w->local.port) continue;
        port |= t->row[i].m[3] == MATCH_NOT;
        addr |= t->row[i].m[2] == MATCH_NOT;
    }
    const char *peer = t->f->side == 0 ? "client" : "peer";
    text_put_str(out, w->state == TCP_LISTEN ? "no pair fits, the listener takes it."
                      : port && addr ? "the peer's address and port decide."
                      : addr         ? "only the peer's address differs."
                      : port         ? "only the " : "the full pair beats the listener.");
    if (w->state != TCP_LISTEN && port && !addr) {
        text_put_str(out, peer);
        text_put_str(out, " port differs.");
    }
}

// Where no socket is asked, or none can be seen.
static void draw_no_table(struct draw_list *l, const struct scene *s, const struct table *t,
                          struct rect r)
{
    char said[160];
    struct text out = text_of(said, sizeof said);
    text_put_host(&out, s->m, t->host);
    if (t->passing != 0) {
        text_put_str(&out, " is not whom it is for, and asks no socket: it is sent on to ");
        text_put_host(&out, s->m, t->passing);
        text_put_char(&out, '.');
    } else {
        text_put_str(&out, "'s sockets are not seen from here.");
    }
    paint_wrapped(l, pt(r.x + 10, r.y + 44), fit(style(FONT_UI, 11, PALETTE_LOW), r.w - 20), 3,
                  said);
}

// The conclusion, and what a filled square means where there is room for that too.
static void draw_foot(struct draw_list *l, const struct scene *s, const struct table *t,
                      struct rect r, float foot)
{
    draw_fill(l, rect(r.x + 10, foot + 2, r.w - 20, 1), 0, ink(PALETTE_LINE));
    char said[128];
    struct text out = text_of(said, sizeof said);
    put_conclusion(&out, s, t);
    struct text_style st = style(FONT_SEMI, 11, PALETTE_HI);
    bool key = draw_text_width(l, st, said) <= r.w - 100;
    if (draw_text_width(l, st, said) > r.w - 24) st.size = 10;
    draw_text(l, pt(r.x + 12, foot + 16), fit(st, r.w - (key ? 100 : 24)), said);
    if (!key) return;
    draw_fill(l, rect(right_of(r) - 80, foot + 11.5f, 9, 9), 2, ink(PALETTE_LOW));
    draw_text(l, pt(right_of(r) - 67, foot + 16), style(FONT_UI, 10, PALETTE_MID), "equal field");
}

void demux_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    paint_panel(l, s, r, PANE_DEMUX);
    paint_title(l, r, "WHICH SOCKET GETS IT?");
    if (r.w > 330)
        draw_text(l, pt(right_of(r) - 10, r.y + 15), on_right(style(FONT_UI, 10, PALETTE_LOW)),
                  "the most specific row wins");
    struct table *t = calloc(1, sizeof *t);
    if (t == NULL) return;
    if (!fill(t, s)) {
        draw_text(l, pt(r.x + 10, r.y + 44), fit(style(FONT_UI, 11, PALETTE_LOW), r.w - 20),
                  s->frame == NONE ? "No frame yet." : "This frame is for no socket.");
        free(t);
        return;
    }
    bool unseen = t->host == 0 || host_is_dark(s, t->host);
    if (t->passing != 0 || (t->rows == 0 && unseen)) {
        draw_no_table(l, s, t, r);
        free(t);
        return;
    }
    struct cells c = columns_of(l, t, r);
    static const char *const heads[] = {"fd", "local", "remote", "state", "match"};
    float at[] = {c.fd, c.local, c.remote, c.state, c.match};
    for (int i = 0; i < 5; i++)
        draw_text(l, pt(at[i], r.y + 36), style(FONT_UI, 10, PALETTE_LOW), heads[i]);
    draw_fill(l, rect(r.x + 10, r.y + HEAD_H - 1, r.w - 20, 1), 0, ink(PALETTE_LINE));
    float foot = bottom_of(r) - 30;
    size_t fits = (size_t)fmaxf((foot - r.y - HEAD_H) / ROW_H, 0);
    for (size_t i = 0; i < t->rows && i < fits; i++) {
        float y = r.y + HEAD_H + 1 + (float)i * ROW_H;
        draw_row(l, t, c, rect(r.x + 8, y, r.w - 16, ROW_H - 2), i);
    }
    draw_foot(l, s, t, r, foot);
    free(t);
}
