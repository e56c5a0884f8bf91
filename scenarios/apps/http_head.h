// http_head.h - the head of an HTTP/1.x request (RFC 9112), parsed. No state, no allocation.
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/base.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_OTHER };

struct http_head {
    enum http_method method;
    const char      *target;      // points into the bytes that were parsed
    size_t           target_len;
    uint64_t         length;      // of the body: Content-Length, 0 if absent
    bool             chunked;     // the body comes in chunks instead
    bool             keep_alive;  // the connection may serve another request
    bool             expects_continue;
};

// The length of the head in p, its empty line included; 0: it is not all there yet.
size_t http_head_end(const char *p, size_t len);
// 0, or the status code that says what is wrong with it (400, 505).
int    http_head_parse(struct http_head *head, const char *p, size_t len);

#endif
