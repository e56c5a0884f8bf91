// drill_parse_fuzz.c - any bytes as a .pkt script: understood, or refused at a place within them.
#include "scenarios/drill/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    static const struct define defines[] = {{"CODE", "host_unreachable"}, {"COOKIE", "0011"}};
    struct parse_input in = {.path = "fuzz.pkt", .text = {(const char *)p, len},
                             .defines = defines, .defines_count = ARRAY_LEN(defines)};
    struct parse_error error;
    struct script s;
    if (!script_parse(&s, &in, &error)) {
        CHECK(error.at <= len && error.line > 0 && error.column > 0 && error.text[0] != 0);
        return 0;
    }
    unsigned steps = 0;
    for (const struct drill_step *step = s.steps; step != NULL; step = step->next, steps++)
        CHECK(step->at < step->end && step->end <= len);
    CHECK(steps == s.count && steps > 0);
    script_free(&s);
    return 0;
}
