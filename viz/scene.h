// scene.h - all that a pane may know when it draws: the run, an instant of it, and what a person
// chose to look at.
//
// A pane is a pure function (scene, rectangle) -> draw list. Nothing here changes while panes draw,
// and a pane keeps nothing between pictures, so window, PNG and movie show the same pixels, and a
// test can ask for any instant in any order.
#ifndef SCENE_H
#define SCENE_H

#include "viz/draw.h"
#include "viz/field.h"
#include "viz/recording.h"
#include "viz/sift.h"
#include "viz/watch.h"

// What can be pointed at. The pair (kind, id) is what draw_hit carries.
enum object_kind {
    OBJECT_NONE,
    OBJECT_SOCK,      // id: host << 32 | conn
    OBJECT_FRAME,     // id: row in history
    OBJECT_FLOW,      // id: row in history
    OBJECT_BYTE,      // id: offset in the frame under inspection
    OBJECT_BUTTON,    // id: enum button
    OBJECT_TIMELINE,  // anywhere on the track
    OBJECT_PACE,
    OBJECT_TAB,       // id: enum graph_tab
    OBJECT_PANE,      // id: enum pane
    OBJECT_WATCH,     // id: which breakpoint
    OBJECT_OPTION,    // id: which answer of the challenge
    OBJECT_LINK,      // id: its number in the recording
    OBJECT_SLIDER,    // id: enum link_slider, or SLIDERS: the way
    OBJECT_HOST,      // id: its number in the recording
    OBJECT_KEY,       // id: the character or enum ui_key that does the same
    OBJECT_KINDS
};

struct object { uint32_t kind; uint64_t id; };

enum button { BUTTON_BACK, BUTTON_PLAY, BUTTON_STEP, BUTTON_RECORD, BUTTON_THEME, BUTTON_HELP,
              BUTTON_MODE, BUTTON_FILTER, BUTTON_BREAK, BUTTONS };

enum pane { PANE_CLIENT, PANE_LADDER, PANE_SERVER, PANE_WIRE, PANE_INSPECTOR, PANE_DEMUX,
            PANE_GRAPH, PANE_NETWORK, PANE_STRIP, PANE_TIMELINE, PANE_TOP, PANES };

enum prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_BREAK };  // what is being typed

enum density_level { DENSITY_FRAMES, DENSITY_BURSTS, DENSITY_FLOWS };  // see density.h
struct density { enum density_level level; int doublings; };

enum graph_tab { GRAPH_SEQUENCE, GRAPH_CWND, GRAPH_RTT, GRAPH_RATE, GRAPH_QUEUE, GRAPH_BUFFERS,
                 GRAPH_STATES, GRAPH_TABS };

enum live { LIVE_OVER, LIVE_BEHIND, LIVE_EDGE, LIVE_HELD };  // does the run go on, and where are we

struct quiz;

struct scene {
    const struct recording *rec;
    const struct history   *h;
    const struct model     *m;        // the world after `events` events
    uint64_t                events;
    nsec                    t;
    psec                    u;
    size_t                  beat;     // the beat whose sentence is shown; valid if h->beats > 0
    bool                    settled;  // at rest: show what came of it, not how it moves
    bool                    playing;
    enum live               live;
    struct object           selected, hover;
    enum pane               focus;    // PANES: none
    bool                    over;     // no link joins the two on stage: routers stand between
    uint32_t                flow;     // in the light; NONE
    uint32_t                frame;    // under inspection; NONE
    struct density          density;  // of the ladder
    float                   zoom;     // of the ladder; 1 is the default
    int                     shelf[2]; // how far each host's sockets were moved by hand
    double                  pace;     // seconds for a typical event
    enum graph_tab          tab;
    const char             *title;
    const char             *filter;   // as it was typed; NULL or "": none
    const struct sift      *sift;
    const struct watches   *watches;
    const struct quiz      *quiz;     // NULL: no challenge
    struct { size_t at, n; } trail;   // stop `at` of n of a followed packet; n 0: none
    enum prompt             prompt;
    const struct field     *typed;
    const char             *complaint;  // about what was typed, or NULL
    bool                    help;
    const char             *notice;   // a passing message, or NULL
};

static inline bool object_is(struct object o, uint32_t kind, uint64_t id)
{
    return o.kind == kind && o.id == id;
}

// Nothing that happens inside this host is told, but what it sends and gets: it is no host of ours.
static inline bool host_is_dark(const struct scene *s, uint16_t host)
{
    const struct model_host *h = model_host(&s->rec->last, host);
    return h != NULL && !h->tells && !s->rec->foreign;
}

// The end at host a of the link that joins a and b; NULL: none does.
const struct model_netif *link_between(const struct model *m, uint16_t a, uint16_t b);

static inline uint64_t sock_id(uint16_t host, uint32_t conn) { return (uint64_t)host << 32 | conn; }

#endif
