// infile.h - a file to read from front to back, a pipe too, as contiguous bytes of any length.
//
// infile_need(n) lends n bytes at the present place, infile_skip moves behind them. What is lent
// lives until the next need. Memory grows with what really comes, not with what a hostile length
// claims.
#ifndef INFILE_H
#define INFILE_H

#include "base/base.h"

struct infile {
    int      fd;              // -1: the bytes are in memory
    bool     close_fd, ended;
    int      error;           // errno of a read that failed
    uint8_t *buf;             // what is here: [from, to)
    size_t   from, to, cap;
    uint64_t at, size;        // the place, and the file's length if known
};

bool infile_open(struct infile *f, const char *path, char *error, size_t error_cap);  // "-": stdin
bool infile_of_bytes(struct infile *f, const uint8_t *p, size_t len);  // copies; false: no memory
void infile_close(struct infile *f);

const uint8_t *infile_need(struct infile *f, size_t n);  // NULL: fewer are left, or error is set
size_t         infile_left(struct infile *f, size_t n);  // how many of n are left
void           infile_skip(struct infile *f, size_t n);  // n were lent

#endif
