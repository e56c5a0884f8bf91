// see index.h
#include "viz/index.h"

#include "viz/big.h"

// The finalizer of MurmurHash3: keys are small and regular, and must spread.
static uint64_t spread(uint64_t k)
{
    k = (k ^ k >> 33) * 0xff51afd7ed558ccdull;
    k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53ull;
    return k ^ k >> 33;
}

void index_free(struct index *x)
{
    big_free(x->entry, x->cap * sizeof *x->entry);
    *x = (struct index){0};
}

static struct index_entry *slot_of(const struct index *x, uint64_t key)
{
    size_t i = (spread(key >> 3) + (key & 7)) & (x->cap - 1);
    while (x->entry[i].value_1 != 0 && x->entry[i].key != key) i = (i + 1) & (x->cap - 1);
    return &x->entry[i];
}

static bool index_grow(struct index *x)
{
    struct index wider = {.n = x->n, .cap = x->cap != 0 ? x->cap * 2 : 64};
    size_t bytes = wider.cap * sizeof *wider.entry;
    wider.entry = big_realloc(NULL, 0, bytes);
    if (wider.entry == NULL) return false;
    memset(wider.entry, 0, bytes);
    for (size_t i = 0; i < x->cap; i++)
        if (x->entry[i].value_1 != 0) *slot_of(&wider, x->entry[i].key) = x->entry[i];
    big_free(x->entry, x->cap * sizeof *x->entry);
    *x = wider;
    return true;
}

bool index_put(struct index *x, uint64_t key, uint32_t value)
{
    CHECK(value != INDEX_NONE);
    if ((x->n + 1) * 4 > x->cap * 3 && !index_grow(x)) return false;
    struct index_entry *e = slot_of(x, key);
    if (e->value_1 == 0) x->n++;
    *e = (struct index_entry){key, value + 1};
    return true;
}

uint32_t index_get(const struct index *x, uint64_t key)
{
    if (x->cap == 0) return INDEX_NONE;
    const struct index_entry *e = slot_of(x, key);
    return e->value_1 != 0 ? e->value_1 - 1 : INDEX_NONE;
}
