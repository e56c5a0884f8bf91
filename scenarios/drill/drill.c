// drill.c - see drill.h.
#include "scenarios/drill/drill.h"

#include <errno.h>
#include <stdio.h>

#include "scenarios/drill/run.h"
#include "scenarios/drill/tell.h"

static enum drill_verdict no_script(struct drill_report *r, const char *path, const char *why)
{
    *r = (struct drill_report){.verdict = DRILL_BROKEN, .line = 1, .column = 1};
    char line[4096 + 256];
    snprintf(line, sizeof line, "%.4000s: %s\n", path, why);
    r->message = strdup(why);
    r->text = strdup(line);
    return DRILL_BROKEN;
}

enum drill_verdict drill_run_text(const char *path, struct span text,
                                  const struct drill_options *o, struct drill_report *r)
{
    struct parse_input in = {.path = path, .text = text, .defines = o->define,
                             .defines_count = o->defines};
    struct parse_error error;
    struct script script;
    size_t size = 0;
    *r = (struct drill_report){.verdict = DRILL_PASSED};
    r->stream = open_memstream(&r->text, &size);
    if (r->stream == NULL) return no_script(r, path, "no memory");
    if (script_parse(&script, &in, &error)) {
        run_script(&script, o, r);
        script_free(&script);
    } else {
        r->verdict = DRILL_BROKEN;
        r->line = error.line;
        r->column = error.column;
        r->message = strdup(error.text);
        tell_parse_error(r->stream, path, text, &error);
    }
    fclose(r->stream);
    r->stream = NULL;
    return r->verdict;
}

enum drill_verdict drill_run(const char *path, const struct drill_options *o,
                             struct drill_report *r)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) return no_script(r, path, strerror(errno));
    char *text = malloc(SCRIPT_MAX + 1);
    size_t len = text != NULL ? fread(text, 1, SCRIPT_MAX + 1, f) : 0;
    bool bad = ferror(f) != 0;
    fclose(f);
    enum drill_verdict v = text == NULL ? no_script(r, path, "no memory")
                         : bad ? no_script(r, path, "it cannot be read")
                         : drill_run_text(path, (struct span){text, len}, o, r);
    free(text);
    return v;
}

void drill_report_free(struct drill_report *r)
{
    free(r->message);
    free(r->text);
    *r = (struct drill_report){0};
}

const char *drill_verdict_name(enum drill_verdict v)
{
    return v == DRILL_PASSED ? "passed" : v == DRILL_FAILED ? "failed" : "broken";
}
