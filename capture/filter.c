// filter.c - see filter.h.
#include "capture/filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "capture/pcapng.h"

enum { EXPRESSION_MAX = 4000, WORD_MAX = 40 };

struct filter { struct bpf_program program; };

// The words of pcap-filter(7) that need no look-up, but for radio and ATM.
static const char *const words[] = {
    "ah", "aarp", "and", "arp", "broadcast", "bootpc", "byte", "carp", "dir", "direction", "dst",
    "decnet", "ether", "esp", "fddi", "gateway", "geneve", "greater", "host", "icmp", "icmp6",
    "icmptype", "icmpcode", "icmp6type", "icmp6code", "icmp-echo", "icmp-echoreply",
    "icmp-ireq", "icmp-ireqreply", "icmp-maskreply", "icmp-maskreq", "icmp-paramprob",
    "icmp-redirect", "icmp-routeradvert", "icmp-routersolicit", "icmp-sourcequench",
    "icmp-timxceed", "icmp-tstamp", "icmp-tstampreply", "icmp-unreach",
    "icmp6-destinationrunreach", "icmp6-echo", "icmp6-echoreply", "icmp6-haadiscovreply",
    "icmp6-haadiscovrequest", "icmp6-mobileprefixadvert", "icmp6-mobileprefixsolicit",
    "icmp6-multicastlistenerdone", "icmp6-multicastlistenerquery",
    "icmp6-multicastlistenerreportv1", "icmp6-multicastlistenerreportv2",
    "icmp6-neighboradvert", "icmp6-neighborsolicit", "icmp6-nodeinformationquery",
    "icmp6-nodeinformationresponse", "icmp6-packettoobig", "icmp6-parameterproblem",
    "icmp6-redirect", "icmp6-routeradvert", "icmp6-routerrenum", "icmp6-routersolicit",
    "icmp6-timeexceeded", "igmp", "igrp", "in", "inbound", "ip", "ip6", "ipx", "iso", "len",
    "less", "link", "mask", "mpls", "multicast", "net", "netbeui", "not", "or", "outbound",
    "pim", "port", "portrange", "pppoed", "pppoes", "proto", "protochain", "rarp", "sctp", "src",
    "stp", "tcp", "tcpflags", "tcp-ack", "tcp-cwr", "tcp-ece", "tcp-fin", "tcp-push", "tcp-rst",
    "tcp-syn", "tcp-urg", "udp", "vlan", "vrrp",
};

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c)  { return c >= '0' && c <= '9'; }

// Inside brackets a colon stands between an offset and a length: ip[2:2].
static bool begins_word(char c, bool in_brackets)
{
    return is_letter(c) || is_digit(c) || (c == ':' && !in_brackets);
}

static bool is_in_word(char c, bool in_brackets)
{
    return begins_word(c, in_brackets) || c == '.' || c == '_' || c == '-';
}

// How many digits stand at p.
static size_t digits(const char *p, size_t len, bool hex)
{
    size_t n = 0;
    while (n < len && (is_digit(p[n]) || (hex && text_hex_digit(p[n]) >= 0))) n++;
    return n;
}

// "80", "0x1f", "10.0.0" (a net), "80-90", "fd00::1", "02:00:00:00:00:01". What only resembles one
// of them would be a name to libpcap, so the whole word must be one.
static bool is_number(const char *p, size_t len)
{
    char text[ADDR_TEXT];
    struct addr a;
    struct mac m;
    if (memchr(p, ':', len) != NULL) {
        if (len >= sizeof text) return false;
        memcpy(text, p, len);
        text[len] = '\0';
        return addr_parse(&a, text) || mac_parse(&m, text);
    }
    if (len > 2 && p[0] == '0' && p[1] == 'x') return digits(p + 2, len - 2, true) == len - 2;
    size_t n = digits(p, len, false);
    for (int parts = 1; n > 0 && n < len && p[n] == '.' && parts < 4; parts++) {
        size_t more = digits(p + n + 1, len - n - 1, false);
        n = more == 0 ? 0 : n + 1 + more;
    }
    return n > 0 && n == len;
}

static bool is_range(const char *p, size_t len)
{
    size_t n = digits(p, len, false);
    if (n == 0 || n + 1 >= len || p[n] != '-') return false;
    return n + 1 + digits(p + n + 1, len - n - 1, false) == len;
}

static bool is_word(const char *p, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i]) == len && memcmp(words[i], p, len) == 0) return true;
    return false;
}

// False at the first word that libpcap would have to look up.
static bool only_known_words(const char *expression, char *error, size_t cap)
{
    bool range = false, in_brackets = false;
    for (const char *p = expression; *p != '\0';) {
        if (*p == '[' || *p == ']') in_brackets = *p == '[';
        if (!begins_word(*p, in_brackets)) {
            p++;
            continue;
        }
        size_t len = 0;
        while (is_in_word(p[len], in_brackets)) len++;
        if (!is_word(p, len) && !is_number(p, len) && !(range && is_range(p, len))) {
            snprintf(error, cap, "filter '%s': '%.*s' is no word of the filter language; names are "
                     "not looked up here, use a number", expression,
                     (int)(len < WORD_MAX ? len : WORD_MAX), p);
            return false;
        }
        range = len == strlen("portrange") && memcmp(p, "portrange", len) == 0;
        p += len;
    }
    return true;
}

struct filter *filter_compile(const char *expression, char *error, size_t cap)
{
    if (strlen(expression) > EXPRESSION_MAX) {
        snprintf(error, cap, "a filter may have at most %d characters", EXPRESSION_MAX);
        return NULL;
    }
    if (!only_known_words(expression, error, cap)) return NULL;
    struct filter *f = calloc(1, sizeof *f);
    pcap_t *pcap = f == NULL ? NULL : pcap_open_dead(DLT_EN10MB, PCAPNG_SNAPLEN);
    if (pcap == NULL) {
        free(f);
        snprintf(error, cap, "out of memory");
        return NULL;
    }
    if (pcap_compile(pcap, &f->program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        snprintf(error, cap, "filter '%s': %s", expression, pcap_geterr(pcap));
        free(f);
        f = NULL;
    }
    pcap_close(pcap);
    return f;
}

bool filter_match(const struct filter *f, const uint8_t *frame, size_t len)
{
    struct pcap_pkthdr h = {.caplen = (bpf_u_int32)len, .len = (bpf_u_int32)len};
    return pcap_offline_filter(&f->program, &h, frame) != 0;
}

void filter_free(struct filter *f)
{
    if (f == NULL) return;
    pcap_freecode(&f->program);
    free(f);
}
