// font_files.c - see font_files.h.
#include "viz/font_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_font_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (!strcasecmp(dot, ".ttf") || !strcasecmp(dot, ".otf"));
}

static void keep(struct font_files *f, const char *path)
{
    if (f->n == FONT_FILES_MAX) return;
    char **more = realloc(f->path, (size_t)(f->n + 1) * sizeof *more);
    if (!more) return;
    f->path = more;
    char *copy = strdup(path);
    if (copy) f->path[f->n++] = copy;
}

static bool walk(struct font_files *f, const char *dir, int depth)
{
    struct dirent **entry;
    int n = scandir(dir, &entry, NULL, alphasort);
    if (n < 0) return false;
    for (int i = 0; i < n; i++) {
        char path[PATH_MAX];
        int len = snprintf(path, sizeof path, "%s/%s", dir, entry[i]->d_name);
        struct stat st;
        bool usable = entry[i]->d_name[0] != '.' && len > 0 && len < PATH_MAX && !stat(path, &st);
        free(entry[i]);
        if (!usable) continue;
        if (S_ISDIR(st.st_mode) && depth < FONT_DEPTH_MAX) walk(f, path, depth + 1);
        else if (S_ISREG(st.st_mode) && is_font_name(path)) keep(f, path);
    }
    free(entry);
    return true;
}

bool font_files_scan(struct font_files *f, const char *dir)
{
    return walk(f, dir, 0);
}

void font_files_free(struct font_files *f)
{
    for (int i = 0; i < f->n; i++) free(f->path[i]);
    free(f->path);
    *f = (struct font_files){0};
}

const char *font_files_find(const struct font_files *f, const char *name)
{
    size_t len = strlen(name);
    for (int i = 0; i < f->n; i++) {
        const char *slash = strrchr(f->path[i], '/');
        const char *last = slash ? slash + 1 : f->path[i];
        if (!strncasecmp(last, name, len) && last[len] == '.') return f->path[i];
    }
    return NULL;
}

uint8_t *font_file_load(const char *path, size_t *len)
{
    struct stat st;
    uint8_t *bytes = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return NULL;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0
        && st.st_size <= FONT_FILE_BYTES_MAX) {
        bytes = malloc((size_t)st.st_size);
        size_t got = 0;
        while (bytes && got < (size_t)st.st_size) {
            ssize_t n = read(fd, bytes + got, (size_t)st.st_size - got);
            if (n <= 0) break;
            got += (size_t)n;
        }
        *len = got;
    }
    close(fd);
    return bytes;
}
