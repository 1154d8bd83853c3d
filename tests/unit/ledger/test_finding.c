#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "plugin_host/ledger/finding.h"

static struct watch leaking(double per_call)
{
    return (struct watch){.verdict = TREND_LEAKING, .per_call = per_call};
}

static void fill(struct watch watches[LEVELS], enum trend_verdict verdict)
{
    for (enum level level = 0; level < LEVELS; level++)
        watches[level] = (struct watch){.verdict = verdict};
}

static void nothing_leaks(void **state)
{
    (void)state;
    struct watch watches[LEVELS];
    fill(watches, TREND_STEADY);
    struct finding finding = finding_of("kite", watches);
    assert_int_equal(finding.verdict, TREND_STEADY);
    assert_string_equal(finding.kind, "");
    assert_string_equal(finding.text, "");
    watches[LEVEL_MALLOC].verdict = TREND_WARMING;
    assert_int_equal(finding_of("kite", watches).verdict, TREND_WARMING);
}

static void the_cause_has_the_name(void **state)
{
    (void)state;
    struct watch watches[LEVELS];
    fill(watches, TREND_WARMING);
    watches[LEVEL_CONSTANTS] = leaking(1);
    assert_string_equal(finding_of("kite", watches).kind, "references to None");
    watches[LEVEL_MALLOC] = leaking(10);
    assert_string_equal(finding_of("kite", watches).kind, "malloc memory");
    watches[LEVEL_MEMORY] = leaking(10);
    assert_string_equal(finding_of("kite", watches).kind, "python memory");
    watches[LEVEL_OBJECTS] = leaking(100);
    assert_string_equal(finding_of("kite", watches).kind, "python objects");
    watches[LEVEL_ARRAYS] = leaking(1000);
    assert_string_equal(finding_of("kite", watches).kind, "array memory");
    watches[LEVEL_THREADS] = leaking(1);
    assert_string_equal(finding_of("kite", watches).kind, "threads");
    watches[LEVEL_DESCRIPTORS] = leaking(1);
    assert_string_equal(finding_of("kite", watches).kind, "file descriptors");
    watches[LEVEL_INPUTS] = leaking(1);
    watches[LEVEL_RETAINED_BYTES] = leaking(5000);
    struct finding finding = finding_of("kite", watches);
    assert_string_equal(finding.kind, "retained inputs");
    assert_true(finding.bytes_per_call == 6120);
    watches[LEVEL_GARBAGE] = leaking(1);
    assert_string_equal(finding_of("kite", watches).kind, "reference cycles (collector off)");
    for (enum level level = 0; level < LEVELS; level++)
        assert_true(strlen(level_name(level)) > 0);
}

static void texts_are_for_people(void **state)
{
    (void)state;
    struct watch watches[LEVELS];
    fill(watches, TREND_STEADY);
    watches[LEVEL_ARRAYS] = leaking(112);
    assert_string_equal(
        finding_of("kite", watches).text,
        "kite keeps 112 bytes per call in array memory (NumPy data never freed): an extra "
        "reference to a result, or a container that grows?");
    watches[LEVEL_ARRAYS] = leaking(1 << 20);
    assert_non_null(strstr(finding_of("kite", watches).text, "keeps 1024.0 KiB per call"));
    watches[LEVEL_ARRAYS] = leaking(0.56);
    assert_non_null(strstr(finding_of("kite", watches).text, "keeps 0.56 bytes per call"));
    fill(watches, TREND_STEADY);
    watches[LEVEL_DESCRIPTORS] = leaking(0.01);
    assert_string_equal(
        finding_of("kite", watches).text,
        "kite leaves descriptors open, 1 every 100 calls: a file or socket that is never "
        "closed?");
    watches[LEVEL_DESCRIPTORS] = leaking(2);
    assert_non_null(strstr(finding_of("kite", watches).text, "open, 2 per call:"));
}

static void long_names_fit(void **state)
{
    (void)state;
    char name[64];
    memset(name, 'n', 63);
    name[63] = '\0';
    struct watch watches[LEVELS];
    for (enum level level = 0; level < LEVELS; level++) {
        fill(watches, TREND_STEADY);
        watches[level] = leaking(123456789);
        struct finding finding = finding_of(name, watches);
        size_t length = strlen(finding.text);
        assert_true(length < sizeof finding.text - 1);
        assert_true(finding.text[length - 1] == '?' || strstr(finding.text, "leave it on") ||
                    strstr(finding.text, "outlive the call"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaks),
        cmocka_unit_test(the_cause_has_the_name),
        cmocka_unit_test(texts_are_for_people),
        cmocka_unit_test(long_names_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
