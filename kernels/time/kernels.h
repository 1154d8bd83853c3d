/*
 * The vector kernels of the group time, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_TIME_KERNELS_H
#define ASTRO_KERNELS_TIME_KERNELS_H

#define ASTRO__TIME_KERNELS(X)                                                                     \
    X(survey)                                                                                      \
    X(date_line)                                                                                   \
    X(date_from_utc)                                                                               \
    X(date_to_utc)                                                                                 \
    X(utc_to_ut1)                                                                                  \
    X(tai_minus_utc)                                                                               \
    X(tt_to_tdb)                                                                                   \
    X(tdb_to_tt)                                                                                   \
    X(date_to_mjd)                                                                                 \
    X(mjd_to_date)                                                                                 \
    X(date_to_year)                                                                                \
    X(year_to_date)                                                                                \
    X(date_to_decimalyear)                                                                         \
    X(decimalyear_to_date)                                                                         \
    X(date_to_clock)                                                                               \
    X(clock_to_date)                                                                               \
    X(date_to_unix)                                                                                \
    X(unix_to_date)                                                                                \
    X(date_to_gps)                                                                                 \
    X(gps_to_date)

#endif
