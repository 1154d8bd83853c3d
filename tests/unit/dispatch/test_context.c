/*
 * Contexts: which parameters are equal, what is kept and for how long, and that all of it ends.
 */
#include "support.h"

#include "dispatch/context.h"

enum { CHOICE, NUMBER, INTEGER, BOOLEAN, EPOCH, STRING, PARAMETERS, DATA_BYTES = 100 };

static const struct astro_parameter parameters[PARAMETERS] = {
    [CHOICE] = {.name = "choice", .type = ASTRO_CHOICE},
    [NUMBER] = {.name = "number", .type = ASTRO_NUMBER},
    [INTEGER] = {.name = "integer", .type = ASTRO_INTEGER},
    [BOOLEAN] = {.name = "boolean", .type = ASTRO_BOOLEAN},
    [EPOCH] = {.name = "epoch", .type = ASTRO_EPOCH},
    [STRING] = {.name = "string", .type = ASTRO_STRING},
};

static unsigned prepared, released;

/* What is prepared is the number; not finite ones are refused, as a real conversion might. */
static bool fake_prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    if (values[NUMBER].number > 1e6)
        return astro_fail(err, ASTRO_BAD_PARAMETER, "number", "too much");
    prepared++;
    memset(context, 0x55, DATA_BYTES);
    memcpy(context, &values[NUMBER].number, sizeof(double));
    *ret_warnings |= 1u << ASTRO_WARN_EOP_ZERO;
    return true;
}

static void fake_release(void *context)
{
    (void)context;
    released++;
}

static const struct astro_conversion fake = {
    .name = "fake",
    .parameters = parameters,
    .n_parameters = PARAMETERS,
    .context_size = DATA_BYTES,
    .prepare = fake_prepare,
    .release = fake_release,
};

/* The same description under another address is another conversion. */
static struct astro_conversion other;

struct values {
    struct astro_value v[PARAMETERS];
};

static struct values some_values(double number)
{
    struct values values = {.v = {
                                [CHOICE] = {.present = true, .choice = 2},
                                [NUMBER] = {.present = true, .given = true, .number = number},
                                [INTEGER] = {.present = true, .integer = -7},
                                [BOOLEAN] = {.present = true, .choice = 1},
                                [EPOCH] = {.present = true, .epoch_kind = 'J', .number = 2000.0},
                                [STRING] = {.present = true, .text = {"hello", 5}},
                            }};
    return values;
}

static bool is_found(struct context_cache *cache, const struct astro_conversion *conversion,
                     struct values values)
{
    struct context *context = context_cache_find(cache, conversion, values.v);
    context_drop(context);
    return context != NULL;
}

static void make(struct context_cache *cache, double number)
{
    struct astro_error err = {.code = ASTRO_OK};
    struct values values = some_values(number);
    struct context *context = context_cache_make(cache, &fake, values.v, &err);
    assert_non_null(context);
    context_drop(context);
}

static int set_up(void **state)
{
    (void)state;
    prepared = released = 0;
    other = fake;
    return 0;
}

/* Whatever a test did: every context was released and nothing is counted any more. */
static int tear_down(void **state)
{
    (void)state;
    struct context_totals totals = context_totals_read();
    return prepared == released && totals.objects == 0 && totals.bytes == 0 ? 0 : -1;
}

static uint64_t bytes_of_one(void)
{
    struct context_cache *cache = context_cache_create(1 << 20);
    make(cache, 1);
    uint64_t bytes = context_totals_read().bytes;
    context_cache_destroy(cache);
    assert_true(bytes > DATA_BYTES);
    return bytes;
}

static void found_again(void **state)
{
    (void)state;
    struct context_totals before = context_totals_read();
    struct context_cache *cache = context_cache_create(1 << 20);
    assert_false(is_found(cache, &fake, some_values(4.5)));
    make(cache, 4.5);
    struct values values = some_values(4.5);
    struct context *context = context_cache_find(cache, &fake, values.v);
    assert_non_null(context);
    double number;
    memcpy(&number, context_data(context), sizeof number);
    assert_true(number == 4.5);
    assert_int_equal((uintptr_t)context_data(context) % ASTRO_CONTEXT_ALIGN, 0);
    assert_int_equal(context_warnings(context), 1u << ASTRO_WARN_EOP_ZERO);
    context_drop(context);
    struct context_totals after = context_totals_read();
    assert_int_equal(after.hits - before.hits, 1);
    assert_int_equal(after.misses - before.misses, 1);
    assert_int_equal(after.objects, 1);
    assert_int_equal(prepared, 1);
    context_cache_destroy(cache);
}

static void equal_parameters(void **state)
{
    (void)state;
    struct context_cache *cache = context_cache_create(1 << 20);
    make(cache, 0.0);
    assert_true(is_found(cache, &fake, some_values(-0.0)));

    struct values values = some_values(0.0);
    char text[] = "hello"; /* other memory, same text */
    values.v[STRING].text.data = text;
    assert_true(is_found(cache, &fake, values));

    /* What the type of a parameter does not use does not count. */
    values = some_values(0.0);
    values.v[CHOICE].number = 3;
    values.v[NUMBER].integer = 4;
    values.v[EPOCH].choice = 5;
    values.v[STRING].number = 6;
    values.v[INTEGER].epoch_kind = 'B';
    assert_true(is_found(cache, &fake, values));
    context_cache_destroy(cache);
}

static void unequal_parameters(void **state)
{
    (void)state;
    struct context_cache *cache = context_cache_create(1 << 20);
    make(cache, 1.0);
    assert_false(is_found(cache, &other, some_values(1.0)));
    assert_false(is_found(cache, &fake, some_values(1.0000000000000002)));

    struct values values[10];
    for (size_t i = 0; i < 10; i++)
        values[i] = some_values(1.0);
    values[0].v[CHOICE].choice = 1;
    values[1].v[INTEGER].integer = 7;
    values[2].v[BOOLEAN].choice = 0;
    values[3].v[EPOCH].epoch_kind = 'B';
    values[4].v[EPOCH].number = 2000.5;
    values[5].v[STRING].text.length = 4;
    values[6].v[STRING].text = (struct astro_text){"hellp", 5};
    values[7].v[STRING].present = false;
    values[8].v[NUMBER].given = false; /* may be refused when given */
    values[9].v[STRING].text = (struct astro_text){"hello\0", 6};
    for (size_t i = 0; i < 10; i++)
        assert_false(is_found(cache, &fake, values[i]));
    assert_true(is_found(cache, &fake, some_values(1.0)));
    context_cache_destroy(cache);
}

/* An absent text and an empty one are different things, and neither is read. */
static void empty_and_absent(void **state)
{
    (void)state;
    struct context_cache *cache = context_cache_create(1 << 20);
    struct astro_error err = {.code = ASTRO_OK};
    struct values absent = some_values(1.0), empty = absent;
    absent.v[STRING] = (struct astro_value){.present = false};
    empty.v[STRING].text = (struct astro_text){NULL, 0};
    context_drop(context_cache_make(cache, &fake, absent.v, &err));
    assert_false(is_found(cache, &fake, empty));
    context_drop(context_cache_make(cache, &fake, empty.v, &err));
    assert_true(is_found(cache, &fake, absent));
    assert_true(is_found(cache, &fake, empty));
    context_cache_destroy(cache);
}

/* Longer than the key's place on the stack: a header of a FITS file. */
static void long_texts(void **state)
{
    (void)state;
    struct context_cache *cache = context_cache_create(1 << 20);
    struct astro_error err = {.code = ASTRO_OK};
    char text[5001];
    memset(text, 'x', sizeof text);
    for (size_t length = 4990; length <= 5001; length++) {
        struct values values = some_values(1.0);
        values.v[STRING].text = (struct astro_text){text, length};
        assert_false(is_found(cache, &fake, values));
        context_drop(context_cache_make(cache, &fake, values.v, &err));
        assert_true(is_found(cache, &fake, values));
    }
    struct values values = some_values(1.0);
    values.v[STRING].text = (struct astro_text){text, 5000};
    text[4999] = 'y';
    assert_false(is_found(cache, &fake, values));
    context_cache_destroy(cache);
}

static void oldest_goes_first(void **state)
{
    (void)state;
    uint64_t one = bytes_of_one();
    struct context_cache *cache = context_cache_create(3 * one + one / 2);
    make(cache, 1);
    make(cache, 2);
    make(cache, 3);
    assert_true(is_found(cache, &fake, some_values(1))); /* now 2 is the oldest */
    make(cache, 4);
    assert_false(is_found(cache, &fake, some_values(2)));
    make(cache, 5);
    assert_false(is_found(cache, &fake, some_values(3)));
    assert_true(is_found(cache, &fake, some_values(1)));
    assert_true(is_found(cache, &fake, some_values(4)));
    assert_true(is_found(cache, &fake, some_values(5)));
    assert_int_equal(context_totals_read().objects, 3);
    assert_true(context_totals_read().bytes <= 3 * one + one / 2);
    context_cache_destroy(cache);
}

static void bigger_than_the_cache(void **state)
{
    (void)state;
    struct context_cache *cache = context_cache_create(bytes_of_one() - 1);
    struct astro_error err = {.code = ASTRO_OK};
    struct values values = some_values(1.0);
    struct context *context = context_cache_make(cache, &fake, values.v, &err);
    assert_non_null(context); /* it serves its request */
    assert_false(is_found(cache, &fake, values));
    context_drop(context);
    assert_int_equal(context_totals_read().objects, 0);
    context_cache_destroy(cache);
}

static void held_across_eviction(void **state)
{
    (void)state;
    struct context_cache *cache = context_cache_create(bytes_of_one());
    struct astro_error err = {.code = ASTRO_OK};
    struct values values = some_values(8.0);
    struct context *context = context_cache_make(cache, &fake, values.v, &err);
    struct context *second = context_hold(context);
    unsigned before = released;
    make(cache, 9); /* pushes it out */
    assert_false(is_found(cache, &fake, values));
    context_cache_destroy(cache);
    assert_int_equal(released, before + 1);
    double number;
    memcpy(&number, context_data(context), sizeof number);
    assert_true(number == 8.0);
    context_drop(second);
    assert_int_equal(context_totals_read().objects, 1);
    context_drop(context);
    context_drop(NULL);
    assert_int_equal(released, before + 2);
}

/* Made on the pool, kept when the request is back; two requests may have made the same one. */
static void kept_afterwards(void **state)
{
    (void)state;
    struct context_cache *cache = context_cache_create(1 << 20);
    struct astro_error err = {.code = ASTRO_OK};
    struct values values = some_values(3.0);
    struct context *first = context_make(&fake, values.v, &err);
    struct context *second = context_make(&fake, values.v, &err);
    assert_false(is_found(cache, &fake, values));
    context_cache_keep(cache, first);
    context_cache_keep(cache, second);
    context_cache_keep(cache, first);
    struct context *found = context_cache_find(cache, &fake, values.v);
    assert_ptr_equal(found, first);
    context_drop(found);
    context_drop(first);
    context_drop(second);
    assert_int_equal(context_totals_read().objects, 1);
    context_cache_clear(cache);
    assert_int_equal(context_totals_read().objects, 0);
    make(cache, 3.0); /* and it still works */
    context_cache_destroy(cache);
}

static void refused_parameters(void **state)
{
    (void)state;
    struct context_cache *cache = context_cache_create(1 << 20);
    struct astro_error err = {.code = ASTRO_OK};
    struct values values = some_values(1e7);
    assert_null(context_cache_make(cache, &fake, values.v, &err));
    assert_int_equal(err.code, ASTRO_BAD_PARAMETER);
    assert_int_equal(context_totals_read().objects, 0);
    context_cache_destroy(cache);
}

/* Enough for the table to grow twice: each is found, and evicting all of them leaves no link
 * behind. */
static void many(void **state)
{
    (void)state;
    uint64_t one = bytes_of_one();
    struct context_cache *cache = context_cache_create(300 * one);
    for (int i = 0; i < 1000; i++)
        make(cache, i);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(is_found(cache, &fake, some_values(i)), i >= 700);
    assert_int_equal(context_totals_read().objects, 300);
    context_cache_destroy(cache);
}

static void each_allocation_fails(void **state)
{
    (void)state;
    for (uint64_t k = 1;; k++) {
        for (int onwards = 0; onwards < 2; onwards++) {
            inject_at(k, onwards != 0);
            struct context_cache *cache = context_cache_create(1 << 20);
            bool all_made = cache != NULL;
            for (int i = 0; cache != NULL && i < 100; i++) {
                struct astro_error err = {.code = ASTRO_OK};
                struct values values = some_values(i);
                struct context *context = context_cache_make(cache, &fake, values.v, &err);
                assert_true((context == NULL) == (err.code == ASTRO_OVERLOADED));
                all_made = all_made && context != NULL;
                /* Once made it stays, whether or not the table could grow. */
                assert_true(is_found(cache, &fake, values) == (context != NULL));
                context_drop(context);
            }
            context_cache_destroy(cache);
            uint64_t n = mem_faults_counted();
            inject(NULL);
            assert_int_equal(context_totals_read().objects, 0);
            if (all_made && n < k)
                return;
        }
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(found_again),
        TEST(equal_parameters),
        TEST(unequal_parameters),
        TEST(empty_and_absent),
        TEST(long_texts),
        TEST(oldest_goes_first),
        TEST(bigger_than_the_cache),
        TEST(held_across_eviction),
        TEST(kept_afterwards),
        TEST(refused_parameters),
        TEST(many),
        TEST(each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
