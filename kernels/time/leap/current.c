/*
 * The table in use, and who refers to it.
 *
 * A few places, of which one is current. A place is written only by who has set its WRITING bit
 * while nobody held it; a reader that counts itself in at a place which is not, or no more, current
 * counts itself out and tries again. Memory is never given back, so that a late reader's count
 * always lands in a counter. Nobody waits for anybody.
 */
#include <stdatomic.h>

#include "utc.h"

enum { PLACES = 6 };
#define WRITING 0x80000000u

static struct {
    _Atomic uint32_t holders;
    struct astro__utc utc;
} places[PLACES];

static _Atomic unsigned current = PLACES; /* none yet */

const struct astro__utc *astro__utc_hold(void)
{
    for (;;) {
        unsigned i = atomic_load(&current);
        atomic_fetch_add(&places[i].holders, 1u);
        if (atomic_load(&current) == i)
            return &places[i].utc;
        atomic_fetch_sub(&places[i].holders, 1u);
    }
}

void astro__utc_drop(const struct astro__utc *utc)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (utc == &places[i].utc) {
            atomic_fetch_sub(&places[i].holders, 1u);
            return;
        }
    }
}

bool astro_time_data_use(const struct astro_time_data *data, struct astro_error *err)
{
    for (unsigned i = 0; i < PLACES; i++) {
        uint32_t nobody = 0;
        if (i == atomic_load(&current) ||
            !atomic_compare_exchange_strong(&places[i].holders, &nobody, WRITING))
            continue;
        astro__utc_make(data, &places[i].utc);
        atomic_store(&current, i);
        atomic_fetch_sub(&places[i].holders, WRITING);
        return true;
    }
    return astro_fail(err, ASTRO_OVERLOADED, "leap_seconds",
                      "older leap-second tables are still in use; the new one was not taken");
}

void astro_time_data_get(struct astro_time_data *ret)
{
    const struct astro__utc *utc = astro__utc_hold();

    *ret = utc->data;
    astro__utc_drop(utc);
}

void astro__utc_init(void)
{
    struct astro_time_data builtin;
    struct astro_error err = {0};

    if (atomic_load(&current) < PLACES)
        return;
    astro_time_data_builtin(&builtin);
    (void)astro_time_data_use(&builtin, &err); /* every place is free */
}
