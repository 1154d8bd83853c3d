/*
 * Reads a unit: recursive descent, at most ASTRO__UNIT_DEPTH deep.
 */
#include <stdio.h>
#include <string.h>

#include "../registry/text.h"
#include "unit.h"

/* Bounds of what powers may make; far beyond what a factor within the range of doubles has. */
enum { MOST_POWER = 99, MOST_DIMENSION = 1000, MOST_TENS = 10000, QUOTE_ROOM = 96 };

struct reader {
    const char *field;
    const char *text;
    size_t length, at;
    unsigned depth;
    bool compound; /* there was a number, a product, a bracket or a power */
    bool affine;   /* there was degC or degF, */
    size_t affine_at;
    struct astro__unit affine_unit; /* this one */
    struct astro_error *err;
};

/* Fails with the whole text, what is wrong, and the place counted from 1. */
static bool fail_at(const struct reader *reader, size_t at, const char *what)
{
    char quoted[QUOTE_ROOM];

    return astro_fail(reader->err, ASTRO_BAD_PARAMETER, reader->field,
                      "%s = %s: %s at character %zu", reader->field,
                      astro__quote(reader->text, reader->length, quoted, sizeof quoted), what,
                      at + 1);
}

static char peek(const struct reader *reader, size_t ahead)
{
    size_t at = reader->at + ahead;

    return at < reader->length ? reader->text[at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t skip_blanks(struct reader *reader)
{
    size_t from = reader->at;

    while (peek(reader, 0) == ' ')
        reader->at++;
    return reader->at - from;
}

/* --- arithmetic --- */

static bool raise_unit(struct reader *reader, size_t at, int power, struct astro__unit *unit)
{
    unit->factor = exact_power(unit->factor, power);
    unit->tens *= power;
    bool high = unit->tens > MOST_TENS || unit->tens < -MOST_TENS;
    for (size_t k = 0; k < ASTRO__BASES; k++) {
        unit->powers[k] *= power;
        high |= unit->powers[k] > MOST_DIMENSION || unit->powers[k] < -MOST_DIMENSION;
    }
    return !high || fail_at(reader, at, "the power is too high");
}

static bool multiply(struct reader *reader, size_t at, const struct astro__unit *by, bool divide,
                     struct astro__unit *unit)
{
    int sign = divide ? -1 : 1;

    unit->factor =
        divide ? exact_over(unit->factor, by->factor) : exact_times(unit->factor, by->factor);
    unit->tens += sign * by->tens;
    bool high = unit->tens > MOST_TENS || unit->tens < -MOST_TENS;
    for (size_t k = 0; k < ASTRO__BASES; k++) {
        unit->powers[k] += sign * by->powers[k];
        high |= unit->powers[k] > MOST_DIMENSION || unit->powers[k] < -MOST_DIMENSION;
    }
    return !high || fail_at(reader, at, "the power is too high");
}

/* --- the grammar --- */

/* [+-] digits. *ret is untouched when there is no number here. */
static bool whole_number(struct reader *reader, int *ret)
{
    bool sign = peek(reader, 0) == '-' || peek(reader, 0) == '+';
    bool minus = peek(reader, 0) == '-';
    size_t at = reader->at;
    int number = 0;

    if (!is_digit(peek(reader, sign)))
        return fail_at(reader, at, "a power is a whole number, which is missing");
    reader->at += sign;
    for (; is_digit(peek(reader, 0)); reader->at++) {
        number = number * 10 + (peek(reader, 0) - '0');
        if (number > MOST_POWER)
            return fail_at(reader, at, "a power beyond 99");
    }
    if (peek(reader, 0) == '.' && is_digit(peek(reader, 1)))
        return fail_at(reader, at, "a power that is not a whole number");
    *ret = minus ? -number : number;
    return true;
}

/* What may follow a factor as its power; *ret_power is untouched when there is none. */
static bool power_of(struct reader *reader, int *ret_power)
{
    bool stars = peek(reader, 0) == '*' && peek(reader, 1) == '*';
    bool marked = stars || peek(reader, 0) == '^';
    char next = peek(reader, 0);

    if (!marked && next != '+' && next != '-' && !is_digit(next))
        return true;
    reader->at += stars ? 2 : marked;
    reader->compound = true;
    if (!marked || peek(reader, 0) != '(')
        return whole_number(reader, ret_power);
    size_t bracket = reader->at++;
    if (!whole_number(reader, ret_power))
        return false;
    if (peek(reader, 0) == '/')
        return fail_at(reader, bracket, "a power that is not a whole number");
    if (peek(reader, 0) != ')')
        return fail_at(reader, bracket, "a bracket that is not closed");
    reader->at++;
    return true;
}

static const struct astro__unit one = {.factor = {1.0, 0.0}};

static bool products(struct reader *reader, bool divide, struct astro__unit *unit);

static bool fail_unknown(const struct reader *reader, size_t at, size_t length)
{
    char quoted[QUOTE_ROOM], what[256], room[ASTRO__UNIT_NAME];
    const char *near = astro__unit_nearest(reader->text + at, length, room);

    snprintf(what, sizeof what, "%s%s%s%s is not a unit", near ? "did you mean " : "",
             near ? near : "", near ? "? " : "",
             astro__quote(reader->text + at, length, quoted, sizeof quoted));
    return fail_at(reader, at, what);
}

static bool name(struct reader *reader, struct astro__unit *ret)
{
    size_t from = reader->at;

    while (is_letter(peek(reader, 0)))
        reader->at++;
    if (!astro__unit_named(reader->text + from, reader->at - from, ret))
        return fail_unknown(reader, from, reader->at - from);
    if (ret->affine) {
        reader->affine = true;
        reader->affine_at = from;
        reader->affine_unit = *ret;
    }
    return true;
}

static bool bracket(struct reader *reader, struct astro__unit *ret)
{
    size_t from = reader->at++;

    if (++reader->depth > ASTRO__UNIT_DEPTH)
        return fail_at(reader, from, "more than 8 brackets in each other");
    reader->compound = true;
    skip_blanks(reader);
    *ret = one;
    if (!products(reader, false, ret))
        return false;
    if (peek(reader, 0) != ')')
        return fail_at(reader, from, "a bracket that is not closed");
    reader->at++;
    reader->depth--;
    return true;
}

static bool factor(struct reader *reader, struct astro__unit *ret)
{
    size_t from = reader->at;
    int power = 1;

    if (peek(reader, 0) == '(') {
        if (!bracket(reader, ret))
            return false;
    } else if (is_letter(peek(reader, 0))) {
        if (!name(reader, ret))
            return false;
    } else if (is_digit(peek(reader, 0))) {
        return fail_at(reader, from, "a number; only a power of ten at the beginning is allowed");
    } else {
        return fail_at(reader, from, "the name of a unit is missing");
    }
    return power_of(reader, &power) && raise_unit(reader, from, power, ret);
}

/* What stands between two factors; false when there is no further factor. */
static bool separator(struct reader *reader, bool *ret_divide)
{
    bool blank = skip_blanks(reader) > 0;
    char next = peek(reader, 0);

    *ret_divide = next == '/';
    if (next == '/' || next == '*' || next == '.') {
        reader->at++;
        skip_blanks(reader);
        return true;
    }
    return blank && next != '\0' && next != ')';
}

/* Multiplies the unit by a factor, or divides it, and then by those that follow. */
static bool products(struct reader *reader, bool divide, struct astro__unit *unit)
{
    struct astro__unit next;
    size_t at = reader->at;

    if (!factor(reader, &next) || !multiply(reader, at, &next, divide, unit))
        return false;
    while (separator(reader, &divide)) {
        at = reader->at;
        reader->compound = true;
        if (!factor(reader, &next) || !multiply(reader, at, &next, divide, unit))
            return false;
    }
    return true;
}

/* --- the power of ten at the beginning --- */

/* Digits with at most one point: *ret_tens, if they are a 1 among zeros. */
static bool decimal_tens(struct reader *reader, int *ret_tens)
{
    size_t from = reader->at;
    int before = 0, after = 0, ones = 0, tens = 0;
    bool point = false, other = false;

    for (; is_digit(peek(reader, 0)) ||
           (!point && peek(reader, 0) == '.' && is_digit(peek(reader, 1)));
         reader->at++) {
        char c = peek(reader, 0);
        if (c == '.') {
            point = true;
            continue;
        }
        if (point)
            after++;
        else
            before++;
        other |= c > '1';
        if (c == '1') {
            ones++;
            tens = point ? -after : before; /* digits up to it; those behind it come off below */
        }
    }
    if (other || ones != 1)
        return fail_at(reader, from, "a number that is not a power of ten");
    *ret_tens = tens > 0 ? before - tens : tens;
    return true;
}

static bool exponent(struct reader *reader, int *tens)
{
    char sign = peek(reader, 1);
    int power = 1, more = 0;

    if ((peek(reader, 0) == 'e' || peek(reader, 0) == 'E') &&
        (is_digit(sign) || ((sign == '+' || sign == '-') && is_digit(peek(reader, 2))))) {
        reader->at++;
        if (!whole_number(reader, &more))
            return false;
        *tens += more;
        return true;
    }
    if (!power_of(reader, &power))
        return false;
    *tens *= power;
    return true;
}

static bool scale(struct reader *reader, struct astro__unit *unit)
{
    int tens = 0;

    if (!decimal_tens(reader, &tens) || !exponent(reader, &tens))
        return false;
    if (tens > MOST_TENS || tens < -MOST_TENS)
        return fail_at(reader, 0, "the power is too high");
    unit->tens = tens;
    return true;
}

/* All of it; a number at the beginning may stand alone. */
static bool whole(struct reader *reader, struct astro__unit *unit)
{
    bool number = is_digit(peek(reader, 0)), divide;

    if (number) {
        reader->compound = true;
        if (!scale(reader, unit))
            return false;
        skip_blanks(reader);
        if (reader->at == reader->length)
            return true;
    }
    divide = peek(reader, 0) == '/';
    if (divide || (number && (peek(reader, 0) == '*' || peek(reader, 0) == '.'))) {
        reader->compound = true;
        reader->at++;
        skip_blanks(reader);
    }
    if (!products(reader, divide, unit))
        return false;
    return reader->at == reader->length ||
           fail_at(reader, reader->at, "something that is no part of a unit");
}

bool astro__unit_parse(const char *field, const char *text, size_t length, struct astro__unit *ret,
                       struct astro_error *err)
{
    struct reader reader = {.field = field, .text = text, .length = length, .err = err};
    struct astro__unit unit = one;

    if (length > ASTRO__UNIT_LENGTH)
        return astro_fail(err, ASTRO_OUT_OF_RANGE, field,
                          "%s has %zu bytes; at most %d are allowed", field, length,
                          ASTRO__UNIT_LENGTH);
    skip_blanks(&reader);
    if (reader.at == length)
        return astro_fail(err, ASTRO_BAD_PARAMETER, field,
                          "%s is empty: write a unit as km/s, or 1 for a pure number", field);
    if (!whole(&reader, &unit))
        return false;
    if (reader.affine && reader.compound)
        return fail_at(&reader, reader.affine_at,
                       "degC and degF stand alone, without number, power or product; write K for a "
                       "difference,");
    *ret = reader.affine ? reader.affine_unit : unit;
    return true;
}

bool astro__unit_same_dimension(const struct astro__unit *a, const struct astro__unit *b)
{
    return memcmp(a->powers, b->powers, sizeof a->powers) == 0;
}
