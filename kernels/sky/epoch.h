/*
 * Epochs as dates, and the years in which a model of precession holds.
 */
#ifndef ASTRO_KERNELS_SKY_EPOCH_H
#define ASTRO_KERNELS_SKY_EPOCH_H

#include "astrolabe/conversion.h"

/* A two-part Julian Date, TT. */
struct astro__date {
    double jd1, jd2;
};

/* The date of a parsed epoch; a Besselian one by its own calendar (eraEpb2jd). */
struct astro__date astro__epoch_date(const struct astro_value *epoch);

/* The epoch as a Julian year. */
double astro__epoch_julian(const struct astro_value *epoch);

/* The epoch as a Besselian year. */
double astro__epoch_besselian(const struct astro_value *epoch);

/* 1u << ASTRO_WARN_EXTRAPOLATED outside 1000 to 3000, the years of IAU 2006 precession; else 0. */
uint32_t astro__iau2006_warnings(const struct astro_value *epoch);

#endif
