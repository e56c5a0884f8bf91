// socket_list.c - see socket_list.h.
#include "scenarios/list/socket_list.h"

#include <strings.h>

enum { NAME_MAX = 80, FIRST_PID = 1000 };

bool socket_list_flags(struct socket_list_options *o, const char *letters, char *bad)
{
    for (; *letters != '\0'; letters++) {
        switch (*letters) {
        case 't': o->tcp = true; break;
        case 'u': o->udp = true; break;
        case 'l': o->listening = true; break;
        case 'a': o->all = true; break;
        case 'i': o->info = true; break;
        case 'p': o->processes = true; break;
        case 'm': o->memory = true; break;
        case 'H': o->no_header = true; break;
        case '4': o->ip4 = true; break;
        case '6': o->ip6 = true; break;
        case 'n': break;  // numbers are all we show
        default:  *bad = *letters; return false;
        }
    }
    return true;
}

// ss has its own words for some of the states.
static const char *state_name(const struct ng_sock_entry *e)
{
    if (e->kind != KIND_TCP) return e->state == TCP_ESTABLISHED ? "ESTAB" : "UNCONN";
    switch (e->state) {
    case TCP_CLOSED:      return "UNCONN";
    case TCP_SYN_RCVD:    return "SYN-RECV";
    case TCP_ESTABLISHED: return "ESTAB";
    default:              return tcp_state_name(e->state);
    }
}

static bool is_waiting_for_others(const struct ng_sock_entry *e)
{
    return e->state == TCP_LISTEN || e->state == TCP_CLOSED;
}

static bool wanted(const struct socket_list_options *o, const struct ng_sock_entry *e)
{
    bool any_kind = !o->tcp && !o->udp, any_family = !o->ip4 && !o->ip6;
    if (!any_kind && !(e->kind == KIND_TCP ? o->tcp : e->kind == KIND_UDP && o->udp)) return false;
    if (!any_family && !(e->local.addr.family == FAMILY_IP4 ? o->ip4 : o->ip6)) return false;
    if (o->sport != 0 && e->local.port != o->sport) return false;
    if (o->dport != 0 && e->remote.port != o->dport) return false;
    if (o->state != NULL) return strcasecmp(o->state, state_name(e)) == 0;
    if (o->all) return true;
    return is_waiting_for_others(e) == o->listening;
}

static const char *name_of(struct endpoint e, char buf[NAME_MAX])
{
    char addr[ADDR_TEXT], port[8];
    bool any = e.addr.family == FAMILY_NONE;
    addr_print(e.addr, addr);
    snprintf(port, sizeof port, "%u", e.port);
    snprintf(buf, NAME_MAX, e.addr.family == FAMILY_IP6 ? "[%s]:%s" : "%s:%s",
             any ? "*" : addr, e.port == 0 ? "*" : port);
    return buf;
}

static const char *owner_of(const struct host *h, const struct ng_sock_entry *e, char buf[NAME_MAX])
{
    const char *name = e->app != 0 ? ng_app_name(h, e->app) : NULL;
    buf[0] = '\0';
    if (name != NULL)
        snprintf(buf, NAME_MAX, "users:((\"%s\",pid=%u,fd=%d))", name, FIRST_PID + e->app, e->fd);
    return buf;
}

static double ms(nsec t) { return (double)t / 1e6; }

static void print_round_trips(FILE *to, const struct ng_tcp_info *i)
{
    fprintf(to, " rto:%g", ms(i->rto));
    if (i->backoff > 0) fprintf(to, " backoff:%u", i->backoff);
    if (i->srtt > 0) fprintf(to, " rtt:%g/%g", ms(i->srtt), ms(i->rttvar));
}

// In ss's words and units: windows in segments, times in milliseconds.
void socket_list_info(FILE *to, const struct ng_tcp_info *i)
{
    uint32_t mss = i->mss_snd > 0 ? i->mss_snd : 1;
    if (i->timestamps) fputs(" ts", to);
    if (i->sack) fputs(" sack", to);
    if (i->ecn) fputs(" ecn", to);
    if (i->congestion[0] != '\0') fprintf(to, " %s", i->congestion);
    if (i->wscale_snd + i->wscale_rcv > 0)
        fprintf(to, " wscale:%u,%u", i->wscale_snd, i->wscale_rcv);
    print_round_trips(to, i);
    fprintf(to, " mss:%u rcvmss:%u cwnd:%u", i->mss_snd, i->mss_rcv, i->cwnd / mss);
    if (i->ssthresh < UINT32_MAX / 2) fprintf(to, " ssthresh:%u", i->ssthresh / mss);
    fprintf(to, " bytes_sent:%llu", (unsigned long long)i->bytes_sent);
    if (i->bytes_retrans > 0)
        fprintf(to, " bytes_retrans:%llu", (unsigned long long)i->bytes_retrans);
    fprintf(to, " bytes_acked:%llu bytes_received:%llu segs_out:%llu segs_in:%llu",
            (unsigned long long)i->bytes_acked, (unsigned long long)i->bytes_received,
            (unsigned long long)i->segs_out, (unsigned long long)i->segs_in);
    if (i->srtt > 0)  // a window a round trip, in bits per second
        fprintf(to, " send %.0fbps", (double)i->cwnd * 8e9 / (double)i->srtt);
    if (i->unacked > 0) fprintf(to, " unacked:%u", (i->unacked + mss - 1) / mss);
    if (i->total_retrans > 0)
        fprintf(to, " retrans:%u/%llu", (i->retrans + mss - 1) / mss,
                (unsigned long long)i->total_retrans);
    if (i->lost > 0) fprintf(to, " lost:%u", (i->lost + mss - 1) / mss);
    fprintf(to, " snd_wnd:%u rcv_wnd:%u", i->snd_wnd, i->rcv_wnd);
    if (i->min_rtt > 0 && i->min_rtt != NEVER) fprintf(to, " minrtt:%g", ms(i->min_rtt));
}

// In ss's words, bytes: r, rb are what waits to be read and how much may; t, tb of sending; d are
// datagrams that found no room. Of its other words nothing is known here.
static void print_memory(FILE *to, const struct ng_sock_entry *e)
{
    fprintf(to, " skmem:(r%u,rb%u,t%u,tb%u,d%u)", e->rcv_len, e->rcv_max, e->snd_len, e->snd_max,
            e->dropped);
}

static void print_row(FILE *to, const struct socket_list_options *o, const char *const cell[7])
{
    if (!o->tcp != !o->udp) fprintf(to, "%-10s ", cell[1]);
    else fprintf(to, "%-5s %-10s ", cell[0], cell[1]);
    fprintf(to, "%-7s %-7s %24s %24s%s%s\n", cell[2], cell[3], cell[4], cell[5],
            *cell[6] != '\0' ? "  " : "", cell[6]);
}

static void print_entry(FILE *to, const struct host *h, const struct socket_list_options *o,
                        const struct ng_sock_entry *e)
{
    char local[NAME_MAX], remote[NAME_MAX], owner[NAME_MAX], recv[16], send[16];
    bool listens = e->kind == KIND_TCP && e->state == TCP_LISTEN;
    snprintf(recv, sizeof recv, "%u", listens ? e->accept_len : e->rcv_len);
    snprintf(send, sizeof send, "%u", listens ? e->backlog : e->snd_len);
    const char *kind = e->kind == KIND_TCP ? "tcp" : e->kind == KIND_UDP ? "udp" : "icmp";
    const char *cell[7] = {
        kind, state_name(e), recv, send, name_of(e->local, local),
        name_of(e->remote, remote), o->processes ? owner_of(h, e, owner) : ""};
    print_row(to, o, cell);
    struct ng_tcp_info info;
    ng_sock s = e->app != 0 ? ng_app_sock(h, e->app, e->fd) : 0;
    bool knows = o->info && e->kind == KIND_TCP && !listens && s != 0
              && ng_tcp_info(h, s, &info) == 0;
    if (!o->memory && !knows) return;
    fputc('\t', to);
    if (o->memory) print_memory(to, e);
    if (knows) socket_list_info(to, &info);
    fputc('\n', to);
}

void socket_list_print(FILE *to, const struct host *h, const struct socket_list_options *o)
{
    static const char *const head[7] = {"Netid", "State", "Recv-Q", "Send-Q", "Local Address:Port",
                                        "Peer Address:Port", ""};
    if (!o->no_header) print_row(to, o, head);
    uint32_t cursor = 0;
    struct ng_sock_entry e;
    while (ng_host_walk(h, &cursor, &e))
        if (wanted(o, &e)) print_entry(to, h, o, &e);
}
