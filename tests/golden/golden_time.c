/* The files about time: leap seconds, the scales of the SOFA cookbook, ERFA's vectors of dates. */
#include "golden.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "time/group.h"

#define DAY         86400.0
#define FILE_SCALES "time/sofa_timescales.csv"
#define FILE_LEAPS  "time/Leap_Second.dat"
#define FILE_LIST   "time/leap-seconds.list"
#define FILE_ERFA   "erfa/erfa_vectors.jsonl"

/* Seconds between two-part dates. */
static double apart(const double got[2], double jd1, double jd2)
{
    return ((got[0] - jd1) + (got[1] - jd2)) * DAY;
}

/* ---- conversions of text ---- */

static struct converter open_text(const struct astro_conversion *conversion, const char *scale,
                                  int precision)
{
    struct converter converter = {.conversion = conversion};
    struct astro_error err = {0};
    size_t size = (conversion->context_size + ASTRO_CONTEXT_ALIGN - 1) / ASTRO_CONTEXT_ALIGN;

    if (!astro_parameter_from_text(&conversion->parameters[0], scale, strlen(scale),
                                   &converter.values[0], &err) ||
        !astro_parameters_complete(conversion, converter.values, &err))
        fail_msg("%s", err.text);
    if (precision >= 0)
        converter.values[1].integer = precision;
    converter.context = aligned_alloc(ASTRO_CONTEXT_ALIGN, size * ASTRO_CONTEXT_ALIGN);
    assert_non_null(converter.context);
    assert_true(
        conversion->prepare(converter.values, converter.context, &converter.warnings, &err));
    return converter;
}

static void read_text(const char *scale, const char *text, double date[2])
{
    struct converter converter = open_text(&astro__time_iso_to_jd, scale, -1);
    struct astro_text column = {text, strlen(text)};
    const void *in[] = {&column};
    void *out[] = {&date[0], &date[1]};
    struct astro_report report = {0};

    date[0] = date[1] = (double)NAN;
    converter.conversion->run(converter.context, 1, in, out, &report);
    converter_close(&converter);
}

static void write_text(const char *scale, const double date[2], char room[40])
{
    struct converter converter = open_text(&astro__time_jd_to_iso, scale, 7);
    struct astro_text column = {room, 0};
    const void *in[] = {&date[0], &date[1]};
    void *out[] = {&column};
    struct astro_report report = {0};

    converter.conversion->run(converter.context, 1, in, out, &report);
    room[report.error.code == ASTRO_OK ? column.length : 0] = '\0';
    converter_close(&converter);
}

/* ---- time/sofa_timescales.csv: each scale to each other, as text ---- */

#define SITE "lon=-155.933222&lat=19.48125&height=0"
#define DUT1 "dut1=0.3341"

struct scale_row {
    char name[8], iso[40], place[16];
};

static size_t read_scales(struct scale_row rows[16])
{
    struct golden_csv csv;
    size_t n = 0;

    golden_open(&csv, FILE_SCALES, "scale,iso,location");
    while (n < 16 && golden_next(&csv)) {
        if (csv.n_cells != 3)
            continue;
        snprintf(rows[n].name, sizeof rows[n].name, "%s", csv.cells[0]);
        snprintf(rows[n].iso, sizeof rows[n].iso, "%s", csv.cells[1]);
        snprintf(rows[n++].place, sizeof rows[n].place, "%s", csv.cells[2]);
    }
    golden_close(&csv);
    return n;
}

static bool is_barycentric(const struct scale_row *row)
{
    return row->name[0] == 'T' &&
           (strcmp(row->name + 1, "DB") == 0 || strcmp(row->name + 1, "CB") == 0);
}

/* 0: equal text; else one more than the last printed digit. */
static double text_error(const struct scale_row *from, const struct scale_row *to)
{
    char parameters[160], text[40];
    double date[2], other[2], wanted[2];
    bool crosses = is_barycentric(from) != is_barycentric(to);
    bool turns = (strcmp(from->name, "UT1") == 0) != (strcmp(to->name, "UT1") == 0);
    const char *place = is_barycentric(from) ? from->place : to->place;

    snprintf(parameters, sizeof parameters, "scale_in=%.7s&scale_out=%.7s%s%s", from->name,
             to->name, crosses && strcmp(place, "site") == 0 ? "&" SITE : "",
             turns ? "&" DUT1 : "");
    read_text(from->name, from->iso, date);
    convert_once("convert_time", parameters, date, other);
    write_text(to->name, other, text);
    read_text(to->name, to->iso, wanted);
    return strcmp(text, to->iso) == 0 ? 0.0 : fabs(apart(other, wanted[0], wanted[1])) + 1e-7;
}

/*
 * From UTC the text is exact. From a scale that is printed with seven digits the last digit of
 * another may be one off.
 */
static bool scales_file(void)
{
    struct golden exact = {
        .file = FILE_SCALES, .conversion = "convert_time, text", .unit = "s", .tolerance = 0};
    struct golden all = {
        .file = FILE_SCALES, .conversion = "convert_time", .unit = "s", .tolerance = 2.01e-7};
    struct scale_row rows[16];
    size_t n = read_scales(rows);

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            bool both = is_barycentric(&rows[i]) && is_barycentric(&rows[j]);
            if (both && strcmp(rows[i].place, rows[j].place) != 0)
                continue;
            golden_add(strcmp(rows[i].name, "UTC") == 0 ? &exact : &all,
                       text_error(&rows[i], &rows[j]));
        }
    }
    bool passed = golden_end(&exact);
    return golden_end(&all) && passed;
}

/* ---- leap seconds: at each step, and the last nanosecond before it ---- */

static double tai_minus_utc(double jd1, double jd2)
{
    double row[2] = {jd1, jd2}, got;

    convert_once("tai_minus_utc", "", row, &got);
    return got;
}

static void add_step(struct golden *line, double mjd, double seconds, double before)
{
    golden_add(line, tai_minus_utc(2400000.5, mjd) - seconds);
    golden_add(line, tai_minus_utc(2400000.5 + mjd, 0.9) - seconds);
    if (mjd > 41317)
        golden_add(line, tai_minus_utc(2400000.5 + mjd, -1e-9 / DAY) - before);
}

static bool each_line(struct golden *line, bool (*parse)(const char *text, double *mjd, double *s))
{
    char path[1024], text[256];
    double mjd, seconds, before = 10;

    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, line->file);
    FILE *stream = fopen(path, "r");
    while (stream && fgets(text, sizeof text, stream)) {
        if (!parse(text, &mjd, &seconds))
            continue;
        add_step(line, mjd, seconds, before);
        before = seconds;
    }
    if (stream)
        fclose(stream);
    return golden_end(line);
}

static bool bulletin_line(const char *text, double *mjd, double *seconds)
{
    return sscanf(text, " %lf %*d %*d %*d %lf", mjd, seconds) == 2;
}

static bool list_line(const char *text, double *mjd, double *seconds)
{
    if (sscanf(text, " %lf %lf", mjd, seconds) != 2)
        return false;
    *mjd = *mjd / DAY + 15020;
    return true;
}

static bool leap_seconds(void)
{
    struct golden bulletin = {
        .file = FILE_LEAPS, .conversion = "tai_minus_utc", .unit = "s", .tolerance = 0};
    struct golden list = {
        .file = FILE_LIST, .conversion = "tai_minus_utc", .unit = "s", .tolerance = 0};
    bool passed = each_line(&bulletin, bulletin_line);

    return each_line(&list, list_line) && passed;
}

/* ---- ERFA's vectors ---- */

static bool passed;

static void end_vector(const char *function, const char *conversion, double error, const char *unit,
                       double tolerance)
{
    char label[64];
    struct golden line = {
        .file = FILE_ERFA, .conversion = label, .unit = unit, .tolerance = tolerance};

    snprintf(label, sizeof label, "%s, %s", conversion, function);
    golden_add(&line, error);
    passed = golden_end(&line) && passed;
}

/* A date in, a date out; expected as two parts. */
static void date_vector(json_t *test, const char *function, const char *conversion,
                        const char *first, const char *second)
{
    json_t *call = golden_call(test, function);
    double got[2], loose, tolerance;

    if (!call)
        return;
    double row[2] = {golden_input(call, 0, 0), golden_input(call, 1, 0)};
    double jd1 = golden_expected(call, first, &loose);
    double jd2 = golden_expected(call, second, &tolerance);
    convert_once(conversion, "", row, got);
    end_vector(function, conversion, apart(got, jd1, jd2), "s", tolerance * DAY);
}

static void epoch_vectors(json_t *test)
{
    json_t *epj = golden_call(test, "eraEpj"), *epb = golden_call(test, "eraEpb");
    json_t *epj2jd = golden_call(test, "eraEpj2jd"), *epb2jd = golden_call(test, "eraEpb2jd");
    double got[2], tolerance;

    if (epj) {
        double row[2] = {golden_input(epj, 0, 0), golden_input(epj, 1, 0)};
        convert_once("jd_to_jyear", "", row, got);
        end_vector("eraEpj", "jd_to_jyear", got[0] - golden_expected(epj, "epj", &tolerance), "yr",
                   5e-13);
    }
    if (epb) {
        double row[2] = {golden_input(epb, 0, 0), golden_input(epb, 1, 0)};
        convert_once("jd_to_byear", "", row, got);
        end_vector("eraEpb", "jd_to_byear", got[0] - golden_expected(epb, "epb", &tolerance), "yr",
                   5e-13);
    }
    if (epj2jd) {
        double year = golden_input(epj2jd, 0, 0);
        convert_once("jyear_to_jd", "", &year, got);
        double jd2 = golden_expected(epj2jd, "djm", &tolerance);
        end_vector("eraEpj2jd", "jyear_to_jd", apart(got, 2400000.5, jd2), "s", tolerance * DAY);
    }
    if (epb2jd) {
        double year = golden_input(epb2jd, 0, 0);
        convert_once("byear_to_jd", "", &year, got);
        double jd2 = golden_expected(epb2jd, "djm", &tolerance);
        end_vector("eraEpb2jd", "byear_to_jd", apart(got, 2400000.5, jd2), "s", tolerance * DAY);
    }
}

/* Calendar columns of one row. */
struct calendar_row {
    int64_t whole[5];
    double second;
};

static void calendar_to_jd(const struct calendar_row *row, double date[2])
{
    struct converter converter = converter_open("calendar_to_jd", "");
    const void *in[] = {&row->whole[0], &row->whole[1], &row->whole[2],
                        &row->whole[3], &row->whole[4], &row->second};
    void *out[] = {&date[0], &date[1]};
    struct astro_report report = {0};

    date[0] = date[1] = (double)NAN;
    converter.conversion->run(converter.context, 1, in, out, &report);
    converter_close(&converter);
}

static void calendar_vectors(json_t *test)
{
    json_t *dtf2d = golden_call(test, "eraDtf2d"), *dat = golden_call(test, "eraDat");
    json_t *jd2cal = golden_call(test, "eraJd2cal");
    double date[2], tolerance;

    if (dtf2d) {
        struct calendar_row row = {.second = golden_input(dtf2d, 6, 0)};
        for (size_t k = 0; k < 5; k++)
            row.whole[k] = (int64_t)golden_input(dtf2d, k + 1, 0);
        calendar_to_jd(&row, date);
        double wanted = golden_expected(dtf2d, "u1+u2", &tolerance);
        end_vector("eraDtf2d", "calendar_to_jd", apart(date, wanted, 0), "s", tolerance * DAY);
    }
    if (dat) {
        struct calendar_row row = {{0}, 0};
        for (size_t k = 0; k < 3; k++)
            row.whole[k] = (int64_t)golden_input(dat, k, 0);
        calendar_to_jd(&row, date);
        end_vector("eraDat", "tai_minus_utc",
                   tai_minus_utc(date[0], date[1]) - golden_expected(dat, "deltat", &tolerance),
                   "s", 0);
    }
    if (jd2cal) {
        struct converter converter = converter_open("jd_to_calendar", "");
        double row[2] = {golden_input(jd2cal, 0, 0), golden_input(jd2cal, 1, 0)};
        struct calendar_row got;
        const void *in[] = {&row[0], &row[1]};
        void *out[] = {&got.whole[0], &got.whole[1], &got.whole[2],
                       &got.whole[3], &got.whole[4], &got.second};
        struct astro_report report = {0};
        converter.conversion->run(converter.context, 1, in, out, &report);
        converter_close(&converter);
        double share = ((double)(got.whole[3] * 3600 + got.whole[4] * 60) + got.second) / DAY;
        double error = fabs((double)got.whole[0] - golden_expected(jd2cal, "iy", &tolerance)) +
                       fabs((double)got.whole[1] - golden_expected(jd2cal, "im", &tolerance)) +
                       fabs((double)got.whole[2] - golden_expected(jd2cal, "id", &tolerance)) +
                       fabs(share - golden_expected(jd2cal, "fd", &tolerance));
        end_vector("eraJd2cal", "jd_to_calendar", error, "d", tolerance);
    }
}

static void dates(json_t *test)
{
    date_vector(test, "eraUtctai", "utc_to_tai", "u1", "u2");
    date_vector(test, "eraTaiutc", "tai_to_utc", "u1", "u2");
    date_vector(test, "eraTaitt", "tai_to_tt", "t1", "t2");
    date_vector(test, "eraTttai", "tt_to_tai", "a1", "a2");
    date_vector(test, "eraTttcg", "tt_to_tcg", "g1", "g2");
    date_vector(test, "eraTcgtt", "tcg_to_tt", "t1", "t2");
    date_vector(test, "eraTdbtcb", "tdb_to_tcb", "b1", "b2");
    date_vector(test, "eraTcbtdb", "tcb_to_tdb", "b1", "b2");
    epoch_vectors(test);
    calendar_vectors(test);
}

bool golden_time(void)
{
    bool scales = scales_file(), leaps = leap_seconds();

    passed = true;
    return golden_vectors(dates) && passed && scales && leaps;
}
