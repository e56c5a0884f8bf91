// outfile.h - a file that appears under its name when it is whole, or not at all.
//
// Bytes gather in a buffer and go to "NAME.part" (or .part1, ... where that exists) beside the
// place they are meant for; outfile_close renames it. The first failure is remembered, everything
// after it is ignored, and close tells it once. What is no regular file (a pipe, /dev/null) and
// standard output, "-", are written straight away.
#ifndef OUTFILE_H
#define OUTFILE_H

#include "base/base.h"

struct outfile {
    int      fd, error;    // error: errno of the first failure, or 0
    bool     close_fd;
    char    *path, *temp;  // temp is NULL where there is nothing to rename
    uint8_t *buf;
    size_t   len;
};

// False, and one sentence in error.
bool outfile_open(struct outfile *o, const char *path, char *error, size_t error_cap);
void outfile_put(struct outfile *o, const void *p, size_t len);
void outfile_fail(struct outfile *o, int error);  // the owner's own reason to give up: an errno
// 0, or -errno, and one sentence in error. Nothing of o is left either way.
int  outfile_close(struct outfile *o, char *error, size_t error_cap);
void outfile_abandon(struct outfile *o);

#endif
