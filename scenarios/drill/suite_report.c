// suite_report.c - what came out of a suite: for people, and as TAP, JUnit and JSON. See suite.h.
#include <inttypes.h>

#include "scenarios/drill/suite.h"

static void put_fixed(FILE *to, nsec t, unsigned places)
{
    char text[40];
    struct text b = text_of(text, sizeof text);
    nsec unit = 1;
    for (unsigned i = places; i < 9; i++) unit *= 10;
    text_put_fixed(&b, t / unit, places);
    fputs(text, to);
}

static size_t folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) : 0;
}

// --- for people ----------------------------------------------------------------------------------

static void put_stories(const struct suite *s, FILE *to)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct drill_report *r = &s->entry[i].report;
        bool tell = r->verdict != DRILL_PASSED || (r->text != NULL && r->text[0] != 0);
        if (tell && r->text != NULL) fprintf(to, "%s%s", r->text, r->verdict ? "\n" : "");
    }
}

struct count { size_t passed, all; };

static bool same_folder(const char *a, const char *b)
{
    size_t n = folder_len(a);
    return n == folder_len(b) && memcmp(a, b, n) == 0;
}

// Scripts of a folder need not stand together: it is told of where its first one stands.
static void put_folder(const struct suite *s, size_t first, FILE *to)
{
    const char *path = s->entry[first].path;
    struct count c = {0};
    for (size_t i = 0; i < first; i++)
        if (same_folder(path, s->entry[i].path)) return;
    for (size_t i = first; i < s->count; i++) {
        if (!same_folder(path, s->entry[i].path)) continue;
        c.all++;
        c.passed += s->entry[i].report.verdict == DRILL_PASSED;
    }
    fprintf(to, "%4zu of %4zu  %.*s\n", c.passed, c.all, (int)folder_len(path), path);
}

static void put_slowest(const struct suite *s, FILE *to, unsigned n)
{
    bool *told = calloc(s->count, sizeof *told);
    for (; told != NULL && n > 0 && n <= s->count; n--) {
        size_t most = s->count;
        for (size_t i = 0; i < s->count; i++)
            if (!told[i] && (most == s->count || s->entry[i].took > s->entry[most].took)) most = i;
        told[most] = true;
        put_fixed(to, s->entry[most].took, 6);
        fprintf(to, " s  %s\n", s->entry[most].path);
    }
    free(told);
}

void suite_report_text(const struct suite *s, FILE *to, unsigned slowest)
{
    put_stories(s, to);
    if (s->count == 1) {
        const struct drill_report *r = &s->entry[0].report;
        fprintf(to, "%s: %s, %" PRIu32 " step%s, ", s->entry[0].path,
                drill_verdict_name(r->verdict), r->steps, r->steps == 1 ? "" : "s");
        put_fixed(to, r->end, 6);
        fputs(" s of virtual time\n", to);
        return;
    }
    for (size_t i = 0; i < s->count; i++) put_folder(s, i, to);
    put_slowest(s, to, slowest < s->count ? slowest : (unsigned)s->count);
    fprintf(to, "%zu passed, %zu failed, %zu broken; ", s->passed, s->failed, s->broken);
    put_fixed(to, s->took, 3);
    fputs(" s\n", to);
}

// --- TAP ---------------------------------------------------------------------------------------

static void put_diagnosis(FILE *to, const char *text)
{
    for (const char *p = text; p != NULL && *p != 0;) {
        size_t n = strcspn(p, "\n");
        fprintf(to, "# %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
}

void suite_report_tap(const struct suite *s, FILE *to)
{
    fprintf(to, "TAP version 13\n1..%zu\n", s->count);
    for (size_t i = 0; i < s->count; i++) {
        const struct suite_entry *e = &s->entry[i];
        bool ok = e->report.verdict == DRILL_PASSED;
        fprintf(to, "%sok %zu - ", ok ? "" : "not ", i + 1);
        for (const char *p = e->path; *p != 0; p++)
            fputc((unsigned char)*p < ' ' ? '?' : *p, to);  // a line end would begin another test
        fputc('\n', to);
        put_diagnosis(to, e->report.text);
    }
}

// --- characters --------------------------------------------------------------------------------

// Bytes of the character at p if it is a good one of UTF-8 beyond ASCII; else 0.
static size_t utf8_len(const char *text, size_t left)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
             : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;
    if (n == 0 || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0)  // too long; halves
            || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90);
    bool none = p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe;  // U+FFFE, U+FFFF
    return bad || none ? 0 : n;
}

// --- JUnit -------------------------------------------------------------------------------------

static void put_xml(FILE *to, const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c == '<') fputs("&lt;", to);
        else if (c == '>') fputs("&gt;", to);
        else if (c == '&') fputs("&amp;", to);
        else if (c == '"') fputs("&quot;", to);
        else if (c >= 0x80 && utf8_len(p + i, len - i) > 0) {
            size_t n = utf8_len(p + i, len - i);
            fwrite(p + i, 1, n, to);
            i += n - 1;
        } else fputc((c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' ? c : '?', to);
    }
}

static void put_case(FILE *to, const struct suite_entry *e)
{
    const struct drill_report *r = &e->report;
    size_t folder = folder_len(e->path);
    fputs("  <testcase classname=\"", to);
    put_xml(to, e->path, folder);
    fputs("\" name=\"", to);
    const char *name = e->path + folder + (folder > 0);
    put_xml(to, name, strlen(name));
    fputs("\" time=\"", to);
    put_fixed(to, e->took, 6);
    if (r->verdict == DRILL_PASSED) {
        fputs("\"/>\n", to);
        return;
    }
    const char *what = r->verdict == DRILL_FAILED ? "failure" : "error";
    const char *message = r->message != NULL ? r->message : "", *text = r->text;
    fprintf(to, "\">\n    <%s message=\"line %" PRIu32 ": ", what, r->line);
    put_xml(to, message, strlen(message));
    fputs("\">", to);
    if (text != NULL) put_xml(to, text, strlen(text));
    fprintf(to, "</%s>\n  </testcase>\n", what);
}

void suite_report_junit(const struct suite *s, FILE *to)
{
    fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"netglass\" "
                "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"",
            s->count, s->failed, s->broken);
    put_fixed(to, s->took, 6);
    fputs("\">\n", to);
    for (size_t i = 0; i < s->count; i++) put_case(to, &s->entry[i]);
    fputs("</testsuite>\n", to);
}

// --- JSON --------------------------------------------------------------------------------------

static void put_json(FILE *to, const char *p)
{
    fputc('"', to);
    for (; p != NULL && *p != 0; p++) {
        unsigned char c = (unsigned char)*p;
        size_t n = c >= 0x80 ? utf8_len(p, strlen(p)) : 0;
        if (n > 0) {
            fwrite(p, 1, n, to);
            p += n - 1;
        } else if (c >= 0x7f) fputc('?', to);
        else if (c == '"' || c == '\\') fprintf(to, "\\%c", c);
        else if (c == '\n') fputs("\\n", to);
        else if (c < ' ') fprintf(to, "\\u%04x", c);
        else fputc(c, to);
    }
    fputc('"', to);
}

void suite_report_json(const struct suite *s, FILE *to)
{
    fprintf(to, "{\"passed\": %zu, \"failed\": %zu, \"broken\": %zu, \"seconds\": ", s->passed,
            s->failed, s->broken);
    put_fixed(to, s->took, 6);
    fputs(", \"scripts\": [", to);
    for (size_t i = 0; i < s->count; i++) {
        const struct drill_report *r = &s->entry[i].report;
        fprintf(to, "%s\n  {\"path\": ", i > 0 ? "," : "");
        put_json(to, s->entry[i].path);
        fprintf(to, ", \"verdict\": \"%s\", \"steps\": %" PRIu32 ", \"warnings\": %" PRIu32
                    ", \"virtual_seconds\": ", drill_verdict_name(r->verdict), r->steps,
                r->warnings);
        put_fixed(to, r->end, 6);
        fputs(", \"seconds\": ", to);
        put_fixed(to, s->entry[i].took, 6);
        if (r->verdict != DRILL_PASSED) {
            fprintf(to, ", \"line\": %" PRIu32 ", \"column\": %" PRIu32 ", \"message\": ", r->line,
                    r->column);
            put_json(to, r->message);
            fputs(", \"story\": ", to);
            put_json(to, r->text);
        }
        fputc('}', to);
    }
    fputs("\n]}\n", to);
}
