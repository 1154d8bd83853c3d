/*
 * The kernel library: start-up, the choice of vector instructions, and the check of columns.
 */
#ifndef ASTROLABE_KERNELS_H
#define ASTROLABE_KERNELS_H

#include "astrolabe/conversion.h"

/*
 * Instruction sets the hot loops are compiled for; which ones are in the library depends on the
 * machine it was built for, which ones can run on the machine it runs on.
 */
enum astro_target {
    ASTRO_TARGET_AUTO,
    ASTRO_TARGET_SSE2,
    ASTRO_TARGET_AVX2,
    ASTRO_TARGET_AVX512,
    ASTRO_TARGET_NEON,
    ASTRO_TARGET_COUNT
};
const char *astro_target_name(enum astro_target target); /* "auto", "sse2", ... */
bool astro_target_usable(enum astro_target target);      /* built in, and this CPU has it */

/*
 * Once per process, before any other call and before threads start: warms ERFA's statics, picks the
 * target (AUTO: the widest usable). False when the target is not usable; nothing changes then.
 * Calling it again (tests) changes the target; no run() may be at work meanwhile.
 */
bool astro_kernels_init(enum astro_target target);
enum astro_target astro_kernels_target(void); /* the one in use, never AUTO */

/*
 * Range check of one FP64 column before run(), for roles LATITUDE and DISTANCE; others always pass.
 *   limit: the largest magnitude that passes (for DISTANCE: ignored). Non-finite values pass.
 * Returns the index of the first value that fails, or n.
 */
size_t astro_check_column(enum astro_role role, double limit, const void *column, size_t n);

/* The datatype the column had on the wire decides how far beyond the pole still is the pole. */
enum astro_origin { ASTRO_FROM_FP64, ASTRO_FROM_FP32, ASTRO_FROM_INTEGER };
double astro_latitude_limit(enum astro_unit unit, enum astro_origin origin);

/* out_of_range for in[row] = value, with the limit in the unit of the request; `where` is the index
 * as text, "3" or "1,2", or "" for a scalar. Always returns false. */
bool astro_fail_range(struct astro_error *err, const struct astro_field *field,
                      enum astro_unit unit, const char *where, double value);

#endif
