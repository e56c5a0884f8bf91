// caused.c - part of each unit test: adds to the file $CAUSED what was told while it ran, a line
// each: "event tcp_state", "drop ip-no-route". tests/run then asks whether anything is missing.
//
// The linker leads each call of trace_emit here (--wrap), so a reason is in the file if, and only
// if, a frame died of it. Tests that make up events get no file from tests/run.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "core/trace.h"

void __real_trace_emit(struct trace_sink *sink, struct trace_event *ev);
void __wrap_trace_emit(struct trace_sink *sink, struct trace_event *ev);

static bool told[TRACE_TYPES], dropped[DROPS];

void __wrap_trace_emit(struct trace_sink *sink, struct trace_event *ev)
{
    told[ev->type] = true;
    if (ev->type == TRACE_FRAME_DROP) dropped[ev->frame_drop.why] = true;
    if (ev->type == TRACE_LINK_DROP) dropped[ev->link_drop.why] = true;
    __real_trace_emit(sink, ev);
}

static void put_line(struct text *t, const char *kind, const char *word)
{
    text_put_str(t, kind);
    text_put_str(t, word);
    text_put_char(t, '\n');
}

__attribute__((destructor)) static void leave(void)
{
    static char room[16384];
    struct text t = text_of(room, sizeof room);
    const char *path = getenv("CAUSED");
    int fd = path != NULL ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
    if (fd < 0) return;
    for (unsigned i = 0; i < TRACE_TYPES; i++)
        if (told[i]) put_line(&t, "event ", trace_type_name((enum trace_type)i));
    for (unsigned i = 1; i < DROPS; i++)
        if (dropped[i]) put_line(&t, "drop ", drop_name((enum drop)i));
    if (write(fd, room, t.len) < 0) abort();
    close(fd);
}
