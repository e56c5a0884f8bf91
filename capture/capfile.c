// capfile.c - see capfile.h.
#include "capture/capfile.h"

#include <inttypes.h>
#include <stdio.h>

#include "capture/pcapng.h"

enum { GZIP_MAGIC = 0x1f8b };

enum capfile_next capfile_broken(struct capfile *f, const char *what)
{
    snprintf(f->error, sizeof f->error, "%s: at byte %" PRIu64 ": %s", f->name, f->in.at, what);
    return CAPFILE_BROKEN;
}

enum capfile_next capfile_cut(struct capfile *f)
{
    if (f->in.error == 0) return capfile_broken(f, "the file is cut short here");
    snprintf(f->error, sizeof f->error, "cannot read %s: %s", f->name, strerror(f->in.error));
    return CAPFILE_BROKEN;
}

static bool refuse(struct capfile *f, const char *why)
{
    snprintf(f->error, sizeof f->error, "%s: %s", f->name, why);
    return false;
}

static bool recognise(struct capfile *f)
{
    const uint8_t *p = infile_need(&f->in, 4);
    if (p == NULL && f->in.error != 0) return capfile_cut(f) != CAPFILE_BROKEN;
    if (p == NULL && infile_left(&f->in, 1) == 0) return refuse(f, "the file is empty");
    if (p == NULL) return refuse(f, "this is no pcap or pcapng file");
    if (get32(p) == PCAPNG_SECTION) {
        f->pcapng = true;
        return true;
    }
    if (get16(p) == GZIP_MAGIC) return refuse(f, "the file is compressed: gunzip it first");
    return pcap_read_head(f);
}

static bool begin(struct capfile *f, char *error, size_t cap)
{
    if (recognise(f)) return true;
    snprintf(error, cap, "%s", f->error);
    capfile_close(f);
    return false;
}

static void set_name(struct capfile *f, const char *name)
{
    struct text t = text_of(f->name, sizeof f->name);
    text_put_printable(&t, (const uint8_t *)name, strlen(name));
}

bool capfile_open(struct capfile *f, const char *path, char *error, size_t cap)
{
    *f = (struct capfile){.nano = false};
    set_name(f, strcmp(path, "-") == 0 ? "standard input" : path);
    return infile_open(&f->in, path, error, cap) && begin(f, error, cap);
}

bool capfile_of_bytes(struct capfile *f, const uint8_t *p, size_t len, char *error, size_t cap)
{
    *f = (struct capfile){.nano = false};
    set_name(f, "memory");
    if (infile_of_bytes(&f->in, p, len)) return begin(f, error, cap);
    snprintf(error, cap, "out of memory");
    return false;
}

void capfile_close(struct capfile *f)
{
    infile_close(&f->in);
    free(f->ifaces);
    f->ifaces = NULL;
}

enum capfile_next capfile_next(struct capfile *f)
{
    return f->pcapng ? pcapng_read(f) : pcap_read(f);
}
