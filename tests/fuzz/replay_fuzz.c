// replay_fuzz.c - any bytes as a capture: events that are valid, then an end or a sentence.
#include "capture/pcapng.h"
#include "capture/replay.h"

// A recording of ours names the version of the events. It is made right, so that the fuzzer gets
// past it and old seeds stay good.
static void make_version_right(uint8_t *p, size_t len)
{
    static const uint8_t hello[] = {0x31, 0x4e, 0x47, 0x31, PCAPNG_HELLO, 0, 0, 0};
    uint8_t *at = memmem(p, len, hello, sizeof hello);
    if (at == NULL || (size_t)(p + len - at) < PCAPNG_HELLO_LEN) return;
    le_put32(at + 8, (uint32_t)trace_schema());
    le_put32(at + 12, (uint32_t)(trace_schema() >> 32));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char line[4096];
    static uint8_t file[1 << 20];
    char error[300] = "";
    if (size > sizeof file) return 0;
    if (size > 0) memcpy(file, data, size);
    make_version_right(file, size);
    struct replay *r = replay_open_bytes(file, size, error, sizeof error);
    if (r == NULL) {
        CHECK(error[0] != '\0');
        return 0;
    }
    struct trace_event ev;
    enum replay_next next;
    while ((next = replay_next(r, &ev)) == REPLAY_EVENT) {
        CHECK(ev.type < TRACE_TYPES);
        struct text t = text_of(line, sizeof line);
        trace_print(&t, &ev);
        struct trace_bytes data_told = {NULL, 0};
        if (ev.type == TRACE_FRAME_TX) data_told = ev.frame_tx.data;
        if (ev.type == TRACE_FRAME_RX) data_told = ev.frame_rx.data;
        uint8_t sum = 0;
        for (uint32_t i = 0; i < data_told.len; i++) sum ^= data_told.p[i];
        line[0] = (char)sum;  // every byte that is told can be read
    }
    CHECK((next == REPLAY_BROKEN) == (replay_error(r)[0] != '\0'));
    CHECK(replay_tell(r) <= size);
    replay_close(r);
    return 0;
}
