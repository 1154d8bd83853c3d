/*
 * Every prepare() and every run(), in several threads at once, with contexts of their own and with
 * shared ones, while the leap seconds change under them and Earth orientation is read again and
 * again. Each answer is, to the bit, one of those that a single thread gets with the one table of
 * leap seconds or with the other; the thread sanitizer sees whatever is shared and written.
 */
#include "examples.h"
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "astrolabe/eop_data.h"
#include "astrolabe/time_data.h"

enum { ROWS = 40, THREADS = 4, ROUNDS = 6, TABLES = 2, ROOM = 128, OUTPUT_BYTES = ROWS * 16 };

/* --- what goes in --- */

union column {
    double number[ROWS];
    int64_t whole[ROWS];
    struct astro_text text[ROWS];
};

static void fill_number(const struct astro_field *field, double *column)
{
    for (size_t i = 0; i < ROWS; i++) {
        double at = (double)i;
        if (strcmp(field->name, "jd1") == 0)
            column[i] = 2457754.5 + 40.0 * at; /* across the last leap second and beyond */
        else if (strcmp(field->name, "jd2") == 0)
            column[i] = 0.01 * at;
        else if (field->role == ASTRO_LATITUDE)
            column[i] = 1.5 - 0.06 * at;
        else if (strcmp(field->name, "second") == 0)
            column[i] = at;
        else if (field->unit && strcmp(field->unit, "s") == 0)
            column[i] = 1.4832e9 + 3e6 * at;
        else
            column[i] = 0.1 + 0.7 * at;
    }
}

static void fill(const struct astro_conversion *c, const struct astro_field *field,
                 union column *column)
{
    static const char *const texts[] = {"2016-12-31T23:59:59.5", "2019-06-01", "J2000.0"};
    static const char *const angles[] = {"12h30m45.5s", "-0d30m00s", "1.5 rad"};
    bool is_time = strcmp(c->group, "time") == 0;

    if (field->type == ASTRO_FP64) {
        fill_number(field, column->number);
        return;
    }
    for (size_t i = 0; i < ROWS; i++) {
        const char *text = is_time ? texts[i % 3] : angles[i % 3];
        int64_t small = (int64_t)(i % 5) + (strcmp(field->name, "nuniq") == 0 ? 4 : 1);
        if (field->type == ASTRO_BYTES)
            column->text[i] = (struct astro_text){text, strlen(text)};
        else
            column->whole[i] = strcmp(field->name, "year") == 0 ? 2000 + (int64_t)i : small;
    }
}

/* --- one call --- */

struct answer {
    bool refused;
    unsigned char bytes[ASTRO_MAX_OUTPUTS][OUTPUT_BYTES];
    char room[ROWS][ROOM];
};

/* Texts by what they hold, not where. */
static void settle_texts(const struct astro_conversion *c, struct answer *answer)
{
    for (size_t k = 0; k < c->n_outputs; k++) {
        if (c->outputs[k].type != ASTRO_BYTES)
            continue;
        for (size_t i = 0; i < ROWS; i++) {
            struct astro_text text;
            memcpy(&text, answer->bytes[k] + i * sizeof text, sizeof text);
            text.data = NULL;
            memcpy(answer->bytes[k] + i * sizeof text, &text, sizeof text);
        }
    }
}

static void call_with(const struct converter *converter, struct answer *ret)
{
    static _Thread_local union column columns[ASTRO_MAX_INPUTS];
    const struct astro_conversion *c = converter->conversion;
    struct astro_report report = {0};
    const void *in[ASTRO_MAX_INPUTS] = {NULL};
    void *out[ASTRO_MAX_OUTPUTS] = {NULL};

    memset(ret, 0, sizeof *ret);
    for (size_t k = 0; k < c->n_inputs; k++) {
        fill(c, &c->inputs[k], &columns[k]);
        bool excluded = example_of(c->name)->absent >> k & 1u;
        in[k] = excluded ? NULL : (const void *)&columns[k];
    }
    for (size_t k = 0; k < c->n_outputs; k++) {
        out[k] = ret->bytes[k];
        for (size_t i = 0; c->outputs[k].type == ASTRO_BYTES && i < ROWS; i++) {
            struct astro_text text = {ret->room[i], 0};
            memcpy(ret->bytes[k] + i * sizeof text, &text, sizeof text);
        }
    }
    assert_true(c->text_width <= ROOM);
    c->run(converter->context, ROWS, in, out, &report);
    ret->refused = report.error.code != ASTRO_OK;
    if (ret->refused)
        memset(ret->bytes, 0, sizeof ret->bytes);
    else
        settle_texts(c, ret);
}

static struct converter open_example(const struct astro_conversion *c)
{
    return converter_open(c->name, example_of(c->name)->parameters);
}

static void call(const struct astro_conversion *c, struct answer *ret)
{
    struct converter converter = open_example(c);

    call_with(&converter, ret);
    converter_close(&converter);
}

/* --- the tables --- */

static struct astro_time_data tables[TABLES];
static struct astro_eop_data orientation; /* the same whenever it is read again */

static void make_tables(void)
{
    astro_time_data_builtin(&tables[0]);
    tables[1] = tables[0];
    tables[1].is_builtin = false;
    tables[1].count--; /* without the leap second of 2016 */
    tables[1].expires -= 40000000;
    orientation.first_mjd = 57700;
    orientation.count = 2000;
    for (size_t i = 0; i < orientation.count; i++)
        orientation.days[i] = (struct astro_eop_day){
            .dut1 = 0.1, .xp = 0.2, .yp = 1e-4 * (double)i, .kind = ASTRO_EOP_MEASURED};
}

static void use_table(size_t i)
{
    struct astro_error err = {0};

    /* Older ones may all be held for a moment. */
    if (!astro_time_data_use(&tables[i], &err))
        assert_int_equal(err.code, ASTRO_OVERLOADED);
    err.code = ASTRO_OK;
    if (!astro_eop_use(&orientation, &err))
        assert_int_equal(err.code, ASTRO_OVERLOADED);
}

/* --- together --- */

static struct answer *expected[TABLES]; /* one per conversion */
static struct converter *shared;        /* likewise: contexts that all threads read */
static atomic_bool finished;
static atomic_uint wrong, with_second;

static void compare(size_t index, const struct answer *got)
{
    bool first = memcmp(got, &expected[0][index], sizeof *got) == 0;
    bool second = memcmp(got, &expected[1][index], sizeof *got) == 0;

    if (!first && !second && atomic_fetch_add(&wrong, 1) < 10)
        fprintf(stderr, "%s: an answer that no table gives\n", astro_conversion_at(index)->name);
    if (second && !first)
        atomic_fetch_add(&with_second, 1);
}

static void *caller(void *argument)
{
    struct answer *answer = malloc(sizeof *answer);
    size_t start = *(const size_t *)argument * 17, count = astro_conversion_count();

    for (size_t round = 0; answer && round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            size_t index = (start + i) % count;
            if (round % 2)
                call_with(&shared[index], answer);
            else
                call(astro_conversion_at(index), answer);
            compare(index, answer);
        }
    }
    free(answer);
    return NULL;
}

static void *changer(void *argument)
{
    (void)argument;
    for (size_t i = 0; !atomic_load(&finished); i++) {
        struct astro_time_data seen;
        use_table(i % TABLES);
        astro_time_data_get(&seen);
        if (seen.count != tables[0].count && seen.count != tables[1].count)
            atomic_fetch_add(&wrong, 1);
        sched_yield();
    }
    return NULL;
}

static void everything_at_once(void **state)
{
    pthread_t callers[THREADS], other;
    size_t numbers[THREADS], count = astro_conversion_count();

    (void)state;
    make_tables();
    for (size_t t = 0; t < TABLES; t++) {
        use_table(t);
        expected[t] = calloc(count, sizeof *expected[t]);
        assert_non_null(expected[t]);
        for (size_t i = 0; i < count; i++)
            call(astro_conversion_at(i), &expected[t][i]);
    }
    shared = calloc(count, sizeof *shared);
    assert_non_null(shared);
    for (size_t i = 0; i < count; i++)
        shared[i] = open_example(astro_conversion_at(i));
    assert_int_equal(pthread_create(&other, NULL, changer, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&callers[i], NULL, caller, &numbers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(callers[i], NULL), 0);
    atomic_store(&finished, true);
    assert_int_equal(pthread_join(other, NULL), 0);
    for (size_t t = 0; t < TABLES; t++)
        free(expected[t]);
    for (size_t i = 0; i < count; i++)
        converter_close(&shared[i]);
    free(shared);
    assert_int_equal(wrong, 0);
    assert_true(with_second > 0);
}

/* Every conversion is reached: only those that may refuse do. */
static void few_refuse(void **state)
{
    struct answer *answer = calloc(1, sizeof *answer);

    (void)state;
    assert_non_null(answer);
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        const struct astro_conversion *c = astro_conversion_at(i);
        call(c, answer);
        if (answer->refused)
            print_message("refused: %s\n", c->name);
        assert_false(answer->refused);
    }
    free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_refuse),
        cmocka_unit_test(everything_at_once),
    };

    return cmocka_run_group_tests(tests, harness_start, NULL);
}
