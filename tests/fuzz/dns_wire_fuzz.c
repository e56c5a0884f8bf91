// dns_wire_fuzz.c - an answer of a stranger, to a question whose id and name it knows.
#include "scenarios/apps/dns_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct dns_question asked[] = {{0x6161, DNS_A, "a.b"}, {0x6161, DNS_AAAA, "a.b"}};
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct dns_reply r;
        char sound[DNS_NAME_TEXT];
        if (!dns_parse(&r, &asked[i], data, len) || r.truncated) continue;
        CHECK(r.addrs <= DNS_ADDRS && r.cnames <= DNS_CHAIN_MAX);
        CHECK(dns_name_take(sound, r.name) || r.name[0] == '\0');
        for (unsigned k = 0; k < r.addrs; k++)
            CHECK(addr_len(r.addr[k]) == (asked[i].type == DNS_A ? 4u : 16u));
    }
    return 0;
}
