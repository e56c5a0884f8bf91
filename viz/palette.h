// palette.h - colours by meaning, in two themes: one hue says one thing everywhere.
//
// The table was searched so that the six hues stay apart under the three colour deficiencies, and
// a unit test measures it: change a colour and the test tells whether it may stay. A pane never
// names a colour, only a role, so a theme is a column of one table and nothing else.
//
// Every role may be written on PANEL and RAISED except PALETTE_SEL, which in the light theme is for
// rings and fills only. On a fill of a hue write with PALETTE_ON, on a fill of SEL with ON_SEL.
#ifndef PALETTE_H
#define PALETTE_H

#include "base/base.h"

enum palette_role {
    PALETTE_BG, PALETTE_PANEL, PALETTE_RAISED, PALETTE_LINE,
    PALETTE_HI, PALETTE_MID, PALETTE_LOW,  // text
    PALETTE_ETH, PALETTE_IP, PALETTE_TCP,  // layers; TCP is also control segments
    PALETTE_APP,                           // application data
    PALETTE_ACK,                           // acknowledgements, connections: neutral
    PALETTE_LOSS,                          // losses and retransmissions
    PALETTE_SEL,                           // selection and playhead
    PALETTE_ON, PALETTE_ON_SEL,            // text on a filled hue, on a filled selection
    PALETTE_ROLES
};

enum theme { THEME_DARK, THEME_LIGHT, THEMES };

uint32_t    palette_rgb(enum theme theme, enum palette_role role);  // 0xFFRRGGBB
const char *palette_name(enum palette_role role);

#endif
