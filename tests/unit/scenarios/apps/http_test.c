// http_test.c - what a request's head means, and where a path may lead.
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claims.h"
#include "scenarios/apps/http_head.h"
#include "scenarios/apps/http_path.h"

static const struct {
    const char      *head;
    int              wrong;
    enum http_method method;
    uint64_t         length;
    bool             keep_alive, chunked, expects;
} heads[] = {
    {"GET / HTTP/1.1\r\n\r\n", 0, HTTP_GET, 0, true, false, false},
    {"GET / HTTP/1.0\r\n\r\n", 0, HTTP_GET, 0, false, false, false},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 0, HTTP_GET, 0, true, false, false},
    {"HEAD /x HTTP/1.1\r\nConnection: close\r\n\r\n", 0, HTTP_HEAD, 0, false, false, false},
    {"POST /x HTTP/1.1\r\nCONTENT-LENGTH:  12 \r\n\r\n", 0, HTTP_POST, 12, true, false, false},
    {"PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n", 0, HTTP_PUT,
     0, true, true, true},
    {"BREW /pot HTTP/1.1\r\n\r\n", 0, HTTP_OTHER, 0, true, false, false},
    {"GET / HTTP/2.0\r\n\r\n", 505, HTTP_GET, 0, false, false, false},
    {"GET /\r\n\r\n", 505, HTTP_GET, 0, false, false, false},
    {"GET\r\n\r\n", 400, HTTP_GET, 0, false, false, false},
    {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, HTTP_GET, 0, false, false, false},
    {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, HTTP_GET, 0, false, false, false},
    {"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400, HTTP_GET, 0, false,
     false, false},
    {"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, HTTP_POST,
     0, false, false, false},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501, HTTP_POST, 0, false, false, false},
};

START_TEST(heads_mean_what_they_say)
{
    struct http_head h;
    size_t end = http_head_end(heads[_i].head, strlen(heads[_i].head));
    ck_assert_uint_eq(end, strlen(heads[_i].head));
    ck_assert_int_eq(http_head_parse(&h, heads[_i].head, end), heads[_i].wrong);
    if (heads[_i].wrong != 0) return;
    ck_assert_int_eq(h.method, heads[_i].method);
    ck_assert_uint_eq(h.length, heads[_i].length);
    ck_assert_int_eq(h.keep_alive, heads[_i].keep_alive);
    ck_assert_int_eq(h.chunked, heads[_i].chunked);
    ck_assert_int_eq(h.expects_continue, heads[_i].expects);
}
END_TEST

START_TEST(a_head_without_its_empty_line_is_not_all_there)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    for (size_t len = 0; len < sizeof head - 1; len++)
        ck_assert_uint_eq(http_head_end(head, len), 0);
}
END_TEST

static const struct { const char *target, *path; } paths[] = {
    {"/", ""}, {"/a/b.txt", "a/b.txt"}, {"/a%20b?query=1", "a b"}, {"/a#part", "a"},
    {"/..a/b..", "..a/b.."}, {"/a//b", "a//b"}, {"//a", "/a"},
    {"", NULL}, {"a", NULL}, {"/..", NULL}, {"/a/../b", NULL}, {"/%2e%2e/b", NULL},
    {"/a/%2E.", NULL}, {"/%00", NULL}, {"/%", NULL}, {"/%4", NULL}, {"/%zz", NULL},
    {"//..", NULL}, {"/a/..//b", NULL},
};

START_TEST(targets_become_paths_or_nothing)
{
    char path[HTTP_PATH_MAX];
    bool good = http_path_decode(paths[_i].target, strlen(paths[_i].target), path);
    ck_assert_int_eq(good, paths[_i].path != NULL);
    if (good) ck_assert_str_eq(path, paths[_i].path);
}
END_TEST

START_TEST(a_long_target_is_refused)
{
    static char target[HTTP_PATH_MAX + 2];
    char path[HTTP_PATH_MAX];
    memset(target, 'a', sizeof target);
    target[0] = '/';
    ck_assert(http_path_decode(target, HTTP_PATH_MAX, path));
    ck_assert(!http_path_decode(target, HTTP_PATH_MAX + 1, path));
}
END_TEST

START_TEST(a_walk_stays_below_the_root)
{
    char root[] = "/tmp/http_test.XXXXXX", name[64];
    ck_assert_ptr_nonnull(mkdtemp(root));
    int dir = open(root, O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(mkdirat(dir, "sub", 0755), 0);
    close(openat(dir, "sub/file", O_CREAT | O_WRONLY, 0644));
    ck_assert_int_eq(symlinkat("/etc", dir, "etc"), 0);
    ck_assert_int_eq(mkfifoat(dir, "pipe", 0644), 0);

    static const struct { const char *path; int error; } walks[] = {
        {"", 0}, {"sub", 0}, {"sub/file", 0}, {"./sub//file", 0}, {"sub/none", ENOENT},
        {"etc", EACCES}, {"etc/passwd", EACCES}, {"pipe", EACCES}, {"sub/file/x", ENOTDIR},
    };
    for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
        int fd = http_path_open(dir, walks[i].path);
        int error = fd < 0 ? errno : 0;
        if (fd >= 0) close(fd);
        ck_assert_msg(error == walks[i].error, "%s: %d", walks[i].path, error);
    }
    static const char *const made[] = {"sub/file", "sub", "etc", "pipe", ""};
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        snprintf(name, sizeof name, "%s/%s", root, made[i]);
        remove(name);
    }
    close(dir);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("http");
    TCase *c = tcase_create("http");
    tcase_add_loop_test(c, heads_mean_what_they_say, 0, (int)ARRAY_LEN(heads));
    tcase_add_test(c, a_head_without_its_empty_line_is_not_all_there);
    tcase_add_loop_test(c, targets_become_paths_or_nothing, 0, (int)ARRAY_LEN(paths));
    tcase_add_test(c, a_long_target_is_refused);
    tcase_add_test(c, a_walk_stays_below_the_root);
    suite_add_tcase(s, c);
    return run_claims(s);
}
