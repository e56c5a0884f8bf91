// replay.c - see replay.h. In a file of ours, packets come before the block whose events refer to
// them; they wait in an arena. A foreign file's packets go through foreign.c.
#include "capture/replay.h"

#include <stdio.h>

#include "capture/capfile.h"
#include "capture/foreign.h"
#include "capture/offload.h"
#include "capture/pcapng.h"

enum { ARENA_MAX = 64 << 20, WAITING_MAX = 1 << 20 };

struct waiting { nsec at; size_t off; uint32_t caplen; };

struct replay {
    struct capfile   file;
    struct foreign  *foreign;              // NULL: the file is ours
    bool             begun;                // foreign: the first block was read when opening
    enum capfile_next first;
    uint8_t         *arena;
    struct waiting  *waiting;
    size_t           arena_len, arena_cap, waiting_count, waiting_cap, waiting_next;
    const uint8_t   *events;
    size_t           events_len;
    char             error[256];
};

// --- opening -----------------------------------------------------------------------------------

static bool check_hello(struct replay *r)
{
    const uint8_t *p = r->file.body;
    if (r->file.body_len >= 8 &&
        ((uint64_t)le_get32(p + 4) << 32 | le_get32(p)) == trace_schema()) return true;
    snprintf(r->error, sizeof r->error, "%s: recorded by another version of netglass, whose events "
             "mean something else; its packets can be read by tshark or Wireshark", r->file.name);
    return false;
}

// Ours opens with a hello, right behind the section header. Then *ours, else the file is foreign.
static bool begin(struct replay *r)
{
    r->first = capfile_next(&r->file);
    if (r->first == CAPFILE_LOCAL && r->file.kind == PCAPNG_HELLO) return check_hello(r);
    r->foreign = foreign_new(r->file.name);
    if (r->foreign == NULL) snprintf(r->error, sizeof r->error, "out of memory");
    return r->foreign != NULL;
}

static struct replay *open_any(const char *path, const uint8_t *p, size_t len, char *error,
                               size_t cap)
{
    struct replay *r = calloc(1, sizeof *r);
    if (r == NULL) {
        snprintf(error, cap, "out of memory");
        return NULL;
    }
    bool ok = path != NULL ? capfile_open(&r->file, path, error, cap)
                           : capfile_of_bytes(&r->file, p, len, error, cap);
    if (ok && begin(r)) return r;
    if (ok) snprintf(error, cap, "%s", r->error);
    replay_close(r);
    return NULL;
}

struct replay *replay_open(const char *path, char *error, size_t cap)
{
    return open_any(path, NULL, 0, error, cap);
}

struct replay *replay_open_bytes(const uint8_t *p, size_t len, char *error, size_t cap)
{
    return open_any(NULL, p, len, error, cap);
}

void replay_close(struct replay *r)
{
    capfile_close(&r->file);
    foreign_free(r->foreign);
    free(r->arena);
    free(r->waiting);
    free(r);
}

bool replay_is_ours(const struct replay *r) { return r->foreign == NULL; }
const char *replay_error(const struct replay *r) { return r->error; }
uint64_t replay_tell(const struct replay *r) { return r->file.in.at; }
uint64_t replay_size(const struct replay *r) { return r->file.in.size; }

// --- our own -----------------------------------------------------------------------------------

static enum replay_next broken(struct replay *r, const char *what)
{
    if (r->file.partial) capfile_cut(&r->file);
    else capfile_broken(&r->file, what);
    snprintf(r->error, sizeof r->error, "%s", r->file.error);
    return REPLAY_BROKEN;
}

static bool grow(void **p, size_t *cap, size_t want, size_t size)
{
    if (want <= *cap) return true;
    size_t more = *cap * 2 > want ? *cap * 2 : want + 64;
    void *grown = realloc(*p, more * size);
    if (grown == NULL) return false;
    *p = grown;
    *cap = more;
    return true;
}

static enum replay_next keep_packet(struct replay *r)
{
    const struct cap_packet *p = &r->file.packet;
    if (r->arena_len + p->caplen > ARENA_MAX || r->waiting_count == WAITING_MAX)
        return broken(r, "too many packets without events");
    void *arena = r->arena, *waiting = r->waiting;
    bool ok = grow(&arena, &r->arena_cap, r->arena_len + p->caplen + 1, 1);
    r->arena = arena;
    ok = ok && grow(&waiting, &r->waiting_cap, r->waiting_count + 1, sizeof *r->waiting);
    r->waiting = waiting;
    if (!ok) return broken(r, "out of memory");
    if (p->caplen > 0) memcpy(r->arena + r->arena_len, p->p, p->caplen);
    r->waiting[r->waiting_count++] = (struct waiting){p->at, r->arena_len, p->caplen};
    r->arena_len += p->caplen;
    return REPLAY_EVENT;
}

// The event's packet is the next that waits; its checksum becomes again what the event saw.
static bool join_packet(struct replay *r, struct trace_event *ev)
{
    if (r->waiting_next == r->waiting_count || r->events_len < PCAPNG_PATCH_LEN) return false;
    const struct waiting *w = &r->waiting[r->waiting_next++];
    struct offload_patch patch = {le_get16(r->events), {r->events[2], r->events[3]}};
    r->events += PCAPNG_PATCH_LEN;
    r->events_len -= PCAPNG_PATCH_LEN;
    if (w->at != ev->at || !offload_undo(r->arena + w->off, w->caplen, patch)) return false;
    struct trace_bytes data = {r->arena + w->off, w->caplen};
    if (ev->type == TRACE_FRAME_TX) ev->frame_tx.data = data;
    else ev->frame_rx.data = data;
    return true;
}

static enum replay_next next_in_block(struct replay *r, struct trace_event *ev)
{
    size_t used = trace_decode(ev, r->events, r->events_len);
    if (used == 0) return broken(r, "an event before this place makes no sense");
    r->events += used;
    r->events_len -= used;
    bool is_frame = ev->type == TRACE_FRAME_TX || ev->type == TRACE_FRAME_RX;
    if (is_frame && !join_packet(r, ev))
        return broken(r, "the packets and the events before this place do not belong together");
    return REPLAY_EVENT;
}

static enum replay_next open_block(struct replay *r)
{
    if (r->file.kind == PCAPNG_HELLO) return check_hello(r) ? REPLAY_EVENT : REPLAY_BROKEN;
    if (r->file.kind != PCAPNG_EVENTS) return REPLAY_EVENT;
    size_t have = r->file.body_len < 4 ? 0 : r->file.body_len - 4;
    size_t told = r->file.body_len < 4 ? 1 : le_get32(r->file.body);
    if (told > have && !r->file.partial)
        return broken(r, "a block of events before this place lies about its length");
    r->events = r->file.body + 4;
    r->events_len = told < have ? told : have;
    r->waiting_next = 0;
    return REPLAY_EVENT;
}

static enum replay_next next_of_ours(struct replay *r, struct trace_event *ev)
{
    while (r->events_len == 0) {
        if (r->events != NULL && r->waiting_next != r->waiting_count)
            return broken(r, "there are more packets than events before this place");
        if (r->events != NULL) r->arena_len = r->waiting_count = r->waiting_next = 0;
        r->events = NULL;
        enum replay_next got = REPLAY_EVENT;
        switch (capfile_next(&r->file)) {
        case CAPFILE_PACKET: got = keep_packet(r); break;
        case CAPFILE_LOCAL:  got = open_block(r); break;
        case CAPFILE_BROKEN:
            snprintf(r->error, sizeof r->error, "%s", r->file.error);
            return REPLAY_BROKEN;
        case CAPFILE_END:
            return r->waiting_count == 0 ? REPLAY_END
                                         : broken(r, "the events of the last packets are missing");
        }
        if (got != REPLAY_EVENT) return got;
    }
    return next_in_block(r, ev);
}

// --- foreign -----------------------------------------------------------------------------------

static enum replay_next next_of_foreign(struct replay *r, struct trace_event *ev)
{
    while (!foreign_next(r->foreign, ev)) {
        enum capfile_next got = r->begun ? capfile_next(&r->file) : r->first;
        r->begun = true;
        if (got == CAPFILE_END) return REPLAY_END;
        if (got == CAPFILE_BROKEN) {
            snprintf(r->error, sizeof r->error, "%s", r->file.error);
            return REPLAY_BROKEN;
        }
        if (got == CAPFILE_LOCAL) continue;
        if (!foreign_take(r->foreign, &r->file.packet, r->error, sizeof r->error))
            return REPLAY_BROKEN;
    }
    return REPLAY_EVENT;
}

enum replay_next replay_next(struct replay *r, struct trace_event *ev)
{
    if (r->error[0] != '\0') return REPLAY_BROKEN;
    return r->foreign == NULL ? next_of_ours(r, ev) : next_of_foreign(r, ev);
}
