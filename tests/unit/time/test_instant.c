/* instant.c: single times of parameters, in their scale and in others. */
#include "support.h"

#include <math.h>
#include <string.h>

#include "time/instant.h"

static struct astro__instant instant(const char *text, enum astro__scale scale,
                                     const struct astro__utc *utc)
{
    struct astro__instant read;
    struct astro_error err = {0};

    if (!astro_time_from_text("obstime", text, strlen(text), scale, utc, &read, &err))
        fail_msg("%s", err.text);
    return read;
}

static void in_other_scales(void **state)
{
    const struct astro__utc *utc = astro__utc_hold();
    struct astro_error err = {0};
    struct astro__instant tt, back;

    (void)state;
    struct astro__instant leap = instant("2016-12-31T23:59:60.5", ASTRO__UTC, utc);
    assert_int_equal(leap.scale, ASTRO__UTC);
    assert_true(astro__instant_in(&leap, ASTRO__TT, utc, "obstime", &tt, &err));
    assert_int_equal(tt.scale, ASTRO__TT);
    assert_date((struct date){tt.jd1, tt.jd2}, (struct date){2457754.5, 68.684 / DAY}, 2.5e-11,
                "TT");
    assert_true(astro__instant_in(&tt, ASTRO__UTC, utc, "obstime", &back, &err));
    assert_date((struct date){back.jd1, back.jd2}, (struct date){leap.jd1, leap.jd2}, 2.5e-11,
                "back");
    assert_true(astro__instant_in(&leap, ASTRO__UTC, utc, "obstime", &back, &err));
    assert_true(back.jd1 == leap.jd1 && back.jd2 == leap.jd2);
    astro__utc_drop(utc);
}

static void epochs_are_of_tt(void **state)
{
    const struct astro__utc *utc = astro__utc_hold();

    (void)state;
    assert_int_equal(instant("J1950.0", ASTRO__UTC, utc).scale, ASTRO__TT);
    assert_int_equal(instant("B1900", ASTRO__UTC, utc).scale, ASTRO__TT);
    assert_int_equal(instant("JD2451545", ASTRO__TDB, utc).scale, ASTRO__TDB);
    astro__utc_drop(utc);
}

static void errors_name_the_field(void **state)
{
    const struct astro__utc *utc = astro__utc_hold();
    struct astro__instant read = {1, 2, ASTRO__TCB}, early;
    struct astro_error err = {0};

    (void)state;
    assert_false(astro_time_from_text("obstime", "2016", 4, ASTRO__UTC, utc, &read, &err));
    assert_int_equal(err.code, ASTRO_BAD_TIME);
    assert_string_equal(err.field, "obstime");
    assert_non_null(strstr(err.text, "obstime = \"2016\" is a bare number"));
    assert_true(read.jd1 == 1 && read.jd2 == 2 && read.scale == ASTRO__TCB);
    assert_false(astro_time_from_text("obstime", "x", 1, ASTRO__UTC, utc, &read, NULL));

    err = (struct astro_error){0};
    early = instant("1950-01-01", ASTRO__TT, utc);
    assert_false(astro__instant_in(&early, ASTRO__UTC, utc, "obstime", &read, &err));
    assert_int_equal(err.code, ASTRO_OUT_OF_RANGE);
    assert_string_equal(err.field, "obstime");
    astro__utc_drop(utc);
}

static void expiry(void **state)
{
    const struct astro__utc *utc = astro__utc_hold();
    struct astro__instant before = instant("2027-06-27T23:59:59", ASTRO__UTC, utc);
    struct astro__instant after = instant("2027-06-28", ASTRO__UTC, utc);

    (void)state;
    assert_false(astro__instant_expired(&before, utc));
    assert_true(astro__instant_expired(&after, utc));
    astro__utc_drop(utc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_other_scales),
        cmocka_unit_test(epochs_are_of_tt),
        cmocka_unit_test(errors_name_the_field),
        cmocka_unit_test(expiry),
    };
    return cmocka_run_group_tests_name("time.instant", tests, harness_start, NULL);
}
