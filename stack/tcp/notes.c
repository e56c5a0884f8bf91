// notes.c - see notes.h.
#include "tcp/notes.h"

#include <errno.h>

#include "tcp/tcp.h"

enum { ALL = NG_NOTE_SENT | NG_NOTE_ACKED | NG_NOTE_FREED };

struct mark { struct seq end; uint32_t byte, write; uint8_t wants; };

struct notes {
    uint8_t        wants;            // of each write
    uint8_t        mark_at, marks;   // of the ring: the oldest, and how many
    uint8_t        sent;             // of the marks, those that were sent
    uint8_t        note_at, notes;
    uint32_t       writes;           // that asked for FREED so far
    struct seq     zero;             // the byte that counts as number 0
    struct mark    mark[NOTES_MAX];
    struct ng_note note[NOTES_MAX];
};

static struct notes *notes_of(const struct tcp *t)
{
    return t->ledger == NULL ? NULL : t->ledger->notes;
}

static struct notes *notes_make(struct tcp *t)
{
    if (!ledger_exists(t)) return NULL;
    struct notes **n = &t->ledger->notes;
    if (*n == NULL) *n = block_new(&t->host->pool, sizeof **n);
    return *n;
}

void notes_free(struct tcp *t)
{
    struct notes *n = notes_of(t);
    if (n == NULL) return;
    block_free(&t->host->pool, n, sizeof *n);
    t->ledger->notes = NULL;
}

int notes_set(struct tcp *t, int wants)
{
    if (wants & ~ALL) return -EINVAL;
    struct notes *n = notes_make(t);
    if (n == NULL) return -ENOBUFS;
    n->wants = (uint8_t)wants;
    n->zero = tcp_data_end(t);
    return 0;
}

int notes_get(const struct tcp *t)
{
    const struct notes *n = notes_of(t);
    return n == NULL ? 0 : n->wants;
}

bool notes_ready(struct tcp *t)
{
    const struct notes *n = notes_make(t);
    return n != NULL && n->marks < NOTES_MAX;
}

void notes_wrote(struct tcp *t, int more)
{
    struct notes *n = more != 0 ? notes_make(t) : notes_of(t);
    int wants = n == NULL ? 0 : n->wants | more;
    if (wants == 0 || n->marks == NOTES_MAX) return;
    struct seq end = tcp_data_end(t);
    n->mark[(n->mark_at + n->marks++) % NOTES_MAX] = (struct mark){
        .end = end, .byte = (uint32_t)seq_diff(end, n->zero) - 1, .write = n->writes,
        .wants = (uint8_t)wants};
    if (wants & NG_NOTE_FREED) n->writes++;
}

static void put(struct tcp *t, struct notes *n, const struct mark *m, enum ng_note_kind kind)
{
    if (!(m->wants & kind)) return;
    uint32_t number = kind == NG_NOTE_FREED ? m->write : m->byte;
    struct ng_note *last = &n->note[(n->note_at + n->notes + NOTES_MAX - 1) % NOTES_MAX];
    bool joins = n->notes > 0 && kind == NG_NOTE_FREED && last->kind == kind
              && last->last + 1 == number;
    if (joins) {
        last->last = number;
        last->at = t->host->now;
    } else if (n->notes < NOTES_MAX) {
        n->note[(n->note_at + n->notes++) % NOTES_MAX] = (struct ng_note){
            .kind = kind, .at = t->host->now, .first = number, .last = number};
    }
    tcp_wake(t);
}

void notes_sent(struct tcp *t)
{
    struct notes *n = notes_of(t);
    if (n == NULL) return;
    for (; n->sent < n->marks; n->sent++) {
        const struct mark *m = &n->mark[(n->mark_at + n->sent) % NOTES_MAX];
        if (seq_lt(t->sent.nxt, m->end)) return;
        put(t, n, m, NG_NOTE_SENT);
    }
}

static void drop_mark(struct notes *n)
{
    n->mark_at = (uint8_t)((n->mark_at + 1) % NOTES_MAX);
    n->marks--;
    if (n->sent > 0) n->sent--;
}

void notes_acked(struct tcp *t)
{
    struct notes *n = notes_of(t);
    while (n != NULL && n->marks > 0 && seq_le(n->mark[n->mark_at].end, t->sent.una)) {
        put(t, n, &n->mark[n->mark_at], NG_NOTE_ACKED);
        put(t, n, &n->mark[n->mark_at], NG_NOTE_FREED);
        drop_mark(n);
    }
}

void notes_end(struct tcp *t)
{
    struct notes *n = notes_of(t);
    for (; n != NULL && n->marks > 0; drop_mark(n)) put(t, n, &n->mark[n->mark_at], NG_NOTE_FREED);
}

bool notes_wait(const struct tcp *t)
{
    const struct notes *n = notes_of(t);
    return n != NULL && n->notes > 0;
}

int notes_take(struct tcp *t, struct ng_note *note)
{
    struct notes *n = notes_of(t);
    if (n == NULL || n->notes == 0) return -EAGAIN;
    *note = n->note[n->note_at];
    n->note_at = (uint8_t)((n->note_at + 1) % NOTES_MAX);
    n->notes--;
    return 0;
}
