// info.c - the names that assertions may use: fields of tcp_info, and constants. See code.h.
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

static int64_t options_of(const struct ng_tcp_info *i)
{
    return (i->timestamps ? 1 : 0) | (i->sack ? 2 : 0)
         | (i->wscale_snd != 0 || i->wscale_rcv != 0 ? 4 : 0)
         | (i->ecn ? 8 : 0) | (i->syn_data ? 32 : 0);
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

enum field { STATE, OPTIONS, SND_CWND, SND_SSTHRESH, UNACKED, LOST, RETRANS, RETRANSMITS, BACKOFF,
             SND_MSS, RCV_MSS, RTO, RTT, RTTVAR, MIN_RTT, SND_WND, RCV_WND, BYTES_ACKED,
             BYTES_RECEIVED, BYTES_SENT, BYTES_RETRANS, SEGS_OUT, SEGS_IN, TOTAL_RETRANS,
             SND_WSCALE, RCV_WSCALE, CA_STATE, SACKED, PROBES, ADVMSS, REORDERING, REORD_SEEN,
             DELIVERED, PACING_RATE, MAX_PACING_RATE, DELIVERY_RATE, APP_LIMITED, DATA_SEGS_OUT,
             LAST_DATA_SENT, LAST_DATA_RECV, LAST_ACK_RECV, PMTU, RCV_SPACE, NOTSENT_BYTES,
             DATA_SEGS_IN, RCV_OOOPACK, DSACK_DUPS, DELIVERED_CE, BUSY_TIME, RWND_LIMITED,
             SNDBUF_LIMITED, TOTAL_RTO, TOTAL_RTO_RECOVERIES, TOTAL_RTO_TIME, ATO, RCV_RTT,
             RCV_SSTHRESH, RECEIVED_CE, FASTOPEN_FAIL, FIELDS };

static const char *const names[FIELDS] = {
    [STATE] = "state", [OPTIONS] = "options", [SND_CWND] = "snd_cwnd",
    [SND_SSTHRESH] = "snd_ssthresh", [UNACKED] = "unacked", [LOST] = "lost",
    [RETRANS] = "retrans", [RETRANSMITS] = "retransmits", [BACKOFF] = "backoff",
    [SND_MSS] = "snd_mss", [RCV_MSS] = "rcv_mss", [RTO] = "rto", [RTT] = "rtt",
    [RTTVAR] = "rttvar", [MIN_RTT] = "min_rtt", [SND_WND] = "snd_wnd", [RCV_WND] = "rcv_wnd",
    [BYTES_ACKED] = "bytes_acked", [BYTES_RECEIVED] = "bytes_received",
    [BYTES_SENT] = "bytes_sent", [BYTES_RETRANS] = "bytes_retrans", [SEGS_OUT] = "segs_out",
    [SEGS_IN] = "segs_in", [TOTAL_RETRANS] = "total_retrans", [SND_WSCALE] = "snd_wscale",
    [RCV_WSCALE] = "rcv_wscale", [CA_STATE] = "ca_state", [SACKED] = "sacked",
    [PROBES] = "probes", [ADVMSS] = "advmss", [REORDERING] = "reordering",
    [REORD_SEEN] = "reord_seen", [DELIVERED] = "delivered",
    [PACING_RATE] = "pacing_rate", [MAX_PACING_RATE] = "max_pacing_rate",
    [DELIVERY_RATE] = "delivery_rate", [APP_LIMITED] = "delivery_rate_app_limited",
    [DATA_SEGS_OUT] = "data_segs_out",
    [LAST_DATA_SENT] = "last_data_sent", [LAST_DATA_RECV] = "last_data_recv",
    [LAST_ACK_RECV] = "last_ack_recv", [PMTU] = "pmtu", [RCV_SPACE] = "rcv_space",
    [NOTSENT_BYTES] = "notsent_bytes", [DATA_SEGS_IN] = "data_segs_in",
    [RCV_OOOPACK] = "rcv_ooopack", [DSACK_DUPS] = "dsack_dups", [DELIVERED_CE] = "delivered_ce",
    [BUSY_TIME] = "busy_time", [RWND_LIMITED] = "rwnd_limited",
    [SNDBUF_LIMITED] = "sndbuf_limited", [TOTAL_RTO] = "total_rto",
    [TOTAL_RTO_RECOVERIES] = "total_rto_recoveries", [TOTAL_RTO_TIME] = "total_rto_time",
    [ATO] = "ato", [RCV_RTT] = "rcv_rtt", [RCV_SSTHRESH] = "rcv_ssthresh",
    [RECEIVED_CE] = "received_ce", [FASTOPEN_FAIL] = "fastopen_client_fail",
};

static int64_t value_of(const struct ng_tcp_info *i, enum field f)
{
    switch (f) {
    case STATE:          return linux_state(i->state);
    case OPTIONS:        return options_of(i);
    case SND_CWND:       return i->mss_snd == 0 ? 0 : i->cwnd / i->mss_snd;
    case SND_SSTHRESH:   return ssthresh_of(i);
    case UNACKED:        return segments(i->unacked, i);
    case LOST:           return segments(i->lost, i);
    case RETRANS:        return segments(i->retrans, i);
    case RETRANSMITS:    return i->retransmits;
    case BACKOFF:        return i->backoff;
    case SND_MSS:        return i->mss_snd;
    case RCV_MSS:        return i->mss_rcv;
    case RTO:            return i->rto / 1000;
    case RTT:            return i->srtt / 1000;
    case RTTVAR:         return i->rttvar / 1000;
    case MIN_RTT:        return i->min_rtt / 1000;
    case SND_WND:        return i->snd_wnd;
    case RCV_WND:        return i->rcv_wnd;
    case BYTES_ACKED:    return (int64_t)i->bytes_acked;
    case BYTES_RECEIVED: return (int64_t)i->bytes_received;
    case BYTES_SENT:     return (int64_t)i->bytes_sent;
    case BYTES_RETRANS:  return (int64_t)i->bytes_retrans;
    case SEGS_OUT:       return (int64_t)i->segs_out;
    case SEGS_IN:        return (int64_t)i->segs_in;
    case TOTAL_RETRANS:  return (int64_t)i->total_retrans;
    case SND_WSCALE:     return i->wscale_snd;
    case RCV_WSCALE:     return i->wscale_rcv;
    case CA_STATE:       return i->ca_state;
    case SACKED:         return segments(i->sacked, i);
    case PROBES:         return i->probes;
    case ADVMSS:         return i->mss_offered;
    case REORDERING:     return i->reordering;
    case REORD_SEEN:     return i->reordered;
    case DELIVERED:      return (int64_t)i->segs_delivered;
    case PACING_RATE:    return (int64_t)i->pacing_rate;
    case MAX_PACING_RATE: return (int64_t)i->max_pacing_rate;
    case DELIVERY_RATE:  return (int64_t)i->delivery_rate;
    case APP_LIMITED:    return i->delivery_rate_app_limited;
    case DATA_SEGS_OUT:  return (int64_t)i->data_segs_out;
    case LAST_DATA_SENT: return i->since_sent / MSEC(1);
    case LAST_DATA_RECV: return i->since_data / MSEC(1);
    case LAST_ACK_RECV:  return i->since_ack / MSEC(1);
    case PMTU:           return i->pmtu;
    case RCV_SPACE:      return i->rcv_space;
    case NOTSENT_BYTES:  return i->notsent;
    case DATA_SEGS_IN:   return (int64_t)i->data_segs_in;
    case RCV_OOOPACK:    return i->early_segs_in;
    case DSACK_DUPS:     return i->dsack_dups;
    case DELIVERED_CE:   return i->delivered_ce;
    case BUSY_TIME:      return i->busy_time / USEC(1);
    case RWND_LIMITED:   return i->rwnd_limited / USEC(1);
    case SNDBUF_LIMITED: return i->sndbuf_limited / USEC(1);
    case TOTAL_RTO:      return i->total_rto;
    case TOTAL_RTO_RECOVERIES: return i->total_rto_recoveries;
    case TOTAL_RTO_TIME: return i->total_rto_time / MSEC(1);
    case ATO:            return i->ato / USEC(1);
    case RCV_RTT:        return i->rcv_rtt / USEC(1);
    case RCV_SSTHRESH:   return i->rcv_ssthresh;
    case RECEIVED_CE:    return i->received_ce;
    case FASTOPEN_FAIL:  return i->fastopen_fail;
    default:             return 0;
    }
}

bool info_field(const struct ng_tcp_info *info, struct span name, int64_t *n)
{
    for (int f = 0; f < FIELDS; f++)
        if (strlen(names[f]) == name.len && memcmp(names[f], name.p, name.len) == 0) {
            *n = value_of(info, (enum field)f);
            return true;
        }
    return false;
}

bool info_lookup(const struct ng_tcp_info *info, struct span name, int64_t *n)
{
    static const char prefix[] = "tcpi_";
    size_t len = sizeof prefix - 1;
    if (name.len <= len || memcmp(name.p, prefix, len) != 0) return symbol_find(name, n);
    return info_field(info, (struct span){name.p + len, name.len - len}, n);
}
