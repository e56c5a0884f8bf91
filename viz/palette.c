// palette.c - see palette.h.
#include "viz/palette.h"

static const struct { const char *name; uint32_t rgb[THEMES]; } palette[PALETTE_ROLES] = {
    [PALETTE_BG]     = {"bg",     {0xff0d121a, 0xffe9edf2}},
    [PALETTE_PANEL]  = {"panel",  {0xff151c27, 0xffffffff}},
    [PALETTE_RAISED] = {"raised", {0xff1d2735, 0xfff3f6f9}},
    [PALETTE_LINE]   = {"line",   {0xff2b3749, 0xffcdd5df}},
    [PALETTE_HI]     = {"hi",     {0xffeaf0f8, 0xff141b26}},
    [PALETTE_MID]    = {"mid",    {0xffa9b8cc, 0xff46566b}},
    [PALETTE_LOW]    = {"low",    {0xff8090a8, 0xff61708a}},
    [PALETTE_ETH]    = {"eth",    {0xff3b93ff, 0xff3a45f5}},
    [PALETTE_IP]     = {"ip",     {0xff4febbb, 0xff0d496f}},
    [PALETTE_TCP]    = {"tcp",    {0xfff08a10, 0xff9e6100}},
    [PALETTE_APP]    = {"app",    {0xffac8fc2, 0xff8557cf}},
    [PALETTE_ACK]    = {"ack",    {0xffb4c2d6, 0xff5b6b80}},
    [PALETTE_LOSS]   = {"loss",   {0xffff4a60, 0xffa63242}},
    [PALETTE_SEL]    = {"sel",    {0xfffff88a, 0xffd6b800}},
    [PALETTE_ON]     = {"on",     {0xff0d121a, 0xffffffff}},
    [PALETTE_ON_SEL] = {"on-sel", {0xff0d121a, 0xff141b26}},
};

uint32_t palette_rgb(enum theme theme, enum palette_role role)
{
    CHECK(theme < THEMES);
    CHECK(role < PALETTE_ROLES);
    return palette[role].rgb[theme];
}

const char *palette_name(enum palette_role role)
{
    CHECK(role < PALETTE_ROLES);
    return palette[role].name;
}
