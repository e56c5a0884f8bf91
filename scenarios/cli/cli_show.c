// cli_show.c - the window, where this build has one.
#include "scenarios/cli/cli.h"

bool cli_can_show(void) { return false; }
bool cli_has_display(void) { return false; }

bool cli_show(const char *recording, const struct cli_picture *look, char error[CLI_ERROR])
{
    (void)recording, (void)look;
    snprintf(error, CLI_ERROR, "this build has no window; try --ladder");
    return false;
}
