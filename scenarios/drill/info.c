// info.c - see info.h.
#include "scenarios/drill/info.h"

#include "scenarios/drill/symbol.h"

// Linux counts states from ESTABLISHED.
static int64_t linux_state(enum tcp_state s)
{
    static const uint8_t code[TCP_STATES] = {
        [TCP_ESTABLISHED] = 1, [TCP_SYN_SENT] = 2, [TCP_SYN_RCVD] = 3, [TCP_FIN_WAIT_1] = 4,
        [TCP_FIN_WAIT_2] = 5, [TCP_TIME_WAIT] = 6, [TCP_CLOSED] = 7, [TCP_CLOSE_WAIT] = 8,
        [TCP_LAST_ACK] = 9, [TCP_LISTEN] = 10, [TCP_CLOSING] = 11};
    return code[s];
}

// TCPI_OPT_*
static int64_t options_of(const struct ng_tcp_info *i)
{
    return (i->timestamps ? 1 : 0) | (i->sack ? 2 : 0)
         | (i->wscale_snd != 0 || i->wscale_rcv != 0 ? 4 : 0)
         | (i->ecn ? 8 : 0) | (i->ecn_seen ? 16 : 0) | (i->syn_data ? 32 : 0)
         | (i->fastopen_child ? 128 : 0);
}

// Segments, where Linux counts those.
static int64_t segments(uint64_t bytes, const struct ng_tcp_info *i)
{
    return i->mss_snd == 0 ? 0 : (int64_t)((bytes + i->mss_snd - 1) / i->mss_snd);
}

static int64_t ssthresh_of(const struct ng_tcp_info *i)
{
    enum { INFINITE = 0x7fffffff };
    return i->ssthresh >= INFINITE ? INFINITE : segments(i->ssthresh, i);
}

enum field {
#define FIELD(name, value) FIELD_##name,
#include "scenarios/drill/info.def"
#undef FIELD
    FIELDS
};

static const char *const fields[FIELDS] = {
#define FIELD(name, value) "tcpi_" #name,
#include "scenarios/drill/info.def"
#undef FIELD
};

static code_int field_of(const struct ng_tcp_info *i, enum field f)
{
    switch (f) {
#define FIELD(name, value) case FIELD_##name: return (value);
#include "scenarios/drill/info.def"
#undef FIELD
    default: return 0;
    }
}

// --- TCP_CC_INFO --------------------------------------------------------------------------------

// packetdrill writes two of Vegas' names without their v.
enum cc_name { BBR_BW_LO, BBR_BW_HI, BBR_BW, BBR_MIN_RTT, BBR_PACING_GAIN, BBR_CWND_GAIN,
               DCTCP_ENABLED, DCTCP_CE_STATE, DCTCP_ALPHA, DCTCP_AB_ECN, DCTCP_AB_TOT,
               VEGAS_ENABLED, VEGAS_RTTCNT, VEGAS_RTT, VEGAS_RTT_TOO, VEGAS_MINRTT,
               VEGAS_MINRTT_TOO, CC_NAMES };

static const char *const cc_names[CC_NAMES] = {
    "bbr_bw_lo", "bbr_bw_hi", "bbr_bw", "bbr_min_rtt", "bbr_pacing_gain", "bbr_cwnd_gain",
    "dctcp_enabled", "dctcp_ce_state", "dctcp_alpha", "dctcp_ab_ecn", "dctcp_ab_tot",
    "tcpv_enabled", "tcpv_rttcnt", "tcpv_rtt", "tcp_rtt", "tcpv_minrtt", "tcp_minrtt"};

static enum ng_cc_kind kind_of(enum cc_name n)
{
    return n <= BBR_CWND_GAIN ? NG_CC_BBR : n <= DCTCP_AB_TOT ? NG_CC_DCTCP : NG_CC_VEGAS;
}

static code_int cc_value(const struct ng_cc_info *c, enum cc_name n)
{
    switch (n) {
    case BBR_BW_LO:       return (uint32_t)c->bw;
    case BBR_BW_HI:       return c->bw >> 32;
    case BBR_BW:          return c->bw;
    case BBR_MIN_RTT:     return c->min_rtt_us;
    case BBR_PACING_GAIN: return c->pacing_gain;
    case BBR_CWND_GAIN:   return c->cwnd_gain;
    case DCTCP_ENABLED:   case VEGAS_ENABLED: return c->enabled;
    case DCTCP_CE_STATE:  return c->ce_state;
    case DCTCP_ALPHA:     return c->alpha;
    case DCTCP_AB_ECN:    return c->marked;
    case DCTCP_AB_TOT:    return c->acked;
    case VEGAS_RTTCNT:    return c->samples;
    case VEGAS_RTT:       case VEGAS_RTT_TOO: return c->base_us;
    default:              return c->least_us;
    }
}

// --- SO_MEMINFO ---------------------------------------------------------------------------------

static const char *const memory_names[MEMORY_VARS] = {
    "SK_MEMINFO_RMEM_ALLOC", "SK_MEMINFO_RCVBUF", "SK_MEMINFO_WMEM_ALLOC", "SK_MEMINFO_SNDBUF",
    "SK_MEMINFO_FWD_ALLOC", "SK_MEMINFO_WMEM_QUEUED", "SK_MEMINFO_OPTMEM", "SK_MEMINFO_BACKLOG",
    "SK_MEMINFO_DROPS"};

// What waits in the device is not the socket's here, nothing is allocated ahead, a call never finds
// the socket locked, and what TCP drops is counted for the host: those are 0.
bool info_memory(const struct host *h, ng_sock s, uint32_t memory[MEMORY_VARS])
{
    struct ng_sock_memory m;
    if (s == 0 || ng_sock_memory(h, s, &m) < 0) return false;
    memset(memory, 0, MEMORY_VARS * sizeof *memory);
    memory[MEMORY_RMEM_ALLOC] = m.rcv_len;
    memory[MEMORY_RCVBUF] = m.rcv_most;
    memory[MEMORY_WMEM_QUEUED] = m.snd_len;
    memory[MEMORY_SNDBUF] = m.snd_most;
    memory[MEMORY_DROPS] = m.dropped;
    return true;
}

// --- names --------------------------------------------------------------------------------------

static int find(struct span name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (strlen(names[i]) == name.len && memcmp(names[i], name.p, name.len) == 0) return i;
    return -1;
}

void info_ask(struct info *info, const struct host *h, ng_sock s)
{
    *info = (struct info){0};
    info->has_tcp = s != 0 && ng_tcp_info(h, s, &info->tcp) == 0
                 && ng_tcp_cc_info(h, s, &info->cc) == 0;
    info->has_memory = info_memory(h, s, info->memory);
}

bool info_knows(struct span name)
{
    int64_t n;
    return find(name, fields, FIELDS) >= 0 || find(name, cc_names, CC_NAMES) >= 0
        || find(name, memory_names, MEMORY_VARS) >= 0 || symbol_find(name, &n);
}

const char *info_lookup(const struct info *info, struct span name, code_int *n)
{
    static const char *const owners[] = {
        [NG_CC_DCTCP] = "DCTCP's, and the connection has another congestion control",
        [NG_CC_VEGAS] = "Vegas', and the connection has another congestion control",
        [NG_CC_BBR] = "BBR's, and the connection has another congestion control"};
    int64_t symbol;
    int field = find(name, fields, FIELDS), cc = find(name, cc_names, CC_NAMES);
    int memory = find(name, memory_names, MEMORY_VARS);
    if (field >= 0 || cc >= 0 ? !info->has_tcp : memory >= 0 && !info->has_memory)
        return memory >= 0 ? "no socket is open" : "no socket of a connection is open";
    enum ng_cc_kind owner = cc >= 0 ? kind_of((enum cc_name)cc) : NG_CC_PLAIN;
    if (cc >= 0 && info->cc.kind != owner) return owners[owner];
    if (field >= 0) *n = field_of(&info->tcp, (enum field)field);
    else if (cc >= 0) *n = cc_value(&info->cc, (enum cc_name)cc);
    else if (memory >= 0) *n = info->memory[memory];
    else if (symbol_find(name, &symbol)) *n = symbol;
    else return "nothing has this name";
    return NULL;
}
