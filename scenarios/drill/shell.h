// shell.h - back-quoted commands, read and understood, never executed.
//
// A script is written for a shell with root's rights. Here the text is split into words as a shell
// would split it, and a small set of programs is known by name: those that change a setting, a
// route or a queue, or that ask the stack something. What is not known is an error with its place.
//
//     shell.c        lists, pipes, words, quotes, ${PPID}, $((1024*1024)), redirections
//     shell_cmd.c    sysctl, set_sysctls.py, ip, tc, ethtool, echo, dd, rm, *.sh
//     shell_ask.c    ss, nstat, grep, wc
#ifndef DRILL_SHELL_H
#define DRILL_SHELL_H

#include "base/text.h"
#include "scenarios/drill/lex.h"

enum { SHELL_WORDS = 64, SHELL_WORD = 512, SHELL_DEPTH = 4, SHELL_OUT = 16384, FILES_MAX = 16,
       SHELL_PROBLEM = 300, SHELL_COMMANDS = 10000 };

struct run;

// Files that commands make: as all bytes are zero, a name and a size.
struct file  { char name[128]; uint64_t size; };
struct files { struct file file[FILES_MAX]; unsigned count; };
const struct file *file_find(const struct files *f, struct span name);

struct shell {
    struct run *run;
    unsigned    depth;                     // of files that name files
    unsigned    commands;                  // so far
    bool        hopeless;                  // a problem that no `||` makes good
    struct span text;
    size_t      at;
    char        folder[4096];              // relative paths begin here
    // The command at hand.
    unsigned    words;
    char        word[SHELL_WORDS][SHELL_WORD];
    char        redirect[SHELL_WORD];      // of its output; "" if none
    bool        bare_equals;
    // Between commands of a pipe.
    struct text in, out;
    char        in_text[SHELL_OUT], out_text[SHELL_OUT];
    int         status;
    char        problem[SHELL_PROBLEM];    // what was not understood; "" if all was
};

// Runs the text. True: status 0 and all understood. False: the script has failed, or was warned.
bool shell_run(struct run *r, struct span text, uint32_t at);
// The same for files of commands, paths with commas between, as --init_scripts names them.
bool shell_run_files(struct run *r, const char *paths);
// shell_cmd.c: the command in sh->word.
void shell_command(struct shell *sh);
// shell_ask.c: programs that ask the stack, and that read what those say.
void shell_ss(struct shell *sh);
void shell_nstat(struct shell *sh);
void shell_grep(struct shell *sh);
void shell_wc(struct shell *sh);
void shell_script(struct shell *sh);   // the file that sh->word[0] names, as commands
void shell_problem(struct shell *sh, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool shell_text(struct shell *sh, struct span text);  // all commands of a text; false: a problem

#endif
