// panes.h - the panes: each draws one rectangle of the screen from a scene, and keeps nothing.
#ifndef PANES_H
#define PANES_H

#include "viz/scene.h"

void topbar_pane(struct draw_list *l, const struct scene *s, struct rect r);
void narration_pane(struct draw_list *l, const struct scene *s, struct rect r);
void ladder_pane(struct draw_list *l, const struct scene *s, struct rect r);
void wire_pane(struct draw_list *l, const struct scene *s, struct rect r);
void inspector_pane(struct draw_list *l, const struct scene *s, struct rect r);
void demux_pane(struct draw_list *l, const struct scene *s, struct rect r);
void graph_pane(struct draw_list *l, const struct scene *s, struct rect r);
void timeline_pane(struct draw_list *l, const struct scene *s, struct rect r);
void quiz_pane(struct draw_list *l, const struct scene *s, struct rect r);  // s->quiz is not NULL
void help_pane(struct draw_list *l, const struct scene *s, struct rect r);
void strip_pane(struct draw_list *l, const struct scene *s, struct rect r);
void network_pane(struct draw_list *l, const struct scene *s, struct rect r);
// side 0 is the left host of the stage, 1 the right.
void hoststack_pane(struct draw_list *l, const struct scene *s, struct rect r, int side);

// Of the timeline: its track, and the shown time under a place on it.
struct rect timeline_track(struct rect pane);
psec        timeline_at(const struct scene *s, struct rect pane, float x);
double      pace_at(struct rect bar, float x);  // of the slider in the top bar
struct rect pace_track(struct rect bar);

#endif
