// icmp.c - see icmp.h.
#include "net/icmp.h"

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
