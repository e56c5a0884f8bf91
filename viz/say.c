// see say.h. One function a family of events; the words come from words.def wherever it has them.
#include "viz/say.h"

#include "viz/wording.h"

#include <ctype.h>
#include <errno.h>

// --- frames ------------------------------------------------------------------------------------

static void say_tx(struct text *out, const struct scene *s, const struct trace_event *ev,
                   const struct history_frame *f)
{
    text_put_host(out, s->m, ev->host);
    text_put_str(out, " sends ");
    text_put_frame(out, s->rec, f);
    if (frame_is_again(f)) text_put_str(out, " again");
    if (ev->frame_tx.why != SENT_NOTHING && ev->frame_tx.why != SENT_FOREIGN)
        text_put_after_dash(out, sent_text(ev->frame_tx.why));
    text_put_char(out, '.');
}

// By its descriptor as it was at the event, not as it is by now.
static void put_sock(struct text *out, const struct scene *s, const struct model_sock *k,
                     uint64_t event)
{
    int32_t fd = history_fd_at(s->h, k->host, k->conn, event);
    uint32_t row = history_sock_of(s->h, k->host, k->conn);
    if (fd >= 0) {
        text_put_str(out, "fd ");
        text_put_i64(out, fd);
    } else {
        bool gone = row != NONE && event > s->h->sock[row].fd_to;
        text_put_str(out, gone ? "a closed socket" : "a new connection");
    }
}

// The other sockets on the same port, which the arrival was not for.
static void say_not_these(struct text *out, const struct scene *s, const struct model_sock *mine,
                          uint64_t event)
{
    int said = 0;
    for (size_t i = s->m->socks; i > 0 && said < 2; i--) {
        const struct model_sock *k = &s->m->sock[i - 1];
        if (k->host != mine->host || k == mine || k->local.port != mine->local.port) continue;
        bool listens = k->kind == KIND_TCP && k->state == TCP_LISTEN;
        if (k->kind != mine->kind || history_fd_at(s->h, k->host, k->conn, event) < 0) continue;
        text_put_str(out, ", not ");
        if (listens) text_put_str(out, "the listener");
        else put_sock(out, s, k, event);
        said++;
    }
}

static const struct model_sock *listener_of(const struct scene *s, const struct model_sock *k)
{
    if (k == NULL || k->state == TCP_LISTEN) return k;
    return model_sock(s->m, k->host, k->listener);
}

static void say_last_step(struct text *out, const struct scene *s, const struct model_path *p,
                          const struct trace_event *ev)
{
    const struct model_sock *k = p->conn != 0 ? model_sock(s->m, ev->host, p->conn) : NULL;
    uint8_t step = p->steps > 0 ? p->step[p->steps - 1].step : STEP_NOTHING;
    bool picks = step == STEP_TCP_SOCKET || step == STEP_TCP_QUEUE;
    bool datagram = step == STEP_UDP_SOCKET || step == STEP_ICMP_SOCKET;
    if (step == STEP_TCP_LISTENER) {
        text_put_str(out, "; no connection has its 4-tuple, so the listener");
        const struct model_sock *l = listener_of(s, k);
        if (l != NULL) text_put_char(out, ' '), put_sock(out, s, l, ev->order);
        text_put_str(out, " takes it");
    } else if ((picks || datagram) && k != NULL) {
        text_put_str(out, step == STEP_UDP_SOCKET ? "; the port picks "
                          : datagram ? "; its identifier picks " : "; the 4-tuple picks ");
        put_sock(out, s, k, ev->order);
        say_not_these(out, s, k, ev->order);
    } else if (step != STEP_NOTHING) {
        text_put_after_dash(out, step_text(step));
    }
}

static bool is_many(const struct history_frame *f)
{
    return f->kind == PACKET_TCP && f->data > 1 && !frame_is_control(f);
}

static void put_capital(struct text *out, size_t at)
{
    if (out->len > at) out->p[at] = (char)toupper((unsigned char)out->p[at]);
}

static void say_rx(struct text *out, const struct scene *s, const struct trace_event *ev,
                   const struct history_frame *f)
{
    size_t from = out->len;
    if (frame_is_again(f)) text_put_str(out, "retransmitted ");
    text_put_frame(out, s->rec, f);
    put_capital(out, from);
    text_put_str(out, is_many(f) ? " arrive at " : " arrives at ");
    text_put_host(out, s->m, ev->host);
    const struct model_host *h = model_host(s->m, ev->host);
    const struct model_path *p = h != NULL ? model_path(h, ev->frame_rx.frame) : NULL;
    if (p != NULL && p->up && p->drop == DROP_NONE) say_last_step(out, s, p, ev);
    if (frame_is_bare_ack(f) && f->wnd == 0 && (f->flags & TCP_ACK) != 0)
        text_put_str(out, "; its window is 0: nothing more may be sent");
    text_put_char(out, '.');
}

static void say_lost(struct text *out, const struct scene *s, const struct trace_event *ev,
                     const struct history_frame *f)
{
    size_t from = out->len;
    text_put_frame(out, s->rec, f);
    put_capital(out, from);
    text_put_str(out, " from ");
    text_put_host(out, s->m, ev->host);
    text_put_str(out, is_many(f) ? " are lost" : " is lost");
    text_put_str(out, ev->link_drop.why == DROP_LINK_QUEUE_FULL ? " before the wire"
                                                                : " on the wire");
    text_put_after_dash(out, drop_text(ev->link_drop.why));
    text_put_char(out, '.');
}

static void say_drop(struct text *out, const struct scene *s, const struct trace_event *ev,
                     const struct history_frame *f)
{
    text_put_host(out, s->m, ev->host);
    text_put_str(out, " drops ");
    if (f != NULL) text_put_frame(out, s->rec, f);
    else text_put_str(out, "a frame");
    text_put_after_dash(out, drop_text(ev->frame_drop.why));
    text_put_char(out, '.');
}

// --- calls -------------------------------------------------------------------------------------

static bool call_waits(const struct trace_sock_call_event *c)
{
    return c->result == -EAGAIN || (c->call == CALL_CONNECT && c->result == -EINPROGRESS);
}

static const char *what_it_waits_for(enum sock_call call)
{
    switch (call) {
    case CALL_ACCEPT:  return "no connection waits yet";
    case CALL_READ:    return "no bytes are there yet";
    case CALL_RECVFROM:return "no datagram is there yet";
    case CALL_CONNECT: return "the handshake has begun, the answer is not here yet";
    case CALL_WRITE:   return "the send buffer is full";
    default:           return "it would have to wait";
    }
}

static void put_result(struct text *out, const struct trace_sock_call_event *c)
{
    if (c->result < 0) {
        text_put_str(out, " fails with ");
        text_put_errno(out, -c->result);
    } else {
        text_put_str(out, " = ");
        text_put_i64(out, c->result);
    }
}

static void put_call_meaning(struct text *out, const struct trace_sock_call_event *c)
{
    bool stream = c->call == CALL_READ || c->call == CALL_RECVFROM;
    if (c->call == CALL_ACCEPT && c->result >= 0) {
        text_put_str(out, " – a NEW socket, fd ");
        text_put_i64(out, c->result);
        text_put_str(out, ", for this one connection; the listener stays as it was");
    } else if (c->call == CALL_READ && c->result == 0 && c->arg > 0) {
        text_put_str(out, " – the end of the stream: the peer has closed its side");
    } else if (stream && c->result > 0) {
        text_put_after_dash(out, sock_call_text(c->call));
    } else if (c->call == CALL_CONNECT && c->result == 0) {
        text_put_str(out, " – the connection is open");
    } else if (c->result >= 0) {
        text_put_after_dash(out, sock_call_text(c->call));
    }
}

static void say_call(struct text *out, const struct scene *s, const struct trace_event *ev)
{
    const struct trace_sock_call_event *c = &ev->sock_call;
    const struct model_app *a = model_app(s->m, ev->host, c->app);
    text_put_str(out, a != NULL ? a->name : "an application");
    text_put_str(out, " on ");
    text_put_host(out, s->m, ev->host);
    text_put_str(out, ": ");
    struct model_app shown = {.last = {(uint8_t)c->call, c->fd}, .arg = c->arg, .peer = c->peer};
    text_put_call(out, &shown, false);
    if (call_waits(c)) {
        text_put_str(out, a != NULL && a->blocking ? " blocks – " : " has to wait – ");
        text_put_str(out, what_it_waits_for(c->call));
    } else {
        put_result(out, c);
        put_call_meaning(out, c);
    }
    text_put_char(out, '.');
}

// --- TCP ---------------------------------------------------------------------------------------

// "Client's fd 3", "a new connection of Server".
static void put_owner(struct text *out, const struct scene *s, const struct trace_event *ev)
{
    const struct model_sock *k = model_sock(s->m, ev->host, ev->conn);
    if (k != NULL && history_fd_at(s->h, ev->host, ev->conn, ev->order) >= 0) {
        text_put_host(out, s->m, ev->host);
        text_put_str(out, "'s ");
        put_sock(out, s, k, ev->order);
        return;
    }
    if (k == NULL) text_put_str(out, "a connection");
    else put_sock(out, s, k, ev->order);
    text_put_str(out, " of ");
    text_put_host(out, s->m, ev->host);
}

static void say_state(struct text *out, const struct scene *s, const struct trace_event *ev)
{
    size_t from = out->len;
    put_owner(out, s, ev);
    put_capital(out, from);
    text_put_str(out, " goes from ");
    text_put_str(out, tcp_state_name(ev->tcp_state.from));
    text_put_str(out, " to ");
    text_put_str(out, tcp_state_name(ev->tcp_state.to));
    text_put_after_dash(out, tcp_why_text(ev->tcp_state.why));
    text_put_char(out, '.');
}

static void say_timer(struct text *out, const struct scene *s, const struct trace_event *ev)
{
    text_put_str(out, "The ");
    text_put_timer(out, ev->tcp_timer.timer);
    text_put_str(out, " timer of ");
    put_owner(out, s, ev);
    text_put_str(out, " fires");
    text_put_after_dash(out, tcp_timer_text(ev->tcp_timer.timer));
    text_put_char(out, '.');
}

static void say_loss(struct text *out, const struct scene *s, const struct trace_event *ev)
{
    size_t from = out->len;
    put_owner(out, s, ev);
    put_capital(out, from);
    text_put_str(out, " takes ");
    text_put_range(out, ev->tcp_loss.seq, ev->tcp_loss.len);
    text_put_str(out, " for lost");
    text_put_after_dash(out, sent_text(ev->tcp_loss.why));
    text_put_char(out, '.');
}

// --- the scenario speaks -----------------------------------------------------------------------

static void put_words(struct text *out, struct trace_str words)
{
    text_put_printable(out, (const uint8_t *)words.p, words.len);
}

// "delay=15us" becomes "a delay of 15 µs"; what has no such form stays as it is.
static void put_quality(struct text *out, char *word)
{
    char *is = strchr(word, '=');
    if (is != NULL) *is = 0;
    const char *value = is != NULL ? is + 1 : "";
    bool free_rate = strcmp(word, "rate") == 0 && strcmp(value, "0") == 0;
    if (free_rate) text_put_str(out, "a rate without limit");
    if (is == NULL) text_put_str(out, word);
    if (is == NULL || free_rate) return;
    size_t digits = strspn(value, "0123456789.");
    const char *unit = value + digits;
    text_put_str(out, "a ");
    text_put_str(out, word);
    text_put_str(out, " of ");
    text_put_bytes(out, value, digits);
    if (digits > 0 && *unit != 0) text_put_char(out, ' ');
    text_put_str(out, strcmp(unit, "us") == 0 ? "µs" : unit);
}

static void put_qualities(struct text *out, struct trace_str words)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i <= words.len; i++) {
        if (i < words.len && words.p[i] != ',') continue;
        if (from > 0) text_put_str(out, i < words.len ? ", " : " and ");
        char word[64];
        struct text part = text_of(word, sizeof word);
        put_words(&part, (struct trace_str){words.p + from, i - from});
        put_quality(out, word);
        from = i + 1;
    }
}

static bool key_begins(struct trace_str key, const char *word)
{
    return key.len >= strlen(word) && memcmp(key.p, word, strlen(word)) == 0;
}

// "link 1 from a": who sends there, by name.
static void put_sender(struct text *out, const struct scene *s, struct trace_str key)
{
    uint64_t link = 0;
    const char *at = key.p + strlen("link ");
    bool first = key.len > 0 && key.p[key.len - 1] == 'a';
    if (memchr(key.p, 'f', key.len) == NULL) return;  // no "from"
    for (; at < key.p + key.len && isdigit((unsigned char)*at); at++)
        link = link * 10 + (uint64_t)(*at - '0');
    for (size_t i = 0; i < s->m->netifs; i++) {
        const struct model_netif *n = &s->m->netif[i];
        if (!n->has_link || n->link != link || n->is_first != first) continue;
        text_put_str(out, " from ");
        text_put_host(out, s->m, n->host);
        return;
    }
}

static void say_control(struct text *out, const struct scene *s, const struct trace_event *ev)
{
    const struct trace_control_event *e = &ev->control;
    if (key_begins(e->key, "link ")) {
        size_t number = 5;
        while (number < e->key.len && isdigit((unsigned char)e->key.p[number])) number++;
        text_put_str(out, "By hand, ");
        put_words(out, (struct trace_str){e->key.p, (uint32_t)number});
        put_sender(out, s, e->key);
        text_put_str(out, " gets ");
        put_qualities(out, e->value);
    } else if (key_begins(e->key, "breakpoint")) {
        text_put_str(out, "The scenario stops the run at its breakpoint on ");
        put_words(out, e->value);
    } else {
        text_put_str(out, "By hand, the ");
        put_words(out, e->key);
        text_put_str(out, key_begins(e->value, "held") ? " is " : " ");
        put_words(out, e->value);
    }
    text_put_char(out, '.');
}

static void say_scenario(struct text *out, const struct scene *s, const struct trace_event *ev)
{
    switch (ev->type) {
    case TRACE_NOTE: {
        size_t from = out->len;
        put_words(out, ev->note.text);
        put_capital(out, from);
        if (out->len > from && isalnum((unsigned char)out->p[out->len - 1]))
            text_put_char(out, '.');
        break;
    }
    case TRACE_EXPECT:
        text_put_str(out, ev->expect.ok ? "As expected: " : "NOT as expected: ");
        put_words(out, ev->expect.text);
        text_put_str(out, " (");
        put_words(out, ev->expect.where);
        text_put_char(out, ')');
        break;
    case TRACE_CONTROL:
        say_control(out, s, ev);
        break;
    default:
        text_put_str(out, "The run begins: ");
        put_words(out, ev->run.name);
        text_put_str(out, ", seed ");
        text_put_u64(out, ev->run.seed);
        text_put_char(out, '.');
        break;
    }
}

void say_beat(struct text *out, const struct scene *s, size_t i)
{
    if (i >= s->h->beats) return;
    const struct beat *b = &s->h->beat[i];
    const struct history_frame *f = b->frame != NONE ? &s->h->frame[b->frame] : NULL;
    struct trace_event ev;
    if (!tape_get(&s->rec->tape, b->event, &ev)) return;
    switch (ev.type) {
    case TRACE_FRAME_TX:   if (f != NULL) say_tx(out, s, &ev, f); break;
    case TRACE_FRAME_RX:   if (f != NULL) say_rx(out, s, &ev, f); break;
    case TRACE_LINK_DROP:  if (f != NULL) say_lost(out, s, &ev, f); break;
    case TRACE_FRAME_DROP: say_drop(out, s, &ev, f); break;
    case TRACE_SOCK_CALL:  say_call(out, s, &ev); break;
    case TRACE_TCP_STATE:  say_state(out, s, &ev); break;
    case TRACE_TCP_TIMER:  say_timer(out, s, &ev); break;
    case TRACE_TCP_LOSS:   say_loss(out, s, &ev); break;
    default:               say_scenario(out, s, &ev); break;
    }
}

// --- steps -------------------------------------------------------------------------------------

static void put_head(struct text *out, const char *verb, uint16_t head)
{
    text_put_str(out, verb);
    text_put_u64(out, head);
    text_put_str(out, " B");
}

static void say_ip_step(struct text *out, const struct scene *s, const struct model_path *p,
                        uint16_t head)
{
    struct dissect d = {0};
    uint32_t i = history_frame_of(s->h, p->frame);
    if (i != NONE) frame_dissect(s->rec, &s->h->frame[i], &d);
    bool known = d.family != FAMILY_NONE;
    text_put_str(out, !known ? "it is for me" : d.family == FAMILY_IP4 ? "proto " : "next header ");
    if (known) text_put_u64(out, d.proto);
    text_put_str(out, !known ? ""
                      : d.proto == IP_PROTO_TCP   ? " = TCP"  : d.proto == IP_PROTO_UDP ? " = UDP"
                      : d.proto == IP_PROTO_ICMP4 ? " = ICMP" : d.proto == IP_PROTO_ICMP6
                      ? " = ICMPv6" : d.proto == IP_PROTO_IGMP ? " = IGMP" : "");
    put_head(out, ": strip ", head);
}

// A neighbour's MAC is looked up; everyone's and a group's are known beforehand.
// Whom an Ethernet frame is for, where that is not one station; else, or if nobody knows, `one`.
static const char *many_or(const struct scene *s, const struct model_path *p, const char *one)
{
    uint32_t i = history_frame_of(s->h, p->frame);
    struct trace_bytes b = {0};
    if (i != NONE) b = frame_bytes_of(s->rec, &s->h->frame[i]);
    if (b.len < 6 || (b.p[0] & 1) == 0) return one;
    return mac_is_broadcast(mac_of_bytes(b.p)) ? "for everyone" : "for a group";
}

static void say_eth_send(struct text *out, const struct scene *s, const struct model_path *p,
                         uint16_t head)
{
    text_put_str(out, many_or(s, p, "MAC known"));
    put_head(out, ": put on ", head);
}

static void say_eth_many(struct text *out, const struct scene *s, const struct model_path *p,
                         uint16_t head)
{
    text_put_str(out, many_or(s, p, "for many"));
    put_head(out, ": strip ", head);
}

static void say_eth_hold(struct text *out, const struct scene *s, const struct model_path *p)
{
    struct dissect d = {0};
    uint32_t i = history_frame_of(s->h, p->frame);
    if (i != NONE) frame_dissect(s->rec, &s->h->frame[i], &d);
    text_put_str(out, d.family == FAMILY_IP6 ? "MAC unknown: hold, ask by NDP"
                                             : "MAC unknown: hold, ask by ARP");
}

static void say_socket_step(struct text *out, const struct scene *s, uint16_t host,
                            const struct model_path *p, const char *lead)
{
    text_put_str(out, lead);
    const struct model_sock *k = model_sock(s->m, host, p->conn);
    if (k != NULL) put_sock(out, s, k, p->event);
    else text_put_str(out, "a socket");
}

void say_step(struct text *out, const struct scene *s, uint16_t host, const struct model_path *p,
              size_t step)
{
    uint16_t head = p->step[step].head;
    switch (p->step[step].step) {
    case STEP_ETH_MINE:      put_head(out, "dst MAC is mine: strip ", head); break;
    case STEP_ETH_BROADCAST: say_eth_many(out, s, p, head); break;
    case STEP_ETH_SEND:      say_eth_send(out, s, p, head); break;
    case STEP_ETH_HOLD:      say_eth_hold(out, s, p); break;
    case STEP_ARP_LEARN:     text_put_str(out, "ARP learns who has it"); break;
    case STEP_IP_MINE:       say_ip_step(out, s, p, head); break;
    case STEP_IP_FORWARD:    text_put_str(out, "not for me: forward"); break;
    case STEP_IP_ONLINK:     put_head(out, "on this link: put on ", head); break;
    case STEP_IP_GATEWAY:    put_head(out, "via gateway: put on ", head); break;
    case STEP_TCP_SOCKET:    say_socket_step(out, s, host, p, "4-tuple matches "); break;
    case STEP_TCP_LISTENER:  text_put_str(out, "no 4-tuple: to the listener"); break;
    case STEP_TCP_QUEUE:     say_socket_step(out, s, host, p, "in order, for "); break;
    case STEP_TCP_HOLD:      text_put_str(out, "out of order: held"); break;
    case STEP_TCP_SEND:      put_head(out, "before the bytes: put on ", head); break;
    case STEP_UDP_SOCKET:    say_socket_step(out, s, host, p, "port matches "); break;
    case STEP_ICMP_SOCKET:   say_socket_step(out, s, host, p, "identifier matches "); break;
    case STEP_UDP_SEND:      put_head(out, "UDP: put on ", head); break;
    case STEP_TCP_COOKIE:    text_put_str(out, "SYN queue full: a cookie"); break;
    case STEP_NDP_LEARN:     text_put_str(out, "NDP learns who has it"); break;
    case STEP_NDP_ROUTER:    text_put_str(out, "a router tells of itself"); break;
    case STEP_IP_REDIRECT:   text_put_str(out, "a better first hop: take it"); break;
    case STEP_GROUP_HEAR:    text_put_str(out, "who listens to which group"); break;
    case STEP_IP_HOLD:       text_put_str(out, "a fragment: held for the rest"); break;
    case STEP_IP_WHOLE:      text_put_str(out, "the last fragment: whole again"); break;
    case STEP_IP_CUT:        put_head(out, "too long: cut, put on ", head); break;
    case STEP_ICMP_ECHO:     text_put_str(out, "a ping: answer it"); break;
    case STEP_ICMP_ERROR:    text_put_str(out, "an error: tell its socket"); break;
    case STEP_ICMP_SEND:     text_put_str(out, "ICMP writes a message"); break;
    default:                 text_put_str(out, step_name(p->step[step].step)); break;
    }
}
