/*
 * Dates of the proleptic Gregorian calendar and civil days J (the Julian Date of their noon).
 */
#ifndef ASTRO_KERNELS_TIME_CALENDAR_CIVIL_H
#define ASTRO_KERNELS_TIME_CALENDAR_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* J of 0000-03-01. Years of this reckoning begin in March, so that a leap day ends one. */
#define CIVIL_MARCH_0 INT64_C(1721120)

struct civil {
    int64_t year;
    int month, day; /* from 1 */
};

static inline bool civil_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static inline int civil_days_of_month(int64_t year, int month)
{
    return month == 2 ? 28 + civil_is_leap(year) : 30 + ((month + (month > 7)) & 1);
}

static inline int64_t civil_floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* J of a date; the month in [1, 12], the day any number. */
static inline int64_t civil_to_day(int64_t year, int month, int64_t day)
{
    int64_t y = year - (month < 3);
    int since_march = (month + 9) % 12;

    return CIVIL_MARCH_0 + 365 * y + civil_floor_divide(y, 4) - civil_floor_divide(y, 100) +
           civil_floor_divide(y, 400) + (153 * since_march + 2) / 5 + (day - 1);
}

/* The date of J, within a few million years. */
static inline struct civil civil_from_day(int64_t day)
{
    int64_t since = day - CIVIL_MARCH_0;
    int64_t cycle = civil_floor_divide(since, 146097);
    uint32_t rest = (uint32_t)(since - cycle * 146097); /* day of the cycle of 400 years */
    uint32_t year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    uint32_t in_year = rest - (365 * year + year / 4 - year / 100);
    uint32_t month = (5 * in_year + 2) / 153; /* from March, 0 */
    struct civil date = {
        .year = cycle * 400 + year + (month >= 10),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(in_year - (153 * month + 2) / 5 + 1),
    };

    return date;
}

#endif
