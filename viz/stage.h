// stage.h - the screen as a whole: the layout, the playhead, and what keys and mouse do to both.
//
// A stage knows no window. It is told how large the canvas is, what a person did, and how much real
// time went by; it draws the scene of its playhead. So the same stage fills the window, a PNG and
// each frame of a movie, and a test can play it.
//
// The playhead is an instant of shown time and a number of events. Playing moves the instant and
// all its events with it. A step goes to the next beat, and where several happen at one instant it
// stops between them.
#ifndef STAGE_H
#define STAGE_H

#include "viz/quiz.h"
#include "viz/scene.h"
#include "viz/trail.h"
#include "viz/ui.h"

enum { STAGE_W_MIN = 960, STAGE_H_MIN = 600, STAGE_ASK = 160 };

// What only a holder can do.
enum stage_wish { WISH_NONE, WISH_QUIT, WISH_SAVE, WISH_SAVE_SVG, WISH_RECORD, WISH_ASK };

enum link_slider { SLIDE_DELAY, SLIDE_RATE, SLIDE_LOSS, SLIDERS };

// Of the link in the light: which row has the keys, what is under the mouse's hand (1 and up) and
// where, and what was asked of the run and not yet told by it (a stop, from 1).
// The row SLIDERS is no slider but the choice of a way: both, there, or back.
enum link_way { WAY_BOTH, WAY_THERE, WAY_BACK, LINK_WAYS };
struct sliders { bool open; int row, held, at, way, asked[SLIDERS]; };

struct layout {
    struct rect top, strip, host[2], narration, ladder, wire, inspector, demux, graph, network,
                timeline;
};

struct stage {
    struct recording *rec;
    struct scene      scene;
    struct draw_list  list;
    struct fonts     *fonts;
    enum theme        theme;
    psec              u;
    uint64_t          events;
    bool              by_step;    // the playhead stands after `events`, maybe within an instant
    bool              playing, backwards, dragging, pacing;
    double            pace;
    float             w, h;       // logical size of the last picture
    bool              dirty;
    char              title[64], notice[200];
    double            notice_left;
    enum stage_wish   wish;
    void            (*on_wish)(void *wisher);  // grants it at once; NULL: it is looked for later
    void             *wisher;
    char              ask[STAGE_ASK];     // of the run, in words: WISH_ASK

    bool              live;               // the run goes on: more may come
    bool              at_edge;            // and the playhead goes along
    bool              real_time, held;    // its time is real; it stands still, for us
    bool              can_ask;            // it listens
    struct sliders    sliders;
    uint16_t          last_host;          // that was put on stage

    struct sift       sift;
    char              words[SIFT_TEXT];   // looked for in the narrator's sentences; "": none
    char              filter[SIFT_TEXT];  // as it was typed, either kind
    struct watches    watches;
    struct trail      trail;
    size_t            trail_at;
    bool              following;
    struct quiz       quiz;
    bool              quizzing;
    enum prompt       prompt;
    struct field      typed;
    bool              fresh;              // what stands there is replaced by the first character
    char              complaint[160];
    struct object     cursor;             // in the pane that has the focus
    enum pane         largest;            // shown alone; PANES: none
    int               part;               // of the layout, all that is drawn; -1: the whole
    bool              calm;               // nothing moves between two steps
    struct pt         mouse;
    bool              mouse_seen;
    double            tip_in;             // seconds until the tip of what lies under the mouse
};

void stage_init(struct stage *st, struct recording *rec, struct fonts *fonts);
void stage_free(struct stage *st);
void stage_name(struct stage *st);  // as its run calls itself
struct layout stage_layout(float w, float h);
struct rect   stage_pane(const struct stage *st, enum pane pane);  // empty: not shown
// The parts of the layout by name: "ladder"; -1: none has it. And their names: NULL behind them.
int           stage_part_named(const char *name);
const char   *stage_part_name(int part);
struct rect   stage_part_place(const struct stage *st, int part);  // empty: not shown

void stage_seek(struct stage *st, nsec t);           // an instant, with all its events
void stage_seek_shown(struct stage *st, psec u);
void stage_step(struct stage *st, int by);           // beats on, or back
void stage_step_flow(struct stage *st, int by);      // beats of the connection in the light

// To the next of a kind, or the last before; the playhead stays, with a notice, if there is none.
enum stage_seek { SEEK_LOSS, SEEK_AGAIN, SEEK_STATE, SEEK_MATCH };
void stage_seek_next(struct stage *st, enum stage_seek what, int by);
void stage_run_to_break(struct stage *st);
// A filter in tcpdump's language, or "words after a quote; false with a sentence in complaint.
bool stage_set_filter(struct stage *st, const char *text);
bool stage_add_break(struct stage *st, const char *text);
void stage_follow(struct stage *st);                 // the frame in the light; again: no longer
void stage_follow_step(struct stage *st, int by);
void stage_challenge(struct stage *st);              // begin, or end
void stage_answer(struct stage *st, int option);
nsec stage_time(const struct stage *st);             // the instant that is shown
// Another recording takes the place of the stage's, which it equals up to the playhead.
void stage_replace(struct stage *st, struct recording *by);
void stage_to_edge(struct stage *st);                // along with a run that goes on
void stage_ask(struct stage *st, const char *words);  // of the run
bool stage_moves(const struct stage *st);            // stage_advance has something to do
nsec stage_telling_instant(const struct stage *st);  // where a picture tells most
// Moves the playhead by real time; false if nothing moves.
bool stage_advance(struct stage *st, double seconds);
// Seconds until something changes by itself while nothing plays: a notice goes, a tip comes.
double stage_rest(const struct stage *st);
void stage_notice(struct stage *st, const char *sentence);

void stage_event(struct stage *st, const struct ui_event *e);
// The scene as a draw list, for a picture of w x h logical pixels; then on a canvas.
void stage_compose(struct stage *st, float w, float h);
void stage_draw(struct stage *st, struct canvas *c, float scale);

#endif
