// ledger.c - see ledger.h.
#include "tcp/ledger.h"

#include "tcp/tcp.h"

bool ledger_exists(struct tcp *t)
{
    if (t->ledger == NULL) t->ledger = block_new(&t->host->pool, sizeof *t->ledger);
    return t->ledger != NULL;
}

void ledger_free(struct tcp *t)
{
    notes_free(t);
    block_free(&t->host->pool, t->ledger, sizeof *t->ledger);
    t->ledger = NULL;
}

uint32_t ledger_segments(uint32_t len, uint32_t size)
{
    return size == 0 || len <= size ? 1 : (len + size - 1) / size;
}

uint32_t ledger_bytes_each(const struct arrival *a)
{
    return a->f->gso_size != 0 ? a->f->gso_size : a->len;
}

void ledger_data_in(struct tcp *t, const struct arrival *a)
{
    if (ledger_exists(t)) t->ledger->data_segs_in += ledger_segments(a->len, a->f->gso_size);
}

void ledger_sent(struct tcp *t, uint32_t len)
{
    if (ledger_exists(t)) t->ledger->bytes_sent += len;
}

void ledger_again(struct tcp *t, uint32_t len)
{
    if (!ledger_exists(t)) return;
    t->ledger->bytes_again += len;
    t->ledger->segs_again++;
}

void ledger_early(struct tcp *t)
{
    if (ledger_exists(t)) t->ledger->early++;
}

void ledger_codepoint(struct tcp *t, uint8_t codepoint, uint32_t len)
{
    if (ledger_exists(t)) t->ledger->ect_bytes[codepoint] += len;
}

void ledger_dsack(struct tcp *t)
{
    if (ledger_exists(t)) t->ledger->dsacks++;
}

void ledger_rto(struct tcp *t)
{
    if (!ledger_exists(t)) return;
    t->ledger->rtos++;
    if (t->ledger->rto_since != 0) return;
    t->ledger->rto_spells++;
    t->ledger->rto_since = t->host->now;
}

void ledger_delivered(struct tcp *t)
{
    struct ledger *l = t->ledger;
    if (l == NULL || l->rto_since == 0) return;
    l->rto_time += t->host->now - l->rto_since;
    l->rto_since = 0;
}

void ledger_wrote(struct tcp *t, bool all)
{
    if (!ledger_exists(t)) return;
    t->ledger->wants_room = !all;
    ledger_turn(t);
}

static enum spell spell_of(const struct tcp *t)
{
    if (t->sndq.bytes.len == 0) return SPELL_IDLE;
    uint32_t unsent = (uint32_t)seq_diff(tcp_data_end(t), t->sent.nxt);
    int32_t window = seq_diff(seq_add(t->sent.una, t->snd_wnd), t->sent.nxt);
    bool shut = window <= 0 || ((uint32_t)window < t->mss && (uint32_t)window < unsent);
    bool cwnd = (uint64_t)loss_pipe(t) + t->mss <= t->ccs.cwnd;  // Linux: it is asked first
    if (unsent > 0 && shut && cwnd) return SPELL_WINDOW;
    return unsent == 0 && t->ledger->wants_room ? SPELL_BUFFER : SPELL_BUSY;
}

void ledger_turn(struct tcp *t)
{
    struct ledger *l = t->ledger;
    if (l == NULL) return;
    enum spell now = spell_of(t);
    if (now == l->spell) return;
    l->time[l->spell] += t->host->now - l->since;
    l->since = t->host->now;
    l->spell = (uint8_t)now;
}

void ledger_tell(const struct tcp *t, struct ng_tcp_info *info)
{
    const struct ledger *l = t->ledger;
    if (l == NULL) return;
    nsec time[SPELLS], now = t->host->now;
    memcpy(time, l->time, sizeof time);
    time[l->spell] += now - l->since;
    info->busy_time = time[SPELL_BUSY] + time[SPELL_WINDOW] + time[SPELL_BUFFER];
    info->rwnd_limited = time[SPELL_WINDOW];
    info->sndbuf_limited = time[SPELL_BUFFER];
    info->data_segs_in = l->data_segs_in;
    info->bytes_sent = l->bytes_sent;
    info->bytes_retrans = l->bytes_again;
    info->total_retrans = l->segs_again;
    info->early_segs_in = l->early;
    info->received_e1_bytes = l->ect_bytes[1];
    info->received_e0_bytes = l->ect_bytes[2];
    info->received_ce_bytes = l->ect_bytes[3];
    info->dsack_dups = l->dsacks;
    info->total_rto = l->rtos;
    info->total_rto_recoveries = l->rto_spells;
    info->total_rto_time = l->rto_time + (l->rto_since != 0 ? now - l->rto_since : 0);
}
