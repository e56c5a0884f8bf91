// addr_fuzz.c - any text: what is read as an address prints, and is the same address then.
#include "base/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    char *s = malloc(len + 1);  // on the heap, so that a step past its end is seen
    CHECK(s != NULL);
    memcpy(s, p, len);
    s[len] = '\0';

    char buf[ENDPOINT_TEXT];
    struct addr a, a2;
    if (addr_parse(&a, s)) CHECK(addr_parse(&a2, addr_print(a, buf)) && addr_eq(a, a2));
    struct prefix n, n2;
    if (prefix_parse(&n, s)) {
        CHECK(prefix_parse(&n2, prefix_print(n, buf)));
        CHECK(n.bits == n2.bits && addr_eq(n.addr, n2.addr) && prefix_contains(n, n2.addr));
    }
    struct endpoint e, e2;
    if (endpoint_parse(&e, s)) {
        CHECK(endpoint_parse(&e2, endpoint_print(e, buf)));
        CHECK(endpoint_eq(e, e2));
    }
    struct mac m, m2;
    if (mac_parse(&m, s)) CHECK(mac_parse(&m2, mac_print(m, buf)) && mac_eq(m, m2));
    free(s);
    return 0;
}
