// see layers_paint.h
#include "viz/layers_paint.h"

#include "viz/paint.h"
#include "viz/say.h"
#include "viz/wording.h"

enum { ROWS = 4, ROW_TRANSPORT = 0, ROW_IP = 1, ROW_ETH = 2, ROW_NIC = 3 };
static const float ROW_H = 31, CLIMB_S = 0.45f, FRESH_S = 1.2f;

// --- which packet, and how far -------------------------------------------------------------------

static float age_of(const struct scene *s, const struct model_path *p)
{
    return (float)((double)(s->u - warp_shown(&s->rec->warp, p->at)) / 1e12);
}

const struct model_path *path_on_stage(const struct scene *s, uint16_t host)
{
    const struct model_host *h = model_host(s->m, host);
    if (h == NULL) return NULL;
    const struct beat *b = s->h->beats > 0 ? &s->h->beat[s->beat] : NULL;
    uint64_t told = b != NULL && b->frame != NONE ? s->h->frame[b->frame].id : 0;
    bool here = b != NULL && b->host == host && told != 0;
    const struct model_path *p = here ? model_path(h, told) : NULL;
    if (p != NULL) return p;
    p = model_last_path(h);
    return p != NULL && age_of(s, p) < FRESH_S ? p : NULL;
}

// How many of the rows the packet has passed, from where it came.
static float progress(const struct scene *s, const struct model_path *p)
{
    if (s->settled) return ROWS;
    return clampf(age_of(s, p) / CLIMB_S, 0, 1) * ROWS;
}

static int row_of_step(uint8_t step)
{
    switch (step) {
    case STEP_ETH_MINE: case STEP_ETH_BROADCAST: case STEP_ETH_SEND: case STEP_ETH_HOLD:
        return ROW_ETH;
    case STEP_ARP_LEARN: case STEP_IP_MINE: case STEP_IP_FORWARD: case STEP_IP_ONLINK:
    case STEP_IP_GATEWAY: case STEP_IP_HOLD: case STEP_IP_WHOLE: case STEP_IP_CUT: return ROW_IP;
    default: return ROW_TRANSPORT;
    }
}

// Where the packet ended: the last row it came to, or the one whose name the reason bears.
static int row_of_death(const struct model_path *p)
{
    if (p->drop == DROP_NONE || p->steps == 0) return -1;
    const char *why = drop_name(p->drop);
    if (strncmp(why, "tcp-", 4) == 0 || strncmp(why, "udp-", 4) == 0) return ROW_TRANSPORT;
    return row_of_step(p->step[p->steps - 1].step);
}

static bool row_reached(const struct scene *s, const struct model_path *p, int row)
{
    float done = progress(s, p);
    return p->up ? done >= (float)(ROWS - 1 - row) : done >= (float)(row + 1);
}

// --- what the layers say at rest -----------------------------------------------------------------

// The socket whose TCP the card speaks of: the one in the light, else the youngest connection.
static const struct model_sock *tcp_on_stage(const struct scene *s, uint16_t host)
{
    const struct model_sock *best = NULL;
    for (size_t i = 0; i < s->m->socks; i++) {
        const struct model_sock *k = &s->m->sock[i];
        if (k->host != host || k->kind != KIND_TCP || k->state == TCP_LISTEN) continue;
        best = k;
        if (s->flow != NONE && (s->h->flow[s->flow].conn[0] == k->conn ||
                                s->h->flow[s->flow].conn[1] == k->conn))
            return k;
    }
    return best;
}

// brief: less what there is least to learn from.
static void rest_transport(struct text *t, const struct scene *s, uint16_t host, bool brief)
{
    const struct model_sock *k = tcp_on_stage(s, host);
    if (k == NULL) {
        text_put_str(t, host_is_dark(s, host) ? "not seen from here" : "no connection");
        return;
    }
    if (s->rec->foreign) {
        text_put_str(t, "rtx ");
        text_put_u64(t, k->again);
        text_put_str(t, "; timers and cwnd are unseen");
        return;
    }
    if (k->rto > 0) {
        text_put_str(t, "RTO ");
        text_put_span(t, k->rto / USEC(100) * USEC(100));
        text_put_str(t, "  ");
    }
    if (!brief || k->again > 0) {
        text_put_str(t, "rtx ");
        text_put_u64(t, k->again);
        text_put_str(t, "  ");
    }
    if (k->cwnd > 0) {
        text_put_str(t, "cwnd ");
        text_put_count(t, k->cwnd);
    }
}

// What the frame in the light tells of this host, where nobody else does: its own address, or TTL.
static void seen_in_frame(struct text *t, const struct scene *s, uint16_t host, int row)
{
    if (!s->rec->foreign || s->frame == NONE) return;
    const struct history_frame *f = &s->h->frame[s->frame];
    struct dissect d;
    frame_dissect(s->rec, f, &d);
    struct trace_bytes b = frame_bytes_of(s->rec, f);
    if (d.l3 != 14 || b.len < 14 || (f->from != host && f->to != host)) return;
    if (row == ROW_ETH) {
        struct mac mac;
        memcpy(mac.b, b.p + (f->from == host ? 6 : 0), sizeof mac.b);
        text_put_mac(t, mac);
    } else if (d.src.addr.family != FAMILY_NONE) {
        text_put_addr(t, f->from == host ? d.src.addr : d.dst.addr);
    }
}

static void rest_ip(struct text *t, const struct model_netif *n)
{
    const struct prefix *own = netif_prefix(n);
    if (own == NULL || mac_is_zero(n->mac)) return;
    struct prefix net = *own;
    net.addr = addr_mask(net.addr, net.bits);
    text_put_prefix(t, net);
    text_put_str(t, " dev ");
    text_put_str(t, n->name);
}

static void rest_eth(struct text *t, const struct scene *s, uint16_t host, bool brief)
{
    const struct model_neigh *last = NULL;
    for (size_t i = 0; i < s->m->neighs; i++)
        if (s->m->neigh[i].host == host) last = &s->m->neigh[i];
    if (last == NULL) {
        if (!s->rec->foreign)
            text_put_str(t, host_is_dark(s, host) ? "not seen from here"
                                                  : "no neighbour known yet");
        return;
    }
    text_put_addr(t, last->addr);
    text_put_str(t, " → ");
    if (mac_is_zero(last->mac)) {
        text_put_str(t, nud_name(last->state));
    } else if (brief) {
        text_put_hex(t, last->mac.b[0], 2), text_put_str(t, ":..:");
        text_put_hex(t, last->mac.b[5], 2);
    } else {
        text_put_mac(t, last->mac);
    }
}

// --- drawing -----------------------------------------------------------------------------------

static void draw_nic(struct draw_list *l, const struct scene *s, struct rect r,
                     const struct model_netif *n)
{
    const struct model_path *p = n != NULL ? path_on_stage(s, n->host) : NULL;
    int queued = n == NULL ? 0 : (int)(n->queued < 8 ? n->queued : 8);
    if (queued == 0 && p != NULL && !p->up && p->ended && p->at == s->t) queued = 1;
    bool came = p != NULL && p->up && row_reached(s, p, ROW_NIC);
    float y = r.y + r.h / 2;
    draw_text(l, pt(r.x + 44, y), style(FONT_UI, 10, PALETTE_MID), "TX");
    paint_cells(l, pt(r.x + 62, y), 8, queued, PALETTE_ACK);
    if (n != NULL && n->queued > 8)
        draw_textf(l, pt(r.x + 152, y), style(FONT_MONO, 10, PALETTE_HI), "%u", n->queued);
    if (r.w < 280) return;
    draw_text(l, pt(r.x + 182, y), style(FONT_UI, 10, PALETTE_MID), "RX");
    paint_cells(l, pt(r.x + 200, y), 5, came ? 1 : 0, PALETTE_ACK);
}

// The header as this layer holds it: a letter, or for the transport the letter and its data.
static float draw_header(struct draw_list *l, const struct scene *s, const struct model_path *p,
                         struct rect r, int row)
{
    uint32_t i = history_frame_of(s->h, p->frame);
    const struct history_frame none = {0}, *f = i != NONE ? &s->h->frame[i] : &none;
    float y = r.y + r.h / 2 - 7.5f, x = r.x + 44;
    if (row != ROW_TRANSPORT) {
        enum layer layer = row == ROW_IP ? LAYER_IP : LAYER_ETH;
        paint_layer(l, rect(x, y, 15, 15), layer, layer_letter(f, layer));
        return 22;
    }
    float data = f->data > 0 ? clampf(sqrtf((float)f->data) * 1.6f, 8, 40) : 0;
    struct rect both = rect(x, y, 16 + data, 15);
    if (data > 0) draw_fill(l, rect(x + 8, y, 8 + data, 15), 3, ink(PALETTE_APP));
    paint_layer(l, rect(x, y, 16, 15), LAYER_TRANSPORT, layer_letter(f, LAYER_TRANSPORT));
    if (row_reached(s, p, row)) paint_chosen(l, rect(both.x - 2, both.y - 2, both.w + 4, 19), 4);
    return both.w + 9;
}

struct row { int row; uint16_t host; struct rect r; };

static bool row_speaks(const struct model_path *p, int row)
{
    for (int i = 0; i < p->steps; i++)
        if (row_of_step(p->step[i].step) == row) return true;
    return row == row_of_death(p);
}

// "udp-queue-full", in the row of UDP: "queue full".
static void put_briefly(struct text *t, const char *name)
{
    static const char *const rows[] = {"eth-", "ip-", "ip4-", "ip6-", "icmp-", "udp-", "tcp-"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strncmp(name, rows[i], strlen(rows[i])) == 0) name += strlen(rows[i]);
    for (const char *c = name; *c != 0; c++) {
        bool sum = strcmp(c, "csum") == 0;
        if (sum) text_put_str(t, "checksum");
        if (sum) break;
        text_put_char(t, *c == '-' ? ' ' : *c);
    }
}

// As a sentence where there is room for it, else in two or three words.
static void put_death(struct text *t, const struct draw_list *l, struct text_style st,
                      enum drop why)
{
    float most = st.max;
    st.max = 0;
    if (draw_text_width(l, st, drop_text(why)) <= most) text_put_str(t, drop_text(why));
    else put_briefly(t, drop_name(why));
}

// "before the bytes: put on 32 B" where there is no room: "put on 32 B".
static void drop_lead(const struct draw_list *l, struct text_style st, char *said)
{
    float most = st.max;
    st.max = 0;
    if (draw_text_width(l, st, said) <= most) return;
    const char *colon = strstr(said, ": "), *matches = strstr(said, "matches ");
    const char *from = colon != NULL ? colon + 2 : matches;
    if (from != NULL) memmove(said, from, strlen(from) + 1);
}

static void draw_step(struct draw_list *l, const struct scene *s, const struct model_path *p,
                      const struct row *at)
{
    struct rect r = at->r;
    int row = at->row;
    int last = -1;
    for (int i = 0; i < p->steps; i++)
        if (row_of_step(p->step[i].step) == row) last = i;
    bool died = row == row_of_death(p);
    float x = r.x + 44 + draw_header(l, s, p, r, row), y = r.y + r.h / 2;
    char said[96];
    struct text t = text_of(said, sizeof said);
    struct text_style st = style(FONT_UI, r.w < 280 ? 10 : 11, died ? PALETTE_LOSS : PALETTE_HI);
    st.max = right_of(r) - x - (died ? 43 : 30);
    if (died) put_death(&t, l, st, p->drop);
    else say_step(&t, s, at->host, p, (size_t)last);
    if (!died) drop_lead(l, st, said);
    if (died) paint_cross(l, pt(x + 4, y), 8, ink(PALETTE_LOSS));
    draw_text(l, pt(x + (died ? 13 : 0), y), st, said);
}

static void draw_way(struct draw_list *l, const struct scene *s, const struct model_path *p,
                     struct rect r, float reach)
{
    float x = right_of(r) - 20, pitch = ROW_H + PAINT_GAP;
    float nic = r.y + 3 * pitch + ROW_H / 2, top = r.y + ROW_H / 2;
    bool to_socket = p->conn != 0 && p->drop == DROP_NONE;
    float high = to_socket ? reach : top, done = progress(s, p) / ROWS;
    float from = p->up ? nic : high, to = p->up ? high : nic;
    float tip = from + (to - from) * done;
    draw_line(l, pt(x, from), pt(x, tip), 1.8f, ink(PALETTE_SEL));
    for (int row = 0; row < ROWS; row++) {
        if (!row_reached(s, p, row)) continue;
        struct pt at = pt(x, r.y + (float)row * pitch + ROW_H / 2);
        if (row != ROW_TRANSPORT) {
            draw_circle(l, at, 3.5f, ink(PALETTE_SEL));
            continue;
        }
        draw_circle(l, at, 5, ink(PALETTE_RAISED));
        draw_ring(l, at, 4.5f, 2, ink(PALETTE_SEL));
    }
    float way = p->up ? 1.0f : -1.0f;
    if (done < 1 || to_socket || !p->up) {
        float back = tip + way * 7;
        struct pt head[3] = {{x, tip - way}, {x - 4.5f, back}, {x + 4.5f, back}};
        draw_poly(l, head, 3, ink(PALETTE_SEL));
    }
}

static void draw_rest(struct draw_list *l, const struct scene *s, const struct row *at,
                      const struct model_netif *n)
{
    struct rect card = at->r;
    struct text_style st = style(FONT_MONO, 11, PALETTE_MID);
    char said[128];
    for (int brief = 0; brief < 2; brief++) {
        struct text t = text_of(said, sizeof said);
        said[0] = 0;
        if (at->row == ROW_TRANSPORT) rest_transport(&t, s, at->host, brief);
        if (at->row == ROW_IP) rest_ip(&t, n);
        if (at->row == ROW_ETH) rest_eth(&t, s, at->host, brief);
        if (t.len == 0) seen_in_frame(&t, s, at->host, at->row);
        if (draw_text_width(l, st, said) <= card.w - 52) break;
    }
    draw_text(l, pt(card.x + 44, card.y + card.h / 2), fit(st, card.w - 52), said);
}

void draw_layers(struct draw_list *l, const struct scene *s, struct rect r, uint16_t host,
                 float reach)
{
    static const struct { const char *name; enum palette_role role; } rows[ROWS] = {
        {"TCP", PALETTE_TCP}, {"IP", PALETTE_IP}, {"ETH", PALETTE_ETH}, {"NIC", PALETTE_ACK}};
    const struct model_path *p = path_on_stage(s, host);
    const struct model_netif *n = model_netif_of(s->m, host);
    uint32_t frame = p != NULL ? history_frame_of(s->h, p->frame) : NONE;
    uint8_t kind = frame != NONE ? s->h->frame[frame].kind : PACKET_TCP;
    for (int row = 0; row < ROWS; row++) {
        struct rect card = rect(r.x, r.y + (float)row * (ROW_H + PAINT_GAP), r.w, ROW_H);
        const char *name = rows[row].name;
        if (row == ROW_TRANSPORT && kind == PACKET_UDP) name = "UDP";
        if (row == ROW_TRANSPORT && kind == PACKET_ICMP) name = "ICMP";
        if (row == ROW_IP && kind == PACKET_ARP) name = "ARP";
        paint_card(l, card, rows[row].role);
        float size = strlen(name) > 3 ? 10 : 11;  // or it comes too near to what follows
        draw_text(l, pt(card.x + 11, card.y + card.h / 2), style(FONT_SEMI, size, rows[row].role),
                  name);
        if (row == ROW_NIC) {
            draw_nic(l, s, card, n);
            continue;
        }
        if (p != NULL && row_reached(s, p, row) && row_speaks(p, row)) {
            draw_step(l, s, p, &(struct row){row, host, card});
            continue;
        }
        draw_rest(l, s, &(struct row){row, host, card}, n);
    }
    if (p != NULL && (p->steps > 0 || p->up)) draw_way(l, s, p, r, reach);
}
