// A picture written is the picture read, and a failure leaves nothing behind.
#include "claims.h"
#include "viz/png.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[32];

static int files_in(const char *path)
{
    int n = 0;
    DIR *d = opendir(path);
    while (readdir(d)) n++;
    closedir(d);
    return n - 2;
}

START_TEST(what_is_written_is_read)
{
    char path[64], err[256] = "";
    struct canvas a, b;
    snprintf(dir, sizeof dir, "/tmp/netglass-png-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a.png", dir);
    ck_assert(canvas_init(&a, 61, 37));
    canvas_clear(&a, 0x102030);
    canvas_circle(&a, pt(30, 18), 14, 0xc0ff8000);
    for (int again = 0; again < 2; again++)  // over an old one, too
        ck_assert_msg(png_write(&a, path, err, sizeof err), "%s", err);
    ck_assert_int_eq(files_in(dir), 1);
    ck_assert_msg(png_read(&b, path, err, sizeof err), "%s", err);
    ck_assert_int_eq(b.w, 61);
    ck_assert_int_eq(b.h, 37);
    ck_assert_mem_eq(a.px, b.px, 61 * 37 * 4);
    canvas_free(&a);
    canvas_free(&b);
    unlink(path);
    rmdir(dir);
}
END_TEST

START_TEST(failure_is_one_sentence_and_no_file)
{
    char path[64], err[256] = "";
    struct canvas a;
    ck_assert(canvas_init(&a, 8, 8));
    snprintf(dir, sizeof dir, "/tmp/netglass-png-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert(!png_write(&a, "/nonexistent/a.png", err, sizeof err));
    ck_assert_str_eq(err, "cannot write /nonexistent/a.png: No such file or directory");
    snprintf(path, sizeof path, "%s/a.png", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);  // cannot be renamed over
    ck_assert(!png_write(&a, path, err, sizeof err));
    ck_assert_ptr_nonnull(strstr(err, "Is a directory"));
    ck_assert_int_eq(files_in(dir), 1);
    ck_assert(!png_read(&a, "/nonexistent/a.png", err, sizeof err));
    ck_assert_ptr_nonnull(strstr(err, "cannot read /nonexistent/a.png: "));
    canvas_free(&a);
    rmdir(path);
    rmdir(dir);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("png");
    TCase *t = tcase_create("png");
    tcase_add_test(t, what_is_written_is_read);
    tcase_add_test(t, failure_is_one_sentence_and_no_file);
    suite_add_tcase(s, t);
    return run_claims(s);
}
