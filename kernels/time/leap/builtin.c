/*
 * The leap seconds that were known when this version was made: IERS Bulletin C 72, July 2026.
 */
#include <string.h>

#include "astrolabe/time_data.h"

#define UPDATED INT64_C(1783323897) /* 2026-07-06 */
#define EXPIRES INT64_C(1814140800) /* 2027-06-28 */

/* TAI-UTC from 1972-01-01 on, s; and the days on which it grew by one. */
static const int32_t first_seconds = 10;
static const int32_t grows[] = {
    41317, 41499, 41683, 42048, 42413, 42778, 43144, 43509, 43874, 44239,
    44786, 45151, 45516, 46247, 47161, 47892, 48257, 48804, 49169, 49534,
    50083, 50630, 51179, 53736, 54832, 56109, 57204, 57754,
};

void astro_time_data_builtin(struct astro_time_data *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->is_builtin = true;
    ret->updated = UPDATED;
    ret->expires = EXPIRES;
    ret->count = sizeof grows / sizeof grows[0];
    for (size_t i = 0; i < ret->count; i++)
        ret->steps[i] = (struct astro_time_step){grows[i], first_seconds + (int32_t)i};
}
