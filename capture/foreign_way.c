// foreign_way.c - see foreign_way.h.
#include "capture/foreign_way.h"

#include "base/hash.h"
#include "wire/eth_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/vlan_wire.h"

// Packets are forgotten after a second: no queue on the way is longer, and IPv4 identifications
// come again. What follows the headers is told apart by its checksum, so few bytes are enough.
enum { PACKETS = 8192, HOPS = 8, BYTES_MAX = 128 };
static const nsec MEMORY = SEC(1);

struct packet {
    uint64_t   hash;
    nsec       at;
    struct mac from;
    uint8_t    ttl;              // on the first link
    uint32_t   links[HOPS];      // how often it was seen with so much less than that
};

struct foreign_way { struct packet packet[PACKETS]; };

struct foreign_way *foreign_way_new(void) { return calloc(1, sizeof(struct foreign_way)); }

void foreign_way_free(struct foreign_way *w) { free(w); }

// The packet as all links of its way have it, and its TTL. False: it is not of IP.
static bool read_packet(const uint8_t *frame, size_t len, uint64_t *hash, uint8_t *ttl)
{
    static const struct hash_key key = {5, 6};  // of no matter: who is not found is told twice
    struct eth_frame eth;
    if (eth_parse(&eth, frame, len) != DROP_NONE) return false;
    size_t at = ETH_HDR_LEN;
    struct vlan_tag tag;
    for (int n = 0; n < 2 && eth.type == ETH_TYPE_VLAN; n++, at += VLAN_TAG_LEN) {
        if (vlan_parse(&tag, frame + at, len - at) != DROP_NONE) return false;
        eth.type = tag.type;
    }
    uint8_t same[BYTES_MAX];
    size_t n = len - at < sizeof same ? len - at : sizeof same;
    memcpy(same, frame + at, n);
    if (eth.type == ETH_TYPE_IP4 && n >= IP4_HDR_MIN) {
        *ttl = same[8];
        same[1] = same[8] = same[10] = same[11] = 0;
        n = get16(same + 2) < n ? get16(same + 2) : n;  // padding is the link's
    } else if (eth.type == ETH_TYPE_IP6 && n >= IP6_HDR_LEN) {
        *ttl = same[7];
        same[7] = 0;
        same[0] &= 0xf0, same[1] &= 0x0f;
        n = IP6_HDR_LEN + (size_t)get16(same + 4) < n ? IP6_HDR_LEN + (size_t)get16(same + 4) : n;
    } else {
        return false;
    }
    *hash = hash_bytes(&key, same, n);
    return true;
}

bool foreign_way_is_further(struct foreign_way *w, nsec at, const uint8_t *frame, size_t len,
                            bool made_up)
{
    uint64_t hash;
    uint8_t ttl;
    if (!read_packet(frame, len, &hash, &ttl)) return false;
    struct mac from = mac_of_bytes(frame + 6);
    struct packet *p = &w->packet[hash % PACKETS];
    bool known = p->hash == hash && p->links[0] > 0 && at - p->at <= MEMORY;
    unsigned hops = known && ttl <= p->ttl ? (unsigned)(p->ttl - ttl) : HOPS;
    if (hops > 0 && hops < HOPS && (made_up || !mac_eq(from, p->from)) &&
        p->links[hops] < p->links[0]) {
        p->links[hops]++;
        return true;
    }
    if (hops != 0) *p = (struct packet){.hash = hash, .from = from, .ttl = ttl};
    p->at = at;
    p->links[0]++;
    return false;
}
