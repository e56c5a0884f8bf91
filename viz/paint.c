// see paint.h
#include "viz/paint.h"

#include "viz/wording.h"

#include <stdio.h>

void paint_panel(struct draw_list *l, const struct scene *s, struct rect r, enum pane pane)
{
    draw_fill(l, r, 8, ink(PALETTE_PANEL));
    draw_stroke(l, r, 8, 1, ink(PALETTE_LINE));
    if (s->focus == pane) draw_stroke(l, r, 8, 1.5f, ink(PALETTE_SEL));
    draw_hit(l, r, OBJECT_PANE, pane);
}

void paint_title(struct draw_list *l, struct rect r, const char *title)
{
    draw_text(l, pt(r.x + 10, r.y + 15), style(FONT_SEMI, 11, PALETTE_MID), title);
}

void paint_card(struct draw_list *l, struct rect r, enum palette_role bar)
{
    draw_fill(l, r, 5, ink(PALETTE_RAISED));
    draw_stroke(l, r, 5, 1, ink(PALETTE_LINE));
    if (bar != PALETTE_ROLES) draw_fill(l, rect(r.x, r.y + 1, 3, r.h - 2), 1.5f, ink(bar));
}

void paint_chosen(struct draw_list *l, struct rect r, float radius)
{
    draw_glow(l, r, radius, 7, ink_a(PALETTE_SEL, 70));
    draw_stroke(l, r, radius, 1.5f, ink(PALETTE_SEL));
}

// The word and the edge of a pill, and how much of the edge's colour is its ground.
static void pill_inks(struct pill p, struct ink *word, struct ink *edge, int *ground)
{
    bool strong = p.look == PILL_STRONG, tint = p.look == PILL_TINT;
    *edge = tint ? ink(p.role) : ink_a(PALETTE_ACK, strong ? 200 : 130);
    *word = ink(tint ? p.role : strong ? PALETTE_HI : PALETTE_MID);
    *ground = strong ? 64 : 36;
}

struct rect paint_pill(struct draw_list *l, struct pt at, struct pill p)
{
    bool solid = p.look == PILL_SOLID;
    struct text_style st = {.font = solid ? FONT_BOLD : FONT_SEMI, .size = 10};
    float w = draw_text_width(l, st, p.text) + 14;
    struct rect r = rect(p.right ? at.x - w : at.x, at.y - 8, w, 16);
    if (solid) {
        st.ink = ink(p.role == PALETTE_SEL ? PALETTE_ON_SEL : PALETTE_ON);
        draw_fill(l, r, 8, ink(p.role));
    } else {
        struct ink edge;
        int ground;
        pill_inks(p, &st.ink, &edge, &ground);
        draw_fill(l, r, 8, ink_a(edge.role, ground));
        draw_stroke(l, r, 8, 1, edge);
    }
    draw_text(l, pt(r.x + r.w / 2, at.y), centred(st), p.text);
    return r;
}

float paint_fd(struct draw_list *l, struct pt at, const struct model_sock *k, bool chosen)
{
    char buf[24];
    struct text t = text_of(buf, sizeof buf);
    if (k->fd >= 0) text_put_sock(&t, k);
    else text_put_str(&t, k->app == 0 && k->listener == 0 ? "fd ?" : "no fd");  // a capture's
    struct text_style st = style(FONT_BOLD, 11, chosen     ? PALETTE_ON_SEL
                                                : k->fd >= 0 ? PALETTE_HI
                                                             : PALETTE_LOW);
    float w = draw_text_width(l, st, buf) + 12;
    draw_fill(l, rect(at.x, at.y - 8.5f, w, 17), 4, ink(chosen ? PALETTE_SEL : PALETTE_LINE));
    draw_text(l, pt(at.x + w / 2, at.y), centred(st), buf);
    return w;
}

static const struct text_style chip_style = {.font = FONT_MONO, .size = 10};

float paint_chip_width(const struct draw_list *l, const char *name)
{
    return name[0] != 0 ? draw_text_width(l, chip_style, name) + 20 : 14;
}

float paint_chip(struct draw_list *l, struct pt at, unsigned mark, const char *name)
{
    struct text_style st = chip_style;
    st.ink = ink(PALETTE_HI);
    float w = paint_chip_width(l, name);
    draw_fill(l, rect(at.x, at.y - 7, w, 14), 4, ink(PALETTE_RAISED));
    mark_draw(l, mark, pt(at.x + 7, at.y), 7, ink(PALETTE_HI));
    if (name[0] != 0) draw_text(l, pt(at.x + 15, at.y), st, name);
    return w;
}

void paint_cells(struct draw_list *l, struct pt at, int n, int full, enum palette_role role)
{
    for (int i = 0; i < n; i++)
        draw_fill(l, rect(at.x + (float)i * 11, at.y - 4.5f, 9, 9), 2,
                  ink(i < full ? role : PALETTE_LINE));
}

enum palette_role layer_role(enum layer layer)
{
    static const enum palette_role roles[] = {PALETTE_ETH, PALETTE_IP, PALETTE_TCP, PALETTE_APP};
    return roles[layer];
}

const char *layer_letter(const struct history_frame *f, enum layer layer)
{
    if (layer == LAYER_ETH) return "E";
    if (layer == LAYER_IP) return f->kind == PACKET_ARP ? "A" : "I";
    return f->kind == PACKET_UDP ? "U" : f->kind == PACKET_ICMP ? "C" : "T";
}

void paint_layer(struct draw_list *l, struct rect r, enum layer layer, const char *text)
{
    draw_fill(l, r, 3, ink(layer_role(layer)));
    if (r.w >= 9)
        draw_text(l, pt(r.x + r.w / 2, r.y + r.h / 2), centred(style(FONT_BOLD, 10, PALETTE_ON)),
                  text);
}

void paint_cross(struct draw_list *l, struct pt at, float size, struct ink ink)
{
    float r = size / 2;
    draw_line(l, pt(at.x - r, at.y - r), pt(at.x + r, at.y + r), 2, ink);
    draw_line(l, pt(at.x - r, at.y + r), pt(at.x + r, at.y - r), 2, ink);
}

// Along the longer of its two directions, with teeth of four pixels.
void paint_zigzag(struct draw_list *l, struct pt a, struct pt b, struct ink ink)
{
    struct pt p[512];
    bool flat = fabsf(b.x - a.x) > fabsf(b.y - a.y);
    float length = flat ? b.x - a.x : b.y - a.y;
    int n = (int)(length / 4);
    if (n > (int)ARRAY_LEN(p) - 1) n = (int)ARRAY_LEN(p) - 1;
    if (n < 1) return;
    for (int i = 0; i <= n; i++) {
        float along = length * (float)i / (float)n, tooth = i % 2 == 0 ? 1.2f : -1.2f;
        p[i] = flat ? pt(a.x + along, a.y + tooth) : pt(a.x + tooth, a.y + along);
    }
    draw_path(l, &(struct path){.p = p, .n = n + 1, .width = 1}, ink);
}

void paint_clock(struct draw_list *l, struct pt at, float radius, struct ink ink)
{
    draw_ring(l, at, radius, 1.4f, ink);
    draw_line(l, at, pt(at.x, at.y - radius * 0.7f), 1.3f, ink);
    draw_line(l, at, pt(at.x + radius * 0.5f, at.y), 1.3f, ink);
}

enum palette_role frame_role(const struct history_frame *f)
{
    if (f->ended == END_LOST || frame_is_again(f)) return PALETTE_LOSS;
    if (f->kind == PACKET_ARP) return PALETTE_ETH;
    if (f->kind == PACKET_ICMP || f->kind == PACKET_IP) return PALETTE_IP;
    if (frame_is_control(f)) return PALETTE_TCP;
    return f->data > 0 ? PALETTE_APP : PALETTE_ACK;
}

void paint_wrapped(struct draw_list *l, struct pt at, struct text_style st, int lines,
                   const char *said)
{
    struct text_style free = fit(st, 0);
    float pitch = st.size > 10 ? st.size + 5 : 12;
    for (int line = 1; line <= lines && *said != 0; line++, at.y += pitch) {
        char piece[256];
        size_t len = strnlen(said, sizeof piece - 1);
        memcpy(piece, said, len);
        piece[len] = 0;
        char *end = piece + len;
        while (line < lines && draw_text_width(l, free, piece) > st.max) {
            char *blank = strrchr(piece, ' ');
            if (blank == NULL) break;
            *(end = blank) = 0;
        }
        draw_text(l, at, st, piece);
        said += end - piece;
        said += *said == ' ';
    }
}

void paint_tail(struct draw_list *l, struct pt at, struct text_style st, const char *s)
{
    char cut[96];
    struct text_style free = st;
    free.max = 0;
    const char *from = s;
    while (*from != 0 && st.max > 0) {
        snprintf(cut, sizeof cut, "%s%s", from == s ? "" : "…", from);
        if (draw_text_width(l, free, cut) <= st.max) break;
        do from++; while ((*from & 0xc0) == 0x80);
    }
    draw_text(l, at, free, st.max > 0 && from != s ? cut : s);
}
