// shell_ask.c - commands that ask the stack: ss and nstat in their own words; and those that read
// what another said: grep and wc. See shell.h.
#include <fnmatch.h>
#include <stdio.h>
#include <strings.h>

#include "scenarios/drill/run.h"
#include "scenarios/drill/shell.h"
#include "scenarios/list/counter_list.h"
#include "scenarios/list/socket_list.h"

static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }

// What a program prints by stdio, into the pipe.
struct print { FILE *to; char *text; size_t len; };

static bool print_open(struct shell *sh, struct print *p)
{
    *p = (struct print){0};
    p->to = open_memstream(&p->text, &p->len);
    if (p->to == NULL) shell_problem(sh, "no memory");
    return p->to != NULL;
}

static void print_close(struct shell *sh, struct print *p)
{
    fclose(p->to);
    text_put_bytes(&sh->out, p->text, p->len);
    free(p->text);
}

// --- ss -----------------------------------------------------------------------------------------

// sport = :8080, or without the sign; and so dport.
static bool take_port(struct shell *sh, unsigned *i, const char *name, uint16_t *port)
{
    uint64_t n;
    if (!is(sh->word[*i], name)) return false;
    unsigned at = *i + 1;
    if (at < sh->words && (is(sh->word[at], "=") || is(sh->word[at], "eq"))) at++;
    const char *text = at < sh->words ? sh->word[at] : "";
    if (*text == ':') text++;
    if (text_take_u64(&text, 65535, &n) && *text == 0) *port = (uint16_t)n;
    else shell_problem(sh, "ss: a port is missing behind %s", name);
    *i = at;
    return true;
}

static void take_word_of_ss(struct shell *sh, unsigned *i, struct socket_list_options *o)
{
    const char *w = sh->word[*i];
    char bad;
    if (w[0] == '-' && w[1] != '-') {
        if (!socket_list_flags(o, w + 1, &bad)) shell_problem(sh, "ss -%c is not understood", bad);
    } else if (is(w, "state")) {
        ++*i;
        o->state = *i < sh->words ? sh->word[*i] : "";
        if (is(o->state, "established")) o->state = "ESTAB";
    } else if (!take_port(sh, i, "sport", &o->sport) && !take_port(sh, i, "dport", &o->dport)) {
        shell_problem(sh, "ss %.100s is not understood", w);
    }
}

void shell_ss(struct shell *sh)
{
    struct socket_list_options o = {0};
    struct print p;
    for (unsigned i = 1; i < sh->words; i++) take_word_of_ss(sh, &i, &o);
    if (sh->problem[0] != 0 || !print_open(sh, &p)) return;
    socket_list_print(p.to, sh->run->world->host, &o);
    print_close(sh, &p);
}

// --- nstat --------------------------------------------------------------------------------------

// Only lines whose first word is one of the patterns; all of them, if there is none.
static void put_counters(struct shell *sh, const struct print *p)
{
    for (size_t at = 0; at < p->len;) {
        size_t n = strcspn(p->text + at, "\n"), name = strcspn(p->text + at, " \n");
        char word[80];
        bool wanted = true, any = false;
        snprintf(word, sizeof word, "%.*s", (int)(name < 79 ? name : 79), p->text + at);
        for (unsigned i = 1; i < sh->words; i++) {
            if (sh->word[i][0] == '-') continue;
            wanted = any ? wanted : false;
            any = true;
            wanted = wanted || fnmatch(sh->word[i], word, 0) == 0;
        }
        if (wanted && word[0] != '#') text_put_bytes(&sh->out, p->text + at, n + 1);
        at += n + 1;
    }
}

static void counts_subtract(struct counts *c, const struct counts *before)
{
    uint64_t *a = (uint64_t *)(void *)c;
    const uint64_t *b = (const uint64_t *)(const void *)before;
    for (size_t i = 0; i < sizeof *c / sizeof *a; i++) a[i] -= b[i];
}

// What was counted since it was asked last. -a: since the start; -z: zeros too; -s: this asking
// does not count; -n: only asked, nothing is told.
void shell_nstat(struct shell *sh)
{
    struct run *r = sh->run;
    struct print p;
    char all[SHELL_WORDS] = "";
    struct text letters = text_of(all, sizeof all);
    for (unsigned i = 1; i < sh->words; i++) {
        const char *w = sh->word[i];
        if (w[0] != '-') continue;
        if (w[1 + strspn(w + 1, "aznsr")] != 0)
            return shell_problem(sh, "nstat %.100s is not understood", w);
        text_put_str(&letters, w + 1);
    }
    struct counts c = *ng_host_counts(r->world->host), now = c;
    struct counter_list_options o = {.zeros = strchr(all, 'z') != NULL};
    if (strpbrk(all, "ar") == NULL) counts_subtract(&c, &r->nstat);
    if (strchr(all, 's') == NULL) r->nstat = now;
    if (strchr(all, 'n') != NULL || !print_open(sh, &p)) return;
    counter_list_print(p.to, &c, &o);
    fflush(p.to);
    put_counters(sh, &p);
    fclose(p.to);
    free(p.text);
}

// --- grep, wc -----------------------------------------------------------------------------------

// /proc/net/tcp as far as a grep for a state and a port goes: "  0: AABB:1F90 0000:0000 0A".
static void put_proc_tcp(struct shell *sh)
{
    static const uint8_t code[TCP_STATES] = {
        [TCP_ESTABLISHED] = 1, [TCP_SYN_SENT] = 2, [TCP_SYN_RCVD] = 3, [TCP_FIN_WAIT_1] = 4,
        [TCP_FIN_WAIT_2] = 5, [TCP_TIME_WAIT] = 6, [TCP_CLOSED] = 7, [TCP_CLOSE_WAIT] = 8,
        [TCP_LAST_ACK] = 9, [TCP_LISTEN] = 10, [TCP_CLOSING] = 11};
    uint32_t cursor = 0;
    struct ng_sock_entry e;
    char line[200];
    while (ng_host_walk(sh->run->world->host, &cursor, &e)) {
        if (e.kind != KIND_TCP) continue;
        snprintf(line, sizeof line, "%4u: %08X:%04X %08X:%04X %02X %08X:%08X\n",
                 (unsigned)e.conn, (unsigned)addr_ip4_u32(e.local.addr), e.local.port,
                 (unsigned)addr_ip4_u32(e.remote.addr), e.remote.port, code[e.state],
                 (unsigned)e.snd_len, (unsigned)e.rcv_len);
        text_put_str(&sh->out, line);
    }
}

// marks: those of patterns, which are not understood.
struct grep { const char *what, *marks; bool quiet, count, invert, no_case; };

static bool has_text(const struct grep *g, const char *line, size_t len)
{
    size_t n = strlen(g->what);
    for (size_t i = 0; i + n <= len; i++)
        if (g->no_case ? strncasecmp(line + i, g->what, n) == 0 : memcmp(line + i, g->what, n) == 0)
            return true;
    return n == 0;
}

// -q -c -v -i and a plain text: no patterns. Returns the word behind it, or 0: not understood.
static unsigned grep_args(struct shell *sh, struct grep *g)
{
    unsigned i = 1;
    g->marks = "[]*\\^$";
    for (; i < sh->words && sh->word[i][0] == '-'; i++) {
        const char *w = sh->word[i];
        if (strchr(w, 'F') != NULL) g->marks = "";
        if (strchr(w, 'E') != NULL) g->marks = "[]*\\^$|()+?{}";
        if (w[1 + strspn(w + 1, "qcviFE")] != 0) {
            shell_problem(sh, "grep %.100s is not understood", w);
            return 0;
        }
        g->quiet = g->quiet || strchr(w, 'q') != NULL;
        g->count = g->count || strchr(w, 'c') != NULL;
        g->invert = g->invert || strchr(w, 'v') != NULL;
        g->no_case = g->no_case || strchr(w, 'i') != NULL;
    }
    if (i == sh->words || sh->word[i][strcspn(sh->word[i], g->marks)] != 0) {
        shell_problem(sh, "grep knows plain texts only");
        return 0;
    }
    g->what = sh->word[i];
    return i + 1;
}

static void grep_lines(struct shell *sh, const struct grep *g, const char *text, size_t len)
{
    unsigned found = 0;
    for (size_t at = 0; at < len;) {
        size_t n = 0;
        while (at + n < len && text[at + n] != '\n') n++;
        if (has_text(g, text + at, n) != g->invert) {
            found++;
            if (!g->quiet && !g->count) {
                text_put_bytes(&sh->out, text + at, n);
                text_put_char(&sh->out, '\n');
            }
        }
        at += n + 1;
    }
    sh->status = found == 0;
    if (!g->count) return;
    text_put_u64(&sh->out, found);
    text_put_char(&sh->out, '\n');
}

// Over what the pipe brings, or what /proc/net/tcp says.
void shell_grep(struct shell *sh)
{
    struct grep g = {0};
    unsigned i = grep_args(sh, &g);
    if (i == 0) return;
    bool files = i < sh->words;
    for (; i < sh->words; i++) {
        if (is(sh->word[i], "/proc/net/tcp")) put_proc_tcp(sh);
        else if (!is(sh->word[i], "/proc/net/tcp6"))
            shell_problem(sh, "%.100s cannot be read here", sh->word[i]);
    }
    struct text *from = files ? &sh->out : &sh->in;
    char *text = malloc(from->len + 1);
    if (text == NULL) return shell_problem(sh, "no memory");
    size_t len = from->len;
    memcpy(text, from->p, len);
    sh->out = text_of(sh->out_text, sizeof sh->out_text);
    grep_lines(sh, &g, text, len);
    free(text);
}

void shell_wc(struct shell *sh)
{
    uint64_t lines = 0;
    if (sh->words != 2 || !is(sh->word[1], "-l")) return shell_problem(sh, "wc knows only -l");
    for (size_t i = 0; i < sh->in.len; i++) lines += sh->in_text[i] == '\n';
    text_put_u64(&sh->out, lines);
    text_put_char(&sh->out, '\n');
}
