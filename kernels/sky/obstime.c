#include "obstime.h"

#include "epoch.h"
#include "fields.h"

static const struct astro_parameter as_epoch =
    ASTRO__EQUINOX("obstime", NULL, "time of observation as an epoch");

bool astro__obstime_besselian(const struct astro_value *value, double *ret_besselian,
                              struct astro_error *err)
{
    struct astro_value epoch;

    if (!astro_parameter_from_text(&as_epoch, value->text.data, value->text.length, &epoch, err))
        return false;
    *ret_besselian = astro__epoch_besselian(&epoch);
    return true;
}
