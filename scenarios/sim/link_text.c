// link_text.c - see link_text.h.
#include "scenarios/sim/link_text.h"

#include "scenarios/sim/units.h"

enum { KEY_MAX = 16, VALUE_MAX = 32 };

enum kind { TIME, CHANCE, RATE, PACKETS, FLAG };

static const struct quality {
    const char *key;
    enum kind   kind;
    size_t      at;  // of its field
    const char *like;
} qualities[] = {
    {"rate",          RATE,    offsetof(struct link_config, rate_bps),      "10Mbit"},
    {"delay",         TIME,    offsetof(struct link_config, delay),         "20ms"},
    {"jitter",        TIME,    offsetof(struct link_config, jitter),        "5ms"},
    {"loss",          CHANCE,  offsetof(struct link_config, loss_ppm),      "0.01 or 1%"},
    {"reorder",       CHANCE,  offsetof(struct link_config, reorder_ppm),   "0.05 or 5%"},
    {"reorder_delay", TIME,    offsetof(struct link_config, reorder_delay), "10ms"},
    {"duplicate",     CHANCE,  offsetof(struct link_config, duplicate_ppm), "0.01 or 1%"},
    {"corrupt",       CHANCE,  offsetof(struct link_config, corrupt_ppm),   "0.001 or 0.1%"},
    {"queue",         PACKETS, offsetof(struct link_config, queue_packets), "100p"},
    {"ecn",           PACKETS, offsetof(struct link_config, ecn_packets),   "20p"},
    {"down",          FLAG,    offsetof(struct link_config, down),          "0 or 1"},
};

static const struct quality *quality_of(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(qualities); i++)
        if (strcmp(qualities[i].key, key) == 0) return &qualities[i];
    return NULL;
}

static bool take(struct link_config *c, const struct quality *q, const char *value)
{
    void *field = (char *)c + q->at;
    bool *flag = field;
    switch (q->kind) {
    case TIME:    return units_nsec(value, field);
    case CHANCE:  return units_ppm(value, field);
    case PACKETS: return units_packets(value, field);
    case RATE:
        if (strcmp(value, "0") != 0) return units_rate(value, field);
        c->rate_bps = 0;
        return true;
    case FLAG:
        *flag = strcmp(value, "1") == 0;
        return *flag || strcmp(value, "0") == 0;
    }
    return false;
}

static void put_all(struct text *t, const char *const *words)
{
    for (; *words != NULL; words++) text_put_str(t, *words);
}

bool link_text_set(struct link_config *c, const char *key, const char *value, struct text *error)
{
    const struct quality *q = quality_of(key);
    if (q == NULL) {
        put_all(error, (const char *[]){"a link has no \"", key, "\" (", NULL});
        for (size_t i = 0; i < ARRAY_LEN(qualities); i++)
            put_all(error, (const char *[]){i > 0 ? ", " : "", qualities[i].key, NULL});
        text_put_char(error, ')');
        return false;
    }
    struct link_config changed = *c;
    if (take(&changed, q, value)) {
        *c = changed;
        return true;
    }
    put_all(error, (const char *[]){"\"", value, "\" is no value for ", key, ", like ", q->like,
                                    NULL});
    return false;
}

// Copies what stands before `end` and moves behind it; too long a word is cut, and will be none
// that is known.
static void take_word(const char **at, const char *end, char *word, size_t cap)
{
    struct text t = text_of(word, cap);
    size_t len = strcspn(*at, end);
    text_put_printable(&t, (const uint8_t *)*at, len);
    *at += len;
}

bool link_text_parse(struct link_config *c, const char *list, struct text *error)
{
    struct link_config changed = *c;
    char key[KEY_MAX], value[VALUE_MAX];
    while (*list != 0) {
        take_word(&list, "=,", key, sizeof key);
        value[0] = 0;
        if (text_take_char(&list, '=')) take_word(&list, ",", value, sizeof value);
        if (!link_text_set(&changed, key, value, error)) return false;
        if (text_take_char(&list, ',') && *list == 0) {
            text_put_str(error, "something is missing behind the last comma");
            return false;
        }
    }
    *c = changed;
    return true;
}

// The largest unit in which the number is whole.
static void put_scaled(struct text *t, uint64_t v, const char *const *units)
{
    size_t i = 0;
    while (units[i + 1] != NULL && v % 1000 == 0) {
        v /= 1000;
        i++;
    }
    text_put_u64(t, v);
    text_put_str(t, units[i]);
}

// A million is 100%.
static void put_percent(struct text *t, uint32_t ppm)
{
    unsigned places = 4;
    for (; places > 0 && ppm % 10 == 0; places--) ppm /= 10;
    text_put_fixed(t, ppm, places);
    text_put_char(t, '%');
}

static bool put_quality(struct text *t, const struct quality *q, const struct link_config *c)
{
    static const char *const times[] = {"ns", "us", "ms", "s", NULL};
    static const char *const rates[] = {"bit", "kbit", "Mbit", "Gbit", NULL};
    const void *field = (const char *)c + q->at;
    uint64_t v = 0;
    uint32_t v32 = 0;
    if (q->kind == TIME || q->kind == RATE) memcpy(&v, field, sizeof v);
    else if (q->kind == FLAG) v = c->down;
    else memcpy(&v32, field, sizeof v32);
    if (v + v32 == 0) return false;
    put_all(t, (const char *[]){t->len > 0 ? "," : "", q->key, "=", NULL});
    if (q->kind == TIME) put_scaled(t, v, times);
    else if (q->kind == RATE) put_scaled(t, v, rates);
    else if (q->kind == CHANCE) put_percent(t, v32);
    else text_put_u64(t, v + v32);
    return true;
}

void link_text_print(struct text *out, const struct link_config *c)
{
    char line[300];
    struct text t = text_of(line, sizeof line);
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(qualities); i++) any |= put_quality(&t, &qualities[i], c);
    text_put_str(out, any ? line : "nothing");
}
