#include "epoch.h"

#include <erfa.h>

#define IAU2006_FIRST_YEAR 1000.0
#define IAU2006_LAST_YEAR  3000.0

struct astro__date astro__epoch_date(const struct astro_value *epoch)
{
    struct astro__date date;

    if (epoch->epoch_kind == 'B')
        eraEpb2jd(epoch->number, &date.jd1, &date.jd2);
    else
        eraEpj2jd(epoch->number, &date.jd1, &date.jd2);
    return date;
}

double astro__epoch_julian(const struct astro_value *epoch)
{
    if (epoch->epoch_kind != 'B')
        return epoch->number;
    struct astro__date date = astro__epoch_date(epoch);
    return eraEpj(date.jd1, date.jd2);
}

double astro__epoch_besselian(const struct astro_value *epoch)
{
    if (epoch->epoch_kind == 'B')
        return epoch->number;
    struct astro__date date = astro__epoch_date(epoch);
    return eraEpb(date.jd1, date.jd2);
}

uint32_t astro__iau2006_warnings(const struct astro_value *epoch)
{
    double year = astro__epoch_julian(epoch);

    return year < IAU2006_FIRST_YEAR || year > IAU2006_LAST_YEAR ? 1u << ASTRO_WARN_EXTRAPOLATED
                                                                 : 0u;
}
