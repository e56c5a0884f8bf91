// drill_run_fuzz.c - a script that was tampered with runs to its end or fails with a message: the
// runner, and the whole stack behind it, take whatever packets, calls and settings come.
#include "scenarios/drill/drill.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    struct drill_options o = {.seed = 1, .ignore_shell = len > 0 && p[0] == '/'};
    struct drill_report r;
    enum drill_verdict v = drill_run_text("fuzz.pkt", (struct span){(const char *)p, len}, &o, &r);
    CHECK(v == DRILL_PASSED || (r.message != NULL && r.line > 0));
    drill_report_free(&r);
    return 0;
}
