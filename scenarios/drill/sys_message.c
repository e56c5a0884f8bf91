// sys_message.c - what goes and comes beside the bytes of a message: control messages, flags, and
// the queue of errors. See sys.h.
#include <errno.h>

#include "scenarios/drill/sys.h"

enum { IP_ = 0, TCP_ = 6, IPV6_ = 41, CM_INQ = 36, IP_TOS_ = 1, IP_TTL_ = 2, IP_RECVERR_ = 11,
       IPV6_RECVERR_ = 25, HOPLIMIT_ = 52, TCLASS_ = 67, ORIGIN_ICMP = 2, ORIGIN_ICMP6 = 3,
       ORIGIN_STAMP = 4, ORIGIN_ZEROCOPY = 5, COPIED = 1, SOCKET_ = 1, STAMPING_ = 37, NO_MSG = 42,
       STAMP_SENT = 0, STAMP_SCHED = 1, STAMP_ACKED = 2 };

struct head { int64_t level, type; const struct value *data; };

// {cmsg_level=L, cmsg_type=T, cmsg_data=...}
static bool head_of(struct sys_call *c, const struct value *v, struct head *h)
{
    const struct value *level = sys_field(v, "cmsg_level"), *type = sys_field(v, "cmsg_type");
    h->data = sys_field(v, "cmsg_data");
    if (level != NULL && type != NULL && h->data != NULL)
        return sys_int_of(c, level, &h->level) && sys_int_of(c, type, &h->type);
    run_refuse(c->run, v->at, "a control message is {cmsg_level=L, cmsg_type=T, cmsg_data=...}");
    return false;
}

static bool is_tos(const struct head *h)
{
    return (h->level == IP_ && h->type == IP_TOS_) || (h->level == IPV6_ && h->type == TCLASS_);
}

static bool is_ttl(const struct head *h)
{
    return (h->level == IP_ && h->type == IP_TTL_) || (h->level == IPV6_ && h->type == HOPLIMIT_);
}

static bool is_error(const struct head *h)
{
    return (h->level == IP_ && h->type == IP_RECVERR_)
        || (h->level == IPV6_ && h->type == IPV6_RECVERR_);
}

static const struct value *control_of(const struct value *message)
{
    const struct value *list = sys_field(message, "msg_control");
    return list != NULL && list->kind == VALUE_LIST ? list->first : NULL;
}

// --- sending ------------------------------------------------------------------------------------

bool sys_control_args(struct sys_call *c, const struct value *message, struct ng_packet_info *info)
{
    for (const struct value *v = control_of(message); v != NULL; v = v->next) {
        struct head h;
        int64_t n;
        if (!head_of(c, v, &h) || !sys_int_of(c, h.data, &n)) return false;
        if (is_tos(&h)) info->tos = (uint8_t)n;
        else if (is_ttl(&h)) info->ttl = (uint8_t)n;
        else run_refuse(c->run, v->at, "nothing of this kind can be sent with a message here");
    }
    return !c->run->failed;
}

// --- receiving ----------------------------------------------------------------------------------

static void expect_number(struct sys_call *c, const struct value *v, const char *what, int64_t is)
{
    int64_t want;
    if (c->run->failed || v == NULL || v->kind == VALUE_ELLIPSIS) return;
    if (sys_int_of(c, v, &want) && want != is)
        run_fail(c->run, v->at, "%s is %lld, not %lld", what, (long long)is, (long long)want);
}

// What the stack keeps of an error: no type and code, so those are not compared.
static void check_error(struct sys_call *c, const struct head *h, const struct sys_told *told)
{
    bool six = h->level == IPV6_;
    expect_number(c, sys_field(h->data, "ee_errno"), "ee_errno", told->trouble.error);
    expect_number(c, sys_field(h->data, "ee_origin"), "ee_origin",
                  six ? ORIGIN_ICMP6 : ORIGIN_ICMP);
    expect_number(c, sys_field(h->data, "ee_info"), "ee_info", told->trouble.mtu);
    expect_number(c, sys_field(h->data, "ee_data"), "ee_data", 0);
}

// What was copied is free as soon as it is acknowledged; so Linux says of what it copies.
static void check_note(struct sys_call *c, const struct head *h, const struct sys_told *told)
{
    const struct ng_note *n = &told->note;
    bool freed = n->kind == NG_NOTE_FREED;
    int stamp = n->kind == NG_NOTE_ACKED ? STAMP_ACKED : told->sched ? STAMP_SCHED : STAMP_SENT;
    expect_number(c, sys_field(h->data, "ee_errno"), "ee_errno", freed ? 0 : NO_MSG);
    expect_number(c, sys_field(h->data, "ee_origin"), "ee_origin",
                  freed ? ORIGIN_ZEROCOPY : ORIGIN_STAMP);
    expect_number(c, sys_field(h->data, "ee_type"), "ee_type", 0);
    expect_number(c, sys_field(h->data, "ee_code"), "ee_code", freed ? COPIED : 0);
    expect_number(c, sys_field(h->data, "ee_info"), "ee_info", freed ? (int64_t)n->first : stamp);
    expect_number(c, sys_field(h->data, "ee_data"), "ee_data", n->last);
}

// {scm_sec=0, scm_nsec=20000000}: since the script began, give or take what it tolerates.
static void check_stamp(struct sys_call *c, const struct head *h, const struct sys_told *told)
{
    const struct value *sec = sys_field(h->data, "scm_sec"), *ns = sys_field(h->data, "scm_nsec");
    int64_t s, n;
    if (sec == NULL || ns == NULL || !sys_int_of(c, sec, &s) || !sys_int_of(c, ns, &n)) return;
    nsec want = SEC(s) + n, is = told->note.at, off = is > want ? is - want : want - is;
    if (off > run_tolerance(c->run, 0))
        run_fail(c->run, ns->at, "the stamp is of %lld.%09lld s", (long long)(is / SEC(1)),
                 (long long)(is % SEC(1)));
}

static bool has_stamp(const struct sys_told *told)
{
    return told->note.kind == NG_NOTE_SENT || told->note.kind == NG_NOTE_ACKED;
}

static bool is_stamp(const struct head *h)
{
    return h->level == SOCKET_ && h->type == STAMPING_;
}

static void check_control(struct sys_call *c, const struct value *v, const struct sys_told *told)
{
    struct head h;
    if (!head_of(c, v, &h)) return;
    bool inq = h.level == TCP_ && h.type == CM_INQ;
    if (inq && told->has_inq) expect_number(c, h.data, "the number of bytes that wait", told->inq);
    else if (is_ttl(&h) && told->has_ttl) expect_number(c, h.data, "the TTL", told->ttl);
    else if (is_tos(&h) && told->has_tos) expect_number(c, h.data, "the TOS", told->tos);
    else if (is_error(&h) && told->note.kind != 0) check_note(c, &h, told);
    else if (is_stamp(&h) && has_stamp(told)) check_stamp(c, &h, told);
    else if (is_error(&h) && told->trouble.error != 0) check_error(c, &h, told);
    else run_fail(c->run, v->at, "this control message does not come with it");
}

void sys_check_message(struct sys_call *c, const struct value *message, const struct sys_told *told)
{
    unsigned said = 0;
    for (const struct value *v = control_of(message); v != NULL && !c->run->failed;
         v = v->next, said++)
        check_control(c, v, told);
    const struct value *list = sys_field(message, "msg_control");
    unsigned came = (unsigned)told->has_inq + told->has_ttl + told->has_tos
                  + (told->trouble.error != 0) + (told->note.kind != 0) + has_stamp(told);
    if (list != NULL && list->kind == VALUE_LIST && said != came)
        run_fail(c->run, list->at, "%u control message%s with it, not %u", came,
                 came == 1 ? " comes" : "s come", said);
    expect_number(c, sys_field(message, "msg_flags"), "msg_flags", told->flags);
}
