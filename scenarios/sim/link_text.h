// link_text.h - the qualities of a link as people write them: "delay=20ms,loss=1%,rate=10Mbit".
#ifndef LINK_TEXT_H
#define LINK_TEXT_H

#include "base/text.h"
#include "scenarios/sim/link.h"

// One quality: rate delay jitter loss reorder reorder_delay duplicate corrupt queue down. rate=0
// takes the limit away. False, with nothing changed and a sentence in error, for any other.
bool link_text_set(struct link_config *c, const char *key, const char *value, struct text *error);
// A list of them with commas between, over what c says already.
bool link_text_parse(struct link_config *c, const char *list, struct text *error);
// What differs from a perfect cable, in the same words; "nothing" if nothing does.
void link_text_print(struct text *out, const struct link_config *c);

#endif
