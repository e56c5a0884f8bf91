// vlan_wire_fuzz.c - a VLAN tag means the same after a round trip.
#include "wire/vlan_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    uint8_t a[VLAN_TAG_LEN], b[VLAN_TAG_LEN];
    struct vlan_tag once, twice;
    if (vlan_parse(&once, p, len) != DROP_NONE) return 0;

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, sizeof a);
    memset(b, 0x5a, sizeof b);
    size_t used = vlan_emit(&once, a);
    CHECK(vlan_parse(&twice, a, used) == DROP_NONE);
    CHECK(vlan_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
    return 0;
}
