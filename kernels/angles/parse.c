/*
 * Angles as people write them, to numbers. Grammar: parse_angle's description.
 *
 * The value is a quotient of whole numbers: the fields make the numerator, the decimals of the last
 * one and the unit the denominator. Where both fit into 53 bits, which is up to nine decimals of an
 * arcsecond, the one division of doubles rounds it correctly; longer texts take long double, whose
 * own rounding shows in one of some two thousand last places.
 */
#include <string.h>

#include "angles.h"

enum {
    FIELDS = 3,
    MOST_DECIMALS = 27 /* powers of ten up to here are exact in long double */
};

#define DEGREES_PER_RADIAN 57.295779513082320876798154814105170332L
#define EXACT              9007199254740992.0L /* 2^53 */

/* What a mark after a number says. A bare "m" or "s" may be of time, ' and arcsec may not. */
enum mark { NOTHING, DEGREES, HOURS, RADIANS, MINUTES, SECONDS, ARCMIN, ARCSEC, SEPARATOR };

struct cursor {
    const char *at, *end;
};

struct number {
    uint64_t digits; /* without the point */
    int decimals;
    bool has_point;
    bool full; /* further decimals are dropped: they are below 1e-18 of the number */
};

struct reading {
    struct number fields[FIELDS];
    enum mark marks[FIELDS]; /* what followed each */
    size_t count;
    bool upper_m; /* the minutes were marked by a capital M */
    bool negative, has_sign;
};

/* --- characters --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
        c->at++;
}

static bool take(struct cursor *c, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(c->end - c->at) < length || memcmp(c->at, text, length) != 0)
        return false;
    c->at += length;
    return true;
}

enum { WORD = 12 }; /* letters; all that are known are shorter */

/* Letters from here on, in small ones; their number. */
static size_t word_at(const struct cursor *c, char room[WORD])
{
    size_t length = 0;

    for (; c->at + length < c->end && length < WORD && is_letter(c->at[length]); length++)
        room[length] = (char)(c->at[length] | 0x20);
    return length;
}

/* --- pieces --- */

/* One decimal that is not 0, after `zeros` that are. What 64 bits cannot hold is dropped. */
static void add_decimal(struct number *number, size_t zeros, uint64_t digit)
{
    uint64_t digits = number->digits;
    int decimals = number->decimals;

    for (size_t k = 0; k <= zeros; k++) {
        if (digits > (UINT64_MAX - 9) / 10 || decimals == MOST_DECIMALS) {
            number->full = true;
            return;
        }
        digits *= 10;
        decimals++;
    }
    number->digits = digits + digit;
    number->decimals = decimals;
}

/* Digits with at most one point. */
static bool read_number(struct cursor *c, struct number *ret)
{
    struct number number = {0};
    size_t seen = 0, zeros = 0;

    for (; c->at < c->end; c->at++) {
        if (*c->at == '.' && !number.has_point) {
            number.has_point = true;
            continue;
        }
        if (!is_digit(*c->at))
            break;
        uint64_t digit = (uint64_t)(*c->at - '0');
        seen++;
        if (!number.has_point) {
            if (number.digits > (UINT64_MAX - 9) / 10)
                return false;
            number.digits = 10 * number.digits + digit;
        } else if (digit == 0) {
            zeros++;
        } else if (!number.full) {
            add_decimal(&number, zeros, digit);
            zeros = 0;
        }
    }
    *ret = number;
    return seen > 0;
}

/* A sign, ASCII or U+2212, and blanks. */
static void read_sign(struct cursor *c, struct reading *r)
{
    if (take(c, "-") || take(c, "\xE2\x88\x92"))
        r->has_sign = r->negative = true;
    else if (take(c, "+"))
        r->has_sign = true;
    skip_blanks(c);
}

static enum mark symbol(struct cursor *c)
{
    static const struct {
        const char *text;
        enum mark mark;
    } symbols[] = {
        {"\xC2\xB0", DEGREES},
        {"\xE2\x80\xB2", ARCMIN},
        {"\xE2\x80\xB3", ARCSEC},
        {"\xE2\x80\x99", ARCMIN},
        {"\xE2\x80\x9D", ARCSEC},
        {"''", ARCSEC},
        {"'", ARCMIN},
        {"\"", ARCSEC},
        {":", SEPARATOR},
    };

    if (c->at == c->end || is_letter(*c->at) || is_digit(*c->at))
        return NOTHING;
    if (take(c, ":"))
        return SEPARATOR;
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (take(c, symbols[i].text))
            return symbols[i].mark;
    }
    return NOTHING;
}

static enum mark mark_of(const char *word, size_t length)
{
    static const struct {
        const char *text;
        enum mark mark;
    } words[] = {
        {"deg", DEGREES}, {"degree", DEGREES}, {"degrees", DEGREES}, {"hr", HOURS},
        {"hour", HOURS},  {"hours", HOURS},    {"hourangle", HOURS}, {"rad", RADIANS},
        {"min", MINUTES}, {"sec", SECONDS},    {"arcmin", ARCMIN},   {"arcsec", ARCSEC},
    };

    if (length == 1)
        return *word == 'd'   ? DEGREES
               : *word == 'h' ? HOURS
               : *word == 'm' ? MINUTES
               : *word == 's' ? SECONDS
                              : NOTHING;
    for (size_t i = 0; length > 0 && i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].text) == length && memcmp(word, words[i].text, length) == 0)
            return words[i].mark;
    }
    return NOTHING;
}

static bool is_hemisphere(char c)
{
    return c == 'N' || c == 'E' || c == 'S' || c == 'W';
}

/*
 * The unit or separator after field `index`, as a word of letters; a hemisphere may stand right
 * behind it: 45d55m12sN. A lone capital S is seconds only in the company of a capital M: elsewhere
 * it is south.
 */
static enum mark word(struct cursor *c, struct reading *r, size_t index)
{
    char room[WORD];
    size_t length = word_at(c, room);

    if (length == 1 && *c->at == 'S' && !(index == 2 && r->upper_m))
        return NOTHING;
    enum mark mark = mark_of(room, length);
    if (mark == NOTHING && length > 1 && is_hemisphere(c->at[length - 1]))
        mark = mark_of(room, --length);
    if (mark == NOTHING)
        return NOTHING;
    r->upper_m = r->upper_m || *c->at == 'M';
    c->at += length;
    return mark;
}

/* N, E, S, W in place of a sign. */
static bool read_hemisphere(struct cursor *c, struct reading *r)
{
    bool south = take(c, "S") || take(c, "W");

    if (!south && !take(c, "N") && !take(c, "E"))
        return true;
    if (r->has_sign)
        return false;
    r->negative = south;
    return true;
}

/* --- the whole text --- */

static bool read_fields(struct cursor *c, struct reading *r)
{
    while (r->count < FIELDS) {
        size_t index = r->count;
        if (!read_number(c, &r->fields[index]))
            return false;
        r->count++;
        const char *end_of_number = c->at;
        skip_blanks(c);
        enum mark mark = symbol(c);
        if (mark == NOTHING)
            mark = word(c, r, index);
        r->marks[index] = mark;
        if (mark == SEPARATOR && index == FIELDS - 1)
            return false;
        bool blank = c->at > end_of_number; /* a blank, or a mark, parts from what follows */
        skip_blanks(c);
        if (c->at == c->end || (!is_digit(*c->at) && *c->at != '.'))
            return mark != SEPARATOR;
        if (!blank)
            return false;
    }
    return false; /* a fourth number follows */
}

static bool read_text(const char *text, size_t length, struct reading *r)
{
    struct cursor c = {text, text + length};

    skip_blanks(&c);
    read_sign(&c, r);
    if (!read_fields(&c, r) || !read_hemisphere(&c, r))
        return false;
    skip_blanks(&c);
    return c.at == c.end;
}

/* --- what it means --- */

struct meaning {
    enum mark unit; /* DEGREES, HOURS or RADIANS; NOTHING: not said */
    size_t first;   /* place of the first field: 0 whole, 1 minutes, 2 seconds */
};

/* Whether a mark may follow the field of this place: 1 minutes, 2 seconds. */
static bool fits(enum mark mark, size_t place)
{
    switch (mark) {
    case NOTHING:
    case SEPARATOR:
        return true;
    case MINUTES:
    case ARCMIN:
        return place == 1;
    case SECONDS:
    case ARCSEC:
        return place == 2;
    default:
        return false;
    }
}

/* False: no such combination. */
static bool understand(const struct reading *r, struct meaning *ret)
{
    struct meaning meaning = {NOTHING, 0};
    enum mark first = r->marks[0];

    if (first == DEGREES || first == HOURS || first == RADIANS)
        meaning.unit = first;
    if (first == ARCMIN || first == ARCSEC) { /* 5'30", 12 arcsec: parts of a degree */
        meaning.unit = DEGREES;
        meaning.first = first == ARCMIN ? 1 : 2;
    }
    if (first == MINUTES || first == SECONDS || (first == RADIANS && r->count > 1) ||
        meaning.first + r->count > FIELDS)
        return false;
    for (size_t i = 0; i < r->count; i++) {
        if (i + 1 < r->count && r->fields[i].has_point)
            return false; /* only the last has decimals */
        if (i > 0 && !fits(r->marks[i], meaning.first + i))
            return false;
    }
    *ret = meaning;
    return true;
}

/* All of them are exact: 5^27 has 63 bits. */
static const long double powers_of_10[MOST_DECIMALS + 1] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
    1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
    1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L,
};

/* Parts are below 60, or 60 itself, which is carried; hours reach to 24. */
static bool check_ranges(const struct reading *r, const struct meaning *meaning, bool *ret_60,
                         enum astro_code *ret_code)
{
    static const enum astro_code codes[] = {ASTRO_HOUR_OUT_OF_RANGE, ASTRO_MINUTE_OUT_OF_RANGE,
                                            ASTRO_SECOND_OUT_OF_RANGE};

    for (size_t i = 0; i < r->count; i++) {
        const struct number *field = &r->fields[i];
        long double limit = (i > 0 ? 60 : 24) * powers_of_10[field->decimals];
        long double digits = (long double)field->digits;
        if (i == 0 && meaning->unit != HOURS)
            continue;
        if (digits > limit || (digits == limit && field->full)) {
            *ret_code = codes[meaning->first + i];
            return false;
        }
        *ret_60 = *ret_60 || (i > 0 && digits == limit);
    }
    return true;
}

static double value_of(const struct reading *r, const struct meaning *meaning, enum astro_unit unit)
{
    static const long double sixties[] = {1, 60, 3600};
    const struct number *last = &r->fields[r->count - 1];
    long double scale = powers_of_10[last->decimals];
    long double above = 0, below = scale * sixties[meaning->first + r->count - 1];

    for (size_t i = 0; i + 1 < r->count; i++)
        above = 60 * (above + (long double)r->fields[i].digits);
    above = above * scale + (long double)last->digits;

    if (meaning->unit == RADIANS && unit != ASTRO_RAD)
        return (double)(above / below * DEGREES_PER_RADIAN / (unit == ASTRO_HOURANGLE ? 15 : 1));
    if (meaning->unit == HOURS && unit != ASTRO_HOURANGLE)
        above *= 15;
    if (meaning->unit == DEGREES && unit == ASTRO_HOURANGLE)
        below *= 15;
    if (meaning->unit != RADIANS && unit == ASTRO_RAD)
        return (double)(above / below / DEGREES_PER_RADIAN);
    if (above <= EXACT && below <= EXACT)
        return (double)above / (double)below;
    return (double)(above / below);
}

enum astro__parsed astro__angle_parse(const char *text, size_t length, enum astro__assume assume,
                                      enum astro_unit unit, double *ret_angle,
                                      enum astro_code *ret_code)
{
    static const enum mark assumed[] = {NOTHING, DEGREES, HOURS, RADIANS};
    struct reading reading = {0};
    struct meaning meaning;
    bool carried = false;
    struct cursor blank = {text, text + length};

    skip_blanks(&blank);
    *ret_code = blank.at == blank.end ? ASTRO_EMPTY : ASTRO_SYNTAX;
    if (!read_text(text, length, &reading) || !understand(&reading, &meaning))
        return ASTRO__PARSE_FAILED;
    if (meaning.unit == NOTHING)
        meaning.unit = assumed[assume];
    *ret_code = ASTRO_AMBIGUOUS_UNIT;
    if (meaning.unit == NOTHING || (meaning.unit == RADIANS && reading.count > 1))
        return ASTRO__PARSE_FAILED;
    if (!check_ranges(&reading, &meaning, &carried, ret_code))
        return ASTRO__PARSE_FAILED;
    double value = value_of(&reading, &meaning, unit);
    *ret_angle = reading.negative && value != 0.0 ? -value : value;
    return carried ? ASTRO__PARSED_60 : ASTRO__PARSED;
}
