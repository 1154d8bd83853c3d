/*
 * The group frames: its list, and the run that its conversions share.
 */
#include "frames.h"

#include "../../registry/groups.h"
#include "../../simd/lanes.h"
#include "../fields.h"

void astro__run_rotation(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report)
{
    (void)report;
    astro__lanes->rotate(context, n, in, out);
}

static const struct astro_conversion *const conversions[] = {
    &astro__icrs_to_galactic,
    &astro__galactic_to_icrs,
    &astro__icrs_to_fk5,
    &astro__fk5_to_icrs,
    &astro__precess_fk5,
    &astro__fk4_to_fk5,
    &astro__fk5_to_fk4,
    &astro__icrs_to_fk4,
    &astro__fk4_to_icrs,
    &astro__fk4_to_fk4_no_e,
    &astro__fk4_no_e_to_fk4,
    &astro__precess_fk4,
    &astro__icrs_to_ecliptic,
    &astro__ecliptic_to_icrs,
    &astro__galactic_to_supergalactic,
    &astro__supergalactic_to_galactic,
    &astro__transform_frame,
};

const struct astro__group astro__group_frames = {conversions, ASTRO__COUNT(conversions)};
