// shell.c - see shell.h.
#include "scenarios/drill/shell.h"

#include <stdarg.h>
#include <stdio.h>

#include "scenarios/drill/run.h"

void shell_problem(struct shell *sh, const char *format, ...)
{
    sh->status = 1;
    if (sh->problem[0] != 0) return;
    va_list args;
    va_start(args, format);
    vsnprintf(sh->problem, sizeof sh->problem, format, args);
    va_end(args);
}

static char peek(const struct shell *sh, size_t n)
{
    return sh->text.len - sh->at > n ? sh->text.p[sh->at + n] : 0;
}

// --- words --------------------------------------------------------------------------------------

static void pass_blanks(struct shell *sh)
{
    for (;; sh->at++) {
        char c = peek(sh, 0);
        if (c == '\\' && peek(sh, 1) == '\n') sh->at++;
        else if (c == '#') {
            while (sh->at + 1 < sh->text.len && peek(sh, 1) != '\n') sh->at++;
        } else if (c != ' ' && c != '\t' && c != '\r') return;
    }
}

// $((15*1024*1024))
static void put_arithmetic(struct shell *sh, struct text *to)
{
    size_t start = sh->at += 3, end = start;
    for (int depth = 0; end + 1 < sh->text.len; end++) {
        char c = sh->text.p[end];
        if (depth == 0 && c == ')' && sh->text.p[end + 1] == ')') break;
        depth += (c == '(') - (c == ')');
    }
    struct span text = {sh->text.p + start, end - start};
    sh->at = end + 2 < sh->text.len ? end + 2 : sh->text.len;
    int64_t n;
    if (code_arithmetic(text, &n)) text_put_i64(to, n);
    else shell_problem(sh, "this arithmetic is not understood: %.*s",
                       (int)(text.len < 100 ? text.len : 100), text.p);
}

static void put_variable(struct shell *sh, struct text *to)
{
    if (peek(sh, 1) == '(' && peek(sh, 2) == '(') {
        put_arithmetic(sh, to);
        return;
    }
    bool braces = peek(sh, 1) == '{';
    sh->at += braces ? 2 : 1;
    size_t n = 0;
    for (char c = peek(sh, 0); c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         c = peek(sh, n))
        n++;
    struct span name = {sh->text.p + sh->at, n};
    sh->at += n;
    if (braces && peek(sh, 0) == '}') sh->at++;
    bool pid = (n == 4 && memcmp(name.p, "PPID", 4) == 0)
            || (n == 15 && memcmp(name.p, "PACKETDRILL_PID", 15) == 0);
    if (pid) text_put_str(to, "1");
    else shell_problem(sh, "$%.*s has no value here", (int)n, name.p);
}

static bool ends_word(char c) { return c == 0 || strchr(" \t\r\n;|&<>", c) != NULL; }

// One word, its quotes undone. False: there is none.
static bool take_word(struct shell *sh, char *word)
{
    pass_blanks(sh);
    struct text to = text_of(word, SHELL_WORD);
    if (ends_word(peek(sh, 0))) return false;
    char quote = 0;
    while (sh->at < sh->text.len && (quote != 0 || !ends_word(peek(sh, 0)))) {
        char c = peek(sh, 0);
        if (quote == 0 && (c == '"' || c == '\'')) quote = c;
        else if (quote != 0 && c == quote) quote = 0;
        else if (c == '$' && quote != '\'') {
            put_variable(sh, &to);
            continue;
        } else if (c == '\\' && quote == 0 && peek(sh, 1) == '\n') {
            break;
        } else text_put_char(&to, c);
        sh->at++;
    }
    if (quote != 0) shell_problem(sh, "a quote has no end");
    if (to.cut) shell_problem(sh, "a word is too long");
    return true;
}

static bool take(struct shell *sh, const char *mark)
{
    pass_blanks(sh);
    size_t n = strlen(mark);
    if (sh->text.len - sh->at < n || memcmp(sh->text.p + sh->at, mark, n) != 0) return false;
    sh->at += n;
    return true;
}

// > file, 2> file, &> file, 2>&1: only where output goes is of interest, and only of the first.
static bool take_redirect(struct shell *sh)
{
    char to[SHELL_WORD];
    if (take(sh, "2>&1") || take(sh, ">&2") || take(sh, "1>&2")) return true;
    bool errors = take(sh, "2>>") || take(sh, "2>");
    bool output = !errors && (take(sh, "&>") || take(sh, ">>") || take(sh, ">"));
    bool input = !errors && !output && take(sh, "<");
    if (!errors && !output && !input) return false;
    if (!take_word(sh, to)) shell_problem(sh, "a redirection names a file");
    else if (output) memcpy(sh->redirect, to, sizeof to);
    return true;
}

// --- lists --------------------------------------------------------------------------------------

static void take_command(struct shell *sh)
{
    sh->words = 0;
    sh->redirect[0] = 0;
    for (;;) {
        pass_blanks(sh);
        bool digit = peek(sh, 0) == '2' && peek(sh, 1) == '>';
        if ((digit || strchr("<>&", peek(sh, 0)) != NULL) && peek(sh, 0) != 0
            && !(peek(sh, 0) == '&' && peek(sh, 1) == '&') && take_redirect(sh))
            continue;
        if (sh->words == SHELL_WORDS) {
            shell_problem(sh, "a command has too many words");
            return;
        }
        if (!take_word(sh, sh->word[sh->words])) return;
        sh->words++;
    }
}

// a | b | c: what one says, the next reads. The last one's status counts.
static void pipeline(struct shell *sh, bool skip)
{
    sh->in = text_of(sh->in_text, sizeof sh->in_text);
    do {
        take_command(sh);
        sh->out = text_of(sh->out_text, sizeof sh->out_text);
        if (skip || sh->words == 0 || sh->problem[0] != 0) continue;
        sh->status = 0;
        if (sh->commands++ == SHELL_COMMANDS) {
            shell_problem(sh, "these are too many commands");
            sh->hopeless = true;
            return;
        }
        shell_command(sh);
        sh->in = text_of(sh->in_text, sizeof sh->in_text);
        text_put_bytes(&sh->in, sh->out_text, sh->out.len);
    } while (peek(sh, 0) == '|' && peek(sh, 1) != '|' && take(sh, "|"));
}

bool shell_text(struct shell *sh, struct span text)
{
    struct span outer = sh->text;
    size_t outer_at = sh->at;
    sh->text = text;
    sh->at = 0;
    bool skip = false;
    while (sh->at < text.len && !sh->hopeless) {
        pipeline(sh, skip);
        if (take(sh, "||")) {
            skip = sh->status == 0;
            if (!sh->hopeless) sh->problem[0] = 0;  // whatever it was, the other way is taken
        } else if (take(sh, "&&")) {
            skip = sh->status != 0;
        } else if (take(sh, "\n") || take(sh, ";")) {
            if (sh->problem[0] != 0) break;
            skip = false;
        } else if (sh->at < text.len) {
            size_t left = sh->text.len - sh->at;
            shell_problem(sh, "this is not understood: %.*s", left < 20 ? (int)left : 20,
                          sh->text.p + sh->at);
            break;
        }
    }
    sh->text = outer;
    sh->at = outer_at;
    return sh->problem[0] == 0;
}

static void folder_of(const char *path, char *folder, size_t cap)
{
    const char *slash = strrchr(path, '/');
    snprintf(folder, cap, "%.*s", slash != NULL ? (int)(slash - path) : 1,
             slash != NULL ? path : ".");
}

static struct shell *shell_new(struct run *r, uint32_t at)
{
    struct shell *sh = calloc(1, sizeof *sh);
    if (sh == NULL) {
        run_fail(r, at, "no memory");
        return NULL;
    }
    sh->run = r;
    folder_of(r->script->path, sh->folder, sizeof sh->folder);
    return sh;
}

bool shell_run_files(struct run *r, const char *paths)
{
    struct shell *sh = shell_new(r, 0);
    while (sh != NULL && *paths != 0 && sh->problem[0] == 0) {
        size_t n = strcspn(paths, ",");
        snprintf(sh->word[0], SHELL_WORD, "%.*s", (int)n, paths);
        sh->words = 1;
        shell_script(sh);
        paths += n + (paths[n] == ',');
    }
    bool fine = sh != NULL && sh->problem[0] == 0;
    if (sh != NULL && !fine && r->options->ignore_shell) run_warn(r, 0, "%s", sh->problem);
    else if (sh != NULL && !fine) run_refuse(r, 0, "--init_scripts: %s", sh->problem);
    free(sh);
    return fine;
}

bool shell_run(struct run *r, struct span text, uint32_t at)
{
    struct shell *sh = shell_new(r, at);
    if (sh == NULL) return false;
    bool understood = shell_text(sh, text);
    bool fine = understood && sh->status == 0;
    if (!fine && r->options->ignore_shell)
        run_warn(r, at, "%s", understood ? "the command's status is not 0" : sh->problem);
    else if (!understood)
        run_refuse(r, at, "%s", sh->problem);
    else if (!fine)
        run_fail(r, at, "the command's status is not 0");
    free(sh);
    return fine;
}

const struct file *file_find(const struct files *f, struct span name)
{
    for (unsigned i = 0; i < f->count; i++)
        if (strlen(f->file[i].name) == name.len && memcmp(f->file[i].name, name.p, name.len) == 0)
            return &f->file[i];
    return NULL;
}
