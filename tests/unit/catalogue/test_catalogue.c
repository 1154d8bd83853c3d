/* Catalogues: names, slots, documents, references, and how loops change over. */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "memory/alloc.h"
#include "process/loop.h"
#include "process/server.h"

static const struct astro_conversion *find(const struct catalogue *catalogue, const char *name,
                                           size_t *ret_slot)
{
    return catalogue_find(catalogue, name, strlen(name), ret_slot);
}

static void check_built_in(const struct catalogue *catalogue)
{
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        size_t slot = SIZE_MAX;
        const struct astro_conversion *conversion = astro_conversion_at(i);
        assert_ptr_equal(catalogue_at(catalogue, i), conversion);
        assert_ptr_equal(find(catalogue, conversion->name, &slot), conversion);
        assert_int_equal(slot, i);
        assert_int_equal(catalogue_slot(catalogue, i), i);
        assert_string_equal(catalogue_slot_name(i), conversion->name);
        assert_null(catalogue_plugin(conversion));
    }
}

static void test_find(void **state)
{
    (void)state;
    static const char *const names[] = {"zeta", "alpha", "alpha_2", "alph", "middle"};
    struct catalogue *catalogue = catalogue_of(names, 5);
    check_built_in(catalogue);
    check_built_in(NULL);
    assert_int_equal(catalogue_count(catalogue), astro_conversion_count() + 5);
    assert_int_equal(catalogue_count(NULL), astro_conversion_count());
    for (size_t i = 0; i < 5; i++) {
        size_t slot = SIZE_MAX;
        const struct astro_conversion *conversion = find(catalogue, names[i], &slot);
        assert_non_null(conversion);
        assert_string_equal(conversion->name, names[i]);
        assert_string_equal(catalogue_slot_name(slot), names[i]);
        assert_ptr_equal(find(catalogue, names[i], NULL), conversion);
        assert_null(find(NULL, names[i], NULL));
    }
    const char *before = "";
    for (size_t i = astro_conversion_count(); i < catalogue_count(catalogue); i++) {
        const struct astro_conversion *conversion = catalogue_at(catalogue, i);
        size_t slot;
        assert_true(strcmp(before, conversion->name) < 0);
        before = conversion->name;
        assert_ptr_equal(find(catalogue, conversion->name, &slot), conversion);
        assert_int_equal(catalogue_slot(catalogue, i), slot);
    }
    assert_null(catalogue_at(catalogue, catalogue_count(catalogue)));
    assert_null(catalogue_find(catalogue, "alpha\0x", 7, NULL));
    assert_null(catalogue_find(catalogue, "", 0, NULL));
    assert_null(catalogue_find(catalogue, "alphabet", 8, NULL));
    assert_non_null(catalogue_find(catalogue, "alphabet", 5, NULL));
    assert_null(catalogue_find(catalogue, "alp", 3, NULL));
    catalogue_drop(catalogue);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"flux_to_magnitude", "radec_to_xyzt"};
    struct catalogue *catalogue = catalogue_of(names, 2);
    static const char *const rows[][2] = {
        {"flux_to_magnitud", "flux_to_magnitude"}, {"FLUX_TO_MAGNITUDE", "flux_to_magnitude"},
        {"radec_to_xyt", "radec_to_xyz"},          {"radec_to_xyzz", "radec_to_xyz"},
        {"radec_to_xyztt", "radec_to_xyzt"},       {"qqqqqqqqqq", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *near = catalogue_nearest(catalogue, rows[i][0], strlen(rows[i][0]));
        if (rows[i][1] == NULL)
            assert_null(near);
        else if (near == NULL || strcmp(near, rows[i][1]) != 0)
            fail_msg("%s: %s", rows[i][0], near != NULL ? near : "nothing");
    }
    char long_name[300];
    memset(long_name, 'x', sizeof long_name);
    assert_null(catalogue_nearest(catalogue, long_name, sizeof long_name));
    assert_null(catalogue_nearest(NULL, "flux_to_magnitude", 17));
    catalogue_drop(catalogue);
}

static void test_bad_names(void **state)
{
    (void)state;
    struct plugin_conversion *twice[3] = {named("aa", "one"), named("bb", "one"),
                                          named("aa", "two")};
    struct astro_error error = {.code = ASTRO_OK};
    assert_null(catalogue_create(twice, 3, &error));
    assert_int_equal(error.code, ASTRO_PLUGIN_ERROR);
    assert_non_null(strstr(error.text, "aa comes twice"));
    assert_non_null(strstr(error.text, "one"));
    assert_non_null(strstr(error.text, "two"));

    struct plugin_conversion *built_in = named("cc", "three");
    built_in->conversion.name = "radec_to_xyz";
    error = (struct astro_error){.code = ASTRO_OK};
    assert_null(catalogue_create(&built_in, 1, &error));
    assert_non_null(strstr(error.text, "radec_to_xyz is built in"));
    assert_non_null(strstr(error.text, "three"));
}

static void test_slots(void **state)
{
    (void)state;
    static const char *const first[] = {"slot_a", "slot_b"};
    static const char *const second[] = {"slot_c", "slot_a"};
    struct catalogue *one = catalogue_of(first, 2), *two = catalogue_of(second, 2);
    size_t a, again, b, c;
    assert_non_null(find(one, "slot_a", &a));
    assert_non_null(find(one, "slot_b", &b));
    assert_non_null(find(two, "slot_a", &again));
    assert_non_null(find(two, "slot_c", &c));
    assert_int_equal(a, again);
    assert_true(a != b && b != c && a != c);
    assert_true(a >= astro_conversion_count() && a < catalogue_slots() - 1);
    catalogue_drop(one);
    catalogue_drop(two);
    assert_string_equal(catalogue_slot_name(b), "slot_b"); /* over reloads */
    assert_string_equal(catalogue_slot_name(catalogue_slots() - 1), "none");
    assert_null(catalogue_slot_name(catalogue_slots() - 2));
    assert_null(catalogue_slot_name(catalogue_slots()));
}

static void test_no_memory(void **state)
{
    (void)state;
    for (uint64_t k = 1; k < 3; k++) {
        struct plugin_conversion *conversions[2] = {named("aa", "p"), named("bb", "p")};
        struct astro_error error = {.code = ASTRO_OK};
        inject_at(k);
        struct catalogue *catalogue = catalogue_create(conversions, 2, &error);
        inject(NULL);
        assert_int_equal(catalogue == NULL, k == 1);
        assert_int_equal(error.code, k == 1 ? ASTRO_OVERLOADED : ASTRO_OK);
        catalogue_drop(catalogue);
    }
}

/* --- documents --- */

static _Atomic unsigned made;

static char *make(const struct catalogue *catalogue, size_t *ret_length)
{
    atomic_fetch_add(&made, 1);
    char *text = mem_alloc(32);
    if (text != NULL)
        *ret_length = (size_t)snprintf(text, 32, "%zu", catalogue_count(catalogue));
    return text;
}

static void test_documents(void **state)
{
    (void)state;
    struct catalogue *catalogue = catalogue_of((const char *const[]){"aa"}, 1);
    atomic_store(&made, 0);
    for (uint64_t k = 1; k < 3; k++) {
        inject_at(k);
        assert_null(catalogue_text(catalogue, CATALOGUE_MODELS, make));
        inject(NULL);
    }
    assert_int_equal(atomic_load(&made), 1);
    const struct catalogue_text *text = catalogue_text(catalogue, CATALOGUE_MODELS, make);
    assert_non_null(text);
    assert_int_equal(atoi(text->data), catalogue_count(catalogue));
    assert_int_equal(text->length, strlen(text->data));
    assert_ptr_equal(catalogue_text(catalogue, CATALOGUE_MODELS, make), text);
    assert_int_equal(atomic_load(&made), 2);
    assert_ptr_not_equal(catalogue_text(catalogue, CATALOGUE_OPENAPI, make), text);
    assert_null(catalogue_text(NULL, CATALOGUE_MODELS, make));
    catalogue_drop(catalogue);
}

static pthread_barrier_t barrier;

static void *make_thread(void *catalogue)
{
    pthread_barrier_wait(&barrier);
    return (void *)(uintptr_t)catalogue_text(catalogue, CATALOGUE_CONVERSIONS, make);
}

static void test_documents_at_once(void **state)
{
    (void)state;
    enum { THREADS = 4, ROUNDS = 50 };
    for (int round = 0; round < ROUNDS; round++) {
        struct catalogue *catalogue = catalogue_of(NULL, 0);
        pthread_t threads[THREADS];
        void *texts[THREADS];
        pthread_barrier_init(&barrier, NULL, THREADS);
        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, make_thread, catalogue), 0);
        for (size_t i = 0; i < THREADS; i++)
            pthread_join(threads[i], &texts[i]);
        for (size_t i = 0; i < THREADS; i++) {
            assert_non_null(texts[i]);
            assert_ptr_equal(texts[i], texts[0]);
        }
        pthread_barrier_destroy(&barrier);
        catalogue_drop(catalogue);
    }
}

/* --- changing over --- */

static struct loop *loops[2];

static void on_wake(uv_async_t *wake)
{
    catalogue_take_over(wake->data);
}

static void open_loops(void)
{
    for (size_t i = 0; i < 2; i++) {
        loops[i] = mem_zalloc(1, sizeof *loops[i]);
        assert_non_null(loops[i]);
        loops[i]->index = i;
        assert_int_equal(uv_loop_init(&loops[i]->uv), 0);
        assert_int_equal(uv_async_init(&loops[i]->uv, &loops[i]->wake, on_wake), 0);
        loops[i]->wake.data = loops[i];
    }
    server.loops = loops;
    server.n_loops = 2;
}

static void close_loops(void)
{
    server.n_loops = 0;
    for (size_t i = 0; i < 2; i++) {
        uv_close((uv_handle_t *)&loops[i]->wake, NULL);
        uv_run(&loops[i]->uv, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&loops[i]->uv), 0);
        catalogue_drop(loops[i]->catalogue);
        catalogue_drop(atomic_load(&loops[i]->catalogue_next));
        mem_free(loops[i]);
    }
}

static void test_publish(void **state)
{
    (void)state;
    assert_null(catalogue_current());
    open_loops();
    struct catalogue *first = catalogue_of((const char *const[]){"aa"}, 1);
    catalogue_publish(catalogue_hold(first));
    assert_ptr_equal(loops[0]->catalogue, first); /* at once */
    assert_null(loops[1]->catalogue);
    uv_run(&loops[1]->uv, UV_RUN_NOWAIT);
    assert_ptr_equal(loops[1]->catalogue, first);

    struct catalogue *held = catalogue_current();
    assert_ptr_equal(held, first);
    const struct astro_conversion *conversion = find(held, "aa", NULL);

    /* A loop that is slow misses the second and gets the third. */
    catalogue_publish(catalogue_of((const char *const[]){"bb"}, 1));
    catalogue_publish(catalogue_of((const char *const[]){"cc"}, 1));
    assert_non_null(find(loops[0]->catalogue, "cc", NULL));
    assert_non_null(find(loops[1]->catalogue, "aa", NULL));
    uv_run(&loops[1]->uv, UV_RUN_NOWAIT);
    assert_non_null(find(loops[1]->catalogue, "cc", NULL));
    assert_null(find(loops[1]->catalogue, "bb", NULL));

    /* What is held stays, when nobody else has it any more. */
    assert_string_equal(conversion->name, "aa");
    assert_string_equal(conversion->inputs[0].name, "ra");
    catalogue_drop(first);
    catalogue_drop(held);
    close_loops();
    catalogue_end();
    assert_null(catalogue_current());
    assert_null(catalogue_hold(NULL));
    catalogue_drop(NULL);
}

static _Atomic bool ended;

static void *reading_thread(void *argument)
{
    (void)argument;
    size_t seen = 0;
    while (!atomic_load(&ended)) {
        struct catalogue *catalogue = catalogue_current();
        for (size_t i = astro_conversion_count(); i < catalogue_count(catalogue); i++)
            seen += strlen(catalogue_at(catalogue, i)->summary);
        catalogue_text(catalogue, CATALOGUE_MODELS, make);
        catalogue_drop(catalogue);
    }
    return (void *)seen;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[2];
    atomic_store(&ended, false);
    open_loops();
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reading_thread, NULL), 0);
    for (int round = 0; round < 300; round++) {
        catalogue_publish(
            catalogue_of((const char *const[]){round % 2 == 0 ? "even" : "odd", "both"}, 2));
        uv_run(&loops[1]->uv, UV_RUN_NOWAIT);
    }
    atomic_store(&ended, true);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    close_loops();
    catalogue_end();
}

/* The last test: names are for the life of the process. */
static void test_slots_run_out(void **state)
{
    (void)state;
    size_t slot = 0, last = catalogue_slots() - 2;
    for (int i = 0; i < CATALOGUE_PLUGIN_SLOTS + 10; i++) {
        char name[32];
        snprintf(name, sizeof name, "many_%d", i);
        struct plugin_conversion *conversion = named(name, "p");
        struct astro_error error = {.code = ASTRO_OK};
        struct catalogue *catalogue = catalogue_create(&conversion, 1, &error);
        assert_non_null(find(catalogue, name, &slot));
        assert_true(slot <= last);
        catalogue_drop(catalogue);
    }
    assert_int_equal(slot, last);
    assert_string_equal(catalogue_slot_name(last), "other plugins");
    struct catalogue *catalogue = catalogue_of((const char *const[]){"many_3"}, 1);
    assert_non_null(find(catalogue, "many_3", &slot));
    assert_string_equal(catalogue_slot_name(slot), "many_3");
    catalogue_drop(catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_documents_at_once),
        cmocka_unit_test(test_publish),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_slots_run_out),
    };
    return cmocka_run_group_tests(tests, start_kernels, NULL);
}
