// capture_world.h - what the tests of captures share: scratch files, and streams of events to
// compare.
#ifndef CAPTURE_WORLD_H
#define CAPTURE_WORLD_H

#include <check.h>
#include <stdio.h>
#include <unistd.h>

#include "capture/record.h"
#include "capture/replay.h"

// In hot loops: each ck_assert() writes to a pipe.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

// A stream of events as bytes: equal streams are equal bytes.
struct stream { uint8_t *p; size_t len, cap; uint64_t count; };

static inline void stream_add(struct stream *s, const struct trace_event *ev)
{
    size_t bound = trace_encode_size(ev);
    if (s->len + bound > s->cap) {
        s->cap = (s->len + bound) * 2;
        s->p = realloc(s->p, s->cap);
        NEED(s->p != NULL);
    }
    s->len += trace_encode(ev, s->p + s->len, bound);
    s->count++;
}

// A directory of the test's own, removed with all that is in it.
static char scratch[64], scratch_file[128];

static inline void scratch_begin(void)
{
    snprintf(scratch, sizeof scratch, "/tmp/netglass-test.XXXXXX");
    NEED(mkdtemp(scratch) != NULL);
}

static inline const char *scratch_path(const char *name)
{
    snprintf(scratch_file, sizeof scratch_file, "%s/%s", scratch, name);
    return scratch_file;
}

static inline void scratch_end(void)
{
    static const char *const names[] = {"a.pcapng", "b.pcapng", "a.pcap", "a.pcapng.part"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) unlink(scratch_path(names[i]));
    NEED(rmdir(scratch) == 0);
}

static inline size_t slurp(const char *path, uint8_t *p, size_t cap)
{
    FILE *f = fopen(path, "rb");
    NEED(f != NULL);
    size_t n = fread(p, 1, cap, f);
    fclose(f);
    return n;
}

static inline struct record *record_to(const char *path)
{
    char error[200] = "";
    struct record *r = record_open(path, error, sizeof error);
    ck_assert_msg(r != NULL, "%s", error);
    return r;
}

static inline void record_end(struct record *r)
{
    char error[200] = "";
    ck_assert_msg(record_close(r, error, sizeof error) == 0, "%s", error);
}

static inline struct replay *replay_of(const uint8_t *p, size_t len)
{
    char error[300] = "";
    struct replay *r = replay_open_bytes(p, len, error, sizeof error);
    ck_assert_msg(r != NULL, "%s", error);
    return r;
}

#endif
