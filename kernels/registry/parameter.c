/*
 * Parameters: one value from text, a number or a boolean, checked against its description.
 */
#include <math.h>
#include <string.h>

#include "astrolabe/conversion.h"
#include "decimal.h"
#include "text.h"

/* The largest magnitude up to which a double still tells every whole number apart. */
#define LARGEST_WHOLE 9007199254740992.0

enum { QUOTE_ROOM = 80, LIST_ROOM = 200 };

static bool bad_value(const struct astro_parameter *parameter, const char *text, size_t length,
                      const char *expected, struct astro_error *err)
{
    char quoted[QUOTE_ROOM];

    return astro_fail(err, ASTRO_BAD_PARAMETER, parameter->name, "%s = %s is not %s",
                      parameter->name, astro__quote(text, length, quoted, sizeof quoted), expected);
}

/* `letter` stands before the numbers of an epoch ("J"), "" otherwise. */
static bool check_limits(const struct astro_parameter *parameter, double number, const char *letter,
                         struct astro_error *err)
{
    char shown[ASTRO__DECIMAL_ROOM], low[ASTRO__DECIMAL_ROOM], high[ASTRO__DECIMAL_ROOM];

    if (number >= parameter->minimum && number <= parameter->maximum)
        return true;
    return astro_fail(
        err, ASTRO_OUT_OF_RANGE, parameter->name, "%s = %s%s is outside [%s%s, %s%s]%s%s",
        parameter->name, letter, astro__decimal_text(number, shown), letter,
        astro__decimal_text(parameter->minimum, low), letter,
        astro__decimal_text(parameter->maximum, high),
        parameter->unit && parameter->unit[0] ? " " : "", parameter->unit ? parameter->unit : "");
}

static void set_given(struct astro_value *value, struct astro_value *ret_value)
{
    value->present = true;
    value->given = true;
    *ret_value = *value;
}

static bool choice_from_text(const struct astro_parameter *parameter, const char *text,
                             size_t length, struct astro_value *ret_value, struct astro_error *err)
{
    char quoted[QUOTE_ROOM], list[LIST_ROOM];
    size_t used = 0;

    for (int i = 0; parameter->choices[i]; i++) {
        if (astro__same_word(text, length, parameter->choices[i])) {
            set_given(&(struct astro_value){.choice = i}, ret_value);
            return true;
        }
    }
    list[0] = '\0';
    for (int i = 0; parameter->choices[i]; i++)
        used = astro__append(list, sizeof list, used, i ? ", " : "", parameter->choices[i]);
    return astro_fail(err, ASTRO_BAD_PARAMETER, parameter->name, "%s = %s is not one of %s",
                      parameter->name, astro__quote(text, length, quoted, sizeof quoted), list);
}

static bool set_number(const struct astro_parameter *parameter, double number,
                       struct astro_value *ret_value, struct astro_error *err)
{
    if (!check_limits(parameter, number, "", err))
        return false;
    set_given(&(struct astro_value){.number = number}, ret_value);
    return true;
}

static bool set_integer(const struct astro_parameter *parameter, double number,
                        struct astro_value *ret_value, struct astro_error *err)
{
    char shown[ASTRO__DECIMAL_ROOM];

    if (number != trunc(number) || fabs(number) > LARGEST_WHOLE)
        return astro_fail(err, ASTRO_BAD_PARAMETER, parameter->name,
                          "%s = %s is not a whole number", parameter->name,
                          astro__decimal_text(number, shown));
    if (!check_limits(parameter, number, "", err))
        return false;
    set_given(&(struct astro_value){.integer = (int64_t)number, .number = number}, ret_value);
    return true;
}

static bool boolean_from_text(const struct astro_parameter *parameter, const char *text,
                              size_t length, struct astro_value *ret_value, struct astro_error *err)
{
    bool yes = astro__same_word(text, length, "true");

    if (!yes && !astro__same_word(text, length, "false"))
        return bad_value(parameter, text, length, "true or false", err);
    set_given(&(struct astro_value){.choice = yes}, ret_value);
    return true;
}

static bool epoch_from_text(const struct astro_parameter *parameter, const char *text,
                            size_t length, struct astro_value *ret_value, struct astro_error *err)
{
    char quoted[QUOTE_ROOM];
    char letter[2] = {length ? text[0] : '\0', '\0'};
    double year;

    if (letter[0] == 'j' || letter[0] == 'b')
        letter[0] = (char)(letter[0] - 'a' + 'A');
    if (astro__decimal_parse(text, length, true, &year))
        return astro_fail(err, ASTRO_BAD_PARAMETER, parameter->name,
                          "%s = %s lacks its letter: write J%.*s (Julian) or B%.*s (Besselian)",
                          parameter->name, astro__quote(text, length, quoted, sizeof quoted),
                          (int)length, text, (int)length, text);
    if ((letter[0] != 'J' && letter[0] != 'B') ||
        !astro__decimal_parse(text + 1, length - 1, false, &year))
        return bad_value(parameter, text, length,
                         "an epoch: the letter J or B and a year, as J2000.0 or B1950.0", err);
    if (!check_limits(parameter, year, letter, err))
        return false;
    set_given(&(struct astro_value){.epoch_kind = letter[0], .number = year}, ret_value);
    return true;
}

static bool string_from_text(const struct astro_parameter *parameter, const char *text,
                             size_t length, struct astro_value *ret_value, struct astro_error *err)
{
    char high[ASTRO__DECIMAL_ROOM];

    if ((double)length > parameter->maximum)
        return astro_fail(err, ASTRO_OUT_OF_RANGE, parameter->name,
                          "%s has %zu bytes; at most %s are allowed", parameter->name, length,
                          astro__decimal_text(parameter->maximum, high));
    set_given(&(struct astro_value){.text = {text, length}}, ret_value);
    return true;
}

bool astro_parameter_from_text(const struct astro_parameter *parameter, const char *text,
                               size_t length, struct astro_value *ret_value,
                               struct astro_error *err)
{
    double number;

    switch (parameter->type) {
    case ASTRO_CHOICE:
        return choice_from_text(parameter, text, length, ret_value, err);
    case ASTRO_BOOLEAN:
        return boolean_from_text(parameter, text, length, ret_value, err);
    case ASTRO_EPOCH:
        return epoch_from_text(parameter, text, length, ret_value, err);
    case ASTRO_STRING:
        return string_from_text(parameter, text, length, ret_value, err);
    case ASTRO_NUMBER:
        if (!astro__decimal_parse(text, length, true, &number))
            return bad_value(parameter, text, length, "a finite decimal number", err);
        return set_number(parameter, number, ret_value, err);
    case ASTRO_INTEGER:
        if (!astro__decimal_parse(text, length, true, &number))
            return bad_value(parameter, text, length, "a whole decimal number", err);
        return set_integer(parameter, number, ret_value, err);
    }
    return astro_fail(err, ASTRO_INTERNAL, parameter->name, "%s has no type", parameter->name);
}

/* What to send instead, for errors about the type of a JSON value. */
static const char *wanted(enum astro_parameter_type type)
{
    static const char *const texts[] = {
        [ASTRO_CHOICE] = "a text",
        [ASTRO_NUMBER] = "a number",
        [ASTRO_INTEGER] = "a whole number",
        [ASTRO_BOOLEAN] = "true or false",
        [ASTRO_EPOCH] = "a text of the letter J or B and a year, as \"J2000.0\"",
        [ASTRO_STRING] = "a text",
    };
    return texts[type];
}

bool astro_parameter_from_number(const struct astro_parameter *parameter, double number,
                                 struct astro_value *ret_value, struct astro_error *err)
{
    char shown[ASTRO__DECIMAL_ROOM];

    if (parameter->type != ASTRO_NUMBER && parameter->type != ASTRO_INTEGER)
        return astro_fail(err, ASTRO_BAD_TYPE, parameter->name,
                          "%s = %s is a number; it must be %s", parameter->name,
                          astro__decimal_text(number, shown), wanted(parameter->type));
    if (!isfinite(number))
        return astro_fail(err, ASTRO_BAD_PARAMETER, parameter->name,
                          "%s = %s is not a finite number", parameter->name,
                          astro__decimal_text(number, shown));
    return parameter->type == ASTRO_NUMBER ? set_number(parameter, number, ret_value, err)
                                           : set_integer(parameter, number, ret_value, err);
}

bool astro_parameter_from_boolean(const struct astro_parameter *parameter, bool flag,
                                  struct astro_value *ret_value, struct astro_error *err)
{
    if (parameter->type != ASTRO_BOOLEAN)
        return astro_fail(err, ASTRO_BAD_TYPE, parameter->name,
                          "%s = %s is a boolean; it must be %s", parameter->name,
                          flag ? "true" : "false", wanted(parameter->type));
    set_given(&(struct astro_value){.choice = flag}, ret_value);
    return true;
}

bool astro_parameters_complete(const struct astro_conversion *conversion,
                               struct astro_value *values, struct astro_error *err)
{
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        const struct astro_parameter *parameter = &conversion->parameters[i];
        const char *text = parameter->default_text;

        if (values[i].present)
            continue;
        if (text) {
            if (!astro_parameter_from_text(parameter, text, strlen(text), &values[i], err))
                return false;
            values[i].given = false;
        } else if (!parameter->optional) {
            return astro_fail(err, ASTRO_MISSING_PARAMETER, parameter->name,
                              "%s needs the parameter %s: %s", conversion->name, parameter->name,
                              parameter->doc);
        }
    }
    return true;
}
