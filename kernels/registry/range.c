/*
 * The range of inputs: how far a latitude may reach, and the error of one that reaches further.
 * The scan of a column is a vector loop: simd/check_lanes.c.
 */
#include "astrolabe/kernels.h"
#include "decimal.h"

/* Half of pi as the nearest double and the nearest float. */
#define HALF_PI       1.5707963267948966
#define HALF_PI_FLOAT 1.57079637f

/* Four units in the last place beyond the limit still are the pole: 2^-46 at 90 and 2^-52 at pi/2
 * for doubles, 2^-17 and 2^-23 for floats. All of these sums are exact. */
#define BEYOND_90            (90.0 + 0x1p-44)
#define BEYOND_HALF_PI       (HALF_PI + 0x1p-50)
#define BEYOND_90_FLOAT      (90.0 + 0x1p-15)
#define BEYOND_HALF_PI_FLOAT ((double)HALF_PI_FLOAT + 0x1p-21)

double astro_latitude_limit(enum astro_unit unit, enum astro_origin origin)
{
    bool radians = unit == ASTRO_RAD; /* under hourangle latitudes stay degrees */

    switch (origin) {
    case ASTRO_FROM_FP64:
        return radians ? BEYOND_HALF_PI : BEYOND_90;
    case ASTRO_FROM_FP32:
        return radians ? BEYOND_HALF_PI_FLOAT : BEYOND_90_FLOAT;
    case ASTRO_FROM_INTEGER:
        break; /* whole numbers have nothing between 90 and 91 */
    }
    return radians ? HALF_PI : 90.0;
}

bool astro_fail_range(struct astro_error *err, const struct astro_field *field,
                      enum astro_unit unit, const char *where, double value)
{
    char shown[ASTRO__DECIMAL_ROOM], limit[ASTRO__DECIMAL_ROOM];
    const char *open = where[0] ? "[" : "";
    const char *close = where[0] ? "]" : "";

    astro__decimal_text(value, shown);
    if (field->role == ASTRO_DISTANCE)
        return astro_fail(err, ASTRO_OUT_OF_RANGE, field->name, "%s%s%s%s = %s is negative",
                          field->name, open, where, close, shown);
    astro__decimal_text(unit == ASTRO_RAD ? HALF_PI : 90.0, limit);
    return astro_fail(err, ASTRO_OUT_OF_RANGE, field->name, "%s%s%s%s = %s is outside [-%s, %s]",
                      field->name, open, where, close, shown, limit, limit);
}
