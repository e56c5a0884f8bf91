// http_path.h - a request's target as a file below a root, and never outside it.
//
// The path is percent-decoded once, split at slashes, and walked from the root's descriptor one
// component at a time with O_NOFOLLOW: "..", hidden NULs and symbolic links lead nowhere.
#ifndef HTTP_PATH_H
#define HTTP_PATH_H

#include "base/base.h"

enum { HTTP_PATH_MAX = 2048 };

// Decodes target ("/a%20b?q") into path ("a b"), without the leading slash and the query. False: it
// is not a path (bad escape, NUL, "..", too long).
bool http_path_decode(const char *target, size_t len, char path[HTTP_PATH_MAX]);

// Opens it for reading: a regular file, or a directory. -1 with errno: ENOENT, EACCES, ...
int  http_path_open(int root, const char *path);

const char *http_path_type(const char *path);  // "text/html; charset=utf-8", by the name's ending

#endif
