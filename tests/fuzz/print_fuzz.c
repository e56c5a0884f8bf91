// print_fuzz.c - any bytes print as one plain line that fits.
#include "wire/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void check_line(const struct text *t)
{
    CHECK(!t->cut);
    CHECK(t->len > 0);
    CHECK(t->p[t->len] == '\0');
    for (size_t i = 0; i < t->len; i++) CHECK(t->p[i] >= ' ' && t->p[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    static char line[PRINT_TEXT];
    struct text t = text_of(line, sizeof line);
    print_frame(&t, p, len);
    check_line(&t);
    t = text_of(line, sizeof line);
    print_packet(&t, p, len);
    check_line(&t);
    return 0;
}
