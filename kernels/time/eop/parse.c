/*
 * The formats finals2000A and eopc04 of the IERS.
 *
 * finals2000A  Fixed columns (readme.finals2000A): the values of Bulletin A, and of Bulletin B where
 *              there are any; those count then. Flags I and P: measured and predicted. The last days
 *              of a file may have no values.
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
#include "astrolabe/eop_data.h"

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
    MOST_DIGITS = 15,
    QUOTE_ROOM = 60
};

enum format { UNKNOWN, FINALS, C04_1962, C04_20 };

struct reader {
    const char *line, *end; /* without the end of line and blanks before it */
    size_t number;          /* of the line, from 1 */
    size_t empty;           /* the first line without values; 0: none */
    enum format format;
    size_t words; /* in each line of eopc04 */
    struct astro_eop_data *ret;
    struct astro_error *err;
};

static bool fail_line(struct reader *r, const char *what)
{
    char quoted[QUOTE_ROOM];

    return astro_fail(r->err, ASTRO_BAD_TIME, "eop", "line %zu, %s: %s", r->number,
                      astro__quote(r->line, (size_t)(r->end - r->line), quoted, sizeof quoted),
                      what);
}

static bool fail_file(struct reader *r, const char *what)
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

/* [+-] digits [. digits], nothing else: the nearest double. */
static bool read_decimal(const char *at, const char *end, double *ret)
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

static bool read_whole(const char *at, const char *end, int64_t *ret)
{
    double number;

    while (at < end && *at == ' ')
        at++;
    if (memchr(at, '.', (size_t)(end - at)) || !read_decimal(at, end, &number))
        return false;
    *ret = (int64_t)number;
    return true;
}

/* --- a day --- */

static bool check_values(struct reader *r, const struct astro_eop_day *day)
{
    if (!(fabs(day->dut1) <= MOST_DUT1))
        return fail_line(r, "UT1-UTC must lie within 1 s");
    if (!(fabs(day->xp) <= MOST_POLE && fabs(day->yp) <= MOST_POLE))
        return fail_line(r, "the pole must lie within 2 arcsec");
    if (fabs(day->dx) > MOST_OFFSET || fabs(day->dy) > MOST_OFFSET)
        return fail_line(r, "dX and dY must lie within 1 arcsec");
    return true;
}

static bool check_change(struct reader *r, const struct astro_eop_day *day)
{
    const struct astro_eop_day *last = &r->ret->days[r->ret->count - 1];
    double step = day->dut1 - last->dut1;

    if (fabs(step - rint(step)) > MOST_DUT1_DAY)
        return fail_line(r, "UT1-UTC changes by more in a day than the Earth's rotation can");
    if (fabs(day->xp - last->xp) > MOST_POLE_DAY || fabs(day->yp - last->yp) > MOST_POLE_DAY)
        return fail_line(r, "the pole moves by more than 0.1 arcsec in a day");
    return true;
}

static bool check_date(struct reader *r, const int64_t date[3], double mjd, bool century)
{
    if (!(mjd >= FIRST_MJD && mjd <= LAST_MJD) || mjd != floor(mjd))
        return fail_line(r, "the MJD must be whole, and of the years 1900 to 2099");
    struct civil civil = civil_from_day((int64_t)mjd + MJD_OF_DAY);
    int64_t year = century ? civil.year : civil.year % 100;
    if (date[0] != year || date[1] != civil.month || date[2] != civil.day)
        return fail_line(r, "the date and the MJD are not of the same day");
    return true;
}

/* A day without values; more of them may follow, but nothing else. */
static bool add_nothing(struct reader *r)
{
    if (!r->empty)
        r->empty = r->number;
    return true;
}

static bool add_day(struct reader *r, double mjd, const struct astro_eop_day *day)
{
    struct astro_eop_data *ret = r->ret;

    if (!check_values(r, day))
        return false;
    if (ret->count == 0) {
        ret->first_mjd = (int32_t)mjd;
    } else {
        double due = (double)ret->first_mjd + (double)ret->count;
        if (mjd < due)
            return fail_line(r, "the day is not later than the one before");
        if (r->empty)
            return fail_line(r, "days before this one have no UT1-UTC or no pole");
        if (mjd > due)
            return fail_line(r, "the days before this one are missing");
        if (!check_change(r, day))
            return false;
    }
    if (ret->count == ASTRO_EOP_DAYS)
        return fail_line(r, "there are more than 50000 days");
    ret->days[ret->count++] = *day;
    return true;
}

/* --- finals2000A --- */

/* A column of fixed width, counted from 1 as the readme does. False: it is cut or no number. */
struct column {
    int first, last;
    const char *name;
};

enum { PM_FLAG = 17, UT1_FLAG = 58 };
static const struct column year = {1, 2, "the year"}, month = {3, 4, "the month"},
                           day_of_month = {5, 6, "the day"}, modified = {8, 15, "the MJD"};

/* Of Bulletin A, and of Bulletin B. */
struct bulletin {
    struct column x, y, dut1, dx, dy;
};
static const struct bulletin bulletin_a = {{19, 27, "x"},
                                           {38, 46, "y"},
                                           {59, 68, "UT1-UTC"},
                                           {98, 106, "dX"},
                                           {117, 125, "dY"}},
                             bulletin_b = {{135, 144, "x of Bulletin B"},
                                           {145, 154, "y of Bulletin B"},
                                           {155, 165, "UT1-UTC of Bulletin B"},
                                           {166, 175, "dX of Bulletin B"},
                                           {176, 185, "dY of Bulletin B"}};

static bool fail_column(struct reader *r, const struct column *column)
{
    char quoted[QUOTE_ROOM];

    return astro_fail(r->err, ASTRO_BAD_TIME, "eop",
                      "line %zu, %s: columns %d to %d must be %s, a number, or blank", r->number,
                      astro__quote(r->line, (size_t)(r->end - r->line), quoted, sizeof quoted),
                      column->first, column->last, column->name);
}

/* *ret is NaN where the column is blank. */
static bool read_column(struct reader *r, const struct column *column, double *ret)
{
    const char *from = r->line + column->first - 1, *end = r->line + column->last;

    *ret = (double)NAN;
    if (r->end <= from)
        return true;
    if (r->end < end)
        return fail_column(r, column);
    while (from < end && *from == ' ')
        from++;
    return from == end || read_decimal(from, end, ret) || fail_column(r, column);
}

static bool read_bulletin(struct reader *r, const struct bulletin *columns,
                          struct astro_eop_day *ret)
{
    return read_column(r, &columns->x, &ret->xp) && read_column(r, &columns->y, &ret->yp) &&
           read_column(r, &columns->dut1, &ret->dut1) && read_column(r, &columns->dx, &ret->dx) &&
           read_column(r, &columns->dy, &ret->dy);
}

static char flag_at(const struct reader *r, int column)
{
    return r->end - r->line >= column ? r->line[column - 1] : ' ';
}

/* The flag of a value of Bulletin A; measured where Bulletin B has it. */
static bool read_kind(struct reader *r, int column, bool in_b, enum astro_eop_kind *ret)
{
    char flag = flag_at(r, column);

    if (flag != 'I' && flag != 'P' && !(in_b && flag == ' '))
        return fail_line(r, "the flags in columns 17 and 58 are I (measured) or P (predicted)");
    *ret = in_b || flag == 'I' ? ASTRO_EOP_MEASURED : ASTRO_EOP_PREDICTED;
    return true;
}

static bool read_finals_values(struct reader *r, double mjd)
{
    struct astro_eop_day a = {0}, b = {0};
    enum astro_eop_kind pole, ut1;

    if (!read_bulletin(r, &bulletin_a, &a) || !read_bulletin(r, &bulletin_b, &b))
        return false;
    bool pole_b = !isnan(b.xp) && !isnan(b.yp), ut1_b = !isnan(b.dut1);
    if (pole_b) {
        a.xp = b.xp;
        a.yp = b.yp;
    }
    if (ut1_b)
        a.dut1 = b.dut1;
    if (!isnan(b.dx) && !isnan(b.dy)) {
        a.dx = b.dx;
        a.dy = b.dy;
    }
    if (isnan(a.xp) || isnan(a.yp) || isnan(a.dut1))
        return add_nothing(r);
    if (!read_kind(r, PM_FLAG, pole_b, &pole) || !read_kind(r, UT1_FLAG, ut1_b, &ut1))
        return false;
    a.kind = pole < ut1 ? pole : ut1;
    return add_day(r, mjd, &a);
}

static bool read_finals(struct reader *r)
{
    int64_t date[3];
    double mjd;

    if (r->end - r->line < modified.last)
        return fail_line(r, "it is cut: a line of finals2000A begins with a date and the MJD");
    if (!read_whole(r->line + year.first - 1, r->line + year.last, &date[0]) ||
        !read_whole(r->line + month.first - 1, r->line + month.last, &date[1]) ||
        !read_whole(r->line + day_of_month.first - 1, r->line + day_of_month.last, &date[2]))
        return fail_line(r, "columns 1 to 6 must be the year, the month and the day");
    if (!read_column(r, &modified, &mjd))
        return false;
    return check_date(r, date, mjd, false) && read_finals_values(r, mjd);
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

static void split(const struct reader *r, struct words *ret)
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

static bool read_words(struct reader *r, const struct words *words, size_t from, size_t n,
                       double *ret)
{
    for (size_t k = 0; k < n; k++)
        if (!read_decimal(words->at[from + k], words->end[from + k], &ret[k]))
            return fail_line(r, "expected numbers parted by blanks, as in a line of eopc04");
    return true;
}

static bool read_c04(struct reader *r)
{
    bool hours = r->format == C04_20;
    struct words words;
    int64_t date[3];
    double head[2], values[6]; /* hour (or none), MJD; x, y, UT1-UTC, and dX, dY or LOD, dX, dY */

    split(r, &words);
    if (words.count < NEEDED_WORDS || (r->words && words.count != r->words))
        return fail_line(r, "it is cut: it has fewer or more numbers than the lines before, or "
                            "than a line of eopc04");
    r->words = words.count;
    for (size_t k = 0; k < 3; k++)
        if (!read_whole(words.at[k], words.end[k], &date[k]))
            return fail_line(r, "a line of eopc04 begins with the year, the month and the day");
    if (!read_words(r, &words, hours ? 3 : 4, 1, &head[0]) ||
        !read_words(r, &words, hours ? 4 : 3, 1, &head[1]) ||
        !read_words(r, &words, hours ? 5 : 4, hours ? 5 : 6, values))
        return false;
    if (hours && head[0] != 0.0)
        return fail_line(r, "the values must be those of 0h");
    struct astro_eop_day day = {
        .xp = values[0],
        .yp = values[1],
        .dut1 = values[2],
        .dx = values[hours ? 3 : 4] * MAS,
        .dy = values[hours ? 4 : 5] * MAS,
        .kind = ASTRO_EOP_MEASURED,
    };
    return check_date(r, date, head[1], true) && add_day(r, head[1], &day);
}

/* --- lines --- */

/* By the first line of data: eopc04 has a year of four digits. */
static enum format format_of(const struct reader *r)
{
    struct words words;
    double fourth;

    split(r, &words);
    if (words.count < 4 || words.end[0] - words.at[0] != 4)
        return FINALS;
    for (const char *c = words.at[0]; c < words.end[0]; c++)
        if (!is_digit(*c))
            return FINALS;
    return read_decimal(words.at[3], words.end[3], &fourth) && fourth < 24.0 ? C04_20 : C04_1962;
}

static bool read_line(struct reader *r)
{
    const char *at = r->line;

    if (r->end - r->line > LONGEST_LINE)
        return fail_line(r, "it is longer than 1000 bytes");
    if (memchr(r->line, '\0', (size_t)(r->end - r->line)))
        return fail_line(r, "there is a NUL byte in it");
    while (at < r->end && is_blank(*at))
        at++;
    if (at == r->end || *at == '#')
        return true;
    if (r->format == UNKNOWN && is_digit(*at))
        r->format = format_of(r);
    if (r->format == FINALS)
        return read_finals(r);
    if (r->format != UNKNOWN)
        return read_c04(r);
    return r->number <= MOST_HEADER ||
           fail_line(r, "neither finals2000A nor eopc04: no line so far begins with a digit");
}

bool astro_eop_data_parse(const char *text, size_t length, struct astro_eop_data *ret,
                          struct astro_error *err)
{
    struct reader r = {.ret = ret, .err = err};
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
