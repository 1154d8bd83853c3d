/*
 * Times as text: iso_to_jd and jd_to_iso.
 */
#include <math.h>
#include <string.h>

#include "../../registry/decimal.h"
#include "../group.h"
#include "write.h"

enum { BLOCK = 256, FAIL = 0, NOT_A_NUMBER = 1 };

/* --- reading --- */

struct reading {
    const struct astro__utc *utc; /* held when the scale is UTC, else NULL */
    enum astro__scale scale;
    bool tolerant; /* rows that cannot be read become NaN */
};

static bool prepare_reading(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                            struct astro_error *err)
{
    struct reading *reading = context;

    (void)ret_warnings;
    (void)err;
    reading->scale = (enum astro__scale)values[0].choice;
    reading->utc = reading->scale == ASTRO__UTC ? astro__utc_hold() : NULL;
    reading->tolerant = values[1].choice == NOT_A_NUMBER;
    return true;
}

static void release_reading(void *context)
{
    struct reading *reading = context;

    astro__utc_drop(reading->utc);
    reading->utc = NULL;
}

static void put(void *column, size_t row, double value)
{
    memcpy((char *)column + row * sizeof value, &value, sizeof value);
}

static void run_iso_to_jd(const void *context, size_t n, const void *const in[], void *const out[],
                          struct astro_report *report)
{
    const struct reading *reading = context;

    for (size_t i = 0; i < n; i++) {
        struct astro__instant read = {.jd1 = (double)NAN, .jd2 = (double)NAN};
        struct astro_text text;
        memcpy(&text, (const char *)in[0] + i * sizeof text, sizeof text);
        bool good =
            astro_time_from_text("time", text.data, text.length, reading->scale, reading->utc,
                                 &read, reading->tolerant ? NULL : &report->error);
        if (!good && !reading->tolerant) {
            report->failed_row = i;
            return;
        }
        if (!good)
            report->warnings[ASTRO_WARN_BAD_ROWS]++;
        else if (read.scale == ASTRO__UTC && astro__instant_expired(&read, reading->utc))
            report->warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED]++;
        put(out[0], i, read.jd1);
        put(out[1], i, read.jd2);
    }
}

/* --- writing --- */

struct writing {
    struct astro__pipeline pipeline; /* renormalises; must stand first: it is released as such */
    int decimals;
};

static bool prepare_writing(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                            struct astro_error *err)
{
    struct writing *writing = context;
    enum astro__scale scale = (enum astro__scale)values[0].choice;

    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(&writing->pipeline, "jd1");
    astro__pipeline_scale(&writing->pipeline, scale, scale, NULL);
    if (scale == ASTRO__UTC)
        astro__pipeline_survey_first(&writing->pipeline);
    writing->decimals = (int)values[1].integer;
    return true;
}

static double number_at(const void *column, size_t row)
{
    double value;

    memcpy(&value, (const char *)column + row * sizeof value, sizeof value);
    return value;
}

/* Into the room that the caller has given this row. */
static bool write_row(const struct writing *writing, double day, double part, void *column,
                      size_t row)
{
    struct astro_text text;
    char *place = (char *)column + row * sizeof text; /* of any alignment */
    char *room;

    memcpy(&text, place, sizeof text);
    memcpy(&room, &text.data, sizeof room);
    if (isnan(day)) {
        memcpy(room, "NaT", 3);
        text.length = 3;
    } else if (!astro__iso_write(day, part, writing->decimals, writing->pipeline.utc, room,
                                 &text.length)) {
        return false;
    }
    memcpy(place, &text, sizeof text);
    return true;
}

static void fail_year(const void *const in[], size_t row, struct astro_report *report)
{
    char shown[ASTRO__DECIMAL_ROOM];

    report->failed_row = row;
    astro_fail(&report->error, ASTRO_OUT_OF_RANGE, "jd1",
               "jd1 = %s is outside the years 0001 to 9999 (JD 1721425.5 to 5373484.5)",
               astro__decimal_text(number_at(in[0], row), shown));
}

static void run_jd_to_iso(const void *context, size_t n, const void *const in[], void *const out[],
                          struct astro_report *report)
{
    const struct writing *writing = context;
    double days[BLOCK], parts[BLOCK];
    void *const dates[] = {days, parts};

    for (size_t first = 0; first < n; first += BLOCK) {
        size_t rows = n - first < BLOCK ? n - first : BLOCK;
        const void *const from[] = {
            (const char *)in[0] + first * sizeof(double),
            in[1] ? (const char *)in[1] + first * sizeof(double) : NULL,
        };
        if (!astro__pipeline_run(&writing->pipeline, rows, from, dates, report)) {
            report->failed_row += first;
            return;
        }
        for (size_t i = 0; i < rows; i++) {
            if (!write_row(writing, days[i], parts[i], out[0], first + i)) {
                fail_year(in, first + i, report);
                return;
            }
        }
    }
}

/* --- descriptors --- */

static const char *const on_error_words[] = {"fail", "nan", NULL};

static const struct astro_field text_in[] = {
    {.name = "time",
     .type = ASTRO_BYTES,
     .role = ASTRO_PLAIN,
     .unit = "",
     .doc = "2016-12-31T23:59:60.5, 2016-366T12:00, JD2457754.5, MJD57754, J2000.0 or B1950.0"},
};

static const struct astro_field text_out[] = {
    {.name = "time",
     .type = ASTRO_BYTES,
     .role = ASTRO_PLAIN,
     .unit = "",
     .doc = "as 2016-12-31T23:59:60.500000000, without Z; NaT where the date is NaN"},
};

#define SCALE                                                                                      \
    ASTRO__CHOICE("scale", "utc", astro__scale_words,                                              \
                  "scale of the times; only utc has leap seconds")

static const struct astro_parameter reading_parameters[] = {
    SCALE,
    ASTRO__CHOICE("on_error", "fail", on_error_words,
                  "a text that is no time fails the request, or becomes NaN"),
};

static const struct astro_parameter writing_parameters[] = {
    SCALE,
    {.name = "precision",
     .type = ASTRO_INTEGER,
     .default_text = "9",
     .minimum = 0.0,
     .maximum = ASTRO__ISO_DECIMALS,
     .unit = "",
     .doc = "decimals of the second"},
};

const struct astro_conversion astro__time_iso_to_jd = {
    .name = "iso_to_jd",
    .group = "time",
    .summary = "Text of a time to Julian Date",
    .description =
        "YYYY-MM-DD[(T| )hh:mm[:ss[.f]]][Z], YYYY-DDD with the same time of day, JD or MJD and a "
        "decimal number, J or B and a year; years 0001 to 9999. Nothing is lost between the digits "
        "and the two parts. Second 60 is for days of UTC that have one, Z for scale=utc, a bare "
        "number is refused. J and B epochs come back as they stand, whatever the "
        "scale. " ASTRO__SAYS_DATES ASTRO__SAYS_UTC,
    .reference = "ERFA eraDtf2d, eraEpj2jd, eraEpb2jd",
    .accuracy = "1e-10 s",
    ASTRO__INPUTS(text_in),
    ASTRO__OUTPUTS(astro__date_out),
    ASTRO__PARAMETERS(reading_parameters),
    .ns_per_point = 49.0,
    .prepare_ns = 30.0,
    .context_size = sizeof(struct reading),
    .prepare = prepare_reading,
    .release = release_reading,
    .run = run_iso_to_jd,
};

const struct astro_conversion astro__time_jd_to_iso = {
    .name = "jd_to_iso",
    .group = "time",
    .summary = "Julian Date to text, ISO 8601",
    .description =
        "YYYY-MM-DDThh:mm:ss and `precision` decimals, rounded to nearest with carries into the "
        "leap second, the day and the year. Years 0001 to 9999. A step of UTC of a fraction of a "
        "second (1961 to 1971) makes its day longer or shorter like a leap second, as in iso_to_jd "
        "and eraDtf2d. " ASTRO__SAYS_UTC "A row with NaN or infinity gives NaT.",
    .reference = "ERFA eraD2dtf",
    .accuracy = "exact text",
    ASTRO__INPUTS(astro__date_in),
    ASTRO__OUTPUTS(text_out),
    ASTRO__PARAMETERS(writing_parameters),
    .ns_per_point = 45.0,
    .prepare_ns = 60.0,
    .context_size = sizeof(struct writing),
    .text_width = ASTRO__ISO_WIDTH,
    .prepare = prepare_writing,
    .release = astro__pipeline_release,
    .run = run_jd_to_iso,
};
