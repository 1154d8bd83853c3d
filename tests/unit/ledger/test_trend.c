/* Thousands of simulated plugins: no clean one is ever called leaking, and no leak is missed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plugin_host/ledger/history.h"
#include "plugin_host/ledger/trend.h"
#include "simulate.h"

#ifdef __SANITIZE_ADDRESS__
#define SLOW 10
#elif defined(__SANITIZE_THREAD__)
#define SLOW 10
#else
#define SLOW 1
#endif
enum { SEEDS = 100 / SLOW };
static const double serving = 16000, offline = 9000; /* least histories */

/* --- kinds of plugins --- */

static void leak(struct plugin *plugin)
{
    plugin->level += plugin->amount;
}

static void leak_now_and_then(struct plugin *plugin)
{
    if (plugin->call % (uint64_t)plugin->period == 0)
        plugin->level += plugin->amount;
}

static void leak_at_random(struct plugin *plugin)
{
    if (simulate_random() < plugin->rate)
        plugin->level += plugin->amount;
}

static void leak_in_noise(struct plugin *plugin)
{
    plugin->kept += plugin->amount;
    plugin->level = plugin->kept + plugin->most * simulate_random();
}

/* A dictionary that grows: its entries, and its table, which doubles. */
static void unbounded_cache(struct plugin *plugin)
{
    double n = (double)plugin->call, table = 8;
    while (table * 2 / 3 < n)
        table *= 2;
    plugin->level = n * plugin->amount + table * 24;
}

/* A list that grows: only its table, by an eighth now and then. */
static void growing_list(struct plugin *plugin)
{
    double n = (double)plugin->call;
    if (n > plugin->kept)
        plugin->kept = floor((n + floor(n / 8) + 6) / 4) * 4;
    plugin->level = plugin->kept * 8;
}

static void warm_and_leak(struct plugin *plugin)
{
    double n = (double)plugin->call;
    plugin->level = plugin->most * (1 - exp(-n / plugin->period)) + plugin->amount * n;
}

static void leak_until(struct plugin *plugin)
{
    if ((double)plugin->call < plugin->most)
        plugin->level += plugin->amount;
}

static void sawtooth(struct plugin *plugin)
{
    plugin->kept += plugin->amount;
    if (plugin->call % (uint64_t)plugin->period == 0)
        plugin->kept = 0;
    plugin->level = plugin->kept;
}

static void sawtooth_and_leak(struct plugin *plugin)
{
    sawtooth(plugin);
    plugin->base += plugin->rate;
    plugin->level += plugin->base;
}

/* `most` entries; a call misses with the probability `rate` until they are there. */
static void bounded_cache(struct plugin *plugin)
{
    if (plugin->kept >= plugin->most || simulate_random() >= plugin->rate)
        return;
    plugin->kept++;
    plugin->level += plugin->amount;
}

/* Keys out of `most`, remembered for ever. */
static void warming_cache(struct plugin *plugin)
{
    size_t key = (size_t)(simulate_random() * plugin->most);
    if (plugin->seen[key])
        return;
    plugin->seen[key] = 1;
    plugin->level += plugin->amount;
}

static void last_result(struct plugin *plugin)
{
    plugin->level = 8 * exp(simulate_random() * plugin->most);
}

static void noise(struct plugin *plugin)
{
    bool odd = simulate_random() < 0.02;
    plugin->level = plugin->amount * simulate_random() * (odd ? 10 : 1);
}

/* Comes and goes slowly, around a middle. */
static void wandering(struct plugin *plugin)
{
    plugin->kept += (simulate_random() - 0.5) * plugin->amount - plugin->rate * plugin->kept;
    plugin->level = 1e6 + plugin->kept;
}

static void constant(struct plugin *plugin)
{
    plugin->level = 12345;
}

/* A large thing loaded at some call, and no more. */
static void one_step(struct plugin *plugin)
{
    plugin->level = (double)plugin->call > plugin->period ? plugin->amount : 0;
}

/* --- leaks --- */

static const struct {
    const char *name;
    behaviour act;
    struct plugin plugin;
    uint64_t within;
} leaks[] = {
    {"100 bytes a call", leak, {.amount = 100}, 50000},
    {"1 byte a call", leak, {.amount = 1}, 50000},
    {"an object every 100 calls", leak_now_and_then, {.amount = 56, .period = 100}, 50000},
    {"an object every 100 calls, at random", leak_at_random, {.amount = 56, .rate = 0.01}, 50000},
    {"a kilobyte every 1000 calls", leak_at_random, {.amount = 1000, .rate = 0.001}, 100000},
    {"1 MiB a call", leak, {.amount = 1 << 20}, 1000},
    {"200 kB a call", leak, {.amount = 200000}, 1000},
    {"an unbounded cache", unbounded_cache, {.amount = 80}, 50000},
    {"a list that grows", growing_list, {.amount = 0}, 50000},
    {"in noise of 500 calls", leak_in_noise, {.amount = 100, .most = 50000}, 50000},
    {"in noise of 5000 calls", leak_in_noise, {.amount = 100, .most = 500000}, 50000},
    {"over a buffer", sawtooth_and_leak, {.amount = 100, .period = 1000, .rate = 100}, 50000},
    {"over a large buffer",
     sawtooth_and_leak,
     {.amount = 1000, .period = 1000, .rate = 100},
     150000},
    {"after a short warm-up", warm_and_leak, {.amount = 100, .most = 5e6, .period = 500}, 50000},
    {"after a long warm-up", warm_and_leak, {.amount = 100, .most = 5e6, .period = 3000}, 50000},
};

static void leaks_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof leaks / sizeof leaks[0]; i++)
        for (uint64_t seed = 1; seed <= SEEDS / 4; seed++) {
            struct outcome outcome =
                simulate(leaks[i].act, leaks[i].plugin, leaks[i].within, seed, serving);
            if (!outcome.found)
                fail_msg("%s, seed %d: not found", leaks[i].name, (int)seed);
        }
}

static void rates_are_right(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct outcome outcome =
            simulate(leak, (struct plugin){.amount = 123}, 50000, seed, serving);
        assert_true(fabs(outcome.per_call - 123) < 1);
        outcome = simulate(leak_in_noise, (struct plugin){.amount = 100, .most = 50000}, 50000,
                           seed, serving);
        assert_true(fabs(outcome.per_call - 100) < 10);
    }
}

/* --- what is none --- */

static const struct {
    const char *name;
    behaviour act;
    struct plugin plugin;
    uint64_t calls;
} clean[] = {
    {"constant", constant, {.amount = 0}, 60000},
    {"noise", noise, {.amount = 10000}, 60000},
    {"wandering", wandering, {.amount = 1000, .rate = 0.01}, 60000},
    {"wandering slowly", wandering, {.amount = 1000, .rate = 0.001}, 60000},
    {"the last result", last_result, {.most = 14}, 60000},
    {"a step", one_step, {.amount = 1e8, .period = 12345}, 60000},
    {"a buffer of 1000", sawtooth, {.amount = 100, .period = 1000}, 60000},
    {"a large buffer of 1000", sawtooth, {.amount = 10000, .period = 1000}, 60000},
    {"a buffer of 512", sawtooth, {.amount = 100, .period = 512}, 60000},
    {"a buffer of 513", sawtooth, {.amount = 100, .period = 513}, 60000},
    {"a buffer of 1024", sawtooth, {.amount = 100, .period = 1024}, 60000},
    {"a buffer of 3000", sawtooth, {.amount = 100, .period = 3000}, 60000},
    {"a buffer of 10000", sawtooth, {.amount = 100, .period = 10000}, 60000},
    {"a cache of 128", bounded_cache, {.amount = 200, .most = 128, .rate = 1}, 40000},
    {"a cache of 5000", bounded_cache, {.amount = 200, .most = 5000, .rate = 1}, 60000},
    {"a cache of 8000", bounded_cache, {.amount = 200, .most = 8000, .rate = 1}, 60000},
    {"a cache of 8000 with hits", bounded_cache, {.amount = 200, .most = 8000, .rate = 0.7}, 60000},
    {"a cache of 8000 heavy entries",
     bounded_cache,
     {.amount = 1000, .most = 8000, .rate = 1},
     60000},
    {"1000 keys", warming_cache, {.amount = 200, .most = 1000}, 60000},
    {"4000 keys", warming_cache, {.amount = 200, .most = 4000}, 60000},
    {"8000 keys", warming_cache, {.amount = 200, .most = 8000}, 60000},
    {"16000 keys", warming_cache, {.amount = 200, .most = 16000}, 100000},
    {"32000 keys", warming_cache, {.amount = 200, .most = 32000}, 100000},
};
enum { CLEAN = sizeof clean / sizeof clean[0] };

static void nothing_else_is_called_a_leak(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLEAN; i++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            struct outcome outcome =
                simulate(clean[i].act, clean[i].plugin, clean[i].calls, seed, serving);
            if (outcome.found)
                fail_msg("%s, seed %d: called a leak after %d calls", clean[i].name, (int)seed,
                         (int)outcome.found);
        }
}

/* With half the history that a check of 20,000 calls has. */
static void nor_offline(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLEAN; i++) {
        double most =
            clean[i].act == bounded_cache ? clean[i].plugin.most / clean[i].plugin.rate : 0;
        if (most > 8000 || clean[i].plugin.most > 20000 || clean[i].plugin.period > 5000)
            continue; /* still growing after half of the calls: nobody could tell */
        for (uint64_t seed = 1; seed <= SEEDS / 2; seed++) {
            struct outcome outcome = simulate(clean[i].act, clean[i].plugin, 20000, seed, offline);
            if (outcome.found)
                fail_msg("%s, seed %d: called a leak after %d calls", clean[i].name, (int)seed,
                         (int)outcome.found);
        }
    }
}

static void what_has_stopped_is_steady(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS / 10; seed++) {
        struct plugin plugin = {.amount = 100, .most = 30000};
        struct outcome outcome = simulate(leak_until, plugin, 29000, seed, serving);
        assert_true(outcome.found && outcome.leaking);
        outcome = simulate(leak_until, plugin, 80000, seed, serving);
        assert_true(outcome.found && outcome.steady);
    }
}

static void what_is_constant_is_steady_soon(void **state)
{
    (void)state;
    assert_true(simulate(constant, (struct plugin){0}, 1000, 1, serving).steady);
    assert_false(simulate(leak, (struct plugin){.amount = 100}, 2000, 1, serving).steady);
    assert_false(simulate(constant, (struct plugin){0}, 100, 1, serving).steady);
}

/* --- the judge alone --- */

static const struct trend_rule rule = {.min_calls = 1000,
                                       .early_calls = 300,
                                       .early_growth = 1e9,
                                       .min_growth = 10,
                                       .full_calls = 1000};

static void odd_histories(void **state)
{
    (void)state;
    struct trend_sample samples[TREND_MOST + 10];
    memset(samples, 0, sizeof samples);
    assert_int_equal(trend_judge(samples, 0, &rule).verdict, TREND_WARMING);
    assert_int_equal(trend_judge(samples, 1, &rule).verdict, TREND_WARMING);
    assert_int_equal(trend_judge(samples, TREND_MOST, &rule).verdict, TREND_WARMING); /* no calls */
    for (size_t i = 0; i < TREND_MOST + 10; i++)
        samples[i] = (struct trend_sample){.calls = 100.0 * (double)i, .level = -5.0 * (double)i};
    assert_int_equal(trend_judge(samples, TREND_MOST + 10, &rule).verdict,
                     TREND_STEADY); /* shrinks */
    for (size_t i = 0; i < TREND_MOST; i++)
        samples[i].level = 5.0 * (double)i;
    struct trend trend = trend_judge(samples, TREND_MOST, &rule);
    assert_int_equal(trend.verdict, TREND_LEAKING);
    assert_true(fabs(trend.per_call - 0.05) < 1e-9);
    /* All samples at one end. */
    for (size_t i = 0; i < TREND_MOST - 1; i++)
        samples[i].calls = (double)i / 1000;
    assert_int_equal(trend_judge(samples, TREND_MOST, &rule).verdict, TREND_WARMING);
}

static void histories_are_bounded_and_even(void **state)
{
    (void)state;
    struct history history;
    history_init(&history, 0);
    for (uint64_t calls = 1; calls < 1000000; calls += history_distance(&history)) {
        struct sample sample = {.calls = calls};
        history_add(&history, &sample);
        history_add(&history, &sample); /* too near: left out */
        assert_true(history.late.n <= TREND_MOST && history.life.n <= TREND_MOST);
    }
    const struct track *late = &history.late, *life = &history.life;
    assert_int_equal(history_distance(&history), HISTORY_MOST_DISTANCE);
    assert_int_equal(life->samples[0].calls, 1);
    for (size_t i = 1; i < late->n; i++)
        assert_int_equal(late->samples[i].calls - late->samples[i - 1].calls,
                         HISTORY_MOST_DISTANCE);
    for (size_t i = 1; i < life->n; i++)
        assert_true(life->samples[i].calls - life->samples[i - 1].calls >= life->distance / 2);
    assert_true(life->n > TREND_MOST / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaks_are_found),
        cmocka_unit_test(rates_are_right),
        cmocka_unit_test(nothing_else_is_called_a_leak),
        cmocka_unit_test(nor_offline),
        cmocka_unit_test(what_has_stopped_is_steady),
        cmocka_unit_test(what_is_constant_is_steady_soon),
        cmocka_unit_test(odd_histories),
        cmocka_unit_test(histories_are_bounded_and_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
