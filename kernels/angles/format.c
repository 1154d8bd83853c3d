/*
 * Angles as numbers, to text.
 *
 * The number of units of the last field, |angle| x 3600 x 10^precision or the like, is formed exactly
 * in 128 bits and rounded once, half to even; carries follow by themselves, since the fields are
 * split off afterwards. Radians take 128 bits of 180/pi.
 */
#include <math.h>
#include <string.h>

#include "angles.h"

__extension__ typedef unsigned __int128 u128;

/* 180/pi x 2^122, cut off. */
#define DEGREES_HIGH UINT64_C(0xE52EE0D31E0FBDC3)
#define DEGREES_LOW  UINT64_C(0x0A97537F40D257D7)

enum { MANTISSA = 53, CONSTANT_SHIFT = 122, SPARE = 18 };

/* --- rounding --- */

/* floor(a b / 2^64 / 2^64) and the low half, of two numbers of 128 bits. */
static u128 multiply(u128 a, u128 b, u128 *ret_low)
{
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64), b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    u128 low = (u128)a0 * b0, middle = (u128)a1 * b0, other = (u128)a0 * b1;
    u128 sum = (low >> 64) + (uint64_t)middle + (uint64_t)other;

    *ret_low = sum << 64 | (uint64_t)low;
    return (u128)a1 * b1 + (middle >> 64) + (other >> 64) + (sum >> 64);
}

/* (high 2^128 + low) / 2^shift, rounded half to even; shift in [1, 255]; `rest`: more than that. */
static u128 round_shift(u128 high, u128 low, int shift, bool rest)
{
    u128 whole, half, below;

    if (shift < 128) {
        whole = (shift ? high << (128 - shift) : 0) | low >> shift;
        half = low >> (shift - 1) & 1;
        below = low & (((u128)1 << (shift - 1)) - 1);
    } else {
        int more = shift - 128;
        whole = more ? high >> more : high;
        half = more ? high >> (more - 1) & 1 : low >> 127;
        below = more ? (high & (((u128)1 << (more - 1)) - 1)) | low : low << 1;
    }
    if (half && (below || rest || (whole & 1)))
        whole++;
    return whole;
}

/* |angle| x scale / divide, rounded half to even, for |angle| < 2^52. */
static u128 scaled(double angle, uint64_t scale, unsigned divide, bool radians)
{
    int exponent;
    double fraction = frexp(fabs(angle), &exponent);                  /* 0 gives 0 */
    u128 product = (u128)(uint64_t)ldexp(fraction, MANTISSA) * scale; /* below 2^110 */
    int shift = MANTISSA - exponent;
    u128 high = 0;

    if (!radians)
        return shift > 255 ? 0 : round_shift(0, product / divide, shift, product % divide != 0);
    product <<= SPARE; /* so that the division does not show */
    shift += SPARE + CONSTANT_SHIFT;
    high = multiply(product / divide, (u128)DEGREES_HIGH << 64 | DEGREES_LOW, &product);
    return shift > 255 ? 0 : round_shift(high, product, shift, true);
}

/* --- text --- */

struct writer {
    char *at;
};

static void put_text(struct writer *w, const char *text)
{
    size_t length = strlen(text);

    memcpy(w->at, text, length);
    w->at += length;
}

/* At least `width` digits. */
static void put_whole(struct writer *w, uint64_t number, int width)
{
    char digits[20];
    int count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count < width)
        digits[count++] = '0';
    while (count > 0)
        *w->at++ = digits[--count];
}

static const char *mark(const struct astro__format *format, int field)
{
    static const char *const letters[2][3] = {{"d", "m", "s"}, {"h", "m", "s"}};
    static const char *const symbols[2][3] = {
        {"\xC2\xB0", "\xE2\x80\xB2", "\xE2\x80\xB3"},
        {"\xCA\xB0", "\xE1\xB5\x90", "\xCB\xA2"},
    };
    bool last = field == format->fields - 1;

    switch (format->separators) {
    case ASTRO__LETTERS:
        return letters[format->hours][field];
    case ASTRO__UNICODE:
        return symbols[format->hours][field];
    case ASTRO__COLON:
        return last ? "" : ":";
    case ASTRO__SPACE:
        return last ? "" : " ";
    }
    return "";
}

static const uint64_t sixties[] = {1, 60, 3600};

static uint64_t power_of_10(int exponent)
{
    uint64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

size_t astro__angle_format(const struct astro__format *format, double angle, char *room)
{
    struct writer w = {room};
    uint64_t decimals = power_of_10(format->precision),
             scale = sixties[format->fields - 1] * decimals;
    bool radians = format->unit == ASTRO_RAD, from_hours = format->unit == ASTRO_HOURANGLE;

    if (from_hours && !format->hours)
        scale *= 15;
    u128 units = scaled(angle, scale, format->hours && !from_hours ? 15 : 1, radians);

    if (angle < 0.0 && units)
        put_text(&w, "-");
    else if (format->sign)
        put_text(&w, "+");
    u128 per_field = (u128)sixties[format->fields - 1] * decimals;
    for (int field = 0; field < format->fields; field++) {
        uint64_t whole = (uint64_t)(units / per_field);
        units %= per_field;
        put_whole(&w, whole, field > 0 || format->pad ? 2 : 1);
        if (field == format->fields - 1 && format->precision > 0) {
            put_text(&w, ".");
            put_whole(&w, (uint64_t)units, format->precision);
        }
        put_text(&w, mark(format, field));
        per_field /= 60;
    }
    return (size_t)(w.at - room);
}
