/* The vector kernels that stand behind conversions with whole numbers and text, where the test of
 * all conversions does not reach: a row's bits depend on the row alone, on every target. */
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simd/lanes.h"
#include "time/step.h"

enum { ROWS = 61, KERNELS = 4 };

static double dates[2][ROWS];  /* two-part dates */
static double clocks[2][ROWS]; /* days from 1970, seconds */

static void fill(void)
{
    static const double edges[] = {2457754, 2457755, 2441317, 2436935, 2441499, 1e16};

    random_seed(61);
    for (size_t i = 0; i < ROWS; i++) {
        dates[0][i] = i % 4 ? rint(random_between(2437000, 2470000)) : edges[i / 4 % 6];
        dates[1][i] = i % 3 ? random_between(-1, 1) : 0.5;
        clocks[0][i] = rint(random_between(-3600, 30000));
        clocks[1][i] = i % 5 ? random_between(0, 86399) : 0;
        if (i % 7 == 3) {
            dates[i % 2][i] = i % 3 ? (double)NAN : HUGE_VAL;
            clocks[0][i] = (double)NAN;
        }
    }
}

/* Kernel k on rows [first, first + n), all columns `shift` bytes off alignment. */
static void run(size_t k, size_t first, size_t n, size_t shift, double out[2][ROWS])
{
    const struct astro__utc *utc = astro__utc_hold();
    struct astro__step step = {.utc = k % 2 ? utc : NULL};
    bool back = k >= 2;
    double(*given)[ROWS] = back ? clocks : dates;
    char *room = malloc(4 * (ROWS * sizeof(double) + 16));
    const void *in[2];
    void *to[2];

    assert_non_null(room);
    for (size_t c = 0; c < 2; c++) {
        char *column = room + c * (ROWS * sizeof(double) + 16) + shift;
        memcpy(column, given[c] + first, n * sizeof(double));
        in[c] = column;
        to[c] = column + 2 * (ROWS * sizeof(double) + 16);
    }
    if (back)
        astro__lanes->clock_to_date(&step, n, in, to);
    else
        astro__lanes->date_to_clock(&step, n, in, to);
    for (size_t c = 0; c < 2; c++)
        memcpy(out[c], to[c], n * sizeof(double));
    free(room);
    astro__utc_drop(utc);
}

static double whole[KERNELS][2][ROWS];
static bool is_first_target;

static void clocks_on_this_target(void)
{
    double got[2][ROWS];

    for (size_t k = 0; k < KERNELS; k++) {
        run(k, 0, ROWS, 0, got);
        if (is_first_target) /* no product is fused with a sum: SSE2 agrees as well */
            memcpy(whole[k], got, sizeof got);
        assert_memory_equal(whole[k], got, sizeof got);
        for (size_t first = 0; first < 20; first++) {
            for (size_t n = 1; n < 20; n++) {
                run(k, first, n, (first + n) % 9, got);
                for (size_t c = 0; c < 2; c++)
                    assert_memory_equal(got[c], whole[k][c] + first, n * sizeof(double));
            }
        }
    }
    is_first_target = false;
}

static void clocks_depend_on_the_row_alone(void **state)
{
    (void)state;
    fill();
    is_first_target = true;
    for_each_target(clocks_on_this_target);
    for (size_t i = 0; i < ROWS; i++) {
        bool missing = i % 7 == 3;
        for (size_t k = 0; k < KERNELS; k++)
            assert_int_equal(isnan(whole[k][0][i]) && isnan(whole[k][1][i]), missing);
        if (!missing)
            assert_true(whole[1][1][i] >= 0 && whole[1][1][i] < 86401);
    }
}

static void surveys_on_this_target(void)
{
    double expiry = 2457754.25;

    for (size_t n = 0; n <= ROWS; n++) {
        for (size_t first = 0; first + n <= ROWS; first += 5) {
            for (int pair = 0; pair < 2; pair++) {
                struct astro__survey got, wanted = {.least = HUGE_VAL};
                const void *in[] = {dates[0] + first, pair ? dates[1] + first : NULL};
                void *out[] = {&got};
                for (size_t i = first; i < first + n; i++) {
                    double sum = dates[0][i] + (pair ? dates[1][i] : 0);
                    wanted.least = isfinite(sum) && sum < wanted.least ? sum : wanted.least;
                    wanted.expired += isfinite(sum) && sum >= expiry;
                }
                astro__lanes->survey(&expiry, n, in, out);
                assert_true(got.least == wanted.least);
                assert_int_equal(got.expired, wanted.expired);
            }
        }
    }
}

static void surveys_see_every_row(void **state)
{
    (void)state;
    fill();
    for_each_target(surveys_on_this_target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_depend_on_the_row_alone),
        cmocka_unit_test(surveys_see_every_row),
    };
    return cmocka_run_group_tests_name("time.lanes", tests, harness_start, NULL);
}
