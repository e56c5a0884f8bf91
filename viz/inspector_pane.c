// The bytes of one frame, coloured by layer, and what they say. A byte under the mouse lights its
// field, and a field its bytes: both carry the offset.
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/wording.h"

enum { COLUMNS_MAX = 16, HEAD_H = 30, ROW_PITCH = 22, BYTES_MAX = 2048 };
static const float BYTE_W = 17, OFFSET_W = 40;

struct look {
    const struct history_frame *f;
    struct dissect     d;
    struct trace_bytes bytes;
    struct header_field field[FIELDS_MAX];
    size_t             fields;
    size_t             columns;    // bytes in a row
    int                lit;        // field under the mouse or chosen; -1
    int                chosen;     // -1
};

static int field_at(const struct look *k, uint64_t at)
{
    for (size_t i = 0; i < k->fields; i++)
        if (at >= k->field[i].at && at < (uint64_t)k->field[i].at + k->field[i].len) return (int)i;
    return -1;
}

static bool is_lit(const struct look *k, size_t at)
{
    return k->lit >= 0 && at >= k->field[k->lit].at &&
           at < (size_t)k->field[k->lit].at + k->field[k->lit].len;
}

// A run of bytes of one colour in one row has one background.
static void draw_row(struct draw_list *l, const struct look *k, size_t from, struct pt at)
{
    size_t end = from + k->columns < k->bytes.len ? from + k->columns : k->bytes.len;
    for (size_t i = from; i < end;) {
        enum layer layer = dissect_layer(&k->d, i);
        bool lit = is_lit(k, i);
        size_t to = i;
        while (to < end && dissect_layer(&k->d, to) == layer && is_lit(k, to) == lit) to++;
        float x = at.x + (float)(i - from) * BYTE_W;
        draw_fill(l, rect(x, at.y - 8, (float)(to - i) * BYTE_W, 16), 2,
                  lit ? ink(layer_role(layer)) : ink_a(layer_role(layer), 38));
        i = to;
    }
    for (size_t i = from; i < end; i++) {
        char hex[3];
        struct text t = text_of(hex, sizeof hex);
        text_put_hex(&t, k->bytes.p[i], 2);
        enum palette_role role = is_lit(k, i) ? PALETTE_ON : layer_role(dissect_layer(&k->d, i));
        float x = at.x + (float)(i - from) * BYTE_W;
        draw_text(l, pt(x + BYTE_W / 2, at.y), centred(style(FONT_MONO, 11, role)), hex);
        draw_hit(l, rect(x, at.y - ROW_PITCH / 2.0f, BYTE_W, ROW_PITCH), OBJECT_BYTE, i);
    }
}

static float draw_bytes(struct draw_list *l, const struct look *k, struct rect r, size_t first)
{
    size_t rows = (size_t)fmaxf((r.h - HEAD_H - 4) / ROW_PITCH, 0);
    float x = r.x + 10 + OFFSET_W;
    for (size_t i = 0; i < rows; i++) {
        size_t from = first + i * k->columns;
        if (from >= k->bytes.len) break;
        float y = r.y + HEAD_H + 10 + (float)i * ROW_PITCH;
        char off[8];
        struct text t = text_of(off, sizeof off);
        text_put_hex(&t, from, 4);
        draw_text(l, pt(r.x + 10, y), style(FONT_MONO, 11, PALETTE_LOW), off);
        draw_row(l, k, from, pt(x, y));
    }
    return x + (float)k->columns * BYTE_W;
}

// What a person asks for first: the transport's fields, else the highest layer's there are.
static size_t first_field(const struct look *k, int asked)
{
    if (asked >= 0 && k->field[asked].layer < LAYER_TRANSPORT) {
        size_t i = 0;
        while (k->field[i].layer != k->field[asked].layer) i++;
        return i;
    }
    for (size_t i = 0; i < k->fields; i++)
        if (k->field[i].layer == LAYER_TRANSPORT) return i;
    for (size_t i = 0; i < k->fields; i++)
        if (k->field[i].layer == LAYER_IP) return i;
    return 0;
}

static void put_field(struct text *t, const struct look *k, const struct header_field *f)
{
    bool tcp = k->d.kind == PACKET_TCP && f->layer == LAYER_TRANSPORT;
    if (tcp && f->at == k->d.l4 + 4) {
        text_put_u64(t, k->f->seq);
        text_put_str(t, " rel");
    } else if (tcp && f->at == k->d.l4 + 8) {
        text_put_u64(t, k->f->ack);
        text_put_str(t, (k->f->flags & TCP_ACK) != 0 ? " rel" : " (unused)");
    } else {
        text_put_str(t, f->value);
    }
}

// "300 B  ....x" is too long, and dots for what cannot be printed say nothing: "300 B".
static void drop_dots(const struct draw_list *l, struct text_style st, char *said)
{
    char *gap = strstr(said, "  ");
    float most = st.max;
    st.max = 0;
    if (gap != NULL && gap[2] == '.' && draw_text_width(l, st, said) > most) *gap = 0;
}

// Where a field's value goes: beside its name as in a table; close to the name, at the right; or
// below it, for an address is only an address when it is whole.
enum { NAME_W = 77, LINES_MAX = 3 };
static const float FIELD_PITCH = 18.4f, LINE_PITCH = 13;

struct entry {
    char   value[64];
    size_t end[LINES_MAX];  // of each line that stands below the name
    size_t below;           // lines
    bool   close;
};

static float part_width(const struct draw_list *l, enum font_role face, float size,
                        const char *s, size_t n)
{
    char part[64];
    struct text t = text_of(part, sizeof part);
    text_put_bytes(&t, s, n);
    return draw_text_width(l, style(face, size, PALETTE_HI), part);
}

// Breaks after a colon, a comma or a blank where there is one, else where the line is full.
static void break_lines(const struct draw_list *l, struct entry *e, float w)
{
    size_t n = strlen(e->value);
    for (size_t from = 0; from < n && e->below < LINES_MAX; from = e->end[e->below++]) {
        size_t full = from, at = from;
        while (full < n && part_width(l, FONT_MONO, 10, e->value + from, full + 1 - from) <= w) {
            full++;
            if (strchr(":, ", e->value[full - 1]) != NULL) at = full;
        }
        e->end[e->below] = full == n ? n : at > from ? at : full > from ? full : n;
    }
}

static struct entry entry_of(const struct draw_list *l, const struct look *k, size_t i, float w)
{
    struct entry e = {0};
    const struct header_field *f = &k->field[i];
    struct text t = text_of(e.value, sizeof e.value);
    put_field(&t, k, f);
    struct text_style beside = fit(style(FONT_MONO, 11, PALETTE_HI), w - NAME_W);
    if (f->layer == LAYER_DATA) drop_dots(l, beside, e.value);
    float value = part_width(l, FONT_MONO, 11, e.value, strlen(e.value));
    float name = part_width(l, FONT_UI, 11, f->name, strlen(f->name));
    if (value <= w - NAME_W && 8 + name <= NAME_W - 4) return e;
    e.close = 8 + name + 6 + value <= w;
    if (!e.close) break_lines(l, &e, w - 16);
    return e;
}

static float height_of(const struct entry *e)
{
    return FIELD_PITCH + (float)e->below * LINE_PITCH;
}

static void draw_field(struct draw_list *l, const struct look *k, size_t i, struct rect row,
                       const struct entry *e)
{
    const struct header_field *f = &k->field[i];
    float y = row.y + (FIELD_PITCH - 2) / 2;
    enum palette_role role = layer_role(f->layer);
    if ((int)i == k->lit) draw_fill(l, row, 3, ink_a(role, 70));
    draw_fill(l, rect(row.x, row.y + 3, 2.5f, row.h - 6), 1, ink(role));
    struct text_style value = style(FONT_MONO, 11, PALETTE_HI);
    float name = e->below > 0 || e->close ? row.w - 8 : NAME_W - 8;
    draw_text(l, pt(row.x + 8, y), fit(style(FONT_UI, 11, PALETTE_MID), name), f->name);
    if (e->close) draw_text(l, pt(right_of(row), y), on_right(value), e->value);
    else if (e->below == 0)
        draw_text(l, pt(row.x + NAME_W, y), fit(value, row.w - NAME_W), e->value);
    for (size_t n = 0, from = 0; n < e->below; from = e->end[n++]) {
        char part[64];
        struct text t = text_of(part, sizeof part);
        text_put_bytes(&t, e->value + from, e->end[n] - from);
        value.size = 10;
        draw_text(l, pt(row.x + 16, y + (float)(n + 1) * LINE_PITCH), fit(value, row.w - 16), part);
    }
    draw_hit(l, row, OBJECT_BYTE, f->at);
}

// From first on, does what is asked for have room?
static bool is_within(const struct entry *e, size_t first, int asked, float room)
{
    if (asked < 0) return true;
    float y = 2;
    for (size_t i = first; i <= (size_t)asked; i++) y -= height_of(&e[i]);
    return first <= (size_t)asked && room + y >= 0;
}

static size_t scrolled_to(const struct look *k, const struct entry *e, int asked, float room)
{
    size_t first = first_field(k, asked);
    while (asked >= 0 && first < (size_t)asked && !is_within(e, first, asked, room)) first++;
    return first;
}

// What was chosen stays where it is while the mouse goes over its neighbours.
static void draw_fields(struct draw_list *l, const struct look *k, struct rect r)
{
    struct entry e[FIELDS_MAX] = {0};
    for (size_t i = 0; i < k->fields; i++) e[i] = entry_of(l, k, i, r.w);
    size_t first = scrolled_to(k, e, k->chosen, r.h);
    if (!is_within(e, first, k->lit, r.h)) first = scrolled_to(k, e, k->lit, r.h);
    float y = 0;
    for (size_t i = first; i < k->fields && y + height_of(&e[i]) - 2 <= r.h; i++) {
        draw_field(l, k, i, rect(r.x, r.y + y, r.w, height_of(&e[i]) - 2), &e[i]);
        y += height_of(&e[i]);
    }
}

static void draw_head(struct draw_list *l, const struct scene *s, const struct look *k,
                      struct rect r)
{
    char buf[64];
    struct text t = text_of(buf, sizeof buf);
    text_put_str(&t, "FRAME #");
    text_put_u64(&t, (uint64_t)s->frame + 1);
    struct text_style st = style(FONT_SEMI, 11, PALETTE_MID);
    paint_title(l, r, buf);
    float x = r.x + 10 + draw_text_width(l, st, buf) + 12;
    const char *fate = frame_is_again(k->f) ? "RETRANSMIT"
                       : k->f->ended == END_LOST ? "LOST" : NULL;
    if (fate != NULL) {
        struct pill pill = {fate, PILL_TINT, PALETTE_LOSS, false};
        x = right_of(paint_pill(l, pt(x, r.y + 15), pill)) + 8;
    }
    char about[96];
    t = text_of(about, sizeof about);
    text_put_u64(&t, k->f->len);
    text_put_str(&t, " B on the wire");
    if (k->bytes.len < k->f->len) {
        text_put_str(&t, ", ");
        text_put_u64(&t, k->bytes.len);
        text_put_str(&t, " B kept");
    }
    size_t hint = t.len;
    text_put_str(&t, " · click a byte to find its field");
    struct text_style st_about = style(FONT_UI, 10, PALETTE_LOW);
    if (draw_text_width(l, st_about, about) > right_of(r) - 10 - x) about[hint] = 0;
    draw_text(l, pt(right_of(r) - 10, r.y + 15),
              on_right(fit(st_about, right_of(r) - 10 - x)), about);
}

void inspector_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    paint_panel(l, s, r, PANE_INSPECTOR);
    if (s->frame == NONE || !s->h->frame[s->frame].seen) {
        paint_title(l, r, "FRAME");
        draw_text(l, pt(r.x + 10, r.y + 44), style(FONT_UI, 11, PALETTE_LOW),
                  "No frame yet. Its bytes will be here.");
        return;
    }
    struct look *k = calloc(1, sizeof *k);
    if (k == NULL) return;
    k->f = &s->h->frame[s->frame];
    k->bytes = frame_bytes_of(s->rec, k->f);
    dissect(&k->d, k->bytes.p, k->bytes.len);
    k->columns = r.w < 440 ? COLUMNS_MAX / 2 : COLUMNS_MAX;  // room is for bytes and fields
    k->fields = dissect_fields(&k->d, k->bytes.p, k->field);
    k->chosen = s->selected.kind == OBJECT_BYTE ? field_at(k, s->selected.id) : -1;
    k->lit = s->hover.kind == OBJECT_BYTE ? field_at(k, s->hover.id) : k->chosen;
    draw_head(l, s, k, r);
    draw_clip(l, r);
    float x = draw_bytes(l, k, r, 0) + 10;
    if (right_of(r) - x > 90)
        draw_fields(l, k, rect(x, r.y + HEAD_H - 1, right_of(r) - x - 8, r.h - HEAD_H - 4));
    draw_unclip(l);
    free(k);
}
