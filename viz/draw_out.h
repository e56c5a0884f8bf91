// draw_out.h - what the writers of a draw list (canvas, text, SVG) share. Private to draw*.c.
#ifndef DRAW_OUT_H
#define DRAW_OUT_H

#include "viz/draw.h"

#define ELLIPSIS "\xe2\x80\xa6"

// From the middle of the capitals down to the baseline, in sizes: half the height of a capital,
// 0.73 in Inter as in JetBrains Mono and DejaVu.
#define TEXT_MIDDLE 0.364f

static inline const struct pt *draw_points(const struct draw_list *l, const struct draw_cmd *cmd)
{
    return (const struct pt *)(const void *)(l->bytes + cmd->at);
}

static inline const char *draw_string(const struct draw_list *l, const struct draw_cmd *cmd)
{
    return (const char *)(l->bytes + cmd->text.at);
}

// Where a text's pen starts, how much of it is shown, and whether an ellipsis follows.
struct text_place { float x, baseline, width; size_t len; bool cut; };
struct text_place text_place(const struct draw_list *l, const struct draw_cmd *cmd);

// What is still, at scale s and on whole pixels: a rectangle, a line's width, points, and a line
// along an axis as the rectangle it fills (false: it leans, or moves).
struct rect draw_on_pixels(const struct draw_cmd *cmd, float s);
float draw_width(float width, float s);
void  draw_points_on_pixels(const struct draw_list *l, const struct draw_cmd *cmd, float s,
                            struct pt *out);
bool  draw_line_on_pixels(const struct draw_cmd *cmd, float s, struct rect *r);

#endif
