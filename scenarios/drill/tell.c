// tell.c - see tell.h.
#include "scenarios/drill/tell.h"

#include <stdarg.h>
#include <stdlib.h>

#include "scenarios/list/socket_list.h"

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

// --- the two packets ----------------------------------------------------------------------------

static void put_time(FILE *to, nsec t)
{
    char text[32];
    struct text b = text_of(text, sizeof text);
    text_put_fixed(&b, t / 1000, 6);
    fputs(text, to);
}

static void put_when(FILE *to, const struct mismatch *m)
{
    fputs(m->any_time ? "  at any time" : "  at ", to);
    if (m->any_time) return;
    put_time(to, m->from);
    if (m->from == m->to) return;
    fputc('~', to);
    put_time(to, m->to);
}

// How far from when it was expected.
static void put_off(FILE *to, const struct mismatch *m)
{
    nsec at = m->live->at, off = at > m->to ? at - m->to : at < m->from ? m->from - at : 0;
    if (m->any_time || off == 0) return;
    fputs(", ", to);
    put_time(to, off);
    fprintf(to, " s too %s", at > m->to ? "late" : "early");
}

static void put_padded(FILE *to, const char *s, size_t width)
{
    fprintf(to, "%-*s", (int)width, s);
}

// Marks under the parts that differ; no line at all if none does.
static void put_marks(FILE *to, const struct show *e, const struct show *a, const size_t *width)
{
    size_t column = 0, done = 0;
    for (int i = 0; i < SHOW_PARTS; column += width[i++]) {
        const char *want = e->part[i], *is = a->part[i];
        bool free_choice = strcmp(want, "<...>") == 0 || (i == SHOW_WIN && want[0] == 0);
        if (free_choice || width[i] == 0 || strcmp(want, is) == 0) continue;
        if (done == 0) fputs("              ", to);
        for (; done < column; done++) fputc(' ', to);
        for (; done + 1 < column + width[i]; done++) fputc('^', to);
    }
    if (done > 0) fputc('\n', to);
}

// Part by part, padded, so that what differs stands under what it should be; marked below.
static void put_pair(FILE *to, const struct mismatch *m)
{
    struct show e, a;
    size_t width[SHOW_PARTS];
    show_packet(&e, m->packet, m->live->family == FAMILY_IP6);
    show_live(&a, m->live, m->packet);
    for (int i = 0; i < SHOW_PARTS; i++) {
        size_t le = strlen(e.part[i]), la = strlen(a.part[i]);
        width[i] = (le > la ? le : la) + ((le | la) != 0);
    }
    fputs("  expected  > ", to);
    for (int i = 0; i < SHOW_PARTS; i++) put_padded(to, e.part[i], width[i]);
    put_when(to, m);
    fputs("\n  left      > ", to);
    for (int i = 0; i < SHOW_PARTS; i++) put_padded(to, a.part[i], width[i]);
    fputs("  at ", to);
    put_time(to, m->live->at);
    put_off(to, m);
    fputc('\n', to);
    put_marks(to, &e, &a, width);
}

static void put_packets(FILE *to, const struct mismatch *m)
{
    struct show e;
    if (m->live != NULL) {
        put_pair(to, m);
        for (unsigned i = 0; i < m->diffs && !m->next_fits; i++) {
            const struct diff *d = &m->diff[i];
            fprintf(to, "  %-14s ", d->field);
            if (d->expected[0] != 0) fprintf(to, "expected %s, ", d->expected);
            fprintf(to, "is %s\n", d->actual[0] != 0 ? d->actual : "none");
        }
        const struct live *l = m->live;
        fprintf(to, "  it left after line %u", (unsigned)l->step_line);
        if (l->why < SENTS && l->why != SENT_NOTHING)
            fprintf(to, ", as %s: %s", sent_name((enum sent)l->why), sent_text((enum sent)l->why));
        fputc('\n', to);
        if (m->joined > 1) fprintf(to, "  it is %u segments joined\n", (unsigned)m->joined);
        return;
    }
    show_packet(&e, m->packet, m->six);
    fputs("  expected  > ", to);
    for (int i = 0; i < SHOW_PARTS; i++)
        if (e.part[i][0] != 0) fprintf(to, "%s ", e.part[i]);
    put_when(to, m);
    fputs("\n  left        nothing\n", to);
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

// As `ss -ti` has it.
static void put_socket(FILE *to, const struct run *r)
{
    ng_sock s = run_socket(r);
    struct ng_tcp_info i;
    char *text = NULL;
    size_t len;
    FILE *f = NULL;
    if (s != 0 && ng_tcp_info(r->world->host, s, &i) == 0) f = open_memstream(&text, &len);
    if (f == NULL) return;
    socket_list_info(f, &i);
    fclose(f);
    int number = -1;
    for (unsigned k = 0; k < r->fds.count; k++)
        if (r->fds.fd[k].kind == FD_SOCKET && r->fds.fd[k].sock == s) number = r->fds.fd[k].number;
    fprintf(to, "  socket %d is %s\n   ", number, tcp_state_name(i.state));
    put_wrapped(to, text);
    free(text);
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
        if (memory_get(m, n, &ev)) tell_event(&t, &ev);
        fprintf(to, "    %s\n", line);
    }
}

static void put_queue(FILE *to, const struct run *r)
{
    unsigned told = 0;
    for (const struct live *l = r->world->out; l != NULL && told < 5; l = l->next, told++) {
        struct show s;
        show_live(&s, l, NULL);
        fputs(told == 0 ? "  and then left\n    " : "    ", to);
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
    put_queue(r->text, r);
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
    put_packets(r->text, m);
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
    fprintf(r->text, "%s:%u: prints %s\n", r->script->path, (unsigned)r->step->line, text);
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
