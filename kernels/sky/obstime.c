#include "obstime.h"

#include <erfa.h>

#include "../time/instant.h"
#include "epoch.h"
#include "fields.h"

static const struct astro_parameter as_epoch =
    ASTRO__EQUINOX("obstime", NULL, "time of observation as an epoch");

bool astro__obstime_besselian(const struct astro_value *value, double *ret_besselian,
                              struct astro_error *err)
{
    const struct astro__utc *utc = astro__utc_hold();
    struct astro__instant instant;
    struct astro_value epoch;
    bool read = astro_time_from_text("obstime", value->text.data, value->text.length, ASTRO__TT,
                                     utc, &instant, err);

    astro__utc_drop(utc);
    if (!read)
        return false;
    /* An epoch keeps its year to the last bit, which a date would round. */
    struct astro_error not_one = {0};
    if (astro_parameter_from_text(&as_epoch, value->text.data, value->text.length, &epoch,
                                  &not_one))
        *ret_besselian = astro__epoch_besselian(&epoch);
    else
        *ret_besselian = eraEpb(instant.jd1, instant.jd2);
    return true;
}
