// sent.c - see sent.h.
#include "tcp/sent.h"

enum { CAP_MIN = 4 };

void sent_init(struct sent_board *s, struct seq una)
{
    *s = (struct sent_board){.free = SENT_NONE, .oldest = SENT_NONE, .newest = SENT_NONE,
                       .una = una, .nxt = una, .high_sacked = una};
}

// One block: the slots, behind them the order, behind it the flight. cap is even, so all align.
static size_t board_bytes(uint32_t cap)
{
    return cap * (sizeof(struct sent_rec) + sizeof(uint32_t)) + sizeof(struct flight);
}

static void give_back(struct sent_board *s, struct pool *p)
{
    if (s->rec != NULL) block_free(p, s->rec, board_bytes(s->cap));
    s->rec = NULL;
    s->cap = 0;
}

void sent_free(struct sent_board *s, struct pool *p)
{
    give_back(s, p);
    sent_init(s, s->nxt);
}

void sent_rest(struct sent_board *s, struct pool *p)
{
    if (s->count > 0) return;
    give_back(s, p);
    s->first = 0;
    s->free = SENT_NONE;
}

static void chain_free(struct sent_board *s, uint32_t slot)
{
    s->rec[slot].newer = s->free;
    s->free = slot;
}

bool sent_reserve(struct sent_board *s, struct pool *p, uint32_t n)
{
    if (s->count + n <= s->cap) return true;
    uint32_t cap = s->cap > 0 ? s->cap : CAP_MIN;
    while (cap < s->count + n) cap *= 2;
    if (cap > SENT_RECORDS_MAX) return false;

    struct sent_rec *rec = block_new(p, board_bytes(cap));
    if (rec == NULL) return false;
    uint32_t *order = (uint32_t *)(void *)(rec + cap);
    if (s->cap > 0) memcpy(rec, s->rec, s->cap * sizeof *rec);
    if (s->count > 0) memcpy(order, sent_order(s) + s->first, s->count * sizeof *order);
    struct flight flight = s->rec != NULL ? *sent_flight(s) : (struct flight){0};
    uint32_t old = s->cap;
    give_back(s, p);
    s->rec = rec;
    s->first = 0;
    s->cap = cap;
    *sent_flight(s) = flight;
    for (uint32_t i = cap; i-- > old;) chain_free(s, i);
    return true;
}

// --- by time -----------------------------------------------------------------------------------

static void time_remove(struct sent_board *s, uint32_t slot)
{
    struct sent_rec *r = &s->rec[slot];
    if (!r->timed) return;
    if (r->older != SENT_NONE) s->rec[r->older].newer = r->newer;
    else s->oldest = r->newer;
    if (r->newer != SENT_NONE) s->rec[r->newer].older = r->older;
    else s->newest = r->older;
    r->timed = false;
}

static void time_insert_after(struct sent_board *s, uint32_t at, uint32_t slot)
{
    struct sent_rec *r = &s->rec[slot];
    r->older = at;
    r->newer = at != SENT_NONE ? s->rec[at].newer : s->oldest;
    if (r->older != SENT_NONE) s->rec[r->older].newer = slot;
    else s->oldest = slot;
    if (r->newer != SENT_NONE) s->rec[r->newer].older = slot;
    else s->newest = slot;
    r->timed = true;
}

// --- by sequence -------------------------------------------------------------------------------

// A reserved slot, placed at i of the order.
static uint32_t insert(struct sent_board *s, uint32_t i)
{
    uint32_t slot = s->free;
    CHECK(slot != SENT_NONE);
    s->free = s->rec[slot].newer;
    if (s->first + s->count == s->cap) {
        memmove(sent_order(s), sent_order(s) + s->first, s->count * sizeof(uint32_t));
        s->first = 0;
    }
    uint32_t *at = sent_order(s) + s->first + i;
    memmove(at + 1, at, (s->count - i) * sizeof *at);
    *at = slot;
    s->count++;
    s->rec[slot] = (struct sent_rec){.older = SENT_NONE, .newer = SENT_NONE};
    return slot;
}

static void erase(struct sent_board *s, uint32_t i)
{
    uint32_t slot = sent_order(s)[s->first + i];
    time_remove(s, slot);
    chain_free(s, slot);
    if (i == 0) {
        s->first++;
    } else {
        uint32_t *at = sent_order(s) + s->first + i;
        memmove(at, at + 1, (s->count - i - 1) * sizeof *at);
    }
    s->count--;
}

uint32_t sent_find(const struct sent_board *s, struct seq seq)
{
    uint32_t low = 0, high = s->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct sent_rec *r = sent_at(s, mid);
        if (seq_le(seq_add(r->seq, r->len), seq)) low = mid + 1;
        else high = mid;
    }
    return low;
}

void sent_add(struct sent_board *s, uint32_t len, nsec now, const struct rate_mark *mark)
{
    CHECK(len > 0);
    uint32_t slot = insert(s, s->count);
    struct sent_rec *r = &s->rec[slot];
    r->seq = s->nxt;
    r->len = len;
    r->at = now;
    r->mark = *mark;
    time_insert_after(s, s->newest, slot);
    s->nxt = seq_add(s->nxt, len);
    s->total += len;
}

void sent_split(struct sent_board *s, uint32_t i, uint32_t len)
{
    CHECK(len > 0 && len < sent_at(s, i)->len);
    uint32_t tail = insert(s, i + 1), head = sent_order(s)[s->first + i];
    struct sent_rec *a = &s->rec[head], *b = &s->rec[tail];
    *b = *a;
    b->seq = seq_add(a->seq, len);
    b->len = a->len - len;
    a->len = len;
    a->flags &= (uint8_t)~REC_PUSH;
    b->timed = false;
    if (a->timed) time_insert_after(s, head, tail);
}

// Counts a record's bytes in (sign 1) or out (sign -1) by its flags.
static void count_flags(struct sent_board *s, const struct sent_rec *r, int sign)
{
    uint32_t n = sign > 0 ? r->len : (uint32_t)-(int32_t)r->len;
    if (r->flags & REC_SACKED) s->sacked += n;
    if (r->flags & REC_LOST) s->lost += n;
    if (r->flags & REC_AGAIN) s->again += n;
}

static void set_flags(struct sent_board *s, struct sent_rec *r, uint8_t flags)
{
    count_flags(s, r, -1);
    r->flags = flags;
    count_flags(s, r, 1);
}

// --- what an ACK tells -------------------------------------------------------------------------

// The record reached the peer just now (it was not SACKed before).
static void note_delivery(const struct sent_rec *r, struct sent_news *news, bool acked)
{
    bool again = (r->flags & REC_AGAIN) != 0;
    struct seq end = seq_add(r->seq, r->len);
    bool newer = news->newest_at < r->at
              || (news->newest_at == r->at && seq_lt(news->newest_end, end));
    if (!news->any || newer) {
        news->newest_at = r->at;
        news->newest_end = end;
        news->newest_again = again;
        news->mark = r->mark;
    }
    bool top = !news->any || (acked == news->top_acked && seq_lt(news->top_end, end));
    if (top) {
        news->top_end = end;
        news->top_at = r->at;
        news->top_acked = acked;
    }
    news->any = true;
    if (again) {
        news->again = true;
    } else {
        if (!news->has_once || r->at < news->once_at) news->once_at = r->at;
        if (!news->has_once || seq_lt(end, news->once_end)) news->once_end = end;
        news->has_once = true;
    }
    if (again || !seq_lt(end, news->high)) return;
    if (!news->reordered || seq_lt(r->seq, news->low)) news->low = r->seq;
    news->reordered = true;
}

// Part of a record is acknowledged: it keeps its fate, and its beginning moves.
static void trim_front(struct sent_board *s, uint32_t n, struct sent_news *news)
{
    struct sent_rec *r = sent_at(s, 0);
    struct sent_rec part = *r;
    part.len = n;
    if (!(r->flags & REC_SACKED)) {
        note_delivery(&part, news, true);
        news->acked += n;
    }
    count_flags(s, &part, -1);
    r->seq = seq_add(r->seq, n);
    r->len -= n;
}

void sent_ack(struct sent_board *s, struct seq ack, struct sent_news *news)
{
    CHECK(seq_le(s->una, ack) && seq_le(ack, s->nxt));
    while (s->count > 0 && seq_lt(s->una, ack)) {
        struct sent_rec *r = sent_at(s, 0);
        struct seq end = seq_add(r->seq, r->len);
        uint32_t n = seq_le(end, ack) ? r->len : (uint32_t)seq_diff(ack, r->seq);
        s->una = seq_add(s->una, n);
        s->total -= n;
        if (n < r->len) {
            trim_front(s, n, news);
            break;
        }
        if (!(r->flags & REC_SACKED)) {
            note_delivery(r, news, true);
            news->acked += n;
        }
        count_flags(s, r, -1);
        erase(s, 0);
    }
    if (seq_lt(s->high_sacked, s->una)) s->high_sacked = s->una;
    if (s->count == 0) s->first = 0;
}

// SACKed neighbours become one record; their times mean nothing any more.
static void melt(struct sent_board *s, uint32_t i)
{
    while (i + 1 < s->count && (sent_at(s, i + 1)->flags & REC_SACKED)) {
        sent_at(s, i)->len += sent_at(s, i + 1)->len;
        sent_at(s, i)->flags |= sent_at(s, i + 1)->flags;
        erase(s, i + 1);
    }
}

static void mark_sacked(struct sent_board *s, uint32_t i, struct sent_news *news)
{
    struct sent_rec *r = sent_at(s, i);
    note_delivery(r, news, false);
    news->sacked += r->len;
    // AGAIN was for Karn, and the record has given its sample: melting needs equal flags.
    set_flags(s, r, REC_SACKED);
    time_remove(s, sent_order(s)[s->first + i]);
}

void sent_sack(struct sent_board *s, struct seq from, struct seq to, struct sent_news *news)
{
    if (seq_lt(from, s->una)) from = s->una;
    if (seq_lt(s->nxt, to)) to = s->nxt;
    if (!seq_lt(from, to)) return;

    uint32_t i = sent_find(s, from);
    struct sent_rec *r = sent_at(s, i);
    if (seq_lt(r->seq, from)) {
        if (!(r->flags & REC_SACKED)) sent_split(s, i, (uint32_t)seq_diff(from, r->seq));
        if (!(sent_at(s, i)->flags & REC_SACKED)) i++;
    }
    uint32_t begin = i;
    for (; i < s->count && seq_lt(sent_at(s, i)->seq, to); i++) {
        r = sent_at(s, i);
        if (r->flags & REC_SACKED) continue;
        if (seq_lt(to, seq_add(r->seq, r->len))) sent_split(s, i, (uint32_t)seq_diff(to, r->seq));
        mark_sacked(s, i, news);
    }
    if (seq_lt(s->high_sacked, to)) s->high_sacked = to;
    if (begin > 0 && (sent_at(s, begin - 1)->flags & REC_SACKED)) begin--;
    melt(s, begin);
}

// --- what is decided about it ------------------------------------------------------------------

void sent_mark_lost(struct sent_board *s, uint32_t i)
{
    struct sent_rec *r = sent_at(s, i);
    if (r->flags & (REC_SACKED | REC_LOST)) return;
    set_flags(s, r, (uint8_t)(r->flags | REC_LOST));
    time_remove(s, sent_order(s)[s->first + i]);
}

void sent_mark_again(struct sent_board *s, uint32_t i, nsec now, const struct rate_mark *mark)
{
    struct sent_rec *r = sent_at(s, i);
    CHECK(!(r->flags & REC_SACKED));
    uint8_t repair = r->flags & REC_LOST ? REC_REPAIR : 0;
    set_flags(s, r, (uint8_t)((r->flags & ~REC_LOST) | REC_AGAIN | repair));
    r->at = now;
    r->mark = *mark;
    if (r->tries < UINT8_MAX) r->tries++;
    uint32_t slot = sent_order(s)[s->first + i];
    time_remove(s, slot);
    time_insert_after(s, s->newest, slot);
}

uint32_t sent_next_lost(const struct sent_board *s)
{
    if (s->lost == 0) return s->count;
    uint32_t i = 0;
    while (!(sent_at(s, i)->flags & REC_LOST)) i++;
    return i;
}

// Back into the list by time: before the first that was sent later.
static void time_restore(struct sent_board *s, uint32_t i)
{
    uint32_t slot = sent_order(s)[s->first + i], at = s->newest;
    if (s->rec[slot].timed) return;
    while (at != SENT_NONE && s->rec[at].at > s->rec[slot].at) at = s->rec[at].older;
    time_insert_after(s, at, slot);
}

void sent_forgive(struct sent_board *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct sent_rec *r = sent_at(s, i);
        r->flags &= (uint8_t)~REC_REPAIR;
        if (!(r->flags & REC_LOST)) continue;
        set_flags(s, r, (uint8_t)(r->flags & ~(REC_LOST | REC_TIMEOUT)));
        time_restore(s, i);
    }
}

void sent_forget_sacks(struct sent_board *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct sent_rec *r = sent_at(s, i);
        if (!(r->flags & REC_SACKED)) continue;
        set_flags(s, r, (uint8_t)(r->flags & ~REC_SACKED));
        time_restore(s, i);
    }
    s->high_sacked = s->una;
}
