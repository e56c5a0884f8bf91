// http.c - a small web server (RFC 9112) on netglass sockets. See service.h.
//
// GET and HEAD serve files below the root, with listings of folders, or tell about the connection
// itself where there is no root. POST and PUT count the bytes they are sent and throw them away.
// One connection goes round HEAD -> BODY -> REPLY -> HEAD, and ends in LINGER: our side closed,
// reading on until the peer closes too, for a RST now could destroy the reply in its buffer.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/apps/http_head.h"
#include "scenarios/apps/http_path.h"
#include "scenarios/apps/service.h"

enum { HEAD_MAX = 8192, REPLY_MAX = 65536, FILE_PIECE = 65536, LISTED_MAX = 500 };

enum http_phase { PHASE_HEAD, PHASE_BODY, PHASE_REPLY, PHASE_LINGER };

struct http {
    enum http_phase  phase;
    struct http_head head;
    char             in[HEAD_MAX];
    size_t           in_len;
    uint64_t         body_left, body_got;
    int              chunk_phase;         // of a chunked body, see take_chunked
    char            *reply;               // text to send first: head, and a generated body
    size_t           reply_len, reply_at;
    char            *piece;               // then the file, piece by piece
    size_t           piece_len, piece_at;
    uint64_t         file_left;
    int              file;                // descriptor + 1; 0: none
    bool             close_after;
};

static const char *status_text(int status)
{
    switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 505: return "HTTP Version Not Supported";
    default:  return "Internal Server Error";
    }
}

static void http_release(struct http *r)
{
    free(r->reply);
    free(r->piece);
    if (r->file > 0) close(r->file - 1);
    r->reply = r->piece = NULL;
    r->reply_len = r->reply_at = r->piece_len = r->piece_at = 0;
    r->file = 0;
    r->file_left = 0;
}

static void http_end(struct conn *c) { http_release(c->state); }

// Puts the head, and a body of text if there is one, into the reply.
static void start_reply(struct http *r, int status, const char *type, uint64_t length,
                        const char *body)
{
    size_t body_len = body != NULL ? strlen(body) : 0;
    r->reply = malloc(512 + body_len);
    r->phase = PHASE_REPLY;
    if (r->reply == NULL) {
        r->close_after = true;
        return;
    }
    int n = snprintf(r->reply, 512,
                     "HTTP/1.1 %d %s\r\nServer: netglass\r\nContent-Type: %s\r\n"
                     "Content-Length: %llu\r\nConnection: %s\r\n\r\n",
                     status, status_text(status), type, (unsigned long long)length,
                     r->close_after ? "close" : "keep-alive");
    r->reply_len = (size_t)n;
    if (r->head.method == HTTP_HEAD) return;
    if (body_len > 0) memcpy(r->reply + n, body, body_len);
    r->reply_len += body_len;
}

static void reply_text(struct http *r, int status, const char *text)
{
    start_reply(r, status, "text/plain; charset=utf-8", strlen(text), text);
}

static void reply_error(struct http *r, int status)
{
    char text[80];
    snprintf(text, sizeof text, "%d %s\n", status, status_text(status));
    reply_text(r, status, text);
}

static void reply_about(struct conn *c)
{
    char text[512], local[ENDPOINT_TEXT], peer[ENDPOINT_TEXT];
    struct endpoint name = {0};
    ng_sock_local(c->host, c->sock, &name);
    snprintf(text, sizeof text,
             "Hello from netglass, a TCP/IP stack you can see through.\n\n"
             "This connection, as the server sees it:\n"
             "  descriptor %d of httpd (your program has another number for its end)\n"
             "  local      %s (shared with every other connection to this server)\n"
             "  remote     %s (this tells it apart)\n",
             ng_sock_fd(c->host, c->sock), endpoint_print(name, local),
             endpoint_print(c->peer, peer));
    reply_text(c->state, 200, text);
}

static void put_escaped(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '<') text_put_str(t, "&lt;");
        else if (*s == '&') text_put_str(t, "&amp;");
        else if (*s == '"') text_put_str(t, "&quot;");
        else text_put_char(t, *s);
    }
}

static void put_link(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')
                  || (*s >= '0' && *s <= '9') || strchr("-._~", *s) != NULL;
        if (plain) {
            text_put_char(t, *s);
        } else {
            text_put_char(t, '%');
            text_put_hex(t, (uint8_t)*s, 2);
        }
    }
}

static int not_hidden(const struct dirent *e) { return e->d_name[0] != '.'; }

static void reply_listing(struct http *r, int fd, const char *path)
{
    struct dirent **entries = NULL;
    int n = scandirat(fd, ".", &entries, not_hidden, alphasort);
    char *html = malloc(REPLY_MAX);
    if (n < 0 || html == NULL) {
        reply_error(r, 500);
    } else {
        struct text t = text_of(html, REPLY_MAX);
        text_put_str(&t, "<!doctype html><meta charset=utf-8><title>/");
        put_escaped(&t, path);
        text_put_str(&t, "</title><h1>/");
        put_escaped(&t, path);
        text_put_str(&t, "</h1><ul>\n");
        for (int i = 0; i < n && i < LISTED_MAX && !t.cut; i++) {
            const char *slash = entries[i]->d_type == DT_DIR ? "/" : "";
            text_put_str(&t, "<li><a href=\"./");
            put_link(&t, entries[i]->d_name);
            text_put_str(&t, slash);
            text_put_str(&t, "\">");
            put_escaped(&t, entries[i]->d_name);
            text_put_str(&t, slash);
            text_put_str(&t, "</a>\n");
        }
        start_reply(r, 200, "text/html; charset=utf-8", t.len, html);
    }
    for (int i = 0; i < n; i++) free(entries[i]);
    free(entries);
    free(html);
}

static int index_of(int dir)
{
    int fd = openat(dir, "index.html", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void reply_file(struct http *r, int fd, const char *type)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        close(fd);
        reply_error(r, 500);
        return;
    }
    r->file = fd + 1;
    r->file_left = r->head.method == HTTP_HEAD ? 0 : (uint64_t)st.st_size;
    start_reply(r, 200, type, (uint64_t)st.st_size, NULL);
}

static void reply_path(struct conn *c)
{
    struct http *r = c->state;
    char path[HTTP_PATH_MAX];
    if (!http_path_decode(r->head.target, r->head.target_len, path)) {
        reply_error(r, 400);
        return;
    }
    int fd = http_path_open(serve_root(c->server), path);
    if (fd < 0) {
        reply_error(r, errno == EACCES ? 403 : 404);
        return;
    }
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        reply_file(r, fd, http_path_type(path));
        return;
    }
    int index = index_of(fd);
    if (index >= 0) reply_file(r, index, "text/html; charset=utf-8");
    else reply_listing(r, fd, path);
    close(fd);
}

static void answer(struct conn *c)
{
    struct http *r = c->state;
    char text[64];
    switch (r->head.method) {
    case HTTP_POST:
    case HTTP_PUT:
        snprintf(text, sizeof text, "received %llu bytes\n", (unsigned long long)r->body_got);
        reply_text(r, 200, text);
        break;
    case HTTP_GET:
    case HTTP_HEAD:
        if (serve_root(c->server) >= 0) reply_path(c);
        else reply_about(c);
        break;
    case HTTP_OTHER:
        reply_error(r, 405);
        break;
    }
}

// The request cannot be understood, so neither can what follows it.
static void refuse(struct http *r, int status)
{
    r->close_after = true;
    r->head.method = HTTP_GET;
    reply_error(r, status);
}

static void take_head(struct conn *c, size_t end)
{
    struct http *r = c->state;
    int wrong = http_head_parse(&r->head, r->in, end);
    if (wrong != 0) { refuse(r, wrong); return; }
    r->close_after = !r->head.keep_alive;
    r->body_left = r->head.length;
    r->body_got = 0;
    r->chunk_phase = 0;
    r->phase = PHASE_BODY;
    if (r->head.expects_continue) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        ng_sock_write(c->host, c->sock, go_on, sizeof go_on - 1);
    }
}

// Reads the head. The target stays in r->in while the request is answered. Returns false when it
// must wait for more.
static bool run_head(struct conn *c)
{
    struct http *r = c->state;
    const uint8_t *p;
    ssize_t n = ng_sock_peek(c->host, c->sock, &p);
    if (n == -EAGAIN) return false;
    if (n <= 0) { serve_end(c); return false; }

    size_t room = HEAD_MAX - r->in_len, take = (size_t)n < room ? (size_t)n : room;
    size_t before = r->in_len;
    memcpy(r->in + before, p, take);
    r->in_len += take;
    size_t end = http_head_end(r->in, r->in_len);
    ng_sock_consume(c->host, c->sock, end > 0 ? end - before : take);
    if (end > 0) take_head(c, end);
    else if (r->in_len == HEAD_MAX) refuse(r, 431);
    return true;
}

// A chunked body (RFC 9112 §7.1): 0 a size line, 1 after its digits, 2 data, 3 the CR LF behind it,
// 4 a trailer line's begin, 5 within a trailer line. Phase 6: it is over, -1: bad.
static void chunk_size_char(struct http *r, uint8_t b)
{
    int digit = text_hex_digit((char)b);
    if (b == '\n') {
        r->chunk_phase = r->body_left > 0 ? 2 : 4;
    } else if (r->chunk_phase == 0 && digit >= 0) {
        if (r->body_left >> 58 != 0) { r->chunk_phase = -1; return; }
        r->body_left = r->body_left << 4 | (uint64_t)digit;
    } else {
        r->chunk_phase = 1;  // an extension, or the CR: ignored up to the LF
    }
}

static size_t take_chunked(struct http *r, const uint8_t *p, size_t len)
{
    size_t i = 0;
    while (i < len && r->chunk_phase >= 0 && r->chunk_phase < 6) {
        if (r->chunk_phase == 2) {
            uint64_t n = len - i < r->body_left ? len - i : r->body_left;
            r->body_left -= n;
            r->body_got += n;
            i += (size_t)n;
            if (r->body_left == 0) r->chunk_phase = 3;
            continue;
        }
        uint8_t b = p[i++];
        if (r->chunk_phase < 2) chunk_size_char(r, b);
        else if (r->chunk_phase == 3 && b == '\n') r->chunk_phase = 0;
        else if (r->chunk_phase == 4) r->chunk_phase = b == '\n' ? 6 : b == '\r' ? 4 : 5;
        else if (r->chunk_phase == 5 && b == '\n') r->chunk_phase = 4;
    }
    return i;
}

static bool body_is_over(const struct http *r)
{
    return r->head.chunked ? r->chunk_phase == 6 : r->body_left == 0;
}

static bool run_body(struct conn *c)
{
    struct http *r = c->state;
    while (!body_is_over(r)) {
        const uint8_t *p;
        ssize_t n = ng_sock_peek(c->host, c->sock, &p);
        if (n == -EAGAIN) return false;
        if (n <= 0) { serve_end(c); return false; }
        size_t used = (size_t)n;
        if (r->head.chunked) {
            used = take_chunked(r, p, used);
        } else {
            if (used > r->body_left) used = (size_t)r->body_left;
            r->body_left -= used;
            r->body_got += used;
        }
        ng_sock_consume(c->host, c->sock, used);
        if (r->chunk_phase < 0) { refuse(r, 400); return true; }
    }
    answer(c);
    return true;
}

// Sends p[*at..len). False: the send buffer is full (or the connection is gone).
static bool send_part(struct conn *c, const char *p, size_t len, size_t *at)
{
    while (*at < len) {
        ssize_t n = ng_sock_write(c->host, c->sock, p + *at, len - *at);
        if (n < 0) {
            if (n != -EAGAIN) serve_end(c);
            return false;
        }
        *at += (size_t)n;
    }
    return true;
}

// The next piece of the file. A file that shrank ends the connection: its length was promised.
static bool load_piece(struct conn *c)
{
    struct http *r = c->state;
    if (r->piece == NULL) r->piece = malloc(FILE_PIECE);
    size_t want = r->file_left < FILE_PIECE ? (size_t)r->file_left : FILE_PIECE;
    ssize_t n = r->piece == NULL ? -1 : read(r->file - 1, r->piece, want);
    if (n <= 0) {
        ng_sock_abort(c->host, c->sock);
        serve_end(c);
        return false;
    }
    r->piece_len = (size_t)n;
    r->piece_at = 0;
    r->file_left -= (uint64_t)n;
    return true;
}

static bool run_reply(struct conn *c)
{
    struct http *r = c->state;
    if (!send_part(c, r->reply, r->reply_len, &r->reply_at)) return false;
    while (r->piece_at < r->piece_len || r->file_left > 0) {
        if (r->piece_at == r->piece_len && !load_piece(c)) return false;
        if (!send_part(c, r->piece, r->piece_len, &r->piece_at)) return false;
    }
    http_release(r);
    r->in_len = 0;
    r->phase = r->close_after ? PHASE_LINGER : PHASE_HEAD;
    if (r->close_after) ng_sock_shutdown(c->host, c->sock, NG_SHUT_WR);
    return true;
}

static bool run_linger(struct conn *c)
{
    const uint8_t *p;
    ssize_t n;
    while ((n = ng_sock_peek(c->host, c->sock, &p)) > 0)
        ng_sock_consume(c->host, c->sock, (size_t)n);
    if (n != -EAGAIN) serve_end(c);
    return false;
}

static void http_ready(struct conn *c, unsigned events)
{
    (void)events;
    struct http *r = c->state;
    bool more = true;
    while (more && !c->ended) {
        switch (r->phase) {
        case PHASE_HEAD:   more = run_head(c); break;
        case PHASE_BODY:   more = run_body(c); break;
        case PHASE_REPLY:  more = run_reply(c); break;
        case PHASE_LINGER: more = run_linger(c); break;
        }
    }
}

const struct service service_http = {
    .name = "http", .port = 80, .state_size = sizeof(struct http), .ready = http_ready,
    .end = http_end,
};
