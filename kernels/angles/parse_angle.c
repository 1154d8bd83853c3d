/*
 * parse_angle: texts to numbers.
 */
#include <math.h>
#include <string.h>

#include "../registry/fields.h"
#include "../registry/text.h"
#include "angles.h"

enum { QUOTE = 80, FAIL = 0, NOT_A_NUMBER = 1 };

struct parsing {
    enum astro_unit unit;
    enum astro__assume assume;
    bool tolerant; /* rows that cannot be read become NaN */
};

/* values: unit, assume, on_error */
static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    *(struct parsing *)context = (struct parsing){
        .unit = (enum astro_unit)values[0].choice,
        .assume = (enum astro__assume)values[1].choice,
        .tolerant = values[2].choice == NOT_A_NUMBER,
    };
    return true;
}

static const char *explanation(enum astro_code code)
{
    switch (code) {
    case ASTRO_EMPTY:
        return "is empty";
    case ASTRO_AMBIGUOUS_UNIT:
        return "does not say its unit: write it, or choose assume=deg or hourangle";
    case ASTRO_HOUR_OUT_OF_RANGE:
        return "has more than 24 hours";
    case ASTRO_MINUTE_OUT_OF_RANGE:
        return "has more than 60 minutes";
    case ASTRO_SECOND_OUT_OF_RANGE:
        return "has more than 60 seconds";
    default:
        return "is no angle, as 12h34m56.7s, -5:23:28 or 83.63 deg";
    }
}

static void fail(enum astro_code code, const struct astro_text *text, size_t row,
                 struct astro_report *report)
{
    char quoted[QUOTE];

    report->failed_row = row;
    astro_fail(&report->error, code, "text", "text = %s %s",
               astro__quote(text->data, text->length, quoted, sizeof quoted), explanation(code));
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct parsing *parsing = context;

    for (size_t i = 0; i < n; i++) {
        struct astro_text text;
        enum astro_code code;
        double angle = (double)NAN;
        memcpy(&text, (const char *)in[0] + i * sizeof text, sizeof text);
        enum astro__parsed parsed = astro__angle_parse(text.data, text.length, parsing->assume,
                                                       parsing->unit, &angle, &code);
        if (parsed == ASTRO__PARSE_FAILED && !parsing->tolerant) {
            fail(code, &text, i, report);
            return;
        }
        report->warnings[ASTRO_WARN_BAD_ROWS] += parsed == ASTRO__PARSE_FAILED;
        report->warnings[ASTRO_WARN_SEXAGESIMAL_60] += parsed == ASTRO__PARSED_60;
        memcpy((char *)out[0] + i * sizeof angle, &angle, sizeof angle);
    }
}

static const struct astro_field text_in[] = {
    {.name = "text",
     .type = ASTRO_BYTES,
     .role = ASTRO_PLAIN,
     .unit = "",
     .doc = "12h34m56.7s, -5d23m28s, 5:34:31.9, 45\xC2\xB0"
            "55\xE2\x80\xB2"
            "12\xE2\x80\xB3N, "
            "83.63 deg and the like"},
};

static const struct astro_field angle_out[] = {ASTRO__FIELD_ANGLE};

static const char *const assumptions[] = {"none", "deg", "hourangle", "rad", NULL};
static const char *const on_error_words[] = {"fail", "nan", NULL};

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT_OF_ANGLE,
    ASTRO__CHOICE("assume", "none", assumptions, "unit of texts that do not say theirs"),
    ASTRO__CHOICE("on_error", "fail", on_error_words,
                  "a text that is no angle fails the request, or becomes NaN"),
};

const struct astro_conversion astro__parse_angle = {
    .name = "parse_angle",
    .group = "angles",
    .summary = "Angles from sexagesimal or decimal text",
    .description =
        "An optional sign, then a decimal number with an optional unit (d deg degree degrees, h hr "
        "hour hours hourangle, rad, arcmin, arcsec, or the signs of degrees, minutes and seconds), "
        "or "
        "two or three fields parted by letters, these signs, quotes, colons or blanks, of which "
        "the "
        "last may have decimals; mixtures are fine. h first means hours. A trailing N, E, S or W "
        "replaces the sign. 60 minutes or seconds are carried (warning sexagesimal_60). Errors: "
        "syntax, empty, ambiguous_unit, hour_out_of_range (above 24), minute_out_of_range, "
        "second_out_of_range; with on_error=nan such rows are NaN (warning bad_rows).",
    .reference = "the forms that astropy, the NED calculator and the HEASARC converter take",
    .accuracy = "the exact value rounded once (1e-13 deg)",
    ASTRO__INPUTS(text_in),
    ASTRO__OUTPUTS(angle_out),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 100.0,
    .prepare_ns = 30.0,
    .context_size = sizeof(struct parsing),
    .prepare = prepare,
    .run = run,
};
