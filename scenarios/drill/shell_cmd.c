// shell_cmd.c - the programs a script may name. See shell.h.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/drill/run.h"
#include "scenarios/drill/shell.h"

enum { SCRIPT_FILE_MAX = 65536 };

static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool ends_in(const char *s, const char *end)
{
    size_t a = strlen(s), b = strlen(end);
    return a >= b && is(s + a - b, end);
}

// --- settings -----------------------------------------------------------------------------------

// Linux's names for what is no choice here: with the value that we act by it may be set, with
// another it is refused. "" is any value: it changes nothing that can be seen.
static const struct { const char *name, *value; } fixed[] = {
    {"net.ipv4.tcp_fack", ""},          // Linux has had none since 4.15
    {"net.ipv4.tcp_ecn_option", ""},
    {"net.ipv4.tcp_mem", ""},
};

// 0: it is fixed, and this is its value. -ERANGE: it is another. -ENOENT: it is not fixed.
static int set_fixed(const char *name, const char *value)
{
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        if (is(fixed[i].name, name))
            return fixed[i].value[0] == 0 || is(fixed[i].value, value) ? 0 : -ERANGE;
    return -ENOENT;
}

// Numbers may be hexadecimal; the stack reads decimal ones, and gets them in `plain`.
static const char *plain_number(const char *value, char plain[24])
{
    uint64_t n;
    struct span s = {value, strlen(value)};
    if (s.len <= 2 || value[0] != '0' || !lex_read_number(s, INT64_MAX, &n)) return value;
    snprintf(plain, 24, "%llu", (unsigned long long)n);
    return plain;
}

static void set_one(struct shell *sh, const char *name, const char *value, bool lenient)
{
    char plain[24];
    value = plain_number(value, plain);
    int rc = ng_host_set(sh->run->world->host, name, value);
    if (rc == -ENOENT) rc = set_fixed(name, value);
    if (rc == 0 || (rc == -ENOENT && lenient)) return;
    if (rc == -ENOENT) shell_problem(sh, "there is no setting named %s here", name);
    else shell_problem(sh, "'%.100s' is no value of %s", value, name);
}

// name=value; slashes in the name are dots, and /proc/sys/ in front is passed over.
static void set_setting(struct shell *sh, const char *pair, bool lenient)
{
    static const char proc[] = "/proc/sys/";
    char name[SHELL_WORD], *value;
    if (strncmp(pair, proc, sizeof proc - 1) == 0) pair += sizeof proc - 1;
    snprintf(name, sizeof name, "%s", pair);
    value = strchr(name, '=');
    if (value == NULL) {
        shell_problem(sh, "name=value is expected, not '%.100s'", pair);
        return;
    }
    *value++ = 0;
    for (char *p = name; *p != 0; p++)
        if (*p == '/') *p = '.';
    set_one(sh, name, value, lenient);
}

// name = value, or with -n the value alone.
static void show_setting(struct shell *sh, const char *name, bool bare)
{
    char dots[SHELL_WORD], value[SHELL_WORD];
    snprintf(dots, sizeof dots, "%s", name);
    for (char *p = dots; *p != 0; p++)
        if (*p == '/') *p = '.';
    if (ng_host_get(sh->run->world->host, dots, value, sizeof value) < 0) {
        shell_problem(sh, "there is no setting named %s here", dots);
        return;
    }
    if (!bare) {
        text_put_str(&sh->out, dots);
        text_put_str(&sh->out, " = ");
    }
    text_put_str(&sh->out, value);
    text_put_char(&sh->out, '\n');
}

// -q -w -e -n in any mixture: name=value sets, a name alone shows.
static void do_sysctl(struct shell *sh)
{
    bool lenient = false, bare = false;
    for (unsigned i = 1; i < sh->words; i++) {
        const char *w = sh->word[i];
        if (w[0] == '-' && w[1] != 0 && w[1 + strspn(w + 1, "qwen")] == 0) {
            lenient = lenient || strchr(w, 'e') != NULL;
            bare = bare || strchr(w, 'n') != NULL;
        } else if (w[0] == '-') {
            shell_problem(sh, "sysctl %.100s is not understood", w);
        } else if (strchr(w, '=') == NULL) {
            show_setting(sh, w, bare);
        } else {
            set_setting(sh, w, lenient);
        }
    }
}

static void do_set_sysctls(struct shell *sh)
{
    for (unsigned i = 1; i < sh->words; i++) set_setting(sh, sh->word[i], false);
}

// --- files of commands --------------------------------------------------------------------------

// Only files beside or near the script, by a relative path, and only real ones that are called X.sh
// where they really are: a script may come from a stranger, links with it, and what is not
// understood of a file is told. So no other file of the machine can be made to tell its words.
static bool read_commands(struct shell *sh, const char *path, char **text, size_t *len)
{
    char full[4096 + SHELL_WORD + 1], real[PATH_MAX];
    struct stat st;
    *text = NULL;
    snprintf(full, sizeof full, "%s/%s", sh->folder, path);
    bool near = path[0] != '/' && realpath(full, real) != NULL && ends_in(real, ".sh");
    int fd = near ? open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd < 0) return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) *text = malloc(SCRIPT_FILE_MAX);
    ssize_t n = *text != NULL ? read(fd, *text, SCRIPT_FILE_MAX) : -1;
    close(fd);
    *len = n < 0 ? 0 : (size_t)n;
    return *text != NULL;
}

void shell_script(struct shell *sh)
{
    char *text;
    size_t len;
    // A restore script puts settings back that end with this host anyway.
    if (strstr(sh->word[0], "sysctl_restore") != NULL) return;
    if (sh->depth == SHELL_DEPTH) {
        shell_problem(sh, "scripts name scripts too deeply");
        sh->hopeless = true;
        return;
    }
    char path[SHELL_WORD];
    memcpy(path, sh->word[0], sizeof path);
    if (!read_commands(sh, path, &text, &len)) {
        shell_problem(sh, "%.200s cannot be read", path);
        return;
    }
    sh->depth++;
    shell_text(sh, (struct span){text, len});
    sh->depth--;
    free(text);
}

// --- ip, tc, ethtool ----------------------------------------------------------------------------

static uint32_t number_word(struct shell *sh, unsigned i)
{
    uint64_t n = 0;
    if (i < sh->words && is(sh->word[i], "lock")) i++;
    if (i >= sh->words
        || !lex_read_number((struct span){sh->word[i], strlen(sh->word[i])}, UINT32_MAX, &n))
        shell_problem(sh, "a number is missing in this route");
    return (uint32_t)n;
}

// There is one gateway in this world, whatever it is called.
static void change_route(struct shell *sh, struct prefix dst, const struct ng_route_metrics *m)
{
    struct world *w = sh->run->world;
    int rc = ng_host_set_route_metrics(w->host, dst.addr, dst.bits, w->via, m);
    if (rc == -ESRCH) {
        rc = ng_host_add_route(w->host, dst.addr, dst.bits, w->via, w->netif);
        if (rc == 0) rc = ng_host_set_route_metrics(w->host, dst.addr, dst.bits, w->via, m);
    }
    if (rc < 0) shell_problem(sh, "such a route cannot be");
}

// ip route change DST via GATEWAY dev D [advmss N] [mtu [lock] N] [initcwnd N] ...
static void do_route(struct shell *sh, unsigned i)
{
    struct ng_route_metrics m = {0};
    struct prefix dst;
    if (i + 1 >= sh->words) {
        shell_problem(sh, "this route has no destination");
        return;
    }
    const char *to = sh->word[++i];
    bool whole = addr_parse(&dst.addr, to);
    if (whole) dst.bits = dst.addr.family == FAMILY_IP6 ? 128 : 32;
    else if (is(to, "default")) dst = (struct prefix){addr_any(sh->run->config.family), 0};
    else if (!prefix_parse(&dst, to)) shell_problem(sh, "'%.100s' is no destination", to);
    while (++i < sh->words && sh->problem[0] == 0) {
        const char *w = sh->word[i];
        bool lock = i + 1 < sh->words && is(sh->word[i + 1], "lock");
        if (is(w, "advmss")) m.mss = number_word(sh, i + 1);
        else if (is(w, "mtu")) m.mtu = number_word(sh, i + 1), m.mtu_locked = lock;
        else if (is(w, "initcwnd")) m.initcwnd = number_word(sh, i + 1);
        else if (!is(w, "via") && !is(w, "dev"))
            return shell_problem(sh, "%.100s of a route is not understood", w);
        i += lock && is(w, "mtu") ? 2u : 1u;
    }
    if (sh->problem[0] != 0 || dst.addr.family != sh->run->config.family) return;
    change_route(sh, dst, &m);
}

static void do_ip(struct shell *sh)
{
    unsigned i = 1;
    while (i < sh->words && sh->word[i][0] == '-') i++;
    const char *what = i < sh->words ? sh->word[i] : "";
    const char *verb = i + 1 < sh->words ? sh->word[i + 1] : "";
    if (is(what, "tcp_metrics") && is(verb, "flush")) {
        ng_host_flush_peers(sh->run->world->host);
        return;
    }
    if (is(what, "route") && (is(verb, "change") || is(verb, "replace"))) do_route(sh, i + 1);
    else shell_problem(sh, "ip %.100s %.100s is not understood", what, verb);
}

// The queue behind the interface: a plain one, which it has anyway, or fq, which paces.
static void do_tc(struct shell *sh)
{
    static const char *const plain[] = {"add", "replace", "change", "del", "delete", "root",
                                        "qdisc", "pfifo", "pfifo_fast", "fq"};
    bool fq = false;
    const char *limit = NULL;
    for (unsigned i = 1; i < sh->words; i++) {
        const char *w = sh->word[i];
        bool known = is(w, "dev") || is(w, "limit");
        for (size_t k = 0; k < ARRAY_LEN(plain); k++) known = known || is(w, plain[k]);
        if (!known) return shell_problem(sh, "tc %.100s is not understood", w);
        if (is(w, "fq")) fq = true;
        if (is(w, "limit") && i + 1 < sh->words) limit = sh->word[i + 1];
        if (is(w, "dev") || is(w, "limit")) i++;
    }
    if (sh->words < 3 || !is(sh->word[1], "qdisc")) {
        shell_problem(sh, "tc %.100s is not understood", sh->words > 1 ? sh->word[1] : "");
        return;
    }
    uint64_t frames = WORLD_QUEUE;
    struct span number = {limit, limit != NULL ? strlen(limit) : 0};
    if (limit != NULL && !lex_read_number(number, UINT32_MAX, &frames)) {
        shell_problem(sh, "'%.100s' is no limit of a queue", limit);
        return;
    }
    ng_netif_set_queue(sh->run->world->netif, (uint32_t)frames);
    ng_host_set(sh->run->world->host, "net.core.default_qdisc", fq ? "fq" : "pfifo_fast");
}

// --- files that are only zeros ------------------------------------------------------------------

static void do_rm(struct shell *sh)
{
    struct files *files = &sh->run->files;
    for (unsigned i = 1; i < sh->words; i++)
        for (unsigned k = 0; k < files->count; k++)
            if (is(files->file[k].name, sh->word[i]))
                files->file[k--] = files->file[--files->count];
}

static void do_dd(struct shell *sh)
{
    uint64_t bs = 512, count = 0, n;
    const char *of = NULL;
    for (unsigned i = 1; i < sh->words; i++) {
        const char *w = sh->word[i];
        struct span v = {strchr(w, '=') != NULL ? strchr(w, '=') + 1 : "", 0};
        v.len = strlen(v.p);
        bool number = lex_read_number(v, 1 << 30, &n);
        if (strncmp(w, "bs=", 3) == 0 && number) bs = n;
        else if (strncmp(w, "count=", 6) == 0 && number) count = n;
        else if (strncmp(w, "of=", 3) == 0) of = v.p;
        else if (!is(w, "if=/dev/zero") && strncmp(w, "status=", 7) != 0)
            shell_problem(sh, "dd %.100s is not understood", w);
    }
    struct files *files = &sh->run->files;
    if (of == NULL || files->count == FILES_MAX || strlen(of) >= sizeof files->file[0].name)
        shell_problem(sh, "dd makes files of zeros, a few, with names");
    if (sh->problem[0] != 0) return;
    struct file *f = &files->file[files->count++];
    snprintf(f->name, sizeof f->name, "%s", of);
    f->size = bs * count;
}

// echo VALUE > /proc/sys/... or /sys/module/tcp_X/parameters/...
static void do_echo(struct shell *sh)
{
    static const char module[] = "/sys/module/tcp_";
    char value[SHELL_WORD] = "", name[2 * SHELL_WORD];
    for (unsigned i = 1; i < sh->words; i++)
        if (sh->word[i][0] != '-') snprintf(value, sizeof value, "%s", sh->word[i]);
    const char *to = sh->redirect;
    if (strncmp(to, module, sizeof module - 1) == 0) {
        char cc[64], parameter[64];
        if (sscanf(to + sizeof module - 1, "%63[^/]/parameters/%63s", cc, parameter) != 2)
            return shell_problem(sh, "%.100s is not understood", to);
        snprintf(name, sizeof name, "net.ipv4.tcp_%s_%s", cc, parameter);
        set_one(sh, name, value, false);
    } else if (strncmp(to, "/proc/sys/", 10) == 0) {
        snprintf(name, sizeof name, "%.500s=%.500s", to, value);
        set_setting(sh, name, false);
    } else if (to[0] != 0 && !is(to, "/dev/null")) {
        shell_problem(sh, "nothing can be written to %.100s here", to);
    } else {
        text_put_str(&sh->out, value);
        text_put_char(&sh->out, '\n');
    }
}

static void do_nothing(struct shell *sh) { (void)sh; }

// -K DEV tso|gso|gro|... on|off: packets are compared as the segments they are made of anyway.
static void do_ethtool(struct shell *sh)
{
    if (sh->words < 5 || !is(sh->word[1], "-K"))
        shell_problem(sh, "ethtool %.100s is not understood", sh->words > 1 ? sh->word[1] : "");
}

static void do_false(struct shell *sh) { sh->status = 1; }

static const struct { const char *name; void (*fn)(struct shell *sh); } programs[] = {
    {"sysctl", do_sysctl}, {"set_sysctls.py", do_set_sysctls}, {"ip", do_ip}, {"tc", do_tc},
    {"ethtool", do_ethtool}, {"nstat", shell_nstat}, {"ss", shell_ss}, {"grep", shell_grep},
    {"wc", shell_wc},
    {"rm", do_rm}, {"dd", do_dd}, {"echo", do_echo}, {"true", do_nothing}, {"false", do_false},
    {":", do_nothing},
};

void shell_command(struct shell *sh)
{
    const char *name = base_name(sh->word[0]);
    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        if (is(programs[i].name, name)) {
            programs[i].fn(sh);
            return;
        }
    if (ends_in(name, ".sh")) shell_script(sh);
    else {
        shell_problem(sh, "'%.100s' is not known here; nothing of a script is executed", name);
        sh->hopeless = true;
    }
}
