// http_path.c - see http_path.h.
#include "scenarios/apps/http_path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static bool has_dot_dot(const char *path)
{
    for (const char *p = path; *p != '\0'; p += *p == '/') {
        size_t len = strcspn(p, "/");
        if (len == 2 && p[0] == '.' && p[1] == '.') return true;
        p += len;
    }
    return false;
}

bool http_path_decode(const char *target, size_t len, char path[HTTP_PATH_MAX])
{
    size_t out = 0;
    if (len == 0 || target[0] != '/') return false;
    for (size_t i = 1; i < len && target[i] != '?' && target[i] != '#'; i++) {
        char c = target[i];
        if (c == '%') {
            if (i + 2 >= len) return false;
            int high = text_hex_digit(target[i + 1]), low = text_hex_digit(target[i + 2]);
            if (high < 0 || low < 0) return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0' || out + 1 >= HTTP_PATH_MAX) return false;
        path[out++] = c;
    }
    path[out] = '\0';
    return !has_dot_dot(path);
}

static bool is_servable(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

// Steps from dir into one component and gives dir up.
static int step_into(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int error = errno == ELOOP ? EACCES : errno;
    close(dir);
    errno = error;
    return fd;
}

int http_path_open(int root, const char *path)
{
    int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && *path != '\0') {
        char name[256];
        size_t len = strcspn(path, "/");
        if (len >= sizeof name) {
            close(fd);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(name, path, len);
        name[len] = '\0';
        if (len > 0 && strcmp(name, ".") != 0) fd = step_into(fd, name);
        path += len + (path[len] == '/');
    }
    if (fd >= 0 && !is_servable(fd)) {
        close(fd);
        errno = EACCES;
        return -1;
    }
    return fd;
}

static const struct { const char *ending, *type; } types[] = {
    {".html", "text/html; charset=utf-8"}, {".htm", "text/html; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"}, {".md", "text/plain; charset=utf-8"},
    {".css", "text/css"},                  {".js", "text/javascript"},
    {".json", "application/json"},         {".png", "image/png"},
    {".jpg", "image/jpeg"},                {".gif", "image/gif"},
    {".svg", "image/svg+xml"},             {".pdf", "application/pdf"},
};

const char *http_path_type(const char *path)
{
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending != NULL && i < ARRAY_LEN(types); i++)
        if (strcmp(ending, types[i].ending) == 0) return types[i].type;
    return "application/octet-stream";
}
