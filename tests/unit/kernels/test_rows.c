/*
 * What holds for every conversion, in every unit, on every target: a row's bits depend on nothing
 * but the row; NaN stays in its row; nothing is written beside the columns; results keep their
 * ranges.
 */
#include "examples.h"
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 64, GUARD = 64, SHIFTS = 9 };

struct columns {
    double in[ASTRO_MAX_INPUTS][ROWS];
    double out[ASTRO_MAX_OUTPUTS][ROWS];
};

static const double not_finite[] = {(double)NAN, HUGE_VAL, -HUGE_VAL};

static double quarter(const struct astro_field *field, int unit)
{
    if (unit == ASTRO_RAD)
        return 1.5707963267948966;
    return unit == ASTRO_HOURANGLE && field->role == ASTRO_HOURS ? 6 : 90;
}

/* Dates from 1960 on, where UTC is defined: both of its kinds, leap seconds, now and then the far
 * future, whose rows take a thousand times as long. */
static double date_for(const struct astro_field *field, size_t i)
{
    static const double edges[] = {2436934.5, 2441317.5, 2457753.99999, 2457754.5, 2451545, 1e17};
    static const double small[] = {0, -0.0, 0.5, 1e-300, 0.25, 4.9406564584124654e-324};

    if (strcmp(field->unit, "s") == 0) /* of Unix or GPS time */
        return i % 7 == 0 ? ldexp(random_unit(), (int)random_between(-1070, 1000))
                          : random_between(0, 3e9);
    if (strcmp(field->name, "jd2") == 0)
        return i % 5 == 0 ? small[i % 6] : random_between(0, 1);
    if (i % 28 == 0)
        return ldexp(random_between(1, 2), (int)random_between(23, 1000));
    return i % 5 == 0 ? edges[i % 6] : random_between(2436935, i % 3 ? 2460000 : 2490000);
}

static bool is_date(const struct astro_field *field)
{
    static const char *const names[] = {"jd1", "jd2", "unix", "gps"};

    for (size_t i = 0; i < LENGTH(names); i++) {
        if (strcmp(field->name, names[i]) == 0)
            return true;
    }
    return false;
}

/* A mixture that keeps every path busy: ordinary values, edges, huge ones, subnormals, NaN. */
static double value_for(const struct astro_field *field, int unit, size_t i)
{
    const double tiny = 4.9406564584124654e-324;
    double q = quarter(field, unit);
    static const double edges[] = {0, -0.0, 1, -1, 2, 4, 0.5, 1e-300};

    if (i % 9 == 4)
        return not_finite[i % 3];
    if (is_date(field))
        return date_for(field, i);
    if (field->role == ASTRO_LATITUDE)
        return i % 5 == 0 ? fmax(fmin(q * edges[i % 8], q), -q) : random_between(-q, q);
    if (field->role == ASTRO_DISTANCE)
        return i % 5 == 0 ? fabs(edges[i % 8]) : pow(10, random_between(-5, 5));
    if (field->role == ASTRO_PLAIN)
        return i % 5 == 0   ? edges[i % 8]
               : i % 7 == 0 ? ldexp(random_between(-1, 1), (int)random_between(-1070, 1000))
                            : random_between(-1, 1);
    if (i % 6 == 1)
        return ldexp(random_between(-1, 1), (int)random_between(0, 1020));
    if (i % 13 == 1)
        return tiny;
    return i % 5 == 0 ? q * edges[i % 8] : random_between(-2 * q, 5 * q);
}

static const struct converter *converter;
static int unit;
static struct columns whole;

static bool is_absent(size_t k)
{
    return example_of(converter->conversion->name)->absent >> k & 1u;
}

/* Runs rows [first, first + n) with all columns `shift` bytes off alignment, between guards. */
static void run_piece(size_t first, size_t n, size_t shift, double *results[])
{
    const struct astro_conversion *c = converter->conversion;
    size_t bytes = n * sizeof(double);
    char *room = malloc((c->n_inputs + c->n_outputs) * (bytes + 2 * GUARD));
    const void *in[ASTRO_MAX_INPUTS] = {NULL};
    void *out[ASTRO_MAX_OUTPUTS] = {NULL};
    struct astro_report report = {0};
    char *at = room;

    assert_non_null(room);
    memset(room, 0xA5, (c->n_inputs + c->n_outputs) * (bytes + 2 * GUARD));
    for (size_t k = 0; k < c->n_inputs; k++, at += bytes + 2 * GUARD) {
        if (n)
            memcpy(at + shift, whole.in[k] + first, bytes);
        in[k] = is_absent(k) ? NULL : at + shift;
    }
    char *outputs = at;
    for (size_t k = 0; k < c->n_outputs; k++, at += bytes + 2 * GUARD)
        out[k] = at + GUARD + shift;
    c->run(converter->context, n, in, out, &report);
    for (size_t k = 0; k < c->n_outputs; k++) {
        char *column = outputs + k * (bytes + 2 * GUARD);
        for (size_t b = 0; b < 2 * GUARD + bytes; b++) {
            bool inside = b >= GUARD + shift && b < GUARD + shift + bytes;
            if (!inside && (unsigned char)column[b] != 0xA5)
                fail_msg("%s on %s wrote outside its column", c->name, target_name());
        }
        if (results && n)
            memcpy(results[k], column + GUARD + shift, bytes);
    }
    free(room);
}

static void compare_piece(size_t first, size_t n, size_t shift)
{
    const struct astro_conversion *c = converter->conversion;
    static double room[ASTRO_MAX_OUTPUTS][ROWS];
    double *results[ASTRO_MAX_OUTPUTS];

    for (size_t k = 0; k < c->n_outputs; k++)
        results[k] = room[k];
    run_piece(first, n, shift, results);
    for (size_t k = 0; k < c->n_outputs; k++) {
        if (n && memcmp(results[k], whole.out[k] + first, n * sizeof(double)) != 0)
            fail_msg("%s, unit %d, on %s: rows %zu to %zu, shift %zu: other bits in %s", c->name,
                     unit, target_name(), first, first + n, shift, c->outputs[k].name);
    }
}

static void pieces(void)
{
    for (size_t first = 0; first < 18; first++) {
        for (size_t n = 0; n <= 26; n++)
            compare_piece(first, n, (first + n) % SHIFTS);
    }
    for (size_t i = 0; i < ROWS; i++)
        compare_piece(i, 1, i % SHIFTS);
    for (size_t shift = 0; shift < SHIFTS; shift++)
        compare_piece(0, ROWS, shift);
}

static bool is_missing(size_t k, double value)
{
    return isnan(value) && (example_of(converter->conversion->name)->missing >> k & 1u);
}

static bool is_finite_row(size_t i)
{
    for (size_t k = 0; k < converter->conversion->n_inputs; k++) {
        if (!is_absent(k) && !isfinite(whole.in[k][i]) && !is_missing(k, whole.in[k][i]))
            return false;
    }
    return true;
}

static void check_ranges(void)
{
    const struct astro_conversion *c = converter->conversion;

    for (size_t i = 0; i < ROWS; i++) {
        bool finite = is_finite_row(i);
        for (size_t k = 0; k < c->n_outputs; k++) {
            const struct astro_field *f = &c->outputs[k];
            double value = whole.out[k][i], q = quarter(f, unit);
            if (example_of(c->name)->partial && isnan(value))
                continue;
            if (isnan(value) == finite)
                fail_msg("%s on %s: row %zu of %s is %g", c->name, target_name(), i, f->name,
                         value);
            if (!finite) {
                assert_true(same_bits(value, (double)NAN)); /* always the same NaN */
                continue;
            }
            if (strcmp(f->name, "ha") == 0 || strcmp(f->name, "parallactic_angle") == 0)
                assert_true(value > -2 * q && value <= 2 * q);
            else if (f->role == ASTRO_HOURS || f->role == ASTRO_LONGITUDE ||
                     strcmp(f->name, "position_angle") == 0)
                assert_true(value >= 0 && value < 4 * q && !signbit(value));
            if (f->role == ASTRO_LATITUDE)
                assert_true(fabs(value) <= q);
            if (strcmp(f->name, "separation") == 0)
                assert_true(value >= 0 && value <= 2 * q);
        }
    }
}

/* One column of one row made NaN or infinite: that row is NaN in all outputs, the others keep their
 * bits. */
static void poison(void)
{
    const struct astro_conversion *c = converter->conversion;
    static struct columns before;
    double *results[ASTRO_MAX_OUTPUTS];
    static double room[ASTRO_MAX_OUTPUTS][ROWS];

    before = whole;
    for (size_t k = 0; k < c->n_outputs; k++)
        results[k] = room[k];
    for (size_t i = 0; i < 20; i++) {
        for (size_t k = 0; k < c->n_inputs; k++) {
            if (is_absent(k))
                continue;
            whole.in[k][i] = not_finite[(i + k) % 3];
            bool missing = is_missing(k, whole.in[k][i]);
            run_piece(0, ROWS, 0, results);
            whole.in[k][i] = before.in[k][i];
            for (size_t o = 0; o < c->n_outputs; o++) {
                for (size_t j = 0; j < ROWS; j++) {
                    if (j == i)
                        assert_true(isnan(room[o][j]) || missing);
                    else
                        assert_true(same_bits(room[o][j], before.out[o][j]));
                }
            }
        }
    }
}

static void make_whole(void)
{
    const struct astro_conversion *c = converter->conversion;
    double *results[ASTRO_MAX_OUTPUTS];

    for (size_t k = 0; k < c->n_inputs; k++) {
        for (size_t i = 0; i < ROWS; i++)
            whole.in[k][i] = value_for(&c->inputs[k], unit, i + 3 * k);
    }
    for (size_t k = 0; k < c->n_outputs; k++)
        results[k] = whole.out[k];
    run_piece(0, ROWS, 0, results);
}

static bool is_pure(const struct astro_conversion *c)
{
    for (size_t k = 0; k < c->n_inputs; k++) {
        if (c->inputs[k].type != ASTRO_FP64)
            return false;
    }
    for (size_t k = 0; k < c->n_outputs; k++) {
        if (c->outputs[k].type != ASTRO_FP64)
            return false;
    }
    return true;
}

static void in_this_unit(const struct astro_conversion *c, const char *word, void (*body)(void))
{
    const char *parameters = example_of(c->name)->parameters;
    char all[2048];

    snprintf(all, sizeof all, "%s%s%s%s", word ? "unit=" : "", word ? word : "",
             word && *parameters ? "&" : "", parameters);
    struct converter opened = converter_open(c->name, all);
    converter = &opened;
    body();
    converter_close(&opened);
}

/* Calls `body` for every conversion that is pure FP64, in every unit. */
static void for_each_conversion(void (*body)(void))
{
    random_seed(41);
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        const struct astro_conversion *c = astro_conversion_at(i);
        int at = astro_unit_parameter(c);
        if (!is_pure(c))
            continue;
        unit = ASTRO_DEG;
        if (at < 0)
            in_this_unit(c, NULL, body);
        for (; at >= 0 && c->parameters[at].choices[unit]; unit++)
            in_this_unit(c, c->parameters[at].choices[unit], body);
    }
}

static void rows_stand_alone(void)
{
    make_whole();
    check_ranges();
    pieces();
    poison();
}

static void rows_on_this_target(void)
{
    for_each_conversion(rows_stand_alone);
}

static void bits_depend_on_the_row_alone(void **state)
{
    (void)state;
    for_each_target(rows_on_this_target);
}

static void nothing(void)
{
    const void *in[ASTRO_MAX_INPUTS] = {NULL};
    void *out[ASTRO_MAX_OUTPUTS] = {NULL};
    struct astro_report report = {0};

    converter->conversion->run(converter->context, 0, in, out, &report);
    for (size_t i = 0; i < ASTRO_WARNING_COUNT; i++)
        assert_int_equal(report.warnings[i], 0);
}

static void nothing_on_this_target(void)
{
    for_each_conversion(nothing);
}

static void no_rows_no_access(void **state)
{
    (void)state;
    for_each_target(nothing_on_this_target);
}

/* The targets that fuse agree to the bit, whatever their width; SSE2 differs in the last places. */
static void targets_agree(void **state)
{
    static struct columns results[MOST_TARGETS];
    size_t wide = MOST_TARGETS;

    (void)state;
    for (size_t i = 0; i < target_count(); i++) {
        target_use(i);
        if (strcmp(target_name(), "sse2") != 0)
            wide = i;
    }
    for (size_t c = 0; c < astro_conversion_count(); c++) {
        const char *name = astro_conversion_at(c)->name;
        if (!is_pure(astro_conversion_at(c)))
            continue;
        struct converter opened = converter_open(name, example_of(name)->parameters);
        converter = &opened;
        unit = ASTRO_DEG;
        for (size_t t = 0; t < target_count(); t++) {
            random_seed(42);
            target_use(t);
            make_whole();
            results[t] = whole;
        }
        for (size_t t = 0; t < target_count() && wide < MOST_TARGETS; t++) {
            target_use(t);
            bool fused = strcmp(target_name(), "sse2") != 0;
            for (size_t k = 0; fused && k < opened.conversion->n_outputs; k++)
                assert_memory_equal(results[t].out[k], results[wide].out[k],
                                    sizeof results[t].out[k]);
        }
        converter_close(&opened);
    }
    assert_true(astro_kernels_init(ASTRO_TARGET_AUTO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_depend_on_the_row_alone),
        cmocka_unit_test(no_rows_no_access),
        cmocka_unit_test(targets_agree),
    };
    return cmocka_run_group_tests_name("kernels.rows", tests, harness_start, NULL);
}
