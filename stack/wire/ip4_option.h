// ip4_option.h - IPv4 options that the answer to a ping bears (RFC 1122 §3.2.2.6, RFC 791 §3.1).
//
//     Record Route  |  7 | len | at | addr, addr, ...             at: of the next free place,
//     Timestamp     | 68 | len | at | lost, kind | time, ... or   counted from 1 at the type
//                                                | addr, time, ...
//
// Both are lists with room that the asker left; each station on the way writes itself down. What
// would choose the way back, a source route, is not answered (RFC 7126 §4.3).
#ifndef IP4_OPTION_H
#define IP4_OPTION_H

#include "base/addr.h"

enum { IP4_OPTIONS_MAX = 40 };

// Writes the two lists of a header that ip4_parse has read to out, with ours and ms, milliseconds
// since midnight, added where there is room. Returns their length in whole words; 0: it has none.
size_t ip4_options_echo(uint8_t out[IP4_OPTIONS_MAX], const uint8_t *hdr, struct addr ours,
                        uint32_t ms);

#endif
