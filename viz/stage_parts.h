// stage_parts.h - what the files of the stage share among themselves.
//
//     stage.c          the playhead, the layout, the picture
//     stage_seek.c     to the next loss, match, breakpoint; a packet's trail; the challenge
//     stage_hands.c    keys and mouse
//     stage_prompt.c   what is typed: a filter, a breakpoint
//     stage_link.c     sliders for a link
//     stage_cursor.c   the keyboard's own pointer inside a pane; tips
#ifndef STAGE_PARTS_H
#define STAGE_PARTS_H

#include "viz/stage.h"

void   stage_stand_behind(struct stage *st, size_t beat);  // it and what follows from it, no more
void   stage_stand_at(struct stage *st, uint64_t event);   // behind one event
size_t stage_beat(const struct stage *st);                 // where the playhead stands
void   stage_choose_host(struct stage *st, uint16_t host);   // beside the last one chosen
void   stage_choose_link(struct stage *st, uint32_t link);   // both its ends; its sliders, if there
void   stage_next_pair(struct stage *st, int by);            // that a link joins
void   stage_look(struct stage *st);                       // the scene anew, without drawing

// Does a breakpoint lie on the way to u? Then the playhead stands there, and u is there.
bool   stage_breaks(struct stage *st, psec *u);

void stage_press(struct stage *st, struct object o, struct pt at);  // by mouse or Enter
void stage_open_prompt(struct stage *st, enum prompt prompt);
void stage_break_on(struct stage *st, struct object o, nsec at);  // o was clicked, or the instant
bool stage_prompt_event(struct stage *st, const struct ui_event *e);  // true: it was for the prompt
void stage_paint_prompt(struct stage *st);

void stage_open_link(struct stage *st);              // or close
bool stage_link_key(struct stage *st, int key);      // true: it was for the sliders
void stage_slide_link(struct stage *st, int which, float x);
void stage_turn_link(struct stage *st, int by);      // the way that the sliders are for
void stage_release_link(struct stage *st);
void stage_paint_link(struct stage *st);

void stage_focus_next(struct stage *st, bool back);
bool stage_cursor_key(struct stage *st, int key);  // true: it was for the pane with the focus
void stage_hover(struct stage *st, struct pt at);
void stage_paint_cursor(struct stage *st);
void stage_paint_tip(struct stage *st);

#endif
