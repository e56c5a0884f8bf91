// http_head.c - see http_head.h.
#include "scenarios/apps/http_head.h"

#include <strings.h>

#include "base/text.h"

size_t http_head_end(const char *p, size_t len)
{
    for (size_t i = 0; i + 3 < len; i++)
        if (memcmp(p + i, "\r\n\r\n", 4) == 0) return i + 4;
    return 0;
}

struct line { const char *p; size_t len; };

// The next line without its CRLF; at moves behind it.
static struct line take_line(const char **at, const char *end)
{
    struct line l = {*at, 0};
    while (*at + l.len + 1 < end && !(l.p[l.len] == '\r' && l.p[l.len + 1] == '\n')) l.len++;
    *at += l.len + 2;
    return l;
}

static struct line take_word(struct line *l)
{
    struct line word = {l->p, 0};
    while (word.len < l->len && word.p[word.len] != ' ') word.len++;
    size_t used = word.len < l->len ? word.len + 1 : word.len;
    l->p += used;
    l->len -= used;
    return word;
}

static bool is_word(struct line l, const char *word)
{
    return strlen(word) == l.len && strncasecmp(l.p, word, l.len) == 0;
}

static bool has_token(struct line l, const char *token)
{
    size_t n = strlen(token);
    for (size_t i = 0; i + n <= l.len; i++)
        if (strncasecmp(l.p + i, token, n) == 0) return true;
    return false;
}

static enum http_method method_of(struct line l)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (l.len == strlen(names[i]) && memcmp(l.p, names[i], l.len) == 0)
            return (enum http_method)i;
    return HTTP_OTHER;
}

static bool parse_length(struct line value, uint64_t *length)
{
    char digits[24];
    const char *at = digits;
    if (value.len == 0 || value.len >= sizeof digits) return false;
    memcpy(digits, value.p, value.len);
    digits[value.len] = '\0';
    return text_take_u64(&at, (uint64_t)1 << 62, length) && *at == '\0';
}

static int take_field(struct http_head *head, struct line l)
{
    const char *colon = memchr(l.p, ':', l.len);
    if (colon == NULL || colon == l.p) return 400;
    struct line name = {l.p, (size_t)(colon - l.p)};
    struct line value = {colon + 1, l.len - name.len - 1};
    while (value.len > 0 && (value.p[0] == ' ' || value.p[0] == '\t')) value.p++, value.len--;
    while (value.len > 0 && (value.p[value.len - 1] == ' ')) value.len--;

    if (is_word(name, "Content-Length") && !parse_length(value, &head->length)) return 400;
    if (is_word(name, "Transfer-Encoding")) {
        if (!is_word(value, "chunked")) return 501;
        head->chunked = true;
    }
    if (is_word(name, "Expect")) head->expects_continue = has_token(value, "100-continue");
    if (is_word(name, "Connection")) {
        if (has_token(value, "close")) head->keep_alive = false;
        else if (has_token(value, "keep-alive")) head->keep_alive = true;
    }
    return 0;
}

int http_head_parse(struct http_head *head, const char *p, size_t len)
{
    const char *end = p + len;
    *head = (struct http_head){0};
    struct line first = take_line(&p, end);
    head->method = method_of(take_word(&first));
    struct line target = take_word(&first);
    head->target = target.p;
    head->target_len = target.len;
    if (target.len == 0) return 400;
    if (is_word(first, "HTTP/1.1")) head->keep_alive = true;
    else if (!is_word(first, "HTTP/1.0")) return 505;

    while (p < end) {
        struct line l = take_line(&p, end);
        if (l.len == 0) break;
        int wrong = take_field(head, l);
        if (wrong != 0) return wrong;
    }
    // Both would be two answers to one question, a known way to smuggle a request (RFC 9112 §6.3).
    return head->chunked && head->length > 0 ? 400 : 0;
}
