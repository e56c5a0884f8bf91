// cmd_up.h - `netglass up`. Returns the exit status: 0 ended by a signal, 1 the wire or the capture
// failed, 2 bad usage or nothing could be started.
#ifndef CMD_UP_H
#define CMD_UP_H

int cmd_up(int argc, char **argv);

#endif
