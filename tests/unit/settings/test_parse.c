/*
 * Text into values.
 */
#include <sched.h>

#include "harness.h"

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"1048576", 1048576},
        {"1048576B", 1048576},
        {"64MiB", 67108864},
        {"64M", 67108864},
        {"64m", 67108864},
        {"64mi", 67108864},
        {" 64 MiB ", 67108864},
        {"1.5GiB", 1610612736},
        {"2kB", 2000},
        {"2k", 2048},
        {"2KiB", 2048},
        {"20MB", 20000000},
        {"1e6", 1000000},
        {"+3000000", 3000000},
        {"0.5TiB", 549755813888},
        {"1125899906842624", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct loaded loaded;
        load_flags(&loaded, "--limits-contexts", cases[i].text);
        if (cases[i].bytes == 0) {
            assert_error(&loaded, "too large");
            continue;
        }
        assert_loaded(&loaded);
        assert_int_equal(loaded.settings.limits_contexts, cases[i].bytes);
        unload(&loaded);
    }
}

static void bad_sizes(void **state)
{
    (void)state;
    static const char *const cases[] = {"MiB",   "64 MiBs", "64x",    "0x1000000", "inf",
                                        "nan",   "64,0",    "1..5M",  "1.2B",      "12 34",
                                        "-5MiB", "1e400",   "64Mi B", "."};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct loaded loaded;
        load_flags(&loaded, "--limits-contexts", cases[i]);
        assert_error(&loaded, "--limits-contexts: \"");
        assert_error(&loaded, "; give bytes or a size such as 16MiB, from 0 to 1TiB");
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {
        {"2", 2},       {"2s", 2},    {"500ms", 0.5},     {"1min", 60}, {"1.5h", 5400},
        {"1d", 86400},  {"0.1", 0.1}, {"2500us", 2.5e-3}, {"30 s", 30}, {"5e-2", 0.05},
        {"5e-2min", 3}, {".5", 0.5},  {"5.", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct loaded loaded;
        load_flags(&loaded, "--timeouts-head", cases[i].text);
        assert_loaded(&loaded);
        assert_memory_equal(&loaded.settings.timeouts_head, &cases[i].seconds, sizeof(double));
        unload(&loaded);
    }
}

static void bad_times(void **state)
{
    (void)state;
    static const char *const cases[] = {"s", "2m", "2S", "2 minutes", "1min30s", "-1", "0", "1e"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct loaded loaded;
        load_flags(&loaded, "--timeouts-head", cases[i]);
        assert_error(&loaded, "; give seconds or a time such as 500ms, 2s or 1min, from 1ms to 1d");
    }
}

/* A value in small units is the double that a person means. */
static void small_units_are_exact(void **state)
{
    (void)state;
    struct loaded loaded;
    double expected = 1e-4;
    load(&loaded, NULL, NULL, NULL);
    assert_memory_equal(&loaded.settings.dispatch_inline, &expected, sizeof expected);
    unload(&loaded);
}

static void switches(void **state)
{
    (void)state;
    static const char *const on[] = {"on", "true", "yes", "1", "ON"};
    static const char *const off[] = {"off", "false", "no", "0", "False"};
    struct loaded loaded;
    for (size_t i = 0; i < 5; i++) {
        load_flags(&loaded, "--auth-anonymous", on[i]);
        assert_true(loaded.ok && loaded.settings.auth_anonymous);
        unload(&loaded);
        load_flags(&loaded, "--auth-anonymous", off[i]);
        assert_true(loaded.ok && !loaded.settings.auth_anonymous);
        unload(&loaded);
    }
    load_flags(&loaded, "--auth-anonymous", "--loops=3"); /* alone is on */
    assert_true(loaded.ok && loaded.settings.auth_anonymous && loaded.settings.loops == 3);
    unload(&loaded);
    load_flags(&loaded, "--auth-anonymous", "maybe");
    assert_error(&loaded, "\"maybe\" is neither on nor off; give on or off");
}

static void access_shares(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double share;
    } cases[] = {{"off", 0}, {"on", 1}, {"0.01", 0.01}, {"0", 0}, {"1", 1}};
    struct loaded loaded;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        load_flags(&loaded, "--log-access", cases[i].text);
        assert_loaded(&loaded);
        assert_memory_equal(&loaded.settings.log_access, &cases[i].share, sizeof(double));
        unload(&loaded);
    }
    load_flags(&loaded, "--log-access", "1%");
    assert_error(&loaded, "give off, on, or 0 to 1");
}

static void choices(void **state)
{
    (void)state;
    struct loaded loaded;
    load_flags(&loaded, "--log-level=debug", "--simd=neon");
    assert_loaded(&loaded);
    assert_int_equal(loaded.settings.log_level, LEVEL_DEBUG);
    assert_int_equal(loaded.settings.simd, 4);
    unload(&loaded);
    load_flags(&loaded, "--log-level", "loud");
    assert_error(&loaded, "--log-level: \"loud\" is not one of the words known here; "
                          "give error, warn, info or debug");
}

static void counts(void **state)
{
    (void)state;
    struct loaded loaded;
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    load_flags(&loaded, "--loops=3", "--threads=cores");
    assert_loaded(&loaded);
    assert_int_equal(loaded.settings.loops, 3);
    assert_int_equal(loaded.settings.threads, CPU_COUNT(&set));
    unload(&loaded);
    load_flags(&loaded, "--loops", "1.5");
    assert_error(&loaded, "is no whole number; give a whole number from 1 to 1024, or cores");
    load_flags(&loaded, "--plugins-queue", "cores");
    assert_error(&loaded, "is not a number");
}

static void texts(void **state)
{
    (void)state;
    struct loaded loaded;
    load_flags(&loaded, "--auth-tokens=/etc/t", "--auth-tokens=none");
    assert_error(&loaded, "--auth-tokens: is given twice");
    load_flags(&loaded, "--auth-tokens", "none");
    assert_true(loaded.ok && !loaded.settings.auth_tokens);
    unload(&loaded);
    /* An unset shell variable must not turn authentication off. */
    load_flags(&loaded, "--auth-tokens", "");
    assert_error(&loaded, "--auth-tokens: \"\" is empty; give a path, or none");
    static const char *const wrong[] = {"\xff",      "\xc3",    "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                        "a\xc0\x80", "\xe2\x82"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        load_flags(&loaded, "--data-eop", wrong[i]);
        assert_error(&loaded, "is not UTF-8; give a path");
    }
    load_flags(&loaded, "--data-eop", "\xe2\x82\xac\xf0\x9f\x94\xad");
    assert_loaded(&loaded);
    unload(&loaded);
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(setting_distance("", ""), 0);
    assert_int_equal(setting_distance("", "abc"), 3);
    assert_int_equal(setting_distance("loops", "loop"), 1);
    assert_int_equal(setting_distance("memroy", "memory"), 1);
    assert_int_equal(setting_distance("kitten", "sitting"), 3);
    char nearest[SETTING_NAME_MAX], endless[1000];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    setting_nearest(endless, SPELL_FLAG, nearest);
    assert_true(setting_find(nearest, SPELL_FLAG) || strncmp(nearest, "--", 2) == 0);
    setting_nearest("memory", SPELL_KEY, nearest);
    assert_string_equal(nearest, "limits.memory");
    setting_nearest("--hlep", SPELL_FLAG, nearest);
    assert_string_equal(nearest, "--help");
    setting_nearest("ASTROLABE_LIMIT_MEM", SPELL_VARIABLE, nearest);
    assert_string_equal(nearest, "ASTROLABE_LIMITS_MEMORY");
}

const struct CMUnitTest parse_tests[] = {
    cmocka_unit_test(sizes),         cmocka_unit_test(bad_sizes),
    cmocka_unit_test(times),         cmocka_unit_test(bad_times),
    cmocka_unit_test(switches),      cmocka_unit_test(small_units_are_exact),
    cmocka_unit_test(access_shares), cmocka_unit_test(choices),
    cmocka_unit_test(counts),        cmocka_unit_test(texts),
    cmocka_unit_test(distances),
};
const size_t parse_tests_count = sizeof parse_tests / sizeof parse_tests[0];
