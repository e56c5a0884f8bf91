// trace_fuzz.c - whatever decodes as an event prints, encodes again, and is the same event then.
#include "core/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t once[1 << 20], twice[1 << 20];
    static char line[4096];
    struct trace_event ev;
    for (size_t used; size > 0 && (used = trace_decode(&ev, data, size)) > 0;) {
        CHECK(used <= size);
        struct text t = text_of(line, sizeof line);
        trace_print(&t, &ev);
        size_t len = trace_encode(&ev, once, sizeof once);
        CHECK(len > 0 || trace_encode_size(&ev) > sizeof once);
        if (len > 0) {
            struct trace_event again;
            CHECK(trace_decode(&again, once, len) == len);
            CHECK(trace_encode(&again, twice, sizeof twice) == len);
            CHECK(memcmp(once, twice, len) == 0);
        }
        data += used;
        size -= used;
    }
    return 0;
}
