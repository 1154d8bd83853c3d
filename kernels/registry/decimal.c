#include "decimal.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 120 };

/*
 * The "C" locale as an object. The C library keeps it ready made: asking for it cannot fail for
 * want of memory, and it is never released.
 */
static locale_t c_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static size_t skip_digits(const char *text, size_t length, size_t at)
{
    while (at < length && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

static bool is_decimal(const char *text, size_t length, bool exponent)
{
    size_t at = length && (text[0] == '+' || text[0] == '-') ? 1 : 0;
    size_t start = at;

    at = skip_digits(text, length, at);
    size_t digits = at - start;
    if (at < length && text[at] == '.') {
        start = ++at;
        at = skip_digits(text, length, at);
        digits += at - start;
    }
    if (digits == 0)
        return false;
    if (exponent && at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < length && (text[at] == '+' || text[at] == '-'))
            at++;
        start = at;
        at = skip_digits(text, length, at);
        if (at == start)
            return false;
    }
    return at == length;
}

bool astro__decimal_parse(const char *text, size_t length, bool exponent, double *ret_number)
{
    char copy[LONGEST + 1];

    if (length > LONGEST || !is_decimal(text, length, exponent))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';

    int kept = errno; /* strtod_l reports overflow there; the value says it as well */
    double number = strtod_l(copy, NULL, c_locale());
    errno = kept;
    if (!isfinite(number))
        return false;
    *ret_number = number;
    return true;
}

const char *astro__decimal_text(double number, char room[ASTRO__DECIMAL_ROOM])
{
    locale_t mine = c_locale();
    locale_t before = uselocale(mine);

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(room, ASTRO__DECIMAL_ROOM, "%.*g", digits, number);
        double back = strtod_l(room, NULL, mine);
        if (memcmp(&back, &number, sizeof back) == 0)
            break;
    }
    uselocale(before);
    return room;
}
