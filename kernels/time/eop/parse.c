/*
 * Reading a table of Earth orientation: lines, what a day must be, and the format eopc04. The format
 * finals2000A is in finals.c.
 *
 * eopc04       Numbers parted by blanks, all of them measured: year, month, day and the MJD, x, y,
 *              UT1-UTC, LOD, dX, dY (1962-now); or with the hour before the MJD, and dX, dY before
 *              the LOD (20 series). Lines that do not begin with a digit come before the data, and
 *              those with # anywhere.
 *
 * A day follows the day before, its date and its MJD agree, and nothing jumps: what is shifted by a
 * column, or cut, is not taken for something else.
 */
#include <math.h>
#include <string.h>

#include "../../registry/text.h"
#include "../calendar/civil.h"
#include "parse.h"

#define MJD_OF_DAY    INT64_C(2400001) /* J of a civil day less its MJD */
#define FIRST_MJD     15020            /* 1900 */
#define LAST_MJD      88069            /* 2100 */
#define MAS           1000.0
#define MOST_DUT1     1.0    /* s */
#define MOST_POLE     2.0    /* arcsec */
#define MOST_OFFSET   1000.0 /* mas */
#define MOST_DUT1_DAY 0.15 /* s of change in a day, but for whole seconds: steps of 1962 to 1971 */
#define MOST_POLE_DAY 0.1  /* arcsec */

enum {
    LONGEST_TEXT = 32 << 20,
    LONGEST_LINE = 1000,
    MOST_HEADER = 200, /* lines */
    MOST_DIGITS = 15
};

bool astro__eop_fail_line(struct astro__eop_reader *r, const char *what)
{
    char quoted[ASTRO__EOP_QUOTE];

    return astro_fail(r->err, ASTRO_BAD_TIME, "eop", "line %zu, %s: %s", r->number,
                      astro__quote(r->line, (size_t)(r->end - r->line), quoted, sizeof quoted),
                      what);
}

static bool fail_file(struct astro__eop_reader *r, const char *what)
{
    return astro_fail(r->err, ASTRO_BAD_TIME, "eop", "the file of Earth orientation %s", what);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- numbers --- */

static const double powers_of_ten[MOST_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool astro__eop_decimal(const char *at, const char *end, double *ret)
{
    int64_t value = 0;
    size_t digits = 0, decimals = 0;
    bool negative = at < end && *at == '-', point = false;

    at += at < end && (*at == '-' || *at == '+');
    for (; at < end; at++) {
        if (*at == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*at) || digits == MOST_DIGITS)
            return false;
        value = 10 * value + (*at - '0');
        digits++;
        decimals += point;
    }
    double number = (double)value / powers_of_ten[decimals];
    if (digits > 0)
        *ret = negative ? -number : number;
    return digits > 0;
}

bool astro__eop_whole(const char *at, const char *end, int64_t *ret)
{
    double number;

    while (at < end && *at == ' ')
        at++;
    if (memchr(at, '.', (size_t)(end - at)) || !astro__eop_decimal(at, end, &number))
        return false;
    *ret = (int64_t)number;
    return true;
}

/* --- a day --- */

static bool check_values(struct astro__eop_reader *r, const struct astro_eop_day *day)
{
    if (!(fabs(day->dut1) <= MOST_DUT1))
        return astro__eop_fail_line(r, "UT1-UTC must lie within 1 s");
    if (!(fabs(day->xp) <= MOST_POLE && fabs(day->yp) <= MOST_POLE))
        return astro__eop_fail_line(r, "the pole must lie within 2 arcsec");
    if (fabs(day->dx) > MOST_OFFSET || fabs(day->dy) > MOST_OFFSET)
        return astro__eop_fail_line(r, "dX and dY must lie within 1 arcsec");
    return true;
}

static bool check_change(struct astro__eop_reader *r, const struct astro_eop_day *day)
{
    const struct astro_eop_day *last = &r->ret->days[r->ret->count - 1];
    double step = day->dut1 - last->dut1;

    if (fabs(step - rint(step)) > MOST_DUT1_DAY)
        return astro__eop_fail_line(
            r, "UT1-UTC changes by more in a day than the Earth's rotation can");
    if (fabs(day->xp - last->xp) > MOST_POLE_DAY || fabs(day->yp - last->yp) > MOST_POLE_DAY)
        return astro__eop_fail_line(r, "the pole moves by more than 0.1 arcsec in a day");
    return true;
}

bool astro__eop_check_date(struct astro__eop_reader *r, const int64_t date[3], double mjd,
                           bool century)
{
    if (!(mjd >= FIRST_MJD && mjd <= LAST_MJD) || mjd != floor(mjd))
        return astro__eop_fail_line(r, "the MJD must be whole, and of the years 1900 to 2099");
    struct civil civil = civil_from_day((int64_t)mjd + MJD_OF_DAY);
    int64_t year = century ? civil.year : civil.year % 100;
    if (date[0] != year || date[1] != civil.month || date[2] != civil.day)
        return astro__eop_fail_line(r, "the date and the MJD are not of the same day");
    return true;
}

void astro__eop_add_nothing(struct astro__eop_reader *r)
{
    if (!r->empty)
        r->empty = r->number;
}

bool astro__eop_add(struct astro__eop_reader *r, double mjd, const struct astro_eop_day *day)
{
    struct astro_eop_data *ret = r->ret;

    if (!check_values(r, day))
        return false;
    if (ret->count == 0) {
        ret->first_mjd = (int32_t)mjd;
    } else {
        double due = (double)ret->first_mjd + (double)ret->count;
        if (mjd < due)
            return astro__eop_fail_line(r, "the day is not later than the one before");
        if (r->empty)
            return astro__eop_fail_line(r, "days before this one have no UT1-UTC or no pole");
        if (mjd > due)
            return astro__eop_fail_line(r, "the days before this one are missing");
        if (!check_change(r, day))
            return false;
    }
    if (ret->count == ASTRO_EOP_DAYS)
        return astro__eop_fail_line(r, "there are more than 50000 days");
    ret->days[ret->count++] = *day;
    return true;
}

/* --- eopc04 --- */

enum { NEEDED_WORDS = 10, MOST_WORDS = 40 };

struct words {
    const char *at[MOST_WORDS], *end[MOST_WORDS];
    size_t count;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void split(const struct astro__eop_reader *r, struct words *ret)
{
    ret->count = 0;
    for (const char *at = r->line; ret->count < MOST_WORDS;) {
        while (at < r->end && is_blank(*at))
            at++;
        if (at == r->end)
            return;
        ret->at[ret->count] = at;
        while (at < r->end && !is_blank(*at))
            at++;
        ret->end[ret->count++] = at;
    }
}

static bool read_words(struct astro__eop_reader *r, const struct words *words, size_t from,
                       size_t n, double *ret)
{
    for (size_t k = 0; k < n; k++)
        if (!astro__eop_decimal(words->at[from + k], words->end[from + k], &ret[k]))
            return astro__eop_fail_line(
                r, "expected numbers parted by blanks, as in a line of eopc04");
    return true;
}

static bool read_c04(struct astro__eop_reader *r)
{
    bool hours = r->format == ASTRO__EOP_C04_20;
    struct words words;
    int64_t date[3];
    double head[2], values[6]; /* hour (or none), MJD; x, y, UT1-UTC, and dX, dY or LOD, dX, dY */

    split(r, &words);
    if (words.count < NEEDED_WORDS || (r->words && words.count != r->words))
        return astro__eop_fail_line(
            r, "it is cut: it has fewer or more numbers than the lines before, or "
               "than a line of eopc04");
    r->words = words.count;
    for (size_t k = 0; k < 3; k++)
        if (!astro__eop_whole(words.at[k], words.end[k], &date[k]))
            return astro__eop_fail_line(
                r, "a line of eopc04 begins with the year, the month and the day");
    if (!read_words(r, &words, hours ? 3 : 4, 1, &head[0]) ||
        !read_words(r, &words, hours ? 4 : 3, 1, &head[1]) ||
        !read_words(r, &words, hours ? 5 : 4, hours ? 5 : 6, values))
        return false;
    if (hours && head[0] != 0.0)
        return astro__eop_fail_line(r, "the values must be those of 0h");
    struct astro_eop_day day = {
        .xp = values[0],
        .yp = values[1],
        .dut1 = values[2],
        .dx = values[hours ? 3 : 4] * MAS,
        .dy = values[hours ? 4 : 5] * MAS,
        .kind = ASTRO_EOP_MEASURED,
    };
    return astro__eop_check_date(r, date, head[1], true) && astro__eop_add(r, head[1], &day);
}

/* --- lines --- */

/* By the first line of data: eopc04 has a year of four digits. */
static enum astro__eop_format format_of(const struct astro__eop_reader *r)
{
    struct words words;
    double fourth;

    split(r, &words);
    if (words.count < 4 || words.end[0] - words.at[0] != 4)
        return ASTRO__EOP_FINALS;
    for (const char *c = words.at[0]; c < words.end[0]; c++)
        if (!is_digit(*c))
            return ASTRO__EOP_FINALS;
    return astro__eop_decimal(words.at[3], words.end[3], &fourth) && fourth < 24.0
               ? ASTRO__EOP_C04_20
               : ASTRO__EOP_C04_1962;
}

static bool read_line(struct astro__eop_reader *r)
{
    const char *at = r->line;

    if (r->end - r->line > LONGEST_LINE)
        return astro__eop_fail_line(r, "it is longer than 1000 bytes");
    if (memchr(r->line, '\0', (size_t)(r->end - r->line)))
        return astro__eop_fail_line(r, "there is a NUL byte in it");
    while (at < r->end && is_blank(*at))
        at++;
    if (at == r->end || *at == '#')
        return true;
    if (r->format == ASTRO__EOP_UNKNOWN && is_digit(*at))
        r->format = format_of(r);
    if (r->format == ASTRO__EOP_FINALS)
        return astro__eop_read_finals(r);
    if (r->format != ASTRO__EOP_UNKNOWN)
        return read_c04(r);
    return r->number <= MOST_HEADER ||
           astro__eop_fail_line(
               r, "neither finals2000A nor eopc04: no line so far begins with a digit");
}

bool astro_eop_data_parse(const char *text, size_t length, struct astro_eop_data *ret,
                          struct astro_error *err)
{
    struct astro__eop_reader r = {.ret = ret, .err = err};
    const char *end = text + length;

    ret->count = 0;
    ret->first_mjd = 0;
    if (length > LONGEST_TEXT)
        return fail_file(&r, "is longer than 32 MiB");
    for (const char *at = text; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *next = line_end ? line_end + 1 : end;
        if (!line_end)
            line_end = end;
        while (line_end > at && (is_blank(line_end[-1]) || line_end[-1] == '\r'))
            line_end--;
        r.number++;
        r.line = at;
        r.end = line_end;
        if (!read_line(&r))
            return false;
        at = next;
    }
    return ret->count > 0 ||
           fail_file(&r, "has no day with UT1-UTC and a pole in it: it is neither finals2000A nor "
                         "eopc04");
}
