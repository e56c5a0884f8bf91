// sift.h - which frames pass a filter in tcpdump's language.
//
// One bit a frame of the history, made once when the filter is set and carried on as frames come,
// so that panes may ask for each frame they draw. An empty filter passes everything.
#ifndef SIFT_H
#define SIFT_H

#include "viz/recording.h"

struct filter;

enum { SIFT_TEXT = 256 };

struct sift {
    struct filter *filter;  // NULL: everything passes
    char           text[SIFT_TEXT];
    uint64_t      *bit;
    size_t         words;   // of bit
    uint32_t       seen, passed;
};

void sift_free(struct sift *s);  // zeroed is empty
// False, with a sentence in error and nothing changed, if text is no filter.
bool sift_set(struct sift *s, const char *text, char *error, size_t cap);
void sift_look(struct sift *s, const struct recording *r);  // at the frames not seen yet
void sift_forget(struct sift *s);  // frames that were seen are others now: the same filter, anew
bool sift_passes(const struct sift *s, uint32_t frame);

#endif
