#include "kernels_erfa.h"

#include <erfa.h>
#include <erfam.h>
#include <string.h>

#include "kernels_columns.h"

/* A site and a time like those of the examples: -70.4, -24.6, 2635 m. */
#define LON    (-70.4 * ERFA_DD2R)
#define LAT    (-24.6 * ERFA_DD2R)
#define HEIGHT 2635.0
#define DAY    2460896.5
#define PART   0.3771

static double angle(size_t k, size_t i)
{
    return in[k][i] * ERFA_DD2R;
}

static void put(size_t i, double longitude, double latitude)
{
    out[0][i] = eraAnp(longitude) * ERFA_DR2D;
    out[1][i] = latitude * ERFA_DR2D;
}

#define LOOP(name, before, ...)                                                                    \
    static void name(void *unused)                                                                 \
    {                                                                                              \
        (void)unused;                                                                              \
        before;                                                                                    \
        for (size_t i = 0; i < rows; i++)                                                          \
            __VA_ARGS__                                                                            \
    }

/* --- one time: the context once, then the quick routines --- */

static eraASTROM observed(void)
{
    eraASTROM astrom;
    double eo;

    (void)eraApco13(DAY, PART, 0.3, LON, LAT, HEIGHT, 1e-6, 0.0, 800.0, 10.0, 0.3, 0.55, &astrom,
                    &eo);
    return astrom;
}

static eraASTROM geocentric(void)
{
    eraASTROM astrom;
    double eo;

    eraApci13(DAY, PART, &astrom, &eo);
    return astrom;
}

LOOP(quick_place, eraASTROM astrom = geocentric(), {
    double a, b;
    eraAtciqz(angle(0, i), angle(1, i), &astrom, &a, &b);
    put(i, a, b);
})

LOOP(quick_back, eraASTROM astrom = geocentric(), {
    double a, b;
    eraAticq(angle(0, i), angle(1, i), &astrom, &a, &b);
    put(i, a, b);
})

LOOP(quick_horizon, eraASTROM astrom = observed(), {
    double a, b, az, zenith, ha, dec, ra;
    eraAtciqz(angle(0, i), angle(1, i), &astrom, &a, &b);
    eraAtioq(a, b, &astrom, &az, &zenith, &ha, &dec, &ra);
    put(i, az, ERFA_DPI / 2 - zenith);
})

LOOP(quick_from_horizon, eraASTROM astrom = observed(), {
    double a, b, ra, dec;
    eraAtoiq("A", angle(0, i), ERFA_DPI / 2 - angle(1, i), &astrom, &a, &b);
    eraAticq(a, b, &astrom, &ra, &dec);
    put(i, ra, dec);
})

LOOP(horizon_of_cirs, eraASTROM astrom = observed(), {
    double az, zenith, ha, dec, ra;
    eraAtioq(angle(0, i), angle(1, i), &astrom, &az, &zenith, &ha, &dec, &ra);
    put(i, az, ERFA_DPI / 2 - zenith);
})

static void matrix_of(double matrix[3][3])
{
    eraC2t06a(DAY, PART, DAY, PART, 1e-6, 0.0, matrix);
}

LOOP(turned, double matrix[3][3]; matrix_of(matrix), {
    double p[3] = {in[0][i], in[1][i], in[2][i]}, q[3];
    eraTrxp(matrix, p, q);
    for (int k = 0; k < 3; k++)
        out[k][i] = q[k];
})

/* --- a time per row --- */

static double part_of(size_t i)
{
    return 0.4 * (double)i / (double)rows;
}

LOOP(horizon_per_row, , {
    double az, zenith, ha, dec, ra, eo;
    (void)eraAtco13(angle(0, i), angle(1, i), 0, 0, 0, 0, DAY, part_of(i), 0.3, LON, LAT, HEIGHT,
                    1e-6, 0, 800.0, 10.0, 0.3, 0.55, &az, &zenith, &ha, &dec, &ra, &eo);
    put(i, az, ERFA_DPI / 2 - zenith);
})

LOOP(place_per_row, , {
    double a, b, eo;
    eraAtci13(angle(0, i), angle(1, i), 0, 0, 0, 0, DAY, part_of(i), &a, &b, &eo);
    put(i, a, b);
})

LOOP(era_per_row, , { out[0][i] = eraEra00(DAY, part_of(i)) * ERFA_DR2D; })

LOOP(sidereal_per_row, , { out[0][i] = eraGst06a(DAY, part_of(i), DAY, part_of(i)) * ERFA_DR2D; })

LOOP(turned_per_row, , {
    double matrix[3][3], p[3] = {in[0][i], in[1][i], in[2][i]}, q[3];
    eraC2t06a(DAY, part_of(i), DAY, part_of(i), 1e-6, 0.0, matrix);
    eraTrxp(matrix, p, q);
    for (int k = 0; k < 3; k++)
        out[k][i] = q[k];
})

/* --- geometry --- */

LOOP(hd2ae, , {
    double az, el;
    eraHd2ae(angle(0, i), angle(1, i), LAT, &az, &el);
    put(i, az, el);
})

LOOP(ae2hd, , {
    double ha, dec;
    eraAe2hd(angle(0, i), angle(1, i), LAT, &ha, &dec);
    put(i, ha, dec);
})

LOOP(hd2pa, , { out[0][i] = eraHd2pa(angle(0, i), angle(1, i), LAT) * ERFA_DR2D; })

LOOP(utcut1, , { (void)eraUtcut1(in[0][i], 0.0, 0.3, &out[0][i], &out[1][i]); })

static const struct {
    const char *conversion;
    erfa_loop *one_time, *per_row;
} peers[] = {
    {"icrs_to_gcrs", quick_place, place_per_row},
    {"gcrs_to_icrs", quick_back, NULL},
    {"icrs_to_cirs", quick_place, place_per_row},
    {"cirs_to_icrs", quick_back, NULL},
    {"icrs_to_tete", quick_place, place_per_row},
    {"tete_to_icrs", quick_back, NULL},
    {"icrs_to_altaz", quick_horizon, horizon_per_row},
    {"altaz_to_icrs", quick_from_horizon, NULL},
    {"icrs_to_hadec", quick_horizon, horizon_per_row},
    {"hadec_to_icrs", quick_from_horizon, NULL},
    {"cirs_to_altaz", horizon_of_cirs, NULL},
    {"itrs_to_gcrs", turned, turned_per_row},
    {"gcrs_to_itrs", turned, turned_per_row},
    {"earth_rotation_angle", NULL, era_per_row},
    {"sidereal_time", NULL, sidereal_per_row},
    {"hadec_to_altaz", hd2ae, NULL},
    {"altaz_to_hadec", ae2hd, NULL},
    {"parallactic_angle", hd2pa, NULL},
    {"utc_to_ut1", utcut1, NULL},
};

erfa_loop *erfa_sky_peer(const char *conversion, bool per_row)
{
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++) {
        if (strcmp(peers[i].conversion, conversion) == 0)
            return per_row ? peers[i].per_row : peers[i].one_time;
    }
    return NULL;
}
