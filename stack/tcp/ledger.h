// ledger.h - what only ng_tcp_info wants to know of a connection: counts, and where time went. And
// what few applications ask for (notes.h).
//
// It is made with the first byte that is written or comes, so an idle connection has none; without
// memory for it nothing is counted, and all goes on. Time is told apart by what a sender waits for:
//
//     write()                 window shuts            window opens           all acknowledged
//       |------- busy -----------|== window-limited ====|------- busy -------------|
#ifndef LEDGER_H
#define LEDGER_H

#include "base/base.h"

struct tcp;
struct arrival;
struct ng_tcp_info;

enum spell { SPELL_IDLE, SPELL_BUSY, SPELL_WINDOW, SPELL_BUFFER, SPELLS };

struct ledger {
    uint64_t data_segs_in;
    uint64_t bytes_sent, bytes_again;  // all, and those that went again
    uint32_t segs_again;
    uint32_t early;               // segments that came out of order
    uint32_t ect_bytes[4];        // that came so marked, by codepoint
    uint32_t dsacks;              // duplicates that the peer told of
    uint32_t rtos, rto_spells;    // timeouts; rows of them without an ACK between
    nsec     rto_since, rto_time; // of the row that goes on, or 0; of all that are over
    nsec     since, time[SPELLS]; // when this spell began; of those before it
    nsec     rcv_rtt, rcv_began;  // see tune.c; 0: of none yet
    struct seq rcv_end;
    uint32_t rcv_echo;
    uint8_t  spell;
    bool     wants_room;          // a write found the buffer full
    struct notes *notes;          // see notes.h; NULL: none were asked for
};

bool     ledger_exists(struct tcp *t);                 // false: no memory
void     ledger_data_in(struct tcp *t, const struct arrival *a);
void     ledger_sent(struct tcp *t, uint32_t len);
void     ledger_again(struct tcp *t, uint32_t len);
void     ledger_early(struct tcp *t);
void     ledger_codepoint(struct tcp *t, uint8_t codepoint, uint32_t len);
void     ledger_dsack(struct tcp *t);
void     ledger_rto(struct tcp *t);
void     ledger_delivered(struct tcp *t);              // an ACK of something
void     ledger_wrote(struct tcp *t, bool all);        // some bytes; or not all there were
void     ledger_turn(struct tcp *t);                   // what does the sender wait for now?
void     ledger_tell(const struct tcp *t, struct ng_tcp_info *info);
void     ledger_free(struct tcp *t);
uint32_t ledger_bytes_each(const struct arrival *a);   // of payload in a segment that came
uint32_t ledger_segments(uint32_t len, uint32_t size);  // of so many bytes each; at least one

#endif
