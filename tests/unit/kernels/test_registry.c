/* registry.c, and the descriptions themselves: found by name, complete, free of reserved names. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

static const char *const delivered[] = {
    "radec_to_xyz",
    "xyz_to_radec",
    "icrs_to_galactic",
    "galactic_to_icrs",
    "icrs_to_fk5",
    "fk5_to_icrs",
    "precess_fk5",
    "fk4_to_fk5",
    "fk5_to_fk4",
    "icrs_to_fk4",
    "fk4_to_icrs",
    "fk4_to_fk4_no_e",
    "fk4_no_e_to_fk4",
    "precess_fk4",
    "icrs_to_ecliptic",
    "ecliptic_to_icrs",
    "galactic_to_supergalactic",
    "supergalactic_to_galactic",
    "transform_frame",
    "separation",
    "position_angle",
    "offset_by",
    "spherical_offsets",
    "midpoint",
    "lonlat_to_skyoffset",
    "skyoffset_to_lonlat",
    "radec_to_tangent",
    "tangent_to_radec",
    "parse_angle",
    "format_angle",
    "wrap_angle",
    "utc_to_tai",
    "tai_to_utc",
    "utc_to_tt",
    "tt_to_utc",
    "tai_to_tt",
    "tt_to_tai",
    "tt_to_tdb",
    "tdb_to_tt",
    "utc_to_tdb",
    "tdb_to_utc",
    "tt_to_tcg",
    "tcg_to_tt",
    "tdb_to_tcb",
    "tcb_to_tdb",
    "convert_time",
    "tai_minus_utc",
    "iso_to_jd",
    "jd_to_iso",
    "jd_to_mjd",
    "mjd_to_jd",
    "jd_to_unix",
    "unix_to_jd",
    "jd_to_unix_ns",
    "unix_ns_to_jd",
    "jd_to_gps",
    "gps_to_jd",
    "jd_to_calendar",
    "calendar_to_jd",
    "jd_to_jyear",
    "jyear_to_jd",
    "jd_to_byear",
    "byear_to_jd",
    "jd_to_decimalyear",
    "decimalyear_to_jd",
    "eop_lookup",
    "utc_to_ut1",
    "ut1_to_utc",
    "geodetic_to_geocentric",
    "geocentric_to_geodetic",
    "geocentric_to_enu",
    "enu_to_geocentric",
    "geodetic_to_enu",
    "enu_to_geodetic",
    "geocentric_to_aer",
    "aer_to_geocentric",
    "geodetic_to_aer",
    "aer_to_geodetic",
    "lonlat_to_healpix",
    "healpix_to_lonlat",
    "nested_to_ring",
    "ring_to_nested",
    "healpix_neighbours",
    "healpix_corners",
    "healpix_change_order",
    "healpix_to_nuniq",
    "nuniq_to_healpix",
    "apply_space_motion",
    "pm_icrs_to_galactic",
    "pm_galactic_to_icrs",
    "parallax_to_distance",
    "distance_to_parallax",
    "distance_to_modulus",
    "modulus_to_distance",
};

static void catalogue_is_there_in_its_order(void **state)
{
    size_t last = 0;

    (void)state;
    for (size_t i = 0; i < LENGTH(delivered); i++) {
        size_t index;
        const struct astro_conversion *c =
            astro_conversion_find(delivered[i], strlen(delivered[i]), &index);
        assert_non_null(c);
        assert_string_equal(c->name, delivered[i]);
        assert_ptr_equal(astro_conversion_at(index), c);
        assert_true(i == 0 || index > last);
        last = index;
    }
}

static void every_entry_is_found_and_nothing_else(void **state)
{
    (void)state;
    assert_null(astro_conversion_at(astro_conversion_count()));
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        const struct astro_conversion *c = astro_conversion_at(i);
        char longer[128];
        size_t length = strlen(c->name), index;
        assert_ptr_equal(astro_conversion_find(c->name, length, &index), c);
        assert_int_equal(index, i);
        assert_ptr_equal(astro_conversion_find(c->name, length, NULL), c);
        assert_null(astro_conversion_find(c->name, length - 1, NULL));
        snprintf(longer, sizeof longer, "%sx", c->name);
        assert_null(astro_conversion_find(longer, length + 1, NULL));
        assert_ptr_equal(astro_conversion_find(longer, length, NULL), c);
        assert_null(astro_conversion_find(c->name, length + 1, NULL)); /* the NUL counts */
    }
    assert_null(astro_conversion_find("", 0, NULL));
}

static void misspelt_names_have_a_neighbour(void **state)
{
    static const struct {
        const char *given, *nearest;
    } rows[] = {
        {"radec_to_xzy", "radec_to_xyz"},
        {"RADEC_TO_XYZ", "radec_to_xyz"},
        {"icrs_to_galatic", "icrs_to_galactic"},
        {"seperation", "separation"},
        {"galactic_to_ircs", "galactic_to_icrs"},
        {"ecliptic_to_icr", "ecliptic_to_icrs"},
        {"postion_angle", "position_angle"},
        {"bananas", NULL},
        {"", NULL},
        {"xyz", NULL},
    };
    char long_name[300];

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *near = astro_conversion_nearest(rows[i].given, strlen(rows[i].given));
        if (rows[i].nearest)
            assert_string_equal(near ? near : "(none)", rows[i].nearest);
        else
            assert_null(near);
    }
    memset(long_name, 'a', sizeof long_name);
    assert_null(astro_conversion_nearest(long_name, sizeof long_name));
}

static bool reserved(const char *name)
{
    static const char *const words[] = {
        "sequence_id", "sequence_start", "sequence_end",       "priority", "timeout",
        "headers",     "content_type",   "binary_data_output", "warnings", "error",
    };

    for (size_t i = 0; i < LENGTH(words); i++) {
        if (strcmp(name, words[i]) == 0)
            return true;
    }
    return strncmp(name, "triton_", 7) == 0;
}

static bool good_name(const char *name)
{
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name) &&
           !reserved(name);
}

static void check_fields(const struct astro_field *fields, size_t n, bool inputs)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(good_name(fields[i].name));
        assert_true(fields[i].doc && *fields[i].doc);
        assert_true(inputs || !fields[i].optional);
        assert_int_equal(fields[i].optional, fields[i].default_doc != NULL);
        bool angle = fields[i].role != ASTRO_PLAIN && fields[i].role != ASTRO_DISTANCE;
        assert_int_equal(angle, fields[i].unit == NULL);
        assert_true(!angle || fields[i].type == ASTRO_FP64);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(fields[i].name, fields[j].name);
    }
}

static void check_parameters(const struct astro_conversion *c)
{
    struct astro_error err = {0};
    struct astro_value value;

    for (size_t i = 0; i < c->n_parameters; i++) {
        const struct astro_parameter *p = &c->parameters[i];
        assert_true(good_name(p->name));
        assert_true(p->doc && *p->doc);
        assert_non_null(p->unit);
        assert_int_equal(p->type == ASTRO_CHOICE, p->choices != NULL);
        assert_int_equal(p->optional, p->default_doc != NULL);
        if (p->type == ASTRO_NUMBER || p->type == ASTRO_INTEGER || p->type == ASTRO_EPOCH)
            assert_true(p->minimum < p->maximum);
        if (p->default_text &&
            !astro_parameter_from_text(p, p->default_text, strlen(p->default_text), &value, &err))
            fail_msg("%s: default of %s: %s", c->name, p->name, err.text);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(p->name, c->parameters[j].name);
        for (size_t j = 0; j < c->n_inputs; j++)
            assert_string_not_equal(p->name, c->inputs[j].name);
    }
}

/*
 * `unit` is offered by whoever has angles, with hours exactly where something is counted in them.
 */
static void check_unit(const struct astro_conversion *c)
{
    bool angles = false, hours = false;

    for (size_t i = 0; i < c->n_inputs + c->n_outputs; i++) {
        const struct astro_field *f =
            i < c->n_inputs ? &c->inputs[i] : &c->outputs[i - c->n_inputs];
        angles = angles || f->unit == NULL;
        hours = hours || f->role == ASTRO_HOURS;
    }
    int unit = astro_unit_parameter(c);
    assert_int_equal(unit >= 0, angles);
    if (unit < 0)
        return;
    const struct astro_parameter *p = &c->parameters[unit];
    assert_string_equal(p->default_text, "deg");
    assert_string_equal(p->choices[ASTRO_DEG], "deg");
    assert_string_equal(p->choices[ASTRO_RAD], "rad");
    assert_int_equal(hours, p->choices[ASTRO_HOURANGLE] != NULL);
    if (hours) {
        assert_string_equal(p->choices[ASTRO_HOURANGLE], "hourangle");
        assert_null(p->choices[ASTRO_HOURANGLE + 1]);
    }
}

static void descriptions_are_complete(void **state)
{
    (void)state;
    assert_true(astro_conversion_count() > 0);
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        const struct astro_conversion *c = astro_conversion_at(i);
        const char *const texts[] = {c->group, c->summary, c->description, c->reference,
                                     c->accuracy};
        assert_true(good_name(c->name));
        for (size_t t = 0; t < LENGTH(texts); t++)
            assert_true(texts[t] && *texts[t]);
        assert_true(c->n_inputs >= 1 && c->n_inputs <= ASTRO_MAX_INPUTS);
        assert_true(c->n_outputs >= 1 && c->n_outputs <= ASTRO_MAX_OUTPUTS);
        assert_true(c->n_parameters <= ASTRO_MAX_PARAMETERS);
        assert_true(c->ns_per_point > 0 && c->prepare_ns > 0 && c->context_size >= 1);
        assert_non_null(c->prepare);
        assert_non_null(c->run);
        check_fields(c->inputs, c->n_inputs, true);
        check_fields(c->outputs, c->n_outputs, false);
        check_parameters(c);
        check_unit(c);
    }
}

static void starting_again_changes_nothing_but_the_target(void **state)
{
    size_t count = astro_conversion_count();

    (void)state;
    assert_false(astro_kernels_init((enum astro_target)(
        astro_target_usable(ASTRO_TARGET_NEON) ? ASTRO_TARGET_SSE2 : ASTRO_TARGET_NEON)));
    assert_int_equal(astro_conversion_count(), count);
    assert_true(astro_kernels_init(ASTRO_TARGET_AUTO));
    assert_int_equal(astro_conversion_count(), count);
    assert_int_not_equal(astro_kernels_target(), ASTRO_TARGET_AUTO);
    assert_true(astro_target_usable(astro_kernels_target()));
    assert_string_equal(astro_target_name(ASTRO_TARGET_AVX512), "avx512");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogue_is_there_in_its_order),
        cmocka_unit_test(every_entry_is_found_and_nothing_else),
        cmocka_unit_test(misspelt_names_have_a_neighbour),
        cmocka_unit_test(descriptions_are_complete),
        cmocka_unit_test(starting_again_changes_nothing_but_the_target),
    };
    return cmocka_run_group_tests_name("kernels.registry", tests, harness_start, NULL);
}
