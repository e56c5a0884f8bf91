// font_files.h - which font files this machine has: bounded walks over folders, best match by name.
//
// Private to font.c. Folders may be anyone's: a walk goes six levels deep and remembers at most
// FONT_FILES_MAX names, in sorted order so that the choice does not hang on the file system.
#ifndef FONT_FILES_H
#define FONT_FILES_H

#include "base/base.h"

enum { FONT_FILES_MAX = 4096, FONT_DEPTH_MAX = 6, FONT_FILE_BYTES_MAX = 32 << 20 };

struct font_files {
    char **path;
    int    n;
};

// Adds what lies under dir; false if dir itself cannot be read.
bool font_files_scan(struct font_files *f, const char *dir);
void font_files_free(struct font_files *f);

// The path whose last part is name, whatever its extension (.otf, .ttf); NULL if there is none.
const char *font_files_find(const struct font_files *f, const char *name);

// The whole file in memory, NULL if it is no readable regular file of a sane size.
uint8_t *font_file_load(const char *path, size_t *len);

#endif
