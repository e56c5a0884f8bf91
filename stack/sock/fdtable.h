// fdtable.h - applications, and their tables of descriptors.
//
// As in a Unix process: 0, 1 and 2 are taken, and a new socket gets the lowest free number. So the
// same socket has one number in one application and means nothing in another. A number is a name
// for a handle; what the handle names is for sock.c to know.
#ifndef FDTABLE_H
#define FDTABLE_H

#include "net/host.h"
#include "stack.h"

enum { FD_FIRST = 3, FD_LIMIT = 1024 };

struct app_table;
struct app_entry {
    ng_app   id;
    char     name[32];
    bool     blocking;
    uint64_t taken[FD_LIMIT / 64];  // one bit a number
    ng_sock  sock[FD_LIMIT];        // 0: none
};

struct app_table *app_table_new(void);  // NULL: no memory
void              app_table_free(struct app_table *t);
// Ids rise and are never used again; NULL: no memory, or no id is left.
struct app_entry *app_table_add(struct app_table *t, const char *name, bool blocking);
struct app_entry *app_table_get(const struct app_table *t, ng_app id);  // NULL: there is none
void              app_table_remove(struct app_table *t, ng_app id);

bool    fd_is_left(const struct app_entry *a);
int     fd_take(struct app_entry *a, ng_sock s);  // the lowest free number, or -EMFILE
void    fd_give_up(struct app_entry *a, int fd);
ng_sock fd_sock(const struct app_entry *a, int fd);  // 0: not in use

#endif
