/*
 * HEALPix: what is refused, and that a row is the same wherever it stands.
 */
#include "harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- refusals --- */

static void fails_at(const char *name, const char *parameters, const int64_t *a, const int64_t *b,
                     size_t n, size_t row, const char *text)
{
    struct converter c = converter_open(name, parameters);
    struct astro_report report = {0};
    const void *const in[] = {a, b};
    static int64_t room[8][32];
    void *const out[] = {room[0], room[1], room[2], room[3], room[4], room[5], room[6], room[7]};

    c.conversion->run(c.context, n, in, out, &report);
    converter_close(&c);
    assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
    assert_int_equal(report.failed_row, row);
    assert_string_equal(report.error.text, text);
    assert_int_equal(strncmp(report.error.text, report.error.field, strlen(report.error.field)), 0);
}

static void outside(void)
{
    static const char *const names[] = {"healpix_to_lonlat", "healpix_neighbours",
                                        "healpix_corners", "nested_to_ring", "ring_to_nested"};

    for (size_t c = 0; c < LENGTH(names); c++) {
        const char *parameters = c < 3 ? "nside=1&ordering=nested" : "nside=1";
        for (size_t n = 1; n <= 20; n++) {
            int64_t column[32];
            for (size_t i = 0; i < n; i++)
                column[i] = (int64_t)(i % 12);
            column[n - 1] = 12;
            fails_at(names[c], parameters, column, NULL, n, n - 1, "pixel = 12 is outside [0, 11]");
            column[n / 2] = -1;
            fails_at(names[c], parameters, column, NULL, n, n / 2, "pixel = -1 is outside [0, 11]");
            column[0] = INT64_MAX;
            fails_at(names[c], parameters, column, NULL, n, 0,
                     "pixel = 9223372036854775807 is outside [0, 11]");
            column[0] = INT64_MIN;
            fails_at(names[c], parameters, column, NULL, n, 0,
                     "pixel = -9223372036854775808 is outside [0, 11]");
        }
    }
    fails_at("healpix_to_lonlat", "order=29&ordering=ring", &(int64_t){3458764513820540928}, NULL,
             1, 0, "pixel = 3458764513820540928 is outside [0, 3458764513820540927]");
    fails_at("healpix_change_order", "order_in=1&order_out=0", &(int64_t){48}, NULL, 1, 0,
             "pixel = 48 is outside [0, 47]");
    fails_at("healpix_to_nuniq", "", (int64_t[]){0, 30}, (int64_t[]){11, 0}, 2, 1,
             "order = 30 is outside [0, 29]");
    fails_at("healpix_to_nuniq", "", (int64_t[]){0, 1}, (int64_t[]){12, 0}, 2, 0,
             "pixel = 12 is outside [0, 11]");
    fails_at("nuniq_to_healpix", "", (int64_t[]){4, 3}, NULL, 2, 1,
             "nuniq = 3 is outside [4, 4611686018427387903]");
    fails_at("nuniq_to_healpix", "", (int64_t[]){INT64_MAX}, NULL, 1, 0,
             "nuniq = 9223372036854775807 is outside [4, 4611686018427387903]");
}

static void pixels_outside_are_refused(void **state)
{
    (void)state;
    for_each_target(outside);
}

static void parameters_are_checked(void **state)
{
    static const struct {
        const char *name, *parameters, *field;
        enum astro_code code;
    } rows[] = {
        {"lonlat_to_healpix", "ordering=ring", "nside", ASTRO_MISSING_PARAMETER},
        {"lonlat_to_healpix", "nside=4", "ordering", ASTRO_MISSING_PARAMETER},
        {"lonlat_to_healpix", "nside=4&order=2&ordering=ring", "order", ASTRO_CONFLICT},
        {"lonlat_to_healpix", "nside=6&ordering=nested", "nside", ASTRO_BAD_PARAMETER},
        {"lonlat_to_healpix", "nside=0&ordering=ring", "nside", ASTRO_OUT_OF_RANGE},
        {"lonlat_to_healpix", "nside=536870913&ordering=ring", "nside", ASTRO_OUT_OF_RANGE},
        {"lonlat_to_healpix", "order=30&ordering=ring", "order", ASTRO_OUT_OF_RANGE},
        {"healpix_to_lonlat", "nside=2.5&ordering=ring", "nside", ASTRO_BAD_PARAMETER},
        {"healpix_neighbours", "nside=12&ordering=nested", "nside", ASTRO_BAD_PARAMETER},
        {"nested_to_ring", "nside=12", "nside", ASTRO_BAD_PARAMETER},
        {"ring_to_nested", "nside=12", "nside", ASTRO_BAD_PARAMETER},
        {"ring_to_nested", "", "nside", ASTRO_MISSING_PARAMETER},
        {"healpix_change_order", "order_in=3", "order_out", ASTRO_MISSING_PARAMETER},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_error err = {0};
        assert_false(converter_try(rows[i].name, rows[i].parameters, &err));
        assert_int_equal(err.code, rows[i].code);
        assert_string_equal(err.field, rows[i].field);
    }
}

/* --- pieces --- */

static int64_t random_below(int64_t limit)
{
    return (int64_t)(random_unit() * (double)limit);
}

/* Each row gives the same wherever it stands, at any alignment, and nothing is written beside. */
static void pieces_of(const char *name, const char *parameters, const void *a, const void *b)
{
    enum { ROWS = 40, GUARD = 16 };
    static int64_t whole[8][ROWS];
    struct converter c = converter_open(name, parameters);
    size_t outputs = c.conversion->n_outputs;
    struct astro_report report = {0};
    void *all[8];

    for (size_t k = 0; k < outputs; k++)
        all[k] = whole[k];
    c.conversion->run(c.context, ROWS, (const void *[]){a, b}, all, &report);
    for (size_t first = 0; first < 20; first++) {
        for (size_t n = 0; n <= 20; n++) {
            char room[8][20 * 8 + 2 * GUARD + 8], in[2][20 * 8 + 8];
            const size_t shift = (first + n) % 8;
            void *out[8];
            memset(room, 0x5A, sizeof room);
            memcpy(in[0] + shift, (const char *)a + first * 8, n * 8);
            if (b)
                memcpy(in[1] + shift, (const char *)b + first * 8, n * 8);
            for (size_t k = 0; k < outputs; k++)
                out[k] = room[k] + GUARD + shift;
            c.conversion->run(c.context, n, (const void *[]){in[0] + shift, in[1] + shift}, out,
                              &report);
            for (size_t k = 0; k < outputs; k++) {
                assert_memory_equal(room[k] + GUARD + shift, whole[k] + first, n * 8);
                for (size_t g = 0; g < GUARD; g++) {
                    assert_int_equal(room[k][g], 0x5A);
                    assert_int_equal(room[k][GUARD + shift + n * 8 + g], 0x5A);
                }
            }
        }
    }
    assert_int_equal(report.error.code, ASTRO_OK);
    converter_close(&c);
}

static void pieces(void)
{
    double a[40], b[40];
    int64_t p[40];

    for (size_t i = 0; i < 40; i++) {
        a[i] = i % 7 == 3 ? (double)NAN : i % 5 == 1 ? 1e200 : random_between(-400, 400);
        b[i] = i % 11 == 5 ? HUGE_VAL : random_between(-90, 90);
        p[i] = random_below(12 << 20);
    }
    pieces_of("lonlat_to_healpix", "order=10&ordering=nested", a, b);
    pieces_of("lonlat_to_healpix", "nside=999&ordering=ring", a, b);
    pieces_of("healpix_to_lonlat", "order=10&ordering=nested", p, NULL);
    pieces_of("healpix_to_lonlat", "order=10&ordering=ring", p, NULL);
    pieces_of("healpix_corners", "order=10&ordering=nested", p, NULL);
    pieces_of("healpix_corners", "order=10&ordering=ring", p, NULL);
    pieces_of("healpix_neighbours", "order=10&ordering=nested", p, NULL);
    pieces_of("healpix_neighbours", "order=10&ordering=ring", p, NULL);
    pieces_of("nested_to_ring", "order=10", p, NULL);
    pieces_of("ring_to_nested", "order=10", p, NULL);
    pieces_of("healpix_change_order", "order_in=10&order_out=3", p, NULL);
}

static void rows_stand_alone(void **state)
{
    (void)state;
    random_seed(66);
    for_each_target(pieces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_outside_are_refused),
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(rows_stand_alone),
    };
    return cmocka_run_group_tests_name("kernels.healpix_rows", tests, harness_start, NULL);
}
