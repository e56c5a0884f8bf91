// see watch.h
#include "viz/watch.h"

#include "base/text.h"
#include "capture/filter.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

enum { WORD_MAX = 24 };

// --- words -------------------------------------------------------------------------------------

static void skip_blanks(const char **at) { *at += strspn(*at, " \t"); }

// The next word: letters, digits, - and _. Empty at the end, or where something else stands.
static void take_word(const char **at, char word[WORD_MAX])
{
    skip_blanks(at);
    size_t n = 0;
    while (isalnum((unsigned char)**at) || **at == '-' || **at == '_') {
        if (n + 1 < WORD_MAX) word[n++] = **at;
        (*at)++;
    }
    word[n] = 0;
}

// As people write it: in any case, with _ or -.
static bool word_is(const char *word, const char *want)
{
    for (; *word != 0 && *want != 0; word++, want++) {
        char a = (char)tolower((unsigned char)*word), b = (char)tolower((unsigned char)*want);
        if ((a == '_' ? '-' : a) != (b == '_' ? '-' : b)) return false;
    }
    return *word == *want;
}

static bool word_next_is(const char **at, const char *want)
{
    const char *then = *at;
    char word[WORD_MAX];
    take_word(&then, word);
    if (!word_is(word, want)) return false;
    *at = then;
    return true;
}

// A number and its unit: 2900, 64k, 1.5s, 200ms. Times are in nanoseconds.
static bool take_amount(const char **at, bool time, int64_t *v)
{
    static const struct { const char *name; int64_t factor; bool time; } units[] = {
        {"us", 1000, true}, {"ms", 1000000, true}, {"s", 1000000000, true}, {"ns", 1, true},
        {"k", 1000, false}, {"m", 1000000, false}, {"", 1, false}};
    uint64_t whole, part = 0;
    int64_t scale = 1;
    skip_blanks(at);
    if (!text_take_u64(at, 1000000000000, &whole)) return false;
    if (text_take_char(at, '.'))
        for (int i = 0; i < 9 && isdigit((unsigned char)**at); i++, (*at)++, scale *= 10)
            part = part * 10 + (uint64_t)(**at - '0');
    char unit[WORD_MAX] = "";
    if (isalpha((unsigned char)**at)) take_word(at, unit);  // at once: "5 of" is no unit
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!word_is(unit, units[i].name) || units[i].time != time) continue;
        int64_t f = units[i].factor;
        if ((int64_t)whole > INT64_MAX / 2 / f) return false;
        *v = (int64_t)whole * f + (int64_t)part * f / scale;
        return true;
    }
    return false;
}

// --- parsing -----------------------------------------------------------------------------------

static const struct { const char *name; bool time; } values[VALUES] = {
    [VALUE_CWND] = {"cwnd", false},       [VALUE_SSTHRESH] = {"ssthresh", false},
    [VALUE_INFLIGHT] = {"inflight", false}, [VALUE_SND_WND] = {"snd-wnd", false},
    [VALUE_RCV_WND] = {"rcv-wnd", false}, [VALUE_SND] = {"snd", false},
    [VALUE_RCV] = {"rcv", false},         [VALUE_SRTT] = {"srtt", true},
    [VALUE_RTO] = {"rto", true}};

static bool fail(char *error, size_t cap, const char *why)
{
    snprintf(error, cap, "%s", why);
    return false;
}

static bool take_op(const char **at, enum watch_op *op)
{
    static const struct { const char *sign; enum watch_op op; } ops[] = {
        {"<=", OP_LESS_EQUAL}, {">=", OP_GREATER_EQUAL}, {"!=", OP_NOT_EQUAL}, {"==", OP_EQUAL},
        {"<", OP_LESS}, {">", OP_GREATER}, {"=", OP_EQUAL}};
    skip_blanks(at);
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        size_t n = strlen(ops[i].sign);
        if (strncmp(*at, ops[i].sign, n) != 0) continue;
        *at += n;
        *op = ops[i].op;
        return true;
    }
    return false;
}

static bool take_value(struct watch *w, const char **at, enum watch_value v, char *error,
                       size_t cap)
{
    w->kind = WATCH_VALUE;
    w->value = v;
    if (!take_op(at, &w->op))
        return fail(error, cap, "A value is held against a number: cwnd < 2900.");
    if (!take_amount(at, values[v].time, &w->line))
        return fail(error, cap, values[v].time ? "What follows is a time: 200us, 400ms, 1.5s."
                                               : "What follows is a number: 2900, 64k, 1M.");
    return true;
}

static bool take_state(struct watch *w, const char **at, char *error, size_t cap)
{
    char word[WORD_MAX];
    w->kind = WATCH_STATE;
    w->which = -1;
    skip_blanks(at);
    text_take_char(at, '=');
    take_word(at, word);
    if (word_is(word, "any")) return true;
    for (int i = 0; i < TCP_STATES; i++)
        if (word_is(word, tcp_state_name((enum tcp_state)i))) w->which = i;
    if (word_is(word, "estab")) w->which = TCP_ESTABLISHED;
    if (word_is(word, "syn-rcvd")) w->which = TCP_SYN_RCVD;
    return w->which >= 0 || fail(error, cap, "There is no such state: try state TIME-WAIT.");
}

static bool take_timer(struct watch *w, const char *word)
{
    w->kind = WATCH_TIMER;
    for (int i = 1; i < TCP_TIMERS; i++)
        if (word_is(word, tcp_timer_name((enum tcp_timer)i))) return w->which = i, true;
    return false;
}

static bool take_frame(struct watch *w, const char **at, char *error, size_t cap)
{
    w->kind = WATCH_FRAME;
    skip_blanks(at);
    w->filter = filter_compile(*at, error, cap);
    *at += strlen(*at);
    return w->filter != NULL;
}

static bool take_condition(struct watch *w, const char **at, char *error, size_t cap)
{
    char word[WORD_MAX];
    take_word(at, word);
    const char *then = *at;
    if (word_next_is(&then, "fires") && take_timer(w, word)) return *at = then, true;
    for (int i = 0; i < VALUES; i++)
        if (word_is(word, values[i].name))
            return take_value(w, at, (enum watch_value)i, error, cap);
    if (word_is(word, "state")) return take_state(w, at, error, cap);
    if (word_is(word, "frame")) return take_frame(w, at, error, cap);
    if (word_is(word, "lost")) return w->kind = WATCH_LOST, true;
    if (word_is(word, "again")) return w->kind = WATCH_AGAIN, true;
    if (word_is(word, "at")) {
        w->kind = WATCH_AT;
        return take_amount(at, true, &w->line) || fail(error, cap, "When? Try at 200ms.");
    }
    return fail(error, cap, "Try cwnd < 2900, rto fires, state TIME-WAIT, lost, again, "
                            "at 200ms, frame udp port 53.");
}

static bool take_whose(struct watch *w, const char **at, char *error, size_t cap)
{
    uint64_t fd;
    if (word_next_is(at, "of")) {
        take_word(at, w->host);
        if (w->host[0] == 0) return fail(error, cap, "Of which host?");
    }
    if (word_next_is(at, "fd")) {
        skip_blanks(at);
        if (!text_take_u64(at, INT32_MAX, &fd)) return fail(error, cap, "Which descriptor?");
        w->fd = (int32_t)fd;
    }
    return true;
}

bool watch_parse(struct watch *w, const char *text, char *error, size_t cap)
{
    *w = (struct watch){.fd = -1, .which = -1};
    memcpy(w->text, text, strnlen(text, sizeof w->text - 1));
    const char *at = w->text;
    bool fine = take_condition(w, &at, error, cap);
    if (fine && w->kind != WATCH_AT && w->kind != WATCH_FRAME)
        fine = take_whose(w, &at, error, cap);
    skip_blanks(&at);
    if (fine && *at != 0) {
        snprintf(error, cap, "Not understood from here: %.40s", at);
        fine = false;
    }
    if (!fine) watch_free(w);
    return fine;
}

void watch_free(struct watch *w)
{
    filter_free(w->filter);
    *w = (struct watch){0};
}

// --- judging -----------------------------------------------------------------------------------

static bool is_whose(const struct watch *w, const struct model *before,
                     const struct trace_event *ev)
{
    if (w->host[0] != 0) {
        const struct model_host *h = model_host(before, ev->host);
        if (h == NULL || strcasecmp(h->name, w->host) != 0) return false;
    }
    if (w->fd < 0) return true;
    const struct model_sock *k = ev->conn != 0 ? model_sock(before, ev->host, ev->conn) : NULL;
    return k != NULL && k->fd == w->fd;
}

// The value that ev brings; false: it brings none.
static bool value_of(enum watch_value v, const struct trace_event *ev, int64_t *out)
{
    switch (ev->type) {
    case TRACE_TCP_CWND:
        *out = v == VALUE_CWND ? ev->tcp_cwnd.cwnd
               : v == VALUE_SSTHRESH ? ev->tcp_cwnd.ssthresh : ev->tcp_cwnd.inflight;
        return v == VALUE_CWND || v == VALUE_SSTHRESH || v == VALUE_INFLIGHT;
    case TRACE_TCP_WINDOW:
        *out = v == VALUE_SND_WND ? ev->tcp_window.snd_wnd : ev->tcp_window.rcv_wnd;
        return v == VALUE_SND_WND || v == VALUE_RCV_WND;
    case TRACE_SOCK_BUF:
        *out = v == VALUE_SND ? ev->sock_buf.snd_len : ev->sock_buf.rcv_len;
        return v == VALUE_SND || v == VALUE_RCV;
    case TRACE_TCP_RTT:
        *out = v == VALUE_SRTT ? ev->tcp_rtt.srtt : ev->tcp_rtt.rto;
        return v == VALUE_SRTT || v == VALUE_RTO;
    default: return false;
    }
}

static int64_t value_before(enum watch_value v, const struct model_sock *k)
{
    switch (v) {
    case VALUE_CWND:     return k->cwnd;
    case VALUE_SSTHRESH: return k->ssthresh;
    case VALUE_INFLIGHT: return k->inflight;
    case VALUE_SND_WND:  return k->snd_wnd;
    case VALUE_RCV_WND:  return k->rcv_wnd;
    case VALUE_SND:      return k->snd_len;
    case VALUE_RCV:      return k->rcv_len;
    case VALUE_SRTT:     return k->srtt;
    default:             return k->rto;
    }
}

static bool beyond(enum watch_op op, int64_t v, int64_t line)
{
    switch (op) {
    case OP_LESS:          return v < line;
    case OP_LESS_EQUAL:    return v <= line;
    case OP_GREATER:       return v > line;
    case OP_GREATER_EQUAL: return v >= line;
    case OP_EQUAL:         return v == line;
    default:               return v != line;
    }
}

// What was never told of a socket lies on neither side of the line.
static bool value_crosses(const struct watch *w, const struct model *before,
                          const struct trace_event *ev)
{
    int64_t now;
    if (!value_of(w->value, ev, &now) || !beyond(w->op, now, w->line)) return false;
    const struct model_sock *k = model_sock(before, ev->host, ev->conn);
    int64_t was = k != NULL ? value_before(w->value, k) : 0;
    bool told = was != 0 || w->value == VALUE_SND || w->value == VALUE_RCV;
    return !told || !beyond(w->op, was, w->line);
}

bool watch_hits(const struct watch *w, const struct recording *r, const struct model *before,
                const struct trace_event *ev)
{
    nsec at = recording_start(r) + w->line;
    bool hit = false;
    switch (w->kind) {
    case WATCH_VALUE: hit = value_crosses(w, before, ev); break;
    case WATCH_TIMER:
        hit = ev->type == TRACE_TCP_TIMER && ev->tcp_timer.fired &&
              (int)ev->tcp_timer.timer == w->which;
        break;
    case WATCH_STATE:
        hit = ev->type == TRACE_TCP_STATE && (w->which < 0 || (int)ev->tcp_state.to == w->which);
        break;
    case WATCH_LOST:  hit = ev->type == TRACE_LINK_DROP || ev->type == TRACE_FRAME_DROP; break;
    case WATCH_AGAIN: hit = ev->type == TRACE_FRAME_TX && sent_is_again(ev->frame_tx.why); break;
    case WATCH_AT:    hit = ev->at >= at && before->now < at; break;
    case WATCH_FRAME: {
        const struct trace_bytes *b = ev->type == TRACE_FRAME_TX ? &ev->frame_tx.data
                                      : ev->type == TRACE_FRAME_RX ? &ev->frame_rx.data : NULL;
        hit = b != NULL && b->len > 0 && filter_match(w->filter, b->p, b->len);
        break;
    }
    }
    return hit && is_whose(w, before, ev);
}

// --- several -----------------------------------------------------------------------------------

bool watches_add(struct watches *ws, const char *text, char *error, size_t cap)
{
    if (ws->n == WATCHES_MAX) return fail(error, cap, "There are eight already: drop one first.");
    if (!watch_parse(&ws->watch[ws->n], text, error, cap)) return false;
    ws->n++;
    return true;
}

void watches_drop(struct watches *ws, size_t i)
{
    if (i >= ws->n) return;
    watch_free(&ws->watch[i]);
    memmove(&ws->watch[i], &ws->watch[i + 1], (ws->n - i - 1) * sizeof ws->watch[0]);
    ws->n--;
}

void watches_free(struct watches *ws)
{
    while (ws->n > 0) watches_drop(ws, ws->n - 1);
}

uint64_t watches_find(const struct watches *ws, struct recording *r, uint64_t from, uint64_t to,
                      size_t *which)
{
    struct tape_cursor c = tape_seek(&r->tape, from);
    struct trace_event ev;
    for (uint64_t i = from; ws->n > 0 && i < to && tape_next(&c, &ev); i++) {
        const struct model *before = recording_at(r, i);
        for (size_t k = 0; k < ws->n; k++)
            if (watch_hits(&ws->watch[k], r, before, &ev)) return *which = k, i;
    }
    return to;
}
