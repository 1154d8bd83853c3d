#include "plugin_host/check_values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double degree = 0.017453292519943295; /* rad */

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(0x2545f4914f6cdd1d);
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

double values_random(void)
{
    return (double)(next_random() >> 11) / 9007199254740992.0;
}

static const char *word_of(const json_t *object, const char *key)
{
    const char *word = json_string_value(json_object_get(object, key));
    return word ? word : "";
}

/* --- columns --- */

double values_scale(const json_t *description, const struct frame_value *given, size_t n_given,
                    const char *role)
{
    const json_t *parameters = json_object_get(description, "parameters");
    for (size_t i = 0; i < n_given; i++) {
        const json_t *parameter = json_array_get(parameters, given[i].parameter);
        if (strcmp(word_of(parameter, "name"), "unit") != 0)
            continue;
        const char *unit = json_string_value(
            json_array_get(json_object_get(parameter, "choices"), given[i].choice));
        if (unit && strcmp(unit, "rad") == 0)
            return degree;
        if (unit && strcmp(unit, "hourangle") == 0 && strcmp(role, "longitude") == 0)
            return 1.0 / 15;
    }
    return 1;
}

/* Where numbers of this unit usually are. */
static double by_unit(const char *unit)
{
    double random = values_random();
    if (strcmp(unit, "deg") == 0)
        return 90 * random;
    if (strcmp(unit, "rad") == 0)
        return 1.5 * random;
    if (strcmp(unit, "d") == 0 || strcmp(unit, "JD") == 0)
        return 2451545 + 10000 * random;
    if (strcmp(unit, "MJD") == 0)
        return 51544.5 + 10000 * random;
    if (strcmp(unit, "yr") == 0)
        return 2000 + 30 * random;
    return 0.05 + 0.9 * random; /* also a cosine, a fraction, a redshift */
}

double values_number(const json_t *column, double scale)
{
    const char *role = word_of(column, "role");
    double random = values_random();
    if (strcmp(role, "longitude") == 0)
        return 360 * random * scale;
    if (strcmp(role, "latitude") == 0)
        return (179.8 * random - 89.9) * scale;
    if (strcmp(role, "angle") == 0)
        return (20 * random - 10) * scale;
    if (strcmp(role, "distance") == 0)
        return 1 + 999 * random;
    return by_unit(word_of(column, "unit"));
}

int64_t values_integer(void)
{
    return (int64_t)(next_random() % 1000);
}

void values_text(char ret[VALUES_TEXT])
{
    snprintf(ret, VALUES_TEXT, "text %llu", (unsigned long long)(next_random() % 1000000));
}

/* --- parameters --- */

/* One of a few numbers between the limits, or around the default. */
static double few_numbers(const json_t *parameter, uint64_t turn)
{
    const json_t *least = json_object_get(parameter, "minimum");
    const json_t *most = json_object_get(parameter, "maximum");
    const char *default_text = json_string_value(json_object_get(parameter, "default"));
    double middle = default_text ? strtod(default_text, NULL) : 1;
    double low = json_is_number(least) ? json_number_value(least) : middle - fabs(middle) / 2;
    double high = json_is_number(most) ? json_number_value(most) : middle + fabs(middle) / 2;
    if (low > high)
        low = high;
    middle = fmin(fmax(middle, low), high);
    switch (turn % 4) {
    case 0:
        return middle;
    case 1:
        return (low + middle) / 2;
    case 2:
        return (high + middle) / 2;
    default:
        return low + (high - low) / 3;
    }
}

static int64_t whole_number(const json_t *parameter, uint64_t turn)
{
    double number = few_numbers(parameter, turn);
    const json_t *least = json_object_get(parameter, "minimum");
    if (json_is_number(least))
        number = fmax(number, ceil(json_number_value(least)));
    return (int64_t)fmin(fmax(trunc(number), -9e15), 9e15);
}

bool values_parameter(const json_t *parameter, uint32_t index, uint64_t turn,
                      struct frame_value *ret, char text[VALUES_TEXT])
{
    const char *type = word_of(parameter, "type");
    const json_t *fallback = json_object_get(parameter, "default");
    bool may_be_absent =
        json_is_string(fallback) || json_is_true(json_object_get(parameter, "optional"));
    /* Different parameters change at different times. */
    uint64_t step = turn / (1 + index % 3) + index;
    *ret = (struct frame_value){.parameter = index};
    if (strcmp(type, "choice") == 0) {
        size_t n = json_array_size(json_object_get(parameter, "choices"));
        ret->choice = n ? (uint32_t)(step % n) : 0;
        return n > 0;
    }
    if (may_be_absent && step % 3 == 0)
        return false;
    if (strcmp(type, "boolean") == 0)
        ret->choice = (uint32_t)(step % 2);
    else if (strcmp(type, "integer") == 0)
        ret->integer = whole_number(parameter, step);
    else if (strcmp(type, "number") == 0)
        ret->number = few_numbers(parameter, step);
    else if (json_is_string(fallback))
        snprintf(text, VALUES_TEXT, "%s", json_string_value(fallback));
    else
        snprintf(text, VALUES_TEXT, "text %u", (unsigned)(step % 4));
    return strcmp(type, "string") != 0 || !may_be_absent || json_is_string(fallback);
}
