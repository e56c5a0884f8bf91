// setting.h - how long a campaign is, and where it begins: a whole number from the environment.
#ifndef SETTING_H
#define SETTING_H

#include <stdlib.h>

static inline int setting(const char *name, int otherwise)
{
    const char *text = getenv(name);
    long n = text != NULL ? strtol(text, NULL, 10) : 0;
    return n > 0 && n < 100000000 ? (int)n : otherwise;
}

#endif
