#include "kernels_erfa.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <string.h>

#include "kernels_columns.h"

static double matrix[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

/* Radians of the k-th column, degrees of the results. */
static double angle(size_t k, size_t i)
{
    return in[k][i] * ERFA_DD2R;
}

static void put_position(size_t i, double longitude, double latitude)
{
    out[0][i] = eraAnp(longitude) * ERFA_DR2D;
    out[1][i] = latitude * ERFA_DR2D;
}

/* A loop over all rows, whose body sees i. */
#define LOOP(name, ...)                                                                            \
    static void name(void *unused)                                                                 \
    {                                                                                              \
        (void)unused;                                                                              \
        for (size_t i = 0; i < rows; i++)                                                          \
            __VA_ARGS__                                                                            \
    }

LOOP(s2c, {
    double p[3];
    eraS2c(angle(0, i), angle(1, i), p);
    for (int k = 0; k < 3; k++)
        out[k][i] = p[k];
})

LOOP(p2s, {
    double p[3] = {in[0][i], in[1][i], in[2][i]};
    double theta, phi;
    eraP2s(p, &theta, &phi, &out[2][i]);
    put_position(i, theta, phi);
})

LOOP(rotation, {
    double p[3];
    double theta, phi;
    eraS2c(angle(0, i), angle(1, i), p);
    eraRxp(matrix, p, p);
    eraC2s(p, &theta, &phi);
    put_position(i, theta, phi);
})

LOOP(fk45z, {
    double a, b;
    eraFk45z(angle(0, i), angle(1, i), 1950.0, &a, &b);
    put_position(i, a, b);
})

LOOP(fk54z, {
    double a, b, da, db;
    eraFk54z(angle(0, i), angle(1, i), 1950.0, &a, &b, &da, &db);
    put_position(i, a, b);
})

LOOP(seps, { out[0][i] = eraSeps(angle(0, i), angle(1, i), angle(2, i), angle(3, i)) * ERFA_DR2D; })

LOOP(pas, {
    out[0][i] = eraAnp(eraPas(angle(0, i), angle(1, i), angle(2, i), angle(3, i))) * ERFA_DR2D;
})

LOOP(tpxes, {
    double xi, eta;
    (void)eraTpxes(angle(0, i), angle(1, i), 2.1, -0.6, &xi, &eta);
    out[0][i] = xi * ERFA_DR2D;
    out[1][i] = eta * ERFA_DR2D;
})

LOOP(tpsts, {
    double a, b;
    eraTpsts(angle(0, i), angle(1, i), 2.1, -0.6, &a, &b);
    put_position(i, a, b);
})

LOOP(gd2gc, {
    double xyz[3];
    (void)eraGd2gc(1, angle(0, i), angle(1, i), 0.0, xyz);
    for (int k = 0; k < 3; k++)
        out[k][i] = xyz[k];
})

LOOP(gc2gd, {
    double xyz[3] = {in[0][i], in[1][i], in[2][i]};
    double a, b;
    (void)eraGc2gd(1, xyz, &a, &b, &out[2][i]);
    put_position(i, a, b);
})

LOOP(pmsafe, {
    double a, b;
    (void)eraPmsafe(angle(0, i), angle(1, i), in[2][i] * ERFA_DMAS2R / cos(angle(1, i)),
                    in[3][i] * ERFA_DMAS2R, 0.0, 1e-9, 2448349.0, 0.0625, 2457389.0, 0.0, &a, &b,
                    &out[2][i], &out[3][i], &out[4][i], &out[5][i]);
    put_position(i, a, b);
})

LOOP(utctai, { (void)eraUtctai(in[0][i], 0.0, &out[0][i], &out[1][i]); })
LOOP(taiutc, { (void)eraTaiutc(in[0][i], 0.0, &out[0][i], &out[1][i]); })
LOOP(taitt, { (void)eraTaitt(in[0][i], 0.0, &out[0][i], &out[1][i]); })
LOOP(tttcg, { (void)eraTttcg(in[0][i], 0.0, &out[0][i], &out[1][i]); })
LOOP(tdbtcb, { (void)eraTdbtcb(in[0][i], 0.0, &out[0][i], &out[1][i]); })
LOOP(dtdb, { out[0][i] = eraDtdb(in[0][i], 0.0, 0.0, 0.0, 0.0, 0.0); })
LOOP(epj, { out[0][i] = eraEpj(in[0][i], 0.0); })
LOOP(epb, { out[0][i] = eraEpb(in[0][i], 0.0); })
LOOP(jd2cal, {
    int year, month, day;
    (void)eraJd2cal(in[0][i], 0.0, &year, &month, &day, &out[0][i]);
})

static const struct {
    const char *conversion;
    erfa_loop *peer;
} peers[] = {
    {"radec_to_xyz", s2c},
    {"xyz_to_radec", p2s},
    {"icrs_to_galactic", rotation},
    {"galactic_to_icrs", rotation},
    {"icrs_to_fk5", rotation},
    {"fk5_to_icrs", rotation},
    {"precess_fk5", rotation},
    {"icrs_to_ecliptic", rotation},
    {"ecliptic_to_icrs", rotation},
    {"galactic_to_supergalactic", rotation},
    {"supergalactic_to_galactic", rotation},
    {"lonlat_to_skyoffset", rotation},
    {"skyoffset_to_lonlat", rotation},
    {"fk4_to_fk5", fk45z},
    {"fk5_to_fk4", fk54z},
    {"separation", seps},
    {"position_angle", pas},
    {"radec_to_tangent", tpxes},
    {"tangent_to_radec", tpsts},
    {"geodetic_to_geocentric", gd2gc},
    {"geocentric_to_geodetic", gc2gd},
    {"apply_space_motion", pmsafe},
    {"utc_to_tai", utctai},
    {"tai_to_utc", taiutc},
    {"tai_to_tt", taitt},
    {"tt_to_tcg", tttcg},
    {"tdb_to_tcb", tdbtcb},
    {"tt_to_tdb", dtdb},
    {"jd_to_jyear", epj},
    {"jd_to_byear", epb},
    {"jd_to_calendar", jd2cal},
};

erfa_loop *erfa_peer(const char *conversion, bool per_row)
{
    erfa_loop *sky = erfa_sky_peer(conversion, per_row);

    if (sky || per_row)
        return sky;
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++) {
        if (strcmp(peers[i].conversion, conversion) == 0)
            return peers[i].peer;
    }
    return NULL;
}
