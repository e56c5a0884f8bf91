// small_services.c - echo (RFC 862), discard (863), chargen (864) and daytime (867). See service.h.
#include <errno.h>
#include <stdio.h>

#include "scenarios/apps/service.h"

static bool over(ssize_t n) { return n == 0 || (n < 0 && n != -EAGAIN); }

// Bytes go from the receive buffer straight into the send buffer; what does not fit stays unread,
// and the closing window slows the peer down.
static void echo_ready(struct conn *c, unsigned events)
{
    (void)events;
    for (;;) {
        const uint8_t *p;
        ssize_t n = ng_sock_peek(c->host, c->sock, &p);
        if (over(n)) { serve_end(c); return; }
        if (n < 0) return;
        ssize_t sent = ng_sock_write(c->host, c->sock, p, (size_t)n);
        if (sent == -EAGAIN) return;
        if (sent < 0) { serve_end(c); return; }
        ng_sock_consume(c->host, c->sock, (size_t)sent);
    }
}

static size_t echo_datagram(struct server *s, const uint8_t *in, size_t len, char *out, size_t cap)
{
    (void)s;
    if (len > cap) return 0;
    memcpy(out, in, len);
    return len;
}

static void discard_ready(struct conn *c, unsigned events)
{
    (void)events;
    for (;;) {
        const uint8_t *p;
        ssize_t n = ng_sock_peek(c->host, c->sock, &p);
        if (over(n)) { serve_end(c); return; }
        if (n < 0) return;
        ng_sock_consume(c->host, c->sock, (size_t)n);
    }
}

// 72 printable characters a line; each line begins one character further (RFC 864's pattern).
enum { CHARGEN_CHARS = 95, CHARGEN_WIDTH = 72, CHARGEN_LINE = CHARGEN_WIDTH + 2 };
enum { CHARGEN_PERIOD = CHARGEN_CHARS * CHARGEN_LINE };

enum { CHARGEN_WRITE = 8 * CHARGEN_PERIOD };

// The pattern is laid out once, a period longer than a write, so that one can begin anywhere.
struct chargen { uint32_t at; bool laid_out; char lines[CHARGEN_WRITE + CHARGEN_PERIOD]; };

static void chargen_fill(char *p, size_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        uint32_t line = i / CHARGEN_LINE, column = i % CHARGEN_LINE;
        p[i] = column == CHARGEN_WIDTH ? '\r' : column == CHARGEN_WIDTH + 1 ? '\n'
             : (char)(' ' + (line + column) % CHARGEN_CHARS);
    }
}

static void chargen_ready(struct conn *c, unsigned events)
{
    struct chargen *g = c->state;
    if (events & NG_READABLE) discard_ready(c, events);
    if (c->ended) return;
    if (!g->laid_out) chargen_fill(g->lines, sizeof g->lines);
    g->laid_out = true;
    for (;;) {
        ssize_t n = ng_sock_write(c->host, c->sock, g->lines + g->at, CHARGEN_WRITE);
        if (n == -EAGAIN) return;
        if (n < 0) { serve_end(c); return; }
        g->at = (g->at + (uint32_t)n) % CHARGEN_PERIOD;
    }
}

static size_t chargen_datagram(struct server *s, const uint8_t *in, size_t len, char *out,
                               size_t cap)
{
    (void)s, (void)in, (void)len;
    size_t n = cap < 4 * CHARGEN_LINE ? cap : 4 * CHARGEN_LINE;
    chargen_fill(out, n);
    return n;
}

static size_t daytime_line(struct server *s, char *out, size_t cap)
{
    char now[64];
    serve_time(s, now, sizeof now);
    int n = snprintf(out, cap, "%s\r\n", now);
    return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}

static void daytime_ready(struct conn *c, unsigned events)
{
    (void)events;
    char line[80];
    size_t len = daytime_line(c->server, line, sizeof line);
    ng_sock_write(c->host, c->sock, line, len);  // a new connection always has room for a line
    serve_end(c);
}

static size_t daytime_datagram(struct server *s, const uint8_t *in, size_t len, char *out,
                               size_t cap)
{
    (void)in, (void)len;
    return daytime_line(s, out, cap);
}

const struct service service_echo = {
    .name = "echo", .port = 7, .udp = true, .ready = echo_ready, .datagram = echo_datagram,
};
const struct service service_discard = {
    .name = "discard", .port = 9, .udp = true, .ready = discard_ready,
};
const struct service service_chargen = {
    .name = "chargen", .port = 19, .udp = true, .state_size = sizeof(struct chargen),
    .ready = chargen_ready, .datagram = chargen_datagram,
};
const struct service service_daytime = {
    .name = "daytime", .port = 13, .udp = true, .ready = daytime_ready,
    .datagram = daytime_datagram,
};
