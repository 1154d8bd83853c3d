/*
 * The format finals2000A of the IERS.
 *
 * Fixed columns (readme.finals2000A): the values of Bulletin A, and of Bulletin B where there are
 * any; those count then. Flags I and P: measured and predicted. The last days of a file may have no
 * values.
 */
#include <math.h>
#include <string.h>

#include "../../registry/text.h"
#include "parse.h"

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

static bool fail_column(struct astro__eop_reader *r, const struct column *column)
{
    char quoted[ASTRO__EOP_QUOTE];

    return astro_fail(r->err, ASTRO_BAD_TIME, "eop",
                      "line %zu, %s: columns %d to %d must be %s, a number, or blank", r->number,
                      astro__quote(r->line, (size_t)(r->end - r->line), quoted, sizeof quoted),
                      column->first, column->last, column->name);
}

/* *ret is NaN where the column is blank. */
static bool read_column(struct astro__eop_reader *r, const struct column *column, double *ret)
{
    const char *from = r->line + column->first - 1, *end = r->line + column->last;

    *ret = (double)NAN;
    if (r->end <= from)
        return true;
    if (r->end < end)
        return fail_column(r, column);
    while (from < end && *from == ' ')
        from++;
    return from == end || astro__eop_decimal(from, end, ret) || fail_column(r, column);
}

static bool read_bulletin(struct astro__eop_reader *r, const struct bulletin *columns,
                          struct astro_eop_day *ret)
{
    return read_column(r, &columns->x, &ret->xp) && read_column(r, &columns->y, &ret->yp) &&
           read_column(r, &columns->dut1, &ret->dut1) && read_column(r, &columns->dx, &ret->dx) &&
           read_column(r, &columns->dy, &ret->dy);
}

static char flag_at(const struct astro__eop_reader *r, int column)
{
    return r->end - r->line >= column ? r->line[column - 1] : ' ';
}

/* The flag of a value of Bulletin A; measured where Bulletin B has it. */
static bool read_kind(struct astro__eop_reader *r, int column, bool in_b, enum astro_eop_kind *ret)
{
    char flag = flag_at(r, column);

    if (flag != 'I' && flag != 'P' && !(in_b && flag == ' '))
        return astro__eop_fail_line(
            r, "the flags in columns 17 and 58 are I (measured) or P (predicted)");
    *ret = in_b || flag == 'I' ? ASTRO_EOP_MEASURED : ASTRO_EOP_PREDICTED;
    return true;
}

static bool read_finals_values(struct astro__eop_reader *r, double mjd)
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
    if (isnan(a.xp) || isnan(a.yp) || isnan(a.dut1)) {
        astro__eop_add_nothing(r);
        return true;
    }
    if (!read_kind(r, PM_FLAG, pole_b, &pole) || !read_kind(r, UT1_FLAG, ut1_b, &ut1))
        return false;
    a.kind = pole < ut1 ? pole : ut1;
    return astro__eop_add(r, mjd, &a);
}

bool astro__eop_read_finals(struct astro__eop_reader *r)
{
    int64_t date[3];
    double mjd;

    if (r->end - r->line < modified.last)
        return astro__eop_fail_line(
            r, "it is cut: a line of finals2000A begins with a date and the MJD");
    if (!astro__eop_whole(r->line + year.first - 1, r->line + year.last, &date[0]) ||
        !astro__eop_whole(r->line + month.first - 1, r->line + month.last, &date[1]) ||
        !astro__eop_whole(r->line + day_of_month.first - 1, r->line + day_of_month.last, &date[2]))
        return astro__eop_fail_line(r, "columns 1 to 6 must be the year, the month and the day");
    if (!read_column(r, &modified, &mjd))
        return false;
    return astro__eop_check_date(r, date, mjd, false) && read_finals_values(r, mjd);
}
