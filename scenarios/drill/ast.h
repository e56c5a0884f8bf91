// ast.h - a .pkt script as a list of steps: when, and what. The parser makes it, the runner walks
// it, nobody changes it.
//
// A place in the script is an offset into its text; line and column are counted when an error needs
// them. All memory of a script is one arena, freed at once. Numbers are as the script says them:
// sequence numbers are relative, times are from its start, addresses not chosen yet.
#ifndef AST_H
#define AST_H

#include "base/base.h"
#include "scenarios/drill/arena.h"

struct code_block;

// Bytes of the script, or of a definition's text; no zero at the end.
struct span { const char *p; size_t len; };

// --- values: the arguments of calls -------------------------------------------------------------

enum value_kind {
    VALUE_ELLIPSIS,  // ...           the runner decides
    VALUE_INT,       // 7, 0x7        number
    VALUE_SYMBOL,    // O_RDWR|O_X    number; name is the first word
    VALUE_STRING,    // "abc\x00"     bytes, len; neighbours are joined
    VALUE_LIST,      // [a, b]        first
    VALUE_STRUCT,    // {a=b, c}      first
    VALUE_PAIR,      // a=b, a(x)=b   name, first is b, args is x
    VALUE_CALL,      // htons(80)     name, first is the first argument
};

struct value {
    enum value_kind kind;
    uint32_t        at;
    int64_t         number;
    const char     *name;         // ends in a zero byte
    const uint8_t  *bytes;
    size_t          len;
    struct value   *first, *args, *next;
};

// --- packets ------------------------------------------------------------------------------------

enum packet_kind { PACKET_TCP, PACKET_UDP, PACKET_ICMP };

enum { FLAG_AE = 0x100 };  // the third AccECN bit, above the eight of wire/tcp_wire.h

enum { OPTION_BYTES = 40, OPTIONS_MAX = 40 };

// kind is the wire's, or OPTION_ECN for AccECN in either order.
enum { OPTION_ACCECN0 = 172, OPTION_ACCECN1 = 174 };
struct opt_says {
    uint8_t  kind, len;                // of bytes: the body
    bool     experiment;               // FOEXP: kind 254 with the magic of RFC 7413
    uint32_t at;
    uint32_t number[8];                // MSS, shift, TS val and ecr, SACK edges
    uint8_t  numbers;
    uint8_t  bytes[OPTION_BYTES];      // cookies, MD5 digests, AccECN counters
};

// What the IP header must say; nothing said is not checked, and 0 when we build one.
struct ip_says {
    bool     has_ecn, ect01, has_tos, has_ttl, has_flow;
    uint8_t  ecn, tos, ttl;
    uint32_t flow;
};

enum quote_kind { QUOTE_TCP, QUOTE_UDP, QUOTE_RAW };

struct icmp_says {
    uint8_t  type[2], code[2];         // as ICMPv4, as ICMPv6
    bool     in4, in6;                 // it exists there
    bool     has_mtu, has_id;
    uint32_t mtu, id;
    enum quote_kind quote;
    bool     has_quote;
    uint32_t quote_seq, quote_len;
};

struct packet {
    enum packet_kind kind;
    bool             out;              // `>`: what the stack sends
    const char      *encap;            // an encapsulation we parse but do not speak, or NULL
    uint32_t         encap_at;
    struct ip_says   ip;
    bool             has_ports;
    uint16_t         sport, dport;
    uint32_t         len;              // of the payload; of a raw ICMP body too
    // TCP
    uint16_t         flags;            // of wire/tcp_wire.h, and FLAG_AE
    bool             has_ace, has_ack, has_win, any_options;
    uint8_t          ace;
    uint32_t         seq, ack, urg;
    uint16_t         win;
    uint32_t         options;
    struct opt_says   *option;
    // ICMP
    struct icmp_says icmp;
};

// --- steps --------------------------------------------------------------------------------------

struct call {
    const char   *name;
    struct value *args;
    unsigned      count;
    struct value *result;              // INT, SYMBOL, or ELLIPSIS for any
    int           error;               // positive errno that is expected; 0: not said
    uint32_t      error_at;
};

struct when {
    bool relative, any, range, has_end;
    nsec from, to;                     // to: of a window
    nsec end;                          // of a blocking call; relative as `from` is
};

enum what { WHAT_PACKET, WHAT_CALL, WHAT_SHELL, WHAT_CODE };

struct drill_step {
    uint32_t     at, end;              // its text
    uint32_t     what_at;              // behind the time
    uint32_t     line;
    struct when  when;
    enum what    what;
    struct packet *packet;
    struct call   *call;
    struct span    text;               // SHELL, CODE
    const struct code_block *code;     // CODE, as code.h has read it
    struct drill_step  *next;
};

struct script_option {
    const char *name, *value;
    uint32_t    at;
    struct script_option *next;
};

struct script {
    const char    *path;
    struct span    text;
    struct script_option *options;     // those of the file, in order
    bool           has_init, has_cleanup;
    struct span    init, cleanup;
    struct drill_step   *steps;
    unsigned       count;
    struct arena   arena;
};

#endif
