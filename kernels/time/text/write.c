#include "write.h"

#include <string.h>

#include "../calendar/civil.h"

#define FIRST_DAY 1721426.0 /* J of 0001-01-01 */
#define LAST_DAY  5373484.0 /* J of 9999-12-31 */
#define DAY_NS    INT64_C(86400000000000)
#define SECOND_NS INT64_C(1000000000)

/* Parts of a day are taken as multiples of 2^-62, which is exact. */
enum { PART_BITS = 62 };

static const int64_t units[ASTRO__ISO_DECIMALS + 1] = {
    INT64_C(1000000000), INT64_C(100000000), INT64_C(10000000), INT64_C(1000000), INT64_C(100000),
    INT64_C(10000),      INT64_C(1000),      INT64_C(100),      INT64_C(10),      INT64_C(1),
};

/* Nanoseconds since the beginning of the day, rounded to whole units. */
static int64_t rounded_ns(double part, int64_t length_ns, int64_t unit)
{
    int64_t parts = (int64_t)(part * 0x1p+62) + (INT64_C(1) << (PART_BITS - 1));
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(uint64_t)parts * (uint64_t)length_ns;
    int64_t ns = (int64_t)(product >> PART_BITS);

    if (unit == 1)
        return ns + (int64_t)(product >> (PART_BITS - 1) & 1);
    int64_t rest = ns % unit;
    return ns - rest + (2 * rest >= unit ? unit : 0);
}

static void two_digits(char *room, int value)
{
    room[0] = (char)('0' + value / 10);
    room[1] = (char)('0' + value % 10);
}

static void write_date(char *room, int64_t day)
{
    struct civil date = civil_from_day(day);

    two_digits(room, (int)date.year / 100);
    two_digits(room + 2, (int)date.year % 100);
    room[4] = '-';
    two_digits(room + 5, date.month);
    room[7] = '-';
    two_digits(room + 8, date.day);
    room[10] = 'T';
}

/* The leap second is in the last minute; seconds may be up to 60 there. */
static void write_clock(char *room, int seconds)
{
    int minutes = seconds / 60 < 1439 ? seconds / 60 : 1439;

    two_digits(room, minutes / 60);
    room[2] = ':';
    two_digits(room + 3, minutes % 60);
    room[5] = ':';
    two_digits(room + 6, seconds - minutes * 60);
}

static size_t write_decimals(char *room, int64_t ns, int decimals)
{
    if (decimals == 0)
        return 0;
    uint32_t value = (uint32_t)(ns / units[decimals]);
    room[0] = '.';
    for (int i = decimals; i > 0; i--) {
        room[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return (size_t)decimals + 1;
}

bool astro__iso_write(double day, double part, int decimals, const struct astro__utc *utc,
                      char *room, size_t *ret_length)
{
    if (part >= 0.5) { /* midnight belongs to the day that begins */
        day += 1.0;
        part -= 1.0;
    }
    if (!(day >= FIRST_DAY && day <= LAST_DAY))
        return false;
    int64_t length_ns = DAY_NS;
    if (utc)
        length_ns += utc->pieces[astro__utc_find(utc, day)].extra_ns;
    int64_t ns = rounded_ns(part, length_ns, units[decimals]);
    if (ns >= length_ns) {
        ns = 0;
        day += 1.0;
        if (day > LAST_DAY)
            return false;
    }
    write_date(room, (int64_t)day);
    write_clock(room + 11, (int)(ns / SECOND_NS));
    *ret_length = 19 + write_decimals(room + 19, ns % SECOND_NS, decimals);
    return true;
}
