// record.h - a trace sink that writes one pcapng file: frames for Wireshark, everything for us.
//
// Frames are Enhanced Packet Blocks (one Interface Description Block per netif, "client/eth0",
// nanoseconds, the direction in epb_flags, the reason in the comment). Every event, frames
// included, also travels in blocks of the local-use type 0x80004E47, batched, which other readers
// pass over; a frame's bytes stand only once: the event refers to its packet block by order. The
// file is written under a temporary name and gets its own name at record_close, so nothing
// half-written is ever left under the name that was asked for; record_abandon removes it.
#ifndef RECORD_H
#define RECORD_H

#include "core/trace.h"

struct record;

// Where path ends in .pcap, classic pcap is written through libpcap: frames only; else it must end
// in .pcapng, or be no file but a pipe or a device. "-" is standard output. On failure NULL, and
// one sentence in error.
struct record *record_open(const char *path, char *error, size_t error_cap);
struct trace_sink *record_sink(struct record *r);
// 0, or -errno of the first write that failed; the sentence goes to error. Frees r.
int  record_close(struct record *r, char *error, size_t error_cap);
void record_abandon(struct record *r);

#endif
