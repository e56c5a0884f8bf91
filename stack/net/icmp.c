// icmp.c - see icmp.h.
#include "net/icmp.h"

#include <errno.h>

#include "net/ip.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/ip_wire.h"

enum { TOKEN = 1000000 };

void icmp_init(struct host *h)
{
    h->icmp_at = h->now;
    h->icmp_tokens = h->set.icmp_msgs_burst * TOKEN;
}

bool icmp_may_send(struct host *h)
{
    int64_t most = h->set.icmp_msgs_burst * TOKEN;
    nsec passed = h->now - h->icmp_at;
    if (passed > SEC(60)) passed = SEC(60);
    h->icmp_tokens += passed / USEC(1) * h->set.icmp_msgs_per_sec;  // a token in a million parts
    if (h->icmp_tokens > most) h->icmp_tokens = most;
    h->icmp_at = h->now - passed % USEC(1);
    if (h->icmp_tokens < TOKEN) return false;
    h->icmp_tokens -= TOKEN;
    return true;
}

void icmp_note_answer(struct host *h, struct addr to, uint32_t id_seq)
{
    h->answer[h->answers++ % ICMP_ANSWERS] = (struct icmp_answer){to, id_seq};
}

enum drop icmp_error(struct host *h, const struct ip_error *e)
{
    uint8_t reply = e->proto == IP_PROTO_ICMP4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY;
    if (e->error != EMSGSIZE || e->quoted[0] != reply) return DROP_ICMP_NO_SOCKET;
    uint32_t id_seq = get32(e->quoted + 4);
    for (int i = 0; i < ICMP_ANSWERS; i++) {
        if (h->answer[i].id_seq != id_seq || !addr_eq(h->answer[i].to, e->dst)) continue;
        ip_believe(h, e);
        return DROP_NONE;
    }
    return DROP_ICMP_NO_SOCKET;
}
