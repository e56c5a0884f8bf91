// cli_out.c - where a run's events go: a capture, a ladder, lines of text, pictures.
#include <errno.h>
#include <unistd.h>

#include "scenarios/cli/cli.h"

enum { EVENT_TEXT = 2048 };

// --- sinks -----------------------------------------------------------------------------------

// To each as much of a frame as it wants to see.
static void pass_on(struct trace_sink *to, const struct trace_event *ev)
{
    uint32_t len = ev->type == TRACE_FRAME_TX   ? ev->frame_tx.data.len
                   : ev->type == TRACE_FRAME_RX ? ev->frame_rx.data.len
                                                : 0;
    if (len <= to->snap) {
        to->emit(to, ev);
        return;
    }
    struct trace_event cut = *ev;
    if (ev->type == TRACE_FRAME_TX) cut.frame_tx.data.len = to->snap;
    else cut.frame_rx.data.len = to->snap;
    to->emit(to, &cut);
}

static void tee_emit(struct trace_sink *sink, const struct trace_event *ev)
{
    struct tee *t = (struct tee *)(void *)((char *)sink - offsetof(struct tee, sink));
    for (size_t i = 0; i < t->count; i++) pass_on(t->to[i], ev);
}

void tee_init(struct tee *t) { *t = (struct tee){.sink.emit = tee_emit}; }

void tee_add(struct tee *t, struct trace_sink *sink)
{
    CHECK(t->count < CLI_SINKS);
    t->to[t->count++] = sink;
    if (sink->snap > t->sink.snap) t->sink.snap = sink->snap;
}

static void print_event(struct trace_sink *sink, const struct trace_event *ev)
{
    (void)sink;
    char line[EVENT_TEXT];
    struct text t = text_of(line, sizeof line);
    trace_print(&t, ev);
    fwrite(line, 1, t.len, stdout);
    fputc('\n', stdout);
}

// A recording that nobody asked to keep: the window needs one to look at.
static bool temporary_name(char path[CLI_PATH], char error[CLI_ERROR])
{
    const char *tmp = getenv("TMPDIR");
    if (tmp == NULL || *tmp == 0) tmp = "/tmp";
    snprintf(path, CLI_PATH, "%.3000s/netglass-XXXXXX.pcapng", tmp);
    int fd = mkstemps(path, 7);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    snprintf(error, CLI_ERROR, "%.200s: no temporary file: %s", tmp, strerror(errno));
    path[0] = 0;
    return false;
}

static bool ends_with(const char *s, const char *end)
{
    size_t a = strlen(s), b = strlen(end);
    return a >= b && strcmp(s + a - b, end) == 0;
}

static bool open_record(struct cli_sinks *s, const struct cli_out *out, char error[CLI_ERROR])
{
    bool pictures = out->look.window || out->look.picture != NULL;
    if (out->write == NULL && !pictures) return true;
    if (out->write != NULL && pictures && !ends_with(out->write, ".pcapng")) {
        snprintf(error, CLI_ERROR, "-w %s: a picture needs every event: write a .pcapng",
                 out->write);
        return false;
    }
    s->temporary = out->write == NULL;
    if (s->temporary && !temporary_name(s->recorded, error)) return false;
    if (!s->temporary) snprintf(s->recorded, sizeof s->recorded, "%s", out->write);
    s->record = record_open(s->recorded, error, CLI_ERROR);
    if (s->record == NULL) return false;
    tee_add(&s->tee, record_sink(s->record));
    return true;
}

bool cli_sinks_open(struct cli_sinks *s, const struct cli_out *out, char error[CLI_ERROR])
{
    *s = (struct cli_sinks){.events = {.emit = print_event}};
    tee_init(&s->tee);
    if (!open_record(s, out, error)) {
        cli_sinks_free(s);
        return false;
    }
    if (out->events) tee_add(&s->tee, &s->events);
    if (!out->ladder) return true;
    s->ladder = ladder_new();
    if (s->ladder != NULL) {
        tee_add(&s->tee, ladder_sink(s->ladder));
        return true;
    }
    snprintf(error, CLI_ERROR, "no memory for a ladder");
    cli_sinks_free(s);
    return false;
}

bool cli_sinks_close(struct cli_sinks *s, bool keep, char error[CLI_ERROR])
{
    bool ok = true;
    if (s->record != NULL && keep) ok = record_close(s->record, error, CLI_ERROR) == 0;
    else if (s->record != NULL) record_abandon(s->record);
    s->record = NULL;
    if (s->ladder != NULL) {
        struct ladder_style style = ladder_style_of(stdout);
        ladder_print(s->ladder, stdout, &style);
    }
    return ok;  // what became of standard output is told once, at the end: see main.c
}

void cli_sinks_free(struct cli_sinks *s)
{
    if (s->record != NULL) record_abandon(s->record);
    if (s->temporary && s->recorded[0] != 0) unlink(s->recorded);
    ladder_free(s->ladder);
    *s = (struct cli_sinks){0};
}
