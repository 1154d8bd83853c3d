/*
 * format_angle: numbers to texts.
 */
#include <math.h>
#include <string.h>

#include "../registry/decimal.h"
#include "../registry/fields.h"
#include "angles.h"

/* values: unit, style, sep, fields, precision, pad, alwayssign */
static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    *(struct astro__format *)context = (struct astro__format){
        .unit = (enum astro_unit)values[0].choice,
        .hours = values[1].choice == 1,
        .separators = (enum astro__separators)values[2].choice,
        .fields = (int)values[3].integer,
        .precision = (int)values[4].integer,
        .pad = values[5].choice != 0,
        .sign = values[6].choice != 0,
    };
    return true;
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct astro__format *format = context;
    double largest = ASTRO__LARGEST_ANGLE / (format->unit == ASTRO_RAD ? 60.0 : 1.0);

    for (size_t i = 0; i < n; i++) {
        char *place = (char *)out[0] + i * sizeof(struct astro_text); /* of any alignment */
        struct astro_text text;
        char *room; /* of the caller, for this row */
        double angle;
        memcpy(&angle, (const char *)in[0] + i * sizeof angle, sizeof angle);
        memcpy(&text, place, sizeof text);
        memcpy(&room, &text.data, sizeof room);
        if (!isfinite(angle)) {
            memcpy(room, "nan", 3);
            text.length = 3;
        } else if (fabs(angle) <= largest) {
            text.length = astro__angle_format(format, angle, room);
        } else {
            char shown[ASTRO__DECIMAL_ROOM];
            report->failed_row = i;
            astro_fail(&report->error, ASTRO_OUT_OF_RANGE, "angle",
                       "angle = %s is too large to be written in fields",
                       astro__decimal_text(angle, shown));
            return;
        }
        memcpy(place, &text, sizeof text);
    }
}

static const struct astro_field angle_in[] = {ASTRO__FIELD_ANGLE};

static const struct astro_field text_out[] = {
    {.name = "text",
     .type = ASTRO_BYTES,
     .role = ASTRO_PLAIN,
     .unit = "",
     .doc = "the angle, as -0d30m00s; nan for a row with NaN or infinity"},
};

static const char *const styles[] = {"dms", "hms", NULL};
static const char *const separators[] = {"letters", "colon", "space", "unicode", NULL};

#define WHOLE(parameter_name, default_value, low, high, text)                                      \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_INTEGER, .default_text = (default_value),          \
        .minimum = (low), .maximum = (high), .unit = "", .doc = (text)                             \
    }

#define FLAG(parameter_name, text)                                                                 \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_BOOLEAN, .default_text = "false", .unit = "",      \
        .doc = (text)                                                                              \
    }

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT_OF_ANGLE,
    ASTRO__CHOICE("style", "dms", styles, "degrees or hours, minutes, seconds"),
    ASTRO__CHOICE("sep", "letters", separators,
                  "1d06m48.078s, 1:06:48.078, 1 06 48.078, or the signs of the units"),
    WHOLE("fields", "3", 1, 3, "how many: with fewer, the decimals go to the last"),
    WHOLE("precision", "3", 0, 12, "decimals of the last field"),
    FLAG("pad", "two digits in the first field, too"),
    FLAG("alwayssign", "a plus sign where there is no minus"),
};

const struct astro_conversion astro__format_angle = {
    .name = "format_angle",
    .group = "angles",
    .summary = "Angles to sexagesimal text",
    .description = "The exact binary value, rounded half to even in the last field and carried "
                   "into the others: "
                   "59.9996 seconds never become 60.000. Angles are not wrapped. What rounds to 0 "
                   "has no minus "
                   "sign. Above 1e15 degrees or hours (1.6e13 radians) an angle is refused.",
    .reference = "the forms of astropy's Angle.to_string",
    .accuracy = "exact",
    ASTRO__INPUTS(angle_in),
    ASTRO__OUTPUTS(text_out),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 100.0,
    .prepare_ns = 30.0,
    .context_size = sizeof(struct astro__format),
    .text_width = ASTRO__ANGLE_WIDTH,
    .prepare = prepare,
    .run = run,
};
