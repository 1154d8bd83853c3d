/* What needs neither processes nor files: back-off, breaker, output lines, name sets, the watch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "astrolabe/error.h"
#include "plugins/backoff.h"
#include "plugins/breaker.h"
#include "plugins/fleet.h"
#include "plugins/name_set.h"
#include "plugins/output.h"
#include "plugins/watch.h"

static const uint64_t second = 1000000000u;

/* --- back-off --- */

static double next(struct backoff *backoff, double lived_s, double most_s)
{
    return backoff_next(backoff, lived_s, most_s, 0.5); /* 0.5: no jitter */
}

static void back_off_doubles_up_to_its_limit(void **state)
{
    (void)state;
    struct backoff backoff = {0};
    double expected = 0.1;
    for (int i = 0; i < 40; i++) {
        double wait = next(&backoff, 1, BACKOFF_MOST_S);
        assert_true(wait > expected * 0.999 && wait < expected * 1.001);
        expected = expected * 2 < 30 ? expected * 2 : 30;
    }
}

static void who_has_lived_is_followed_at_once(void **state)
{
    (void)state;
    struct backoff backoff = {0};
    for (int i = 0; i < 5; i++)
        next(&backoff, 0, BACKOFF_MOST_S);
    assert_true(next(&backoff, BACKOFF_YOUNG_S, BACKOFF_MOST_S) <= 0);
    assert_true(next(&backoff, 0, BACKOFF_MOST_S) < 0.11); /* and begins anew */
}

static void jitter_stays_within_a_quarter(void **state)
{
    (void)state;
    struct backoff one = {0}, other = {0};
    double least = backoff_next(&one, 0, BACKOFF_MOST_S, 0);
    double most = backoff_next(&other, 0, BACKOFF_MOST_S, 0.999);
    assert_true(least >= 0.0749 && least < most && most <= 0.1251);
}

static void kills_from_outside_do_not_make_crashes_wait_longer(void **state)
{
    (void)state;
    struct backoff backoff = {0};
    for (int i = 0; i < 200; i++)
        assert_true(next(&backoff, 1, 1.0) <= 1.0);
    assert_true(next(&backoff, 1, BACKOFF_MOST_S) <= 3.3);
    assert_true(next(&backoff, 1, 0) <= 0); /* a deadline says nothing about the next host */
}

/* --- breaker --- */

static int calm(void **state)
{
    (void)state;
    breaker_reset();
    return 0;
}

static void crash_until_open(const char *plugin, uint64_t *now)
{
    for (int i = 1; i < FLEET_CRASHES; i++) {
        *now += second;
        assert_true(breaker_crashed(plugin, *now) <= 0);
    }
    *now += second;
    assert_true(breaker_crashed(plugin, *now) > 0);
}

static void five_crashes_in_a_minute_switch_off(void **state)
{
    (void)state;
    struct astro_error err = {.code = ASTRO_OK};
    unsigned retry = 0;
    uint64_t now = 1000 * second;
    crash_until_open("kite", &now);
    assert_false(breaker_admits("kite", now, &err, &retry));
    assert_int_equal(err.code, ASTRO_OVERLOADED);
    assert_non_null(strstr(err.text, "kite"));
    assert_int_equal(retry, 10);
    assert_true(breaker_refuses_any(now));
    assert_true(breaker_admits("lark", now, &err, &retry)); /* nobody else */
}

static void crashes_far_apart_do_not(void **state)
{
    (void)state;
    uint64_t now = 1000 * second;
    for (int i = 0; i < 50; i++) {
        assert_true(breaker_crashed("kite", now) <= 0);
        now += (FLEET_CRASH_WINDOW_S / (FLEET_CRASHES - 1) + 1) * second;
    }
}

static void one_trial_decides(void **state)
{
    (void)state;
    struct astro_error err = {.code = ASTRO_OK};
    unsigned retry = 0;
    uint64_t now = 1000 * second;
    crash_until_open("kite", &now);
    assert_false(breaker_call_ended("kite", now)); /* an old call: no trial has begun */
    now += 10 * second;
    assert_false(breaker_refuses("kite", now)); /* ready for a trial: else none would ever come */
    assert_true(breaker_admits("kite", now, &err, &retry));
    assert_false(breaker_admits("kite", now, &err, &retry)); /* one at a time */
    assert_true(breaker_call_ended("kite", now));
    assert_false(breaker_call_ended("kite", now)); /* once */
    assert_true(breaker_admits("kite", now, &err, &retry));
    assert_false(breaker_refuses_any(now));
}

static void a_failed_trial_doubles_the_time_up_to_ten_minutes(void **state)
{
    (void)state;
    struct astro_error err = {.code = ASTRO_OK};
    unsigned retry = 0;
    uint64_t now = 1000 * second;
    crash_until_open("kite", &now);
    double expected = 10;
    for (int i = 0; i < 12; i++) {
        now += (uint64_t)expected * second;
        assert_true(breaker_admits("kite", now, &err, &retry));
        double seconds = breaker_crashed("kite", now);
        expected = expected * 2 < 600 ? expected * 2 : 600;
        assert_true(seconds > expected - 0.5 && seconds < expected + 0.5);
        assert_true(breaker_crashed("kite", now) <= 0); /* another host with an old call */
    }
}

static void a_trial_that_nobody_ends_is_followed_by_another(void **state)
{
    (void)state;
    struct astro_error err = {.code = ASTRO_OK};
    unsigned retry = 0;
    uint64_t now = 1000 * second;
    crash_until_open("kite", &now);
    now += 10 * second;
    assert_true(breaker_admits("kite", now, &err, &retry));
    assert_false(breaker_admits("kite", now + 59 * second, &err, &retry));
    assert_true(breaker_admits("kite", now + 60 * second, &err, &retry));
}

static void the_barred_wait_for_a_reload(void **state)
{
    (void)state;
    struct astro_error err = {.code = ASTRO_OK};
    unsigned retry = 0;
    breaker_bar("kite", "it kills hosts");
    breaker_bar("kite", "again");
    assert_false(breaker_admits("kite", 5 * second, &err, &retry));
    assert_non_null(strstr(err.text, "it kills hosts"));
    assert_false(breaker_call_ended("kite", 5 * second));
    assert_true(breaker_crashed("kite", 5 * second) <= 0);
    assert_false(breaker_admits("kite", 900000 * second, &err, &retry));
    breaker_unbar("kite");
    assert_true(breaker_admits("kite", 5 * second, &err, &retry));
    breaker_bar("kite", "it kills hosts");
    breaker_reset();
    assert_true(breaker_admits("kite", 5 * second, &err, &retry));
}

static void more_plugins_than_records_evict_the_calm(void **state)
{
    (void)state;
    struct astro_error err = {.code = ASTRO_OK};
    unsigned retry = 0;
    uint64_t now = 1000 * second;
    crash_until_open("kite", &now);
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof name, "plugin%d", i);
        breaker_crashed(name, now);
    }
    assert_false(breaker_admits("kite", now, &err, &retry));
}

/* --- output --- */

struct lines {
    char text[OUTPUT_LINE * 4];
    unsigned n;
};

static void collect(void *context, const char *text, size_t length)
{
    struct lines *lines = context;
    size_t used = strlen(lines->text);
    assert_true(used + length + 2 < sizeof lines->text);
    snprintf(lines->text + used, sizeof lines->text - used, "%.*s|", (int)length, text);
    lines->n++;
}

static void lines_are_put_together(void **state)
{
    (void)state;
    struct output output = {.length = 0};
    struct lines lines = {.n = 0};
    const char text[] = "one\ntwo\r\n\nthr";
    for (size_t i = 0; i < sizeof text - 1; i++)
        output_feed(&output, text + i, 1, collect, &lines);
    output_feed(&output, "ee\nfour", 7, collect, &lines);
    assert_string_equal(lines.text, "one|two|three|");
    output_end(&output, collect, &lines);
    assert_string_equal(lines.text, "one|two|three|four|");
    output_end(&output, collect, &lines);
    assert_int_equal(lines.n, 4);
}

static void long_lines_come_in_pieces(void **state)
{
    (void)state;
    struct output output = {.length = 0};
    struct lines lines = {.n = 0};
    char text[OUTPUT_LINE * 2 + 1];
    memset(text, 'x', sizeof text);
    text[OUTPUT_LINE * 2] = '\n';
    output_feed(&output, text, sizeof text, collect, &lines);
    assert_int_equal(lines.n, 2);
    assert_int_equal(strlen(lines.text), OUTPUT_LINE * 2 + 2);
    output_feed(&output, "y\n", 2, collect, &lines);
    assert_int_equal(lines.n, 3);
}

static void lines_may_say_their_level(void **state)
{
    (void)state;
    static const struct {
        const char *line, *text;
        enum settings_level level;
    } rows[] = {{"astrolabe:error: lost", "lost", LEVEL_ERROR},
                {"astrolabe:warning: astrolabe:error: hm", "astrolabe:error: hm", LEVEL_WARN},
                {"astrolabe:info: so", "so", LEVEL_INFO},
                {"astrolabe:debug: ", "", LEVEL_DEBUG},
                {"astrolabe:debug:", "astrolabe:debug:", LEVEL_INFO},
                {"astrolabe:loud: x", "astrolabe:loud: x", LEVEL_INFO},
                {" astrolabe:error: x", " astrolabe:error: x", LEVEL_INFO},
                {"", "", LEVEL_INFO}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = rows[i].line;
        size_t length = strlen(text);
        assert_int_equal(output_level(&text, &length), rows[i].level);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(length, strlen(rows[i].text));
    }
}

static void too_many_lines_are_counted(void **state)
{
    (void)state;
    struct output_rate rate = {.lines = 0};
    uint64_t now = 100 * second;
    unsigned allowed = 0;
    for (int i = 0; i < OUTPUT_LINES + 50; i++)
        allowed += output_allows(&rate, now);
    assert_int_equal(allowed, OUTPUT_LINES);
    assert_int_equal(output_suppressed(&rate, now), 0); /* the second has not passed */
    assert_true(output_allows(&rate, now + second));
    assert_int_equal(output_suppressed(&rate, now + second), 50); /* told although more comes */
    assert_int_equal(output_suppressed(&rate, now + 9 * second), 0);
}

/* --- names --- */

static void names_are_a_set(void **state)
{
    (void)state;
    struct name_set set = {.names = NULL}, copy = {.names = NULL};
    char name[80];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 100; i++) {
            snprintf(name, sizeof name, "n%d", i);
            assert_true(name_set_add(&set, name));
        }
    }
    assert_int_equal(set.n, 100);
    name_set_remove(&set, "n0");
    name_set_remove(&set, "n0");
    name_set_remove(&set, "n99");
    assert_int_equal(set.n, 98);
    assert_false(name_set_has(&set, "n0"));
    assert_true(name_set_has(&set, "n98"));
    assert_true(name_set_add_all(&copy, &set));
    assert_int_equal(copy.n, 98);
    memset(name, 'x', sizeof name);
    name[NAME_ROOM] = '\0';
    assert_false(name_set_add(&set, name));
    name[NAME_ROOM - 1] = '\0';
    assert_true(name_set_add(&set, name));
    assert_false(name_set_add(&set, ""));
    assert_false(name_set_add(&set, "a\nb"));
    name_set_release(&set);
    name_set_release(&copy);
}

static void a_set_is_bounded(void **state)
{
    (void)state;
    struct name_set set = {.names = NULL};
    char name[32];
    int n = 0;
    do {
        snprintf(name, sizeof name, "n%d", n);
    } while (name_set_add(&set, name) && ++n < 5000);
    assert_int_equal(n, NAME_SET_MOST);
    name_set_release(&set);
}

/* --- watch --- */

static void a_change_counts_when_it_has_come_to_rest(void **state)
{
    (void)state;
    struct watch watch;
    watch_base(&watch, 1);
    assert_false(watch_look(&watch, 1));
    assert_false(watch_look(&watch, 2));
    assert_false(watch_look(&watch, 3)); /* still changing */
    assert_true(watch_look(&watch, 3));
    assert_false(watch_look(&watch, 3)); /* once */
    assert_false(watch_look(&watch, 2));
    assert_false(watch_look(&watch, 3)); /* back again: nothing has happened */
    assert_false(watch_look(&watch, 3));
}

int main(void)
{
#define CALM(name) cmocka_unit_test_setup(name, calm)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_off_doubles_up_to_its_limit),
        cmocka_unit_test(who_has_lived_is_followed_at_once),
        cmocka_unit_test(jitter_stays_within_a_quarter),
        cmocka_unit_test(kills_from_outside_do_not_make_crashes_wait_longer),
        CALM(five_crashes_in_a_minute_switch_off),
        CALM(crashes_far_apart_do_not),
        CALM(one_trial_decides),
        CALM(a_failed_trial_doubles_the_time_up_to_ten_minutes),
        CALM(a_trial_that_nobody_ends_is_followed_by_another),
        CALM(the_barred_wait_for_a_reload),
        CALM(more_plugins_than_records_evict_the_calm),
        cmocka_unit_test(lines_are_put_together),
        cmocka_unit_test(long_lines_come_in_pieces),
        cmocka_unit_test(lines_may_say_their_level),
        cmocka_unit_test(too_many_lines_are_counted),
        cmocka_unit_test(names_are_a_set),
        cmocka_unit_test(a_set_is_bounded),
        cmocka_unit_test(a_change_counts_when_it_has_come_to_rest),
    };
    return cmocka_run_group_tests_name("fleet: parts", tests, NULL, NULL);
}
