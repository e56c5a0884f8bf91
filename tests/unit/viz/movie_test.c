// Movies by ffmpeg where it is installed, and by impostors that fail in every way it could.
#include "claims.h"
#include "viz/movie.h"
#include "viz/png.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[32], path[96], err[600];
static int home;  // the tests that share this process look for files there
static struct canvas c;

static void setup(void)
{
    snprintf(dir, sizeof dir, "/tmp/netglass-movie-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(home, 0);
    ck_assert(canvas_init(&c, 33, 21));  // odd sizes, which H.264 cannot have by itself
}

static void teardown(void)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d));) unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(dir);
    canvas_free(&c);
    ck_assert_int_eq(fchdir(home), 0);
    close(home);
}

static int files(void)
{
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.' && strcmp(e->d_name, "ffmpeg");
    closedir(d);
    return n;
}

static struct movie *begin(const char *name)
{
    snprintf(path, sizeof path, "%s", name);
    ck_assert_int_eq(chdir(dir), 0);
    err[0] = 0;
    struct movie_options o = {.path = path, .w = c.w, .h = c.h, .fps = 20};
    return movie_open(&o, err, sizeof err);
}

static bool film(struct movie *m, int frames)
{
    for (int i = 0; i < frames; i++) {
        canvas_clear(&c, palette_rgb(THEME_DARK, PALETTE_PANEL));
        canvas_circle(&c, pt((float)i * 3, 10), 5, palette_rgb(THEME_DARK, PALETTE_LOSS));
        if (!movie_frame(m, &c, err, sizeof err)) return false;
    }
    return true;
}

static void impostor(const char *script)
{
    char name[96];
    snprintf(name, sizeof name, "%s/ffmpeg", dir);
    FILE *f = fopen(name, "w");
    fprintf(f, "#!/bin/sh\n%s\n", script);
    fclose(f);
    chmod(name, 0755);
    char search[256];
    snprintf(search, sizeof search, "%s:/usr/bin:/bin", dir);
    setenv("PATH", search, 1);
}

static bool have_ffmpeg(void)
{
    return access("/usr/bin/ffmpeg", X_OK) == 0;
}

static size_t bytes_of_file(uint8_t *buf, size_t len)
{
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    size_t n = fread(buf, 1, len, f);
    fclose(f);
    return n;
}

START_TEST(an_mp4_is_made_whole)
{
    if (!have_ffmpeg()) return;
    struct movie *m = begin("a.mp4");
    ck_assert_msg(m && film(m, 12) && movie_close(m, err, sizeof err), "%s", err);
    uint8_t head[16];
    ck_assert_uint_eq(bytes_of_file(head, sizeof head), sizeof head);
    ck_assert_mem_eq(head + 4, "ftyp", 4);
    ck_assert_int_eq(files(), 1);
}
END_TEST

START_TEST(a_gif_keeps_the_themes_colours)
{
    if (!have_ffmpeg()) return;
    struct movie *m = begin("-a:b.gif");  // a name like an option, and like a protocol
    ck_assert_msg(m && film(m, 8) && movie_close(m, err, sizeof err), "%s", err);
    uint8_t gif[4096];
    size_t n = bytes_of_file(gif, sizeof gif);
    ck_assert_uint_gt(n, 800);
    ck_assert_mem_eq(gif, "GIF89a\x21\0\x15\0", 10);  // 33 x 21
    uint8_t want[3] = {0x15, 0x1c, 0x27};             // the panel, in the table of colours
    ck_assert_ptr_nonnull(memmem(gif + 13, 768, want, 3));
    ck_assert_int_eq(files(), 1);
}
END_TEST

START_TEST(a_png_is_the_last_frame)
{
    struct movie *m = begin("a.PNG");
    ck_assert_msg(m && film(m, 3) && movie_close(m, err, sizeof err), "%s", err);
    struct canvas read;
    ck_assert(png_read(&read, path, err, sizeof err));
    ck_assert_mem_eq(read.px, c.px, (size_t)c.w * (size_t)c.h * 4);
    canvas_free(&read);
}
END_TEST

START_TEST(a_missing_ffmpeg_says_what_to_install)
{
    setenv("PATH", dir, 1);
    ck_assert_ptr_null(begin("a.mp4"));
    ck_assert_ptr_nonnull(strstr(err, "a.mp4: the program ffmpeg is not installed"));
    ck_assert_ptr_nonnull(strstr(err, "apt install ffmpeg"));
    ck_assert_int_eq(files(), 0);
}
END_TEST

START_TEST(what_ffmpeg_says_is_passed_on)
{
    impostor("echo first >&2; echo 'no such encoder' >&2; exit 1");
    struct movie *m = begin("a.mp4");
    ck_assert_msg(m != NULL, "%s", err);
    bool ok = true;
    for (int i = 0; i < 2000 && ok; i++) ok = film(m, 1);  // the socket fills, then breaks
    ck_assert(!ok);
    ck_assert_ptr_nonnull(strstr(err, "a.mp4: no such encoder"));
    movie_abandon(m);
}
END_TEST

START_TEST(a_closed_pipe_is_no_signal)
{
    impostor("exec <&-; echo 'hung up' >&2; sleep 0.2; exit 1");
    struct movie *m = begin("a.mp4");
    usleep(100000);
    ck_assert(!film(m, 2));
    ck_assert_ptr_nonnull(strstr(err, "hung up"));
    movie_abandon(m);
}
END_TEST

START_TEST(a_late_failure_leaves_nothing)
{
    impostor("for last; do :; done; cat > \"${last#file:}\"; exit 3");
    struct movie *m = begin("a.mp4");
    ck_assert_msg(m && film(m, 3), "%s", err);
    ck_assert(!movie_close(m, err, sizeof err));
    ck_assert_ptr_nonnull(strstr(err, "ffmpeg stopped without a word"));
    ck_assert_int_eq(files(), 0);
}
END_TEST

START_TEST(an_abandoned_movie_leaves_nothing)
{
    impostor("for last; do :; done; exec cat > \"${last#file:}\"");
    struct movie *m = begin("a.mp4");
    ck_assert_msg(m && film(m, 3), "%s", err);
    movie_abandon(m);
    ck_assert_int_eq(files(), 0);
}
END_TEST

START_TEST(frames_arrive_as_they_were)
{
    impostor("for last; do :; done; exec cat > \"${last#file:}\"");
    struct movie *m = begin("a.mp4");
    ck_assert_msg(m && film(m, 1), "%s", err);
    ck_assert_msg(movie_close(m, err, sizeof err), "%s", err);
    static uint8_t got[33 * 21 * 4 + 1];
    ck_assert_uint_eq(bytes_of_file(got, sizeof got), sizeof got - 1);
    ck_assert_mem_eq(got, c.px, sizeof got - 1);
}
END_TEST

START_TEST(wrong_wishes_are_refused)
{
    static const struct { const char *path; int w, h, fps; const char *why; } row[] = {
        {"a.avi", 10, 10, 25, "the name must end in .png, .svg, .mp4 or .gif"},
        {"mp4", 10, 10, 25, "the name must end in"},
        {"a.mp4", 0, 10, 25, "not a size"}, {"a.mp4", 10, 99999, 25, "not a size"},
        {"a.mp4", 10, 10, 0, "frames a second"}, {"a.gif", 10, 10, 1000, "frames a second"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct movie_options o = {row[i].path, row[i].w, row[i].h, row[i].fps, 0, THEME_DARK};
        ck_assert_ptr_null(movie_open(&o, err, sizeof err));
        ck_assert_msg(strstr(err, row[i].why) != NULL, "%s", err);
    }
    struct movie *m = begin("a.png");
    ck_assert(!movie_close(m, err, sizeof err));
    ck_assert_ptr_nonnull(strstr(err, "not one frame"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("movie");
    TCase *t = tcase_create("movie");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, an_mp4_is_made_whole);
    tcase_add_test(t, a_gif_keeps_the_themes_colours);
    tcase_add_test(t, a_png_is_the_last_frame);
    tcase_add_test(t, a_missing_ffmpeg_says_what_to_install);
    tcase_add_test(t, what_ffmpeg_says_is_passed_on);
    tcase_add_test(t, a_closed_pipe_is_no_signal);
    tcase_add_test(t, a_late_failure_leaves_nothing);
    tcase_add_test(t, an_abandoned_movie_leaves_nothing);
    tcase_add_test(t, frames_arrive_as_they_were);
    tcase_add_test(t, wrong_wishes_are_refused);
    suite_add_tcase(s, t);
    return run_claims(s);
}
