// check.c - what a script asks for and cannot have, as far as that is known before it runs: calls
// that nobody knows, packets that cannot be. So a script that cannot run does not begin to, and
// --dry_run tells of it. See run.h.
#include "scenarios/drill/run.h"

#include "scenarios/drill/sys.h"

enum { PAYLOAD_MOST = 65535 - 120 };  // beside the headers

static void check_packet(struct run *r, const struct drill_step *step)
{
    const struct packet *p = step->packet;
    bool six = r->config.family == FAMILY_IP6;
    if (p->encap != NULL)
        run_refuse(r, p->encap_at, "encapsulation by %s is not spoken here", p->encap);
    else if (p->kind == PACKET_ICMP && !(six ? p->icmp.in6 : p->icmp.in4))
        run_refuse(r, step->what_at, "there is no such ICMP message in IPv%c", six ? '6' : '4');
    else if (!p->out && p->len > PAYLOAD_MOST)
        run_refuse(r, step->what_at, "%u bytes do not fit in one IP packet", (unsigned)p->len);
}

bool check_script(struct run *r)
{
    for (const struct drill_step *s = r->script->steps; s != NULL && !r->failed; s = s->next) {
        r->step = s;
        if (s->what == WHAT_PACKET) check_packet(r, s);
        else if (s->what == WHAT_CALL) sys_check(r, s);
    }
    return !r->failed;
}
