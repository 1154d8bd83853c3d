/*
 * The range of inputs: how far a latitude may reach, and the error of one that reaches further.
 * The scan of a column is a vector loop: simd/check_lanes.c.
 */
#include <math.h>

#include "astrolabe/kernels.h"
#include "decimal.h"

/* Half of pi as the nearest double and the nearest float. */
#define HALF_PI       1.5707963267948966
#define HALF_PI_FLOAT 1.57079637f

enum { BEYOND_POLE = 4 }; /* units in the last place that still are the pole */

static double limit_fp64(double limit)
{
    for (int i = 0; i < BEYOND_POLE; i++)
        limit = nextafter(limit, HUGE_VAL);
    return limit;
}

static double limit_fp32(float limit)
{
    for (int i = 0; i < BEYOND_POLE; i++)
        limit = nextafterf(limit, INFINITY);
    return (double)limit;
}

double astro_latitude_limit(enum astro_unit unit, enum astro_origin origin)
{
    bool radians = unit == ASTRO_RAD; /* under hourangle latitudes stay degrees */

    switch (origin) {
    case ASTRO_FROM_FP64:
        return limit_fp64(radians ? HALF_PI : 90.0);
    case ASTRO_FROM_FP32:
        return limit_fp32(radians ? HALF_PI_FLOAT : 90.0f);
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
