/*
 * The text of a time: reading.
 *
 * One pass over the bytes, no copy, no locale. Numbers are taken as whole numbers and put together
 * so that only one rounding counts: decimals of a day or a second are N / 10^k.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../registry/text.h"
#include "../calendar/civil.h"
#include "../instant.h"

enum { QUOTE_ROOM = 64, MOST_WHOLE = 15, MOST_DECIMALS = 18 };

#define UNIX_DAY      INT64_C(2440588)
#define MOST_YEARS    INT64_C(200000) /* of an epoch J or B: as for the equinoxes */
#define JULIAN_YEAR   365.25
#define TROPICAL_LESS 0.007801219 /* by which a tropical year of 1900 is shorter */

static const int64_t powers_of_ten[MOST_DECIMALS + 1] = {
    INT64_C(1),
    INT64_C(10),
    INT64_C(100),
    INT64_C(1000),
    INT64_C(10000),
    INT64_C(100000),
    INT64_C(1000000),
    INT64_C(10000000),
    INT64_C(100000000),
    INT64_C(1000000000),
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
    INT64_C(10000000000000000),
    INT64_C(100000000000000000),
    INT64_C(1000000000000000000),
};

/* The text, how far it was read, and where to tell what is wrong with it. */
struct scan {
    const char *at, *end;
    const char *text;
    size_t length;
    const char *field;
    struct astro_error *err;
};

/* Always false: `field = "text" what`. */
static bool fail(struct scan *s, enum astro_code code, const char *what)
{
    char quoted[QUOTE_ROOM];

    if (s->err)
        astro_fail(s->err, code, s->field, "%s = %s %s", s->field,
                   astro__quote(s->text, s->length, quoted, sizeof quoted), what);
    return false;
}

static bool fail_form(struct scan *s)
{
    return fail(s, ASTRO_BAD_TIME,
                "is not a time: write 2016-12-31T23:59:60.5, 2016-366, JD2457754.5, MJD57754, "
                "J2000.0 or B1950.0");
}

static bool fail_part(struct scan *s, const char *part, int64_t value, int64_t low, int64_t high)
{
    char what[96];

    if (!s->err)
        return false;
    snprintf(what, sizeof what, "has the %s %lld, which is outside [%lld, %lld]", part,
             (long long)value, (long long)low, (long long)high);
    return fail(s, ASTRO_BAD_TIME, what);
}

/* --- pieces of text --- */

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static size_t left(const struct scan *s)
{
    return (size_t)(s->end - s->at);
}

static bool skip(struct scan *s, char letter)
{
    if (s->at == s->end || *s->at != letter)
        return false;
    s->at++;
    return true;
}

/* Exactly n digits. */
static bool fixed(struct scan *s, size_t n, int *ret)
{
    int value = 0;

    if (left(s) < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s->at[i]))
            return false;
        value = 10 * value + (s->at[i] - '0');
    }
    s->at += n;
    *ret = value;
    return true;
}

struct decimal {
    bool negative;
    int64_t whole;
    int64_t numerator, denominator; /* of what stands behind the point; 10^k */
};

/* The digits behind a point; beyond 10^-18 they say nothing. At least one. */
static bool decimals(struct scan *s, struct decimal *ret)
{
    const char *first = s->at;
    int64_t value = 0;
    size_t kept = 0;

    for (; s->at < s->end && is_digit(*s->at); s->at++) {
        if (kept == MOST_DECIMALS)
            continue;
        value = 10 * value + (*s->at - '0');
        kept++;
    }
    ret->numerator = value;
    ret->denominator = powers_of_ten[kept];
    return s->at > first;
}

/* [+-] digits [. [digits]] to the end of the text; at least one digit before the point. */
static bool decimal(struct scan *s, struct decimal *ret)
{
    *ret = (struct decimal){.denominator = 1};
    ret->negative = skip(s, '-');
    if (!ret->negative)
        (void)skip(s, '+');
    const char *first = s->at;
    for (; s->at < s->end && is_digit(*s->at); s->at++) {
        if (s->at - first >= MOST_WHOLE)
            return false;
        ret->whole = 10 * ret->whole + (*s->at - '0');
    }
    if (s->at == first)
        return false;
    if (skip(s, '.') && s->at < s->end && !decimals(s, ret))
        return false;
    return s->at == s->end;
}

/* --- JD, MJD --- */

/* The Julian Date `origin` + number, where `half` takes half a day off. */
static void days_to_instant(const struct decimal *number, int64_t origin, bool half,
                            struct astro__instant *ret)
{
    /* Twice the numerators, so that half a day is a whole number of them. */
    int64_t day = origin, unit = 2 * number->denominator;
    int64_t parts = 2 * number->numerator;

    day += number->negative ? -number->whole : number->whole;
    parts = number->negative ? -parts : parts;
    parts -= half ? number->denominator : 0;
    for (; 2 * parts < -unit; parts += unit)
        day--;
    for (; 2 * parts > unit; parts -= unit)
        day++;
    ret->jd1 = (double)day;
    ret->jd2 = (double)parts / (double)unit;
}

static bool read_days(struct scan *s, int64_t origin, bool half, struct astro__instant *ret)
{
    struct decimal number;

    if (!decimal(s, &number))
        return fail(s, ASTRO_BAD_TIME,
                    "is not a date: behind JD or MJD stands a decimal number, of up to 15 digits "
                    "before the point");
    days_to_instant(&number, origin, half, ret);
    return true;
}

/* --- J, B --- */

static void years_to_instant(const struct decimal *number, bool julian, struct astro__instant *ret)
{
    int64_t origin = julian ? 2000 : 1900;
    double sign = number->negative ? -1.0 : 1.0;
    double day = julian ? 2451545.0 : 2415020.0, part = julian ? 0.0 : 0.31352;
    double years = (double)((number->negative ? -number->whole : number->whole) - origin);
    double share = sign * (double)number->numerator / (double)number->denominator;
    double quarters = years * JULIAN_YEAR, whole = rint(quarters);
    double less = julian ? 0.0 : TROPICAL_LESS;

    part += (quarters - whole) + (share * (JULIAN_YEAR - less) - years * less);
    double carried = rint(part);
    ret->jd1 = day + whole + carried;
    ret->jd2 = (part - carried) + 0.0;
    ret->scale = ASTRO__TT;
}

static bool read_years(struct scan *s, bool julian, struct astro__instant *ret)
{
    struct decimal number;

    if (!decimal(s, &number))
        return fail(s, ASTRO_BAD_TIME, "is not an epoch: behind J or B stands a year, as J2000.0");
    if (number.whole >= MOST_YEARS)
        return fail_part(s, "year", number.negative ? -number.whole : number.whole, -MOST_YEARS,
                         MOST_YEARS);
    years_to_instant(&number, julian, ret);
    return true;
}

/* --- calendar dates --- */

struct clock {
    int hour, minute, second;
    struct decimal fraction;
};

/* YYYY-MM-DD or YYYY-DDD, as the civil day. */
static bool read_date(struct scan *s, int64_t *ret_day)
{
    int year, month, day;

    if (!fixed(s, 4, &year) || !skip(s, '-'))
        return fail_form(s);
    if (year < 1)
        return fail_part(s, "year", year, 1, 9999);
    if (left(s) >= 3 && is_digit(s->at[2])) {
        if (!fixed(s, 3, &day))
            return fail_form(s);
        int days = 365 + civil_is_leap(year);
        *ret_day = civil_to_day(year, 1, day);
        return (day >= 1 && day <= days) || fail_part(s, "day", day, 1, days);
    }
    if (!fixed(s, 2, &month) || !skip(s, '-') || !fixed(s, 2, &day))
        return fail_form(s);
    if (month < 1 || month > 12)
        return fail_part(s, "month", month, 1, 12);
    int days = civil_days_of_month(year, month);
    *ret_day = civil_to_day(year, month, day);
    return (day >= 1 && day <= days) || fail_part(s, "day", day, 1, days);
}

static bool read_clock(struct scan *s, struct clock *ret)
{
    if (!fixed(s, 2, &ret->hour) || !skip(s, ':') || !fixed(s, 2, &ret->minute))
        return fail_form(s);
    if (skip(s, ':')) {
        if (!fixed(s, 2, &ret->second))
            return fail_form(s);
        if (skip(s, '.') && !decimals(s, &ret->fraction))
            return fail_form(s);
    }
    if (ret->hour > 23)
        return fail_part(s, "hour", ret->hour, 0, 23);
    return ret->minute <= 59 || fail_part(s, "minute", ret->minute, 0, 59);
}

/* Seconds below 60; in the last minute of a day of UTC that has a leap second, one more or less. */
static bool check_second(struct scan *s, const struct clock *clock, const double extra, bool utc)
{
    bool last = clock->hour == 23 && clock->minute == 59;
    double limit = last ? 60.0 + extra : 60.0, whole = floor(limit);
    double fraction = (double)clock->fraction.numerator / (double)clock->fraction.denominator;

    /* A fraction of many nines is 1 as a double: it counts in a second that ends early only. */
    if (clock->second < whole || (clock->second == whole && fraction < limit - whole))
        return true;
    if (clock->second > 60 || (clock->second == 60 && !last))
        return fail_part(s, "second", clock->second, 0, 59);
    if (!utc)
        return fail(s, ASTRO_BAD_TIME, "has the second 60, which is in UTC only");
    return fail(s, ASTRO_BAD_TIME,
                extra < 0 ? "has a second that this day, which ended early, did not have"
                          : "has the second 60, but that day has no leap second, or a shorter one");
}

static bool read_calendar(struct scan *s, bool is_utc, const struct astro__utc *utc,
                          struct astro__instant *ret)
{
    struct clock clock = {.fraction = {.denominator = 1}};
    int64_t day = 0;

    if (!read_date(s, &day))
        return false;
    if ((skip(s, 'T') || skip(s, ' ')) && !read_clock(s, &clock))
        return false;
    if (s->at < s->end && *s->at == 'Z' && !is_utc)
        return fail(s, ASTRO_BAD_TIME, "ends with Z, which is for scale=utc only");
    (void)skip(s, 'Z');
    if (s->at < s->end)
        return fail_form(s);
    double extra = is_utc ? utc->pieces[astro__utc_find(utc, (double)day)].extra : 0.0;
    if (!check_second(s, &clock, extra, is_utc))
        return false;
    double length = ASTRO__DAY_SECONDS + extra;
    double since_noon =
        (double)(clock.hour * 3600 + clock.minute * 60 + clock.second) - 0.5 * length;
    double fraction = (double)clock.fraction.numerator / (double)clock.fraction.denominator;
    ret->jd1 = (double)day;
    ret->jd2 = (since_noon + fraction) / length;
    return true;
}

/* --- all --- */

static char upper(char letter)
{
    return letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
}

static bool is_number(const struct scan *s)
{
    size_t digits = 0;

    for (size_t i = 0; i < s->length; i++) {
        char letter = s->text[i];
        digits += is_digit(letter);
        if (!is_digit(letter) && letter != '.' && !(i == 0 && (letter == '-' || letter == '+')))
            return false;
    }
    return digits > 0;
}

static bool read_any(struct scan *s, enum astro__scale scale, const struct astro__utc *utc,
                     struct astro__instant *ret)
{
    char first = s->length ? upper(s->text[0]) : ' ';
    char second = s->length > 1 ? upper(s->text[1]) : ' ';
    char third = s->length > 2 ? upper(s->text[2]) : ' ';

    if (first == 'J' && second == 'D') {
        s->at += 2;
        return read_days(s, 0, false, ret);
    }
    if (first == 'M' && second == 'J' && third == 'D') {
        s->at += 3;
        return read_days(s, 2400001, true, ret);
    }
    if (first == 'J' || first == 'B') {
        s->at++;
        return read_years(s, first == 'J', ret);
    }
    if (is_number(s))
        return fail(s, ASTRO_BAD_TIME,
                    "is a bare number: write JD or MJD before a date, J or B before a year");
    return read_calendar(s, scale == ASTRO__UTC, utc, ret);
}

bool astro_time_from_text(const char *field, const char *text, size_t length,
                          enum astro__scale scale, const struct astro__utc *utc,
                          struct astro__instant *ret, struct astro_error *err)
{
    struct scan s = {text, text + length, text, length, field, err};
    struct astro__instant read = {.scale = scale};

    if (!read_any(&s, scale, utc, &read))
        return false;
    if (read.scale == ASTRO__UTC && (read.jd1 - ASTRO__UTC_FIRST_DAY) + read.jd2 < -0.5)
        return fail(&s, ASTRO_OUT_OF_RANGE, "is before 1960-01-01, when UTC begins");
    *ret = read;
    return true;
}
