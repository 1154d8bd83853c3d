/*
 * The table in use, and who refers to it: places and counts as for the table of UTC
 * (../leap/current.c). The first place is in use from the beginning, and empty.
 */
#include <stdatomic.h>
#include <string.h>

#include "eop.h"

enum { PLACES = 4 };
#define WRITING 0x80000000u

struct astro__eop {
    _Atomic uint32_t holders;
    struct astro_eop_data data;
    struct astro_eop_summary summary;
};

static struct astro__eop places[PLACES];
static _Atomic unsigned current;

const struct astro__eop *astro__eop_hold(void)
{
    for (;;) {
        unsigned i = atomic_load(&current);
        atomic_fetch_add(&places[i].holders, 1u);
        if (atomic_load(&current) == i)
            return &places[i];
        atomic_fetch_sub(&places[i].holders, 1u);
    }
}

void astro__eop_drop(const struct astro__eop *eop)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (eop == &places[i]) {
            atomic_fetch_sub(&places[i].holders, 1u);
            return;
        }
    }
}

const struct astro_eop_data *astro__eop_data(const struct astro__eop *eop)
{
    return &eop->data;
}

static void fill(struct astro__eop *place, const struct astro_eop_data *data)
{
    place->data.count = 0;
    if (data) {
        place->data.first_mjd = data->first_mjd;
        place->data.count = data->count;
        memcpy(place->data.days, data->days, data->count * sizeof data->days[0]);
    }
    astro_eop_data_summarize(&place->data, &place->summary);
}

bool astro_eop_use(const struct astro_eop_data *data, struct astro_error *err)
{
    for (unsigned i = 0; i < PLACES; i++) {
        uint32_t nobody = 0;
        if (i == atomic_load(&current) ||
            !atomic_compare_exchange_strong(&places[i].holders, &nobody, WRITING))
            continue;
        fill(&places[i], data);
        atomic_store(&current, i);
        atomic_fetch_sub(&places[i].holders, WRITING);
        return true;
    }
    return astro_fail(err, ASTRO_OVERLOADED, "eop",
                      "older tables of Earth orientation are still in use; the new one was not "
                      "taken");
}

void astro_eop_get_summary(struct astro_eop_summary *ret)
{
    const struct astro__eop *eop = astro__eop_hold();

    *ret = eop->summary;
    astro__eop_drop(eop);
}

static void note(int32_t mjd, int32_t *first, int32_t *last)
{
    if (*last == 0)
        *first = mjd;
    *last = mjd;
}

void astro_eop_data_summarize(const struct astro_eop_data *data, struct astro_eop_summary *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->count = data->count;
    for (size_t i = 0; i < data->count; i++) {
        int32_t mjd = data->first_mjd + (int32_t)i;
        note(mjd, &ret->first_mjd, &ret->last_mjd);
        if (data->days[i].kind == ASTRO_EOP_MEASURED)
            note(mjd, &ret->first_measured, &ret->last_measured);
        else if (data->days[i].kind == ASTRO_EOP_PREDICTED)
            note(mjd, &ret->first_predicted, &ret->last_predicted);
    }
}
