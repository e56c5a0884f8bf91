// counter_list.c - see counter_list.h.
#include "scenarios/list/counter_list.h"

#include "wire/ip_wire.h"

enum { TERMS_MAX = 8, VALUE_COLUMN = 32 };

enum source { NOTHING, DELIVERED, SENT_FROM_TO, SENT_WHY, DROPPED, MOVED, FRAMES };
enum frames { FRAMES_IN, BYTES_IN, FRAMES_OUT, BYTES_OUT, COOKIES_BACK };

// One summand; it is subtracted if `less`.
struct term { enum source from; int a, b; bool less; };

#define TO(proto)         {DELIVERED, IP_PROTO_##proto, 0, false}
#define WHY(why)          {SENT_WHY, SENT_##why, 0, false}
#define LESS_WHY(why)     {SENT_WHY, SENT_##why, 0, true}
#define LOST(why)         {DROPPED, DROP_##why, 0, false}
#define LESS_LOST(why)    {DROPPED, DROP_##why, 0, true}
#define ARROW(here, there) {MOVED, TCP_##here, TCP_##there, false}

static const struct counter { const char *name; struct term terms[TERMS_MAX]; } counters[] = {
    {"IfInPkts",     {{FRAMES, FRAMES_IN, 0, false}}},
    {"IfInOctets",   {{FRAMES, BYTES_IN, 0, false}}},
    {"IfOutPkts",    {{FRAMES, FRAMES_OUT, 0, false}}},
    {"IfOutOctets",  {{FRAMES, BYTES_OUT, 0, false}}},
    {"IpInHdrErrors", {LOST(IP4_TRUNCATED), LOST(IP4_BAD_VERSION), LOST(IP4_BAD_LENGTH),
                       LOST(IP4_BAD_CSUM), LOST(IP4_BAD_OPTION), LOST(IP_TTL_EXPIRED)}},
    {"IpInAddrErrors", {LOST(IP_NOT_MINE), LOST(IP_BAD_SOURCE)}},
    {"IpInUnknownProtos", {LOST(IP_NO_PROTOCOL)}},
    {"IpInDelivers", {TO(ICMP4), TO(IGMP), TO(TCP), TO(UDP), TO(ICMP6)}},
    {"IpOutNoRoutes", {LOST(IP_NO_ROUTE), LOST(IP_NO_SOURCE)}},
    {"IcmpInMsgs",   {TO(ICMP4)}},
    {"IcmpInErrors", {LOST(ICMP_TRUNCATED), LOST(ICMP_BAD_CSUM), LOST(ICMP_BAD_QUOTE)}},
    {"IcmpInCsumErrors", {LOST(ICMP_BAD_CSUM)}},
    {"IcmpOutDestUnreachs", {WHY(PORT_UNREACHABLE), WHY(PROTO_UNREACHABLE), WHY(UNREACHABLE)}},
    {"IcmpOutTimeExcds", {WHY(TTL_EXCEEDED), WHY(REASSEMBLY_EXCEEDED)}},
    {"IcmpOutRedirects", {WHY(REDIRECT)}},
    {"IcmpOutEchos", {WHY(ECHO_REQUEST)}},
    {"IcmpOutEchoReps", {WHY(ECHO_REPLY)}},
    {"Icmp6InMsgs",  {TO(ICMP6)}},
    {"TcpActiveOpens", {ARROW(CLOSED, SYN_SENT)}},
    {"TcpPassiveOpens", {ARROW(CLOSED, SYN_RCVD)}},
    {"TcpAttemptFails", {ARROW(SYN_SENT, CLOSED), ARROW(SYN_RCVD, CLOSED)}},
    {"TcpEstabResets", {ARROW(ESTABLISHED, CLOSED), ARROW(CLOSE_WAIT, CLOSED)}},
    {"TcpInSegs",    {TO(TCP)}},
    {"TcpOutSegs",   {{SENT_FROM_TO, SENT_SYN, SENT_RST_TIMEOUT, false}, LESS_WHY(SYN_AGAIN),
                      LESS_WHY(SYN_ACK_AGAIN), LESS_WHY(RTO), LESS_WHY(FAST_RETRANSMIT),
                      LESS_WHY(RECOVERY)}},
    {"TcpRetransSegs", {WHY(SYN_AGAIN), WHY(SYN_ACK_AGAIN), WHY(RTO), WHY(FAST_RETRANSMIT),
                        WHY(RECOVERY)}},
    {"TcpInErrs",    {LOST(TCP_TRUNCATED), LOST(TCP_BAD_OFFSET), LOST(TCP_BAD_OPTION),
                      LOST(TCP_BAD_CSUM)}},
    {"TcpInCsumErrors", {LOST(TCP_BAD_CSUM)}},
    {"TcpOutRsts",   {{SENT_FROM_TO, SENT_RST_REFUSED, SENT_RST_TIMEOUT, false}}},
    {"UdpInDatagrams", {TO(UDP), LESS_LOST(UDP_TRUNCATED), LESS_LOST(UDP_BAD_LENGTH),
                        LESS_LOST(UDP_BAD_CSUM), LESS_LOST(UDP_NO_SOCKET),
                        LESS_LOST(UDP_QUEUE_FULL)}},
    {"UdpNoPorts",   {LOST(UDP_NO_SOCKET)}},
    {"UdpInErrors",  {LOST(UDP_TRUNCATED), LOST(UDP_BAD_LENGTH), LOST(UDP_BAD_CSUM),
                      LOST(UDP_QUEUE_FULL)}},
    {"UdpInCsumErrors", {LOST(UDP_BAD_CSUM)}},
    {"UdpRcvbufErrors", {LOST(UDP_QUEUE_FULL)}},
    {"UdpOutDatagrams", {WHY(DATAGRAM)}},
    {"TcpExtSyncookiesSent", {WHY(SYN_COOKIE)}},
    {"TcpExtSyncookiesRecv", {{FRAMES, COOKIES_BACK, 0, false}}},
    {"TcpExtSyncookiesFailed", {LOST(TCP_BAD_COOKIE)}},
    {"TcpExtTW",     {ARROW(FIN_WAIT_2, TIME_WAIT), ARROW(CLOSING, TIME_WAIT)}},
    {"TcpExtPAWSEstab", {LOST(TCP_PAWS)}},
    {"TcpExtOutOfWindowIcmps", {LOST(TCP_ICMP_NOT_IN_FLIGHT)}},
    {"TcpExtDelayedACKs", {WHY(DELAYED_ACK)}},
    {"TcpExtListenOverflows", {LOST(TCP_ACCEPT_QUEUE_FULL)}},
    {"TcpExtListenDrops", {LOST(TCP_ACCEPT_QUEUE_FULL), LOST(TCP_SYN_QUEUE_FULL)}},
    {"TcpExtTCPTimeouts", {WHY(RTO), WHY(SYN_AGAIN), WHY(SYN_ACK_AGAIN)}},
    {"TcpExtTCPLossProbes", {WHY(TAIL_PROBE)}},
    {"TcpExtTCPFastRetrans", {WHY(FAST_RETRANSMIT), WHY(RECOVERY)}},
    {"TcpExtTCPChallengeACK", {WHY(CHALLENGE_ACK)}},
    {"TcpExtTCPKeepAlive", {WHY(KEEPALIVE)}},
    {"TcpExtTCPWinProbe", {WHY(WINDOW_PROBE)}},
    {"TcpExtTCPOFODrop", {LOST(TCP_HELD_FULL)}},
    {"TcpExtTCPRcvQDrop", {LOST(TCP_NO_ROOM)}},
    {"TcpExtTCPAbortOnData", {WHY(RST_UNREAD)}},
    {"TcpExtTCPAbortOnClose", {WHY(RST_AFTER_CLOSE)}},
    {"TcpExtTCPAbortOnTimeout", {WHY(RST_TIMEOUT)}},
};

static uint64_t frames_of(const struct counts *c, enum frames which)
{
    switch (which) {
    case FRAMES_IN:  return c->frames_in;
    case BYTES_IN:   return c->bytes_in;
    case FRAMES_OUT: return c->frames_out;
    case BYTES_OUT:  return c->bytes_out;
    case COOKIES_BACK: return c->cookies_back;
    }
    return 0;
}

static uint64_t term_value(const struct counts *c, const struct term *t)
{
    uint64_t sum = 0;
    switch (t->from) {
    case NOTHING:   break;
    case DELIVERED: return c->delivered[t->a];
    case SENT_WHY:  return c->sent[t->a];
    case DROPPED:   return c->dropped[t->a];
    case MOVED:     return c->moved[t->a][t->b];
    case FRAMES:    return frames_of(c, (enum frames)t->a);
    case SENT_FROM_TO:
        for (int i = t->a; i <= t->b; i++) sum += c->sent[i];
        break;
    }
    return sum;
}

static uint64_t counter_sum(const struct counts *c, const struct counter *counter)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < TERMS_MAX; i++) {
        uint64_t v = term_value(c, &counter->terms[i]);
        sum = counter->terms[i].less ? sum - v : sum + v;
    }
    return sum;
}

bool counter_value(const struct counts *c, const char *name, uint64_t *v)
{
    for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
        if (strcmp(counters[i].name, name) != 0) continue;
        *v = counter_sum(c, &counters[i]);
        return true;
    }
    return false;
}

// `before` counts the rows that were printed.
static void print_row(FILE *to, const struct counter_list_options *o, const char *name, uint64_t v,
                      unsigned *before)
{
    if (v == 0 && !o->zeros) return;
    unsigned long long n = v;
    if (o->json) fprintf(to, "%s\"%s\":%llu", *before > 0 ? "," : "", name, n);
    else fprintf(to, "%-*s%llu\n", VALUE_COLUMN, name, n);
    ++*before;
}

void counter_list_print(FILE *to, const struct counts *c, const struct counter_list_options *o)
{
    unsigned rows = 0;
    fputs(o->json ? "{\"netglass\":{" : "#netglass\n", to);
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        print_row(to, o, counters[i].name, counter_sum(c, &counters[i]), &rows);
    for (int d = DROP_NONE + 1; d < DROPS; d++) {
        char name[64];
        snprintf(name, sizeof name, "Drop.%s", drop_name((enum drop)d));
        print_row(to, o, name, c->dropped[d], &rows);
    }
    fputs(o->json ? "}}\n" : "", to);
}
