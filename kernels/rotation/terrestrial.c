/*
 * itrs_to_gcrs, gcrs_to_itrs, teme_to_itrs, itrs_to_teme.
 *
 * A time for all rows is one matrix: what the kernel of rows makes of the three axes.
 */
#include "../simd/lanes.h"
#include "rotation.h"
#include "timed.h"

enum { X, Y, Z, TIME, INPUTS = TIME + ASTRO__MOMENT_INPUTS };

struct terrestrial {
    struct astro__moments moments;
    bool teme;
    bool to_earth;
    struct astro__turn turn; /* with a fixed time */
};

static astro__kernel *kernel_of(const struct terrestrial *terrestrial)
{
    if (terrestrial->teme)
        return terrestrial->to_earth ? astro__lanes->teme_to_itrs : astro__lanes->itrs_to_teme;
    return terrestrial->to_earth ? astro__lanes->gcrs_to_itrs : astro__lanes->itrs_to_gcrs;
}

/* --- preparing --- */

static void set_matrix(struct terrestrial *terrestrial)
{
    static const double axes[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    const struct astro__moment *one = &terrestrial->moments.one;
    const double *tt = terrestrial->teme ? one->ut1 : one->tt;

    for (size_t k = 0; k < 3; k++) {
        double result[3];
        const void *const in[] = {&axes[k][0], &axes[k][1], &axes[k][2], &one->ut1[0], &one->ut1[1],
                                  &tt[0],      &tt[1],      &one->xp,    &one->yp};
        void *const out[] = {&result[0], &result[1], &result[2]};
        kernel_of(terrestrial)(NULL, 1, in, out);
        for (size_t row = 0; row < 3; row++)
            terrestrial->turn.matrix[row][k] = result[row];
    }
}

/* values: obstime scale dut1 xp yp eop */
static bool prepare(const struct astro_value *values, bool teme, bool to_earth, void *context,
                    uint32_t *ret_warnings, struct astro_error *err)
{
    struct terrestrial *terrestrial = context, made = {.teme = teme, .to_earth = to_earth};
    struct astro__moment_values time = {.obstime = &values[0],
                                        .scale = &values[1],
                                        .dut1 = &values[2],
                                        .xp = &values[3],
                                        .yp = &values[4],
                                        .eop = &values[5]};
    unsigned needs = ASTRO__NEED_UT1 | ASTRO__NEED_POLE | (teme ? (unsigned)ASTRO__NO_TT : 0u);

    if (!astro__moments_prepare(&time, needs, NULL, &made.moments, ret_warnings, err))
        return false;
    if (made.moments.fixed) {
        set_matrix(&made);
        *ret_warnings |= astro__date_warnings(ASTRO__MODEL_PRECESSION, made.moments.one.ut1);
    }
    *terrestrial = made;
    return true;
}

#define PREPARE(name, teme, to_earth)                                                              \
    static bool name(const struct astro_value *values, void *context, uint32_t *ret_warnings,      \
                     struct astro_error *err)                                                      \
    {                                                                                              \
        return prepare(values, teme, to_earth, context, ret_warnings, err);                        \
    }

PREPARE(prepare_itrs_to_gcrs, false, false)
PREPARE(prepare_gcrs_to_itrs, false, true)
PREPARE(prepare_itrs_to_teme, true, false)
PREPARE(prepare_teme_to_itrs, true, true)

static void release(void *context)
{
    struct terrestrial *terrestrial = context;

    astro__moments_release(&terrestrial->moments);
}

/* --- running --- */

static bool run_block(const struct terrestrial *terrestrial, size_t first, size_t n,
                      const void *const in[], void *const out[], struct astro_report *report)
{
    struct astro__moment_rows times;
    const double *tt = terrestrial->teme ? times.ut1[0] : times.tt[0];
    const double *tt_part = terrestrial->teme ? times.ut1[1] : times.tt[1];
    const void *columns[3 + ASTRO__TURN_COLUMNS] = {
        astro__from_row(in[X], first),
        astro__from_row(in[Y], first),
        astro__from_row(in[Z], first),
        times.ut1[0],
        times.ut1[1],
        tt,
        tt_part,
        times.xp,
        times.yp,
    };
    void *results[3];

    for (size_t k = 0; k < 3; k++)
        results[k] = (char *)out[k] + first * sizeof(double);
    if (!astro__moments_rows(&terrestrial->moments, first, n, in + TIME, &times, report))
        return false;
    report->warnings[ASTRO_WARN_EXTRAPOLATED] +=
        astro__extrapolated(ASTRO__MODEL_PRECESSION, n, times.ut1[0], times.ut1[1]);
    kernel_of(terrestrial)(NULL, n, columns, results);
    return true;
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct terrestrial *terrestrial = context;

    if (!astro__moments_check(&terrestrial->moments, in + TIME, report))
        return;
    if (terrestrial->moments.fixed) {
        astro__lanes->turn_vector(&terrestrial->turn, n, in, out);
        return;
    }
    for (size_t first = 0; first < n; first += ASTRO__MOMENT_BLOCK) {
        size_t rows = n - first < ASTRO__MOMENT_BLOCK ? n - first : ASTRO__MOMENT_BLOCK;
        if (!run_block(terrestrial, first, rows, in, out, report))
            return;
    }
}

static double celestial_cost(const struct astro_value *values, size_t n, const void *const in[],
                             const size_t count[])
{
    return values[0].present ? (double)n * 1.3
                             : astro__timed_cost(n, in + TIME, count + TIME, 45.0, 40e3);
}

static double teme_cost(const struct astro_value *values, size_t n, const void *const in[],
                        const size_t count[])
{
    (void)in;
    (void)count;
    return (double)n * (values[0].present ? 1.3 : 25.0);
}

/* --- descriptions --- */

static const struct astro_field vector_and_time[INPUTS] = {
    ASTRO__PLAIN("x", "", "x, in any unit of length"),
    ASTRO__PLAIN("y", "", "y"),
    ASTRO__PLAIN("z", "", "z"),
    ASTRO__MOMENT_FIELDS,
};

static const struct astro_field vector_out[] = {
    ASTRO__PLAIN("x", "", "x, in the unit of the input"),
    ASTRO__PLAIN("y", "", "y"),
    ASTRO__PLAIN("z", "", "z"),
};

static const struct astro_parameter parameters[] = {
    ASTRO__MOMENT_PARAMETERS,
    ASTRO__EOP_PARAMETERS,
};

#define ALL                                                                                        \
    .group = "rotation", ASTRO__INPUTS(vector_and_time), ASTRO__OUTPUTS(vector_out),               \
    ASTRO__PARAMETERS(parameters), .prepare_ns = 2000.0,                                           \
    .context_size = sizeof(struct terrestrial), .release = release, .run = run

#define CELESTIAL                                                                                  \
    ALL,                                                                                           \
        .description =                                                                             \
            "A rotation of the vector about the centre of the Earth: polar motion, the Earth's "   \
            "rotation, precession and nutation (IAU 2006/2000A, CIO based; dX and dY are not "     \
            "applied). Outside the years 1000 to 3000 it is extrapolated (a warning); a time per " \
            "row outside 1900 to 2100 takes a thousand times as long. " ASTRO__SAYS_NAN,           \
        .reference = "ERFA eraC2t06a",                                                             \
        .accuracy = "1e-6 m at 7000 km, with one time and with a time per row",                    \
        .ns_per_point = 45.0, .cost = celestial_cost

#define TEME                                                                                       \
    ALL,                                                                                           \
        .description =                                                                             \
            "TEME is the frame of SGP4: true equator of date, mean equinox. A rotation of the "    \
            "vector by the mean sidereal time of 1982 and polar motion, without the TIO locator, " \
            "as astropy and Vallado have it. Outside the years 1000 to 3000 it is extrapolated "   \
            "(a warning). " ASTRO__SAYS_NAN,                                                       \
        .reference = "ERFA eraGmst82, eraPom00(xp, yp, 0); Vallado et al. 2006",                   \
        .accuracy = "1e-6 m at 7000 km", .ns_per_point = 25.0, .cost = teme_cost

const struct astro_conversion astro__itrs_to_gcrs = {
    .name = "itrs_to_gcrs",
    .summary = "Vector from Earth-fixed axes (ITRS) to celestial ones (GCRS)",
    .prepare = prepare_itrs_to_gcrs,
    CELESTIAL,
};

const struct astro_conversion astro__gcrs_to_itrs = {
    .name = "gcrs_to_itrs",
    .summary = "Vector from celestial axes (GCRS) to Earth-fixed ones (ITRS)",
    .prepare = prepare_gcrs_to_itrs,
    CELESTIAL,
};

const struct astro_conversion astro__teme_to_itrs = {
    .name = "teme_to_itrs",
    .summary = "Vector of SGP4 (TEME) to Earth-fixed axes (ITRS)",
    .prepare = prepare_teme_to_itrs,
    TEME,
};

const struct astro_conversion astro__itrs_to_teme = {
    .name = "itrs_to_teme",
    .summary = "Vector from Earth-fixed axes (ITRS) to those of SGP4 (TEME)",
    .prepare = prepare_itrs_to_teme,
    TEME,
};
