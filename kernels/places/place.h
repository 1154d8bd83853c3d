/*
 * Places of stars: what the conversions between the ICRS and the frames of an observer share.
 *
 * Purpose    ICRS to astrometric, GCRS, CIRS, TETE, horizon and hour angle, and back. prepare() fills
 *            a struct astro__place; run() hands columns to the vector kernels (place_lanes.c), with
 *            one time for all rows or a time per row.
 * Units      rad, au, Julian years; velocities in units of that of light. Angles in columns are in
 *            the unit of the request.
 * Ownership  The context of a conversion. It holds what its struct astro__moments holds.
 * Source     SOFA/ERFA Astrometry Tools: eraApcs, eraApco, eraApio and what goes with them
 */
#ifndef ASTRO_KERNELS_PLACES_PLACE_H
#define ASTRO_KERNELS_PLACES_PLACE_H

#include "../observed/moment.h"
#include "../observed/site.h"
#include "../sky/context.h"
#include "../sky/epoch.h"

/* The frame on the other side. */
enum astro__place_frame {
    ASTRO__ASTROMETRIC, /* barycentric direction at the time, seen from the Earth */
    ASTRO__GCRS,
    ASTRO__CIRS,
    ASTRO__TETE,
    ASTRO__ALTAZ,
    ASTRO__HADEC
};

#define ASTRO__SUN_RADIUS       1.97412574336e-8 /* Schwarzschild radius of the Sun, au */
#define ASTRO__LEAST_DEFLECTION 1e-6 /* 9 arcmin from the Sun's centre, seen from 1 au */

/* One observer at one time: the Earth, the Sun, the observer's motion. */
struct astro__sight {
    double years;       /* from J2000.0 */
    double position[3]; /* of the observer, barycentric, au */
    double from_sun[3]; /* unit vector, Sun to observer */
    double pull;        /* Schwarzschild radius of the Sun over its distance */
    double least;       /* of 1 + cos(angle from the Sun): deflection grows no further */
    double velocity[3]; /* barycentric, of light */
    double slowness;    /* sqrt(1 - velocity^2) */
    double share;       /* 1 / (1 + slowness) */
};

struct astro__place {
    enum astro__place_frame frame;
    bool from_cirs;       /* this side is not the ICRS but the geocentric CIRS */
    bool topocentric;     /* dates are TT, and UT1 and the pole count; else dates are TDB */
    struct astro__sky in; /* circles of the input and of the output */
    struct astro__sky out;

    /* the star */
    bool carried;             /* its position is not one of J2000.0 */
    struct astro__date epoch; /* the one it is of, TDB */

    /* the observer */
    double site[3];     /* where, in the ITRS, au */
    double local[3][3]; /* ITRS to axes at the site: those of hour angle and declination, or, */
                        /* when `upright`, south, east, up */
    bool upright;
    double sin_lat, cos_lat;
    bool refracts, wild; /* wild: refraction may exceed an octant */
    double a, b;         /* rad: a tan z + b tan^3 z */

    /* the time, where it is one for all rows */
    struct astro__sight sight;
    double matrix[3][3]; /* GCRS (CIRS) to the frame, or to the axes at the site */
    double diurnal;      /* aberration by the rotation of the Earth, from CIRS */

    struct astro__moments moments; /* held */
};

/* As astro__kernel of simd/lanes.h. */
typedef void astro__place_kernel(const void *context, size_t n, const void *const in[],
                                 void *const out[]);

/* The context of a kernel: columns differ from run to run. */
struct astro__placing {
    const struct astro__place *place;
    bool moving; /* there are columns of the star's motion */
};

/*
 * Columns of the kernels: the position (2); with `moving` its motion (4: mas/yr, mas/yr, mas, km/s,
 * parallax not negative); with a time per row the date in two parts, UT1 in two parts, and the pole
 * in radians (2), of which places that are not topocentric read the date alone. A time per row
 * always has columns of the motion; they are looked at when `moving`. (From CIRS there is none.)
 */
enum {
    ASTRO__PLACE_POSITION = 0,
    ASTRO__PLACE_MOTION = 2,
    ASTRO__PLACE_TIME = 6,
    ASTRO__PLACE_COLUMNS = 12
};

/* --- star.c --- */

/* Inputs of the block m. */
enum { ASTRO__PM_RA, ASTRO__PM_DEC, ASTRO__PARALLAX, ASTRO__VELOCITY, ASTRO__STAR_INPUTS };

/* Six columns of one block: ra and dec in the unit of the request, and the motion. */
struct astro__star_rows {
    double column[2 + ASTRO__STAR_INPUTS][ASTRO__MOMENT_BLOCK];
};

/*
 * Rows first to first + n - 1 of the six columns (NULL for absent motion), as the kernels want them:
 * carried to J2000.0 if need be, what is missing 0. A row that is not finite stays so.
 */
void astro__star_rows(const struct astro__place *place, size_t first, size_t n,
                      const void *const in[], struct astro__star_rows *ret,
                      struct astro_report *report);

/* --- place.c --- */

/* Parameters of a conversion, each the first of its block; NULL for what it does not have. */
struct astro__place_values {
    const struct astro_value *unit, *epoch;
    const struct astro_value *time; /* obstime, scale */
    const struct astro_value
        *site; /* lon, lat, height; then the air, then the Earth's orientation */
};

/* What a conversion is, beside its parameters. */
struct astro__place_kind {
    enum astro__place_frame frame;
    bool from_cirs; /* this side is the geocentric CIRS */
    bool back;      /* from the frame to this side */
};

/* As astro_conversion.prepare and release. */
bool astro__place_prepare(const struct astro__place_kind *kind,
                          const struct astro__place_values *values, struct astro__place *ret,
                          uint32_t *ret_warnings, struct astro_error *err);
void astro__place_release(void *place);

/* --- run.c --- */

/* All rows through `kernel`. in: the position; with `stars` the star's motion; the time. */
void astro__place_run(const struct astro__place *place, astro__place_kernel *kernel, bool stars,
                      size_t n, const void *const in[], void *const out[],
                      struct astro_report *report);

/* Nanoseconds a row: with one time; with a time per row, by the ephemeris, and beyond its years. */
struct astro__place_ns {
    double once, row, beyond;
};

/* As astro_conversion.cost. obstime: that parameter; epoch: NULL without inputs of motion. */
double astro__place_cost(const struct astro__place_ns *ns, const struct astro_value *obstime,
                         const struct astro_value *epoch, size_t n, const void *const in[],
                         const size_t count[]);

#endif
