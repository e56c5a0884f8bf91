// watched.c - see watched.h.
#include "scenarios/cli/watched.h"

#include <pthread.h>

#include "capture/feed.h"
#include "core/frame.h"

struct live {
    struct feed  *feed;
    live_once    *once;
    void         *self;
    struct hands *hands;
};

static bool is_asked(void *self) { return feed_asked(self); }

void live_join(struct live *live, struct tee *tee, struct script_config *script)
{
    tee_add(tee, feed_sink(live->feed));
    script->stop = is_asked;
    script->stop_self = live->feed;
}

// What hands did before it in time stays; what they did after it belongs to a future that is gone.
static bool take_hands(struct live *l)
{
    struct feed_command c;
    bool any = false;
    while (feed_take(l->feed, &c)) {
        struct hand h = {.at = c.at};
        memcpy(h.text, c.text, sizeof h.text);
        any |= hands_add(l->hands, &h);
    }
    return any;
}

static void *engine(void *self)
{
    struct live *l = self;
    for (;;) {
        feed_begin(l->feed);
        int status = l->once(l->self, l);
        bool again = feed_asked(l->feed);  // it was left off: what it came to means nothing
        if (!again) feed_end(l->feed, status == EXIT_USAGE ? "The run broke off." : "", false);
        while (!take_hands(l)) {
            if (feed_alone(l->feed)) return NULL;
            feed_wait(l->feed);
        }
    }
}

bool live_run(live_once *once, void *self, struct hands *hands, const struct cli_picture *look,
              char error[CLI_ERROR])
{
    struct live l = {.once = once, .self = self, .hands = hands};
    pthread_t thread;
    l.feed = feed_new(FEED_WAITS, FRAME_MAX, 0);
    if (l.feed == NULL || pthread_create(&thread, NULL, engine, &l) != 0) {
        feed_free(l.feed);
        snprintf(error, CLI_ERROR, "no memory for a window on the run");
        return false;
    }
    bool fine = cli_watch(l.feed, look, error);
    feed_leave(l.feed);
    pthread_join(thread, NULL);
    feed_free(l.feed);
    return fine;
}
