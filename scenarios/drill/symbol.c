// symbol.c - see symbol.h.
#include "scenarios/drill/symbol.h"

#include <stdio.h>

static const struct symbol { const char *name; int64_t number; } symbols[] = {
#define SYMBOL(name, number) {name, number},
#include "scenarios/drill/symbols.def"
#undef SYMBOL
};

static int compare(struct span a, const char *b)
{
    size_t n = strlen(b);
    int order = memcmp(a.p, b, a.len < n ? a.len : n);
    return order != 0 ? order : (a.len > n) - (a.len < n);
}

bool symbol_find(struct span name, int64_t *number)
{
    size_t low = 0, high = ARRAY_LEN(symbols);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = compare(name, symbols[mid].name);
        if (order == 0) {
            *number = symbols[mid].number;
            return true;
        }
        if (order < 0) high = mid;
        else low = mid + 1;
    }
    return false;
}

static const struct { int error; const char *name, *text; } errors[] = {
    {1, "EPERM", "Operation not permitted"},
    {2, "ENOENT", "No such file or directory"},
    {9, "EBADF", "Bad file descriptor"},
    {11, "EAGAIN", "Resource temporarily unavailable"},
    {12, "ENOMEM", "Cannot allocate memory"},
    {13, "EACCES", "Permission denied"},
    {14, "EFAULT", "Bad address"},
    {17, "EEXIST", "File exists"},
    {22, "EINVAL", "Invalid argument"},
    {24, "EMFILE", "Too many open files"},
    {25, "ENOTTY", "Inappropriate ioctl for device"},
    {29, "ESPIPE", "Illegal seek"},
    {32, "EPIPE", "Broken pipe"},
    {34, "ERANGE", "Numerical result out of range"},
    {61, "ENODATA", "No data available"},
    {71, "EPROTO", "Protocol error"},
    {88, "ENOTSOCK", "Socket operation on non-socket"},
    {89, "EDESTADDRREQ", "Destination address required"},
    {90, "EMSGSIZE", "Message too long"},
    {91, "EPROTOTYPE", "Protocol wrong type for socket"},
    {92, "ENOPROTOOPT", "Protocol not available"},
    {93, "EPROTONOSUPPORT", "Protocol not supported"},
    {94, "ESOCKTNOSUPPORT", "Socket type not supported"},
    {95, "EOPNOTSUPP", "Operation not supported"},
    {97, "EAFNOSUPPORT", "Address family not supported by protocol"},
    {98, "EADDRINUSE", "Address already in use"},
    {99, "EADDRNOTAVAIL", "Cannot assign requested address"},
    {100, "ENETDOWN", "Network is down"},
    {101, "ENETUNREACH", "Network is unreachable"},
    {103, "ECONNABORTED", "Software caused connection abort"},
    {104, "ECONNRESET", "Connection reset by peer"},
    {105, "ENOBUFS", "No buffer space available"},
    {106, "EISCONN", "Transport endpoint is already connected"},
    {107, "ENOTCONN", "Transport endpoint is not connected"},
    {110, "ETIMEDOUT", "Connection timed out"},
    {111, "ECONNREFUSED", "Connection refused"},
    {113, "EHOSTUNREACH", "No route to host"},
    {114, "EALREADY", "Operation already in progress"},
    {115, "EINPROGRESS", "Operation now in progress"},
};

const char *symbol_of_error(int error)
{
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        if (errors[i].error == error) return errors[i].name;
    return "?";
}

const char *symbol_text_of_error(int error)
{
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        if (errors[i].error == error) return errors[i].text;
    return "unknown error";
}

unsigned symbol_misordered(void)
{
    unsigned n = 0;
    for (size_t i = 1; i < ARRAY_LEN(symbols); i++)
        n += strcmp(symbols[i - 1].name, symbols[i].name) >= 0;
    return n;
}
