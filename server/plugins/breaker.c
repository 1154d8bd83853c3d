#include "plugins/breaker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "astrolabe/error.h"
#include "plugins/fleet.h"
#include "plugins/name_set.h"

enum {
    BREAKERS = 256,
    FIRST_S = 10,
    MOST_S = 600,
    TRIAL_S = 60,
    CALM_S = 600,
    BARRED_RETRY_S = 60
};

enum breaker_state { CLOSED, OPEN, TRIAL, BARRED };

struct breaker {
    char plugin[NAME_ROOM]; /* "": a free record */
    enum breaker_state state;
    uint64_t crashes[FLEET_CRASHES]; /* when; a ring */
    unsigned next;
    unsigned trips; /* in a row: how long it is switched off for */
    uint64_t until_ns;
    char why[256]; /* of BARRED */
};

static struct {
    pthread_mutex_t lock;
    struct breaker all[BREAKERS];
    _Atomic unsigned unsettled; /* records that are not CLOSED */
} breakers = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const uint64_t second_ns = 1000000000u;

static struct breaker *find(const char *plugin)
{
    for (size_t i = 0; i < BREAKERS; i++) {
        if (strcmp(breakers.all[i].plugin, plugin) == 0)
            return &breakers.all[i];
    }
    return NULL;
}

static uint64_t newest_crash(const struct breaker *breaker)
{
    return breaker->crashes[(breaker->next + FLEET_CRASHES - 1) % FLEET_CRASHES];
}

/* A record for the plugin; when all are taken, that of the closed one that has been calm longest. */
static struct breaker *find_or_make(const char *plugin)
{
    struct breaker *breaker = find(plugin), *calmest = NULL;
    if (breaker != NULL || plugin[0] == '\0')
        return breaker;
    breaker = find("");
    for (size_t i = 0; breaker == NULL && i < BREAKERS; i++) {
        struct breaker *one = &breakers.all[i];
        if (one->state == CLOSED && (calmest == NULL || newest_crash(one) < newest_crash(calmest)))
            calmest = one;
    }
    if (breaker == NULL)
        breaker = calmest;
    if (breaker == NULL)
        return NULL;
    memset(breaker, 0, sizeof *breaker);
    if (!name_copy(breaker->plugin, plugin))
        return NULL;
    return breaker;
}

static void move(struct breaker *breaker, enum breaker_state to)
{
    if (breaker->state == CLOSED && to != CLOSED)
        atomic_fetch_add(&breakers.unsettled, 1);
    else if (breaker->state != CLOSED && to == CLOSED)
        atomic_fetch_sub(&breakers.unsettled, 1);
    breaker->state = to;
}

static double open_for(struct breaker *breaker, uint64_t now_ns)
{
    unsigned seconds = FIRST_S;
    for (unsigned i = 0; i < breaker->trips && seconds < MOST_S; i++)
        seconds *= 2;
    if (seconds > MOST_S)
        seconds = MOST_S;
    breaker->trips++;
    breaker->until_ns = now_ns + seconds * second_ns;
    move(breaker, OPEN);
    return seconds;
}

double breaker_crashed(const char *plugin, uint64_t now_ns)
{
    double seconds = 0;
    pthread_mutex_lock(&breakers.lock);
    struct breaker *breaker = find_or_make(plugin);
    if (breaker != NULL && (breaker->state == CLOSED || breaker->state == TRIAL)) {
        if (now_ns - newest_crash(breaker) > CALM_S * second_ns)
            breaker->trips = 0;
        breaker->crashes[breaker->next] = now_ns;
        breaker->next = (breaker->next + 1) % FLEET_CRASHES;
        uint64_t oldest = breaker->crashes[breaker->next];
        bool often = oldest != 0 && now_ns - oldest <= FLEET_CRASH_WINDOW_S * second_ns;
        if (breaker->state == TRIAL || often) {
            seconds = open_for(breaker, now_ns);
            memset(breaker->crashes, 0, sizeof breaker->crashes);
            breaker->crashes[0] = now_ns;
            breaker->next = 1;
        }
    }
    pthread_mutex_unlock(&breakers.lock);
    return seconds;
}

/* Seconds until a call is let in, rounded up; 0: now. */
static unsigned refused_for(const struct breaker *breaker, uint64_t now_ns)
{
    if (breaker->state == CLOSED)
        return 0;
    if (breaker->state == BARRED)
        return BARRED_RETRY_S;
    if (now_ns >= breaker->until_ns)
        return 0;
    uint64_t left = (breaker->until_ns - now_ns + second_ns - 1) / second_ns;
    return breaker->state == TRIAL ? 1 : (unsigned)left;
}

static void explain(const struct breaker *breaker, unsigned wait, struct astro_error *err)
{
    if (breaker->state == BARRED)
        astro_fail(err, ASTRO_OVERLOADED, NULL, "the plugin %s cannot be served: %s",
                   breaker->plugin, breaker->why);
    else
        astro_fail(err, ASTRO_OVERLOADED, NULL,
                   "the plugin %s is switched off, because its hosts kept crashing; it is tried "
                   "again in %u s",
                   breaker->plugin, wait);
}

bool breaker_admits(const char *plugin, uint64_t now_ns, struct astro_error *err,
                    unsigned *ret_retry_after)
{
    if (atomic_load_explicit(&breakers.unsettled, memory_order_relaxed) == 0)
        return true;
    pthread_mutex_lock(&breakers.lock);
    struct breaker *breaker = find(plugin);
    unsigned wait = breaker != NULL ? refused_for(breaker, now_ns) : 0;
    if (wait > 0) {
        *ret_retry_after = wait;
        explain(breaker, wait, err);
    } else if (breaker != NULL && breaker->state != CLOSED) {
        move(breaker, TRIAL);
        breaker->until_ns = now_ns + TRIAL_S * second_ns;
    }
    pthread_mutex_unlock(&breakers.lock);
    return wait == 0;
}

bool breaker_call_ended(const char *plugin, uint64_t now_ns)
{
    (void)now_ns;
    if (atomic_load_explicit(&breakers.unsettled, memory_order_relaxed) == 0)
        return false;
    pthread_mutex_lock(&breakers.lock);
    struct breaker *breaker = find(plugin);
    bool back = breaker != NULL && breaker->state == TRIAL;
    if (back)
        move(breaker, CLOSED);
    pthread_mutex_unlock(&breakers.lock);
    return back;
}

void breaker_bar(const char *plugin, const char *why)
{
    pthread_mutex_lock(&breakers.lock);
    struct breaker *breaker = find_or_make(plugin);
    if (breaker != NULL && breaker->state != BARRED) {
        move(breaker, BARRED);
        snprintf(breaker->why, sizeof breaker->why, "%s", why);
    }
    pthread_mutex_unlock(&breakers.lock);
}

void breaker_unbar(const char *plugin)
{
    if (atomic_load_explicit(&breakers.unsettled, memory_order_relaxed) == 0)
        return;
    pthread_mutex_lock(&breakers.lock);
    struct breaker *breaker = find(plugin);
    if (breaker != NULL && breaker->state == BARRED)
        move(breaker, CLOSED);
    pthread_mutex_unlock(&breakers.lock);
}

void breaker_reset(void)
{
    pthread_mutex_lock(&breakers.lock);
    memset(breakers.all, 0, sizeof breakers.all);
    atomic_store(&breakers.unsettled, 0);
    pthread_mutex_unlock(&breakers.lock);
}

bool breaker_refuses(const char *plugin, uint64_t now_ns)
{
    if (atomic_load_explicit(&breakers.unsettled, memory_order_relaxed) == 0)
        return false;
    pthread_mutex_lock(&breakers.lock);
    struct breaker *breaker = find(plugin);
    bool refuses = breaker != NULL && refused_for(breaker, now_ns) > 0;
    pthread_mutex_unlock(&breakers.lock);
    return refuses;
}

void breaker_explain(const char *plugin, uint64_t now_ns, struct astro_error *err)
{
    pthread_mutex_lock(&breakers.lock);
    struct breaker *breaker = find(plugin);
    unsigned wait = breaker != NULL ? refused_for(breaker, now_ns) : 0;
    if (wait > 0)
        explain(breaker, wait, err);
    pthread_mutex_unlock(&breakers.lock);
}

bool breaker_refuses_any(uint64_t now_ns)
{
    if (atomic_load_explicit(&breakers.unsettled, memory_order_relaxed) == 0)
        return false;
    bool refuses = false;
    pthread_mutex_lock(&breakers.lock);
    for (size_t i = 0; i < BREAKERS && !refuses; i++)
        refuses = breakers.all[i].plugin[0] != '\0' && refused_for(&breakers.all[i], now_ns) > 0;
    pthread_mutex_unlock(&breakers.lock);
    return refuses;
}
