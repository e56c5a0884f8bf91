// tell.c - see tell.h.
#include "scenarios/drill/tell.h"

#include <stdarg.h>
#include <stdlib.h>

#include "scenarios/list/socket_list.h"
#include "wire/tcp_wire.h"

enum { EVENTS_TOLD = 10, LINE = 600, SOURCE_COLUMNS = 160, WRAP = 92 };

// --- the step -----------------------------------------------------------------------------------

// The source line, cut if it is endless, and a caret under the place with a tail to `end`.
static void put_source(FILE *to, struct span script, uint32_t at, uint32_t end)
{
    struct place p = place_of(script, at);
    size_t shown = p.text.len < SOURCE_COLUMNS ? p.text.len : SOURCE_COLUMNS;
    if (p.column > shown + 1) return;
    fprintf(to, "  %5u | ", (unsigned)p.line);
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)p.text.p[i];
        fputc(c == '\t' || (c >= ' ' && c != 0x7f) ? c : '?', to);
    }
    fputs("\n        | ", to);
    for (size_t i = 0; i + 1 < p.column; i++) fputc(p.text.p[i] == '\t' ? '\t' : ' ', to);
    size_t tail = end > at ? end - at : 1;
    if (tail > shown - (p.column - 1)) tail = shown > p.column - 1 ? shown - (p.column - 1) : 1;
    fputc('^', to);
    for (size_t i = 1; i < tail; i++) fputc('~', to);
    fputc('\n', to);
}

void tell_parse_error(FILE *to, const char *path, struct span text, const struct parse_error *e)
{
    fprintf(to, "%s:%u:%u: %s\n", path, (unsigned)e->line, (unsigned)e->column, e->text);
    put_source(to, text, e->at, e->at + 1);
}

static void put_time(FILE *to, nsec t)
{
    char text[32];
    struct text b = text_of(text, sizeof text);
    text_put_fixed(&b, t / 1000, 6);
    fputs(text, to);
}

// --- what else is known -------------------------------------------------------------------------

// Words of a long line, on as many lines as they take.
static void put_wrapped(FILE *to, const char *p)
{
    size_t column = 0;
    while (*p != 0) {
        size_t n = strcspn(p + 1, " ") + 1;
        if (column > 0 && column + n > WRAP) {
            fputs("\n   ", to);
            column = 0;
        }
        fprintf(to, "%.*s", (int)n, p);
        column += n;
        p += n;
    }
    fputc('\n', to);
}

// As `ss -ti` has it. What was no connection yet has only its state, and a queue if it listens.
static void put_socket(FILE *to, const struct run *r)
{
    ng_sock s = run_socket(r);
    struct ng_tcp_info i;
    if (s == 0 || ng_tcp_info(r->world->host, s, &i) < 0) return;
    int number = -1;
    for (unsigned k = 0; k < r->fds.count; k++)
        if (r->fds.fd[k].kind == FD_SOCKET && r->fds.fd[k].sock == s) number = r->fds.fd[k].number;
    fprintf(to, "  socket %d is %s", number, tcp_state_name(i.state));
    if (i.state == TCP_LISTEN)
        fprintf(to, ", %u of %u wait for accept()", (unsigned)i.accept_len, (unsigned)i.backlog);
    fputc('\n', to);
    char *text = NULL;
    size_t len;
    FILE *f = i.segs_in + i.segs_out > 0 ? open_memstream(&text, &len) : NULL;
    if (f == NULL) return;
    socket_list_info(f, &i);
    fclose(f);
    fputs("   ", to);
    put_wrapped(to, text);
    free(text);
}

// A script says windows as they are on the wire: by how much was this one scaled?
static unsigned shift_of(const struct run *r, const struct trace_event *ev)
{
    const struct world *w = r->world;
    struct ng_sock_entry e;
    struct ng_tcp_info i;
    uint32_t cursor = 0;
    bool scaled = ev->type == TRACE_TCP_SEGMENT && !(ev->tcp_segment.flags & TCP_SYN);
    while (scaled && ng_host_walk(w->host, &cursor, &e)) {
        ng_sock s = e.conn == ev->conn && e.app != 0 ? ng_app_sock(w->host, e.app, e.fd) : 0;
        if (s == 0 || ng_tcp_info(w->host, s, &i) < 0) continue;
        return ev->tcp_segment.out ? i.wscale_rcv : i.wscale_snd;
    }
    return 0;
}

static void put_events(FILE *to, const struct run *r)
{
    const struct memory *m = &r->world->memory;
    uint32_t n = m->count < EVENTS_TOLD ? m->count : EVENTS_TOLD;
    if (n > 0) fputs("  the last events, oldest first\n", to);
    while (n-- > 0) {
        char line[LINE];
        struct text t = text_of(line, sizeof line);
        struct trace_event ev;
        if (memory_get(m, n, &ev)) tell_event(&t, &ev, shift_of(r, &ev));
        fprintf(to, "    %s\n", line);
    }
}

static void put_queue(FILE *to, const struct run *r, const char *heading)
{
    unsigned told = 0;
    for (const struct live *l = r->world->out; l != NULL && told < 5; l = l->next, told++) {
        struct show s;
        show_live(&s, l, NULL);
        fprintf(to, "%s    ", told == 0 ? heading : "");
        put_time(to, l->at);
        fputs(" >", to);
        for (int i = 0; i < SHOW_PARTS; i++)
            if (s.part[i][0] != 0) fprintf(to, " %s", s.part[i]);
        fputc('\n', to);
    }
}

// --- failing ------------------------------------------------------------------------------------

// A script's words may be any bytes; a terminal and a parser of reports get none that bite.
static void make_plain(char *s)
{
    for (; *s != 0; s++)
        if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f) *s = '.';
}

static void set_message(struct run *r, uint32_t at, enum drill_verdict verdict, const char *format,
                        va_list args)
{
    char text[LINE];
    vsnprintf(text, sizeof text, format, args);
    make_plain(text);
    struct place p = place_of(r->script->text, at);
    r->failed = true;
    r->report->verdict = verdict;
    r->report->line = p.line;
    r->report->column = p.column;
    r->report->message = strdup(text);
    fprintf(r->text, "%s:%u:%u: %s\n", r->script->path, (unsigned)p.line, (unsigned)p.column, text);
}

static void put_end(struct run *r)
{
    put_socket(r->text, r);
    put_queue(r->text, r, r->finished ? "  left over\n" : "  and then left\n");
    put_events(r->text, r);
}

void run_fail(struct run *r, uint32_t at, const char *format, ...)
{
    if (r->failed) return;
    va_list args;
    va_start(args, format);
    set_message(r, at, DRILL_FAILED, format, args);
    va_end(args);
    put_source(r->text, r->script->text, at, at + 1);
    put_end(r);
}

void run_fail_at(struct run *r, uint32_t at, uint32_t end, const char *format, ...)
{
    if (r->failed) return;
    va_list args;
    va_start(args, format);
    set_message(r, at, DRILL_FAILED, format, args);
    va_end(args);
    put_source(r->text, r->script->text, at, end);
    put_end(r);
}

void run_fail_packet(struct run *r, const struct mismatch *m, const char *format, ...)
{
    const struct drill_step *step = r->step;
    if (r->failed) return;
    va_list args;
    va_start(args, format);
    if (r->config.lax_packets) {
        char text[LINE];
        vsnprintf(text, sizeof text, format, args);
        run_warn(r, step->at, "%s", text);
        va_end(args);
        return;
    }
    set_message(r, step->at, DRILL_FAILED, format, args);
    va_end(args);
    put_source(r->text, r->script->text, step->at, step->end);
    tell_packets(r, m);
    put_end(r);
}

void run_warn(struct run *r, uint32_t at, const char *format, ...)
{
    va_list args;
    struct place p = place_of(r->script->text, at);
    r->report->warnings++;
    fprintf(r->text, "%s:%u:%u: warning: ", r->script->path, (unsigned)p.line, (unsigned)p.column);
    char text[LINE];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    make_plain(text);
    fprintf(r->text, "%s\n", text);
}

void run_refuse(struct run *r, uint32_t at, const char *format, ...)
{
    if (r->failed) return;
    va_list args;
    va_start(args, format);
    set_message(r, at, DRILL_BROKEN, format, args);
    va_end(args);
    if (at > 0) put_source(r->text, r->script->text, at, at + 1);
}

void tell_print(struct run *r, const char *text)
{
    char plain[LINE * 2];
    snprintf(plain, sizeof plain, "%s", text);
    make_plain(plain);
    fprintf(r->text, "%s:%u: prints %s\n", r->script->path, (unsigned)r->step->line, plain);
}

static void put_live(struct text *t, const struct live *l)
{
    struct show s;
    show_live(&s, l, NULL);
    for (int i = 0; i < SHOW_PARTS; i++) {
        if (s.part[i][0] == 0) continue;
        if (t->len > 0) text_put_char(t, ' ');
        text_put_str(t, s.part[i]);
    }
}

// Its words on one line, however many they are written on.
void tell_step(struct run *r, const struct drill_step *step)
{
    bool space = false;
    fprintf(r->text, "%s:%u: ", r->script->path, (unsigned)step->line);
    put_time(r->text, r->world->now);
    fputc(' ', r->text);
    for (uint32_t i = step->what_at; i < step->end; i++) {
        unsigned char c = (unsigned char)r->script->text.p[i];
        if (c > ' ' && space) fputc(' ', r->text);
        if (c > ' ') fputc(c < 0x7f ? c : '?', r->text);
        space = c <= ' ';
    }
    fputc('\n', r->text);
}

void tell_left(struct run *r, const struct live *l)
{
    char line[LINE];
    struct text t = text_of(line, sizeof line);
    put_live(&t, l);
    fprintf(r->text, "%s:%u: ", r->script->path, (unsigned)l->step_line);
    put_time(r->text, l->at);
    fprintf(r->text, " > %s\n", line);
}

void tell_left_over(struct run *r, const struct live *first, unsigned count)
{
    char line[LINE];
    struct text t = text_of(line, sizeof line);
    put_live(&t, first);
    const char *what = "%u packet%s left that no step expects, the first after line %u: > %s";
    const char *plural = count == 1 ? "" : "s";
    unsigned after = (unsigned)first->step_line;
    if (r->options->strict) run_fail(r, r->step->at, what, count, plural, after, line);
    else run_warn(r, r->step->at, what, count, plural, after, line);
}
