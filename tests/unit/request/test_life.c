/* The life of a request: legal moves, one end, attached objects, the ledger. */
#include "support.h"

static int released;

static void count_release(void *object)
{
    released += *(int *)object;
}

static void test_created_and_destroyed_once(void **state)
{
    (void)state;
    struct request *request = request_create(test_loop(), NULL);
    assert_non_null(request);
    assert_int_equal(request->state, REQUEST_HEAD);
    assert_int_equal(ledger_read(LEDGER_REQUESTS).objects, 1);
    assert_int_equal(ledger_read(LEDGER_ARENAS).objects, 1);
    assert_int_equal(test_loop()->requests_live, 1);
    request_destroy(&request);
    assert_null(request);
    request_destroy(&request);
    request_destroy(NULL);
    assert_int_equal(test_loop()->requests_live, 0);
    test_ledger_is_zero();
}

static void test_attached_objects_end_with_it(void **state)
{
    (void)state;
    int one = 1, ten = 10, hundred = 100;
    released = 0;
    struct request *request = request_create(test_loop(), NULL);
    assert_true(request_attach(request, &one, count_release));
    assert_true(request_attach(request, &ten, count_release));
    request_destroy(&request);
    assert_int_equal(released, 11);

    released = 0;
    request = request_create(test_loop(), NULL);
    for (int i = 0; i < REQUEST_ATTACHED; i++)
        assert_true(request_attach(request, &one, count_release));
    assert_false(request_attach(request, &hundred, count_release)); /* taken on failure too */
    assert_int_equal(released, 100);
    request_destroy(&request);
    assert_int_equal(released, 100 + REQUEST_ATTACHED);
}

struct move {
    enum request_state path[REQUEST_STATES], to;
    size_t n;
};

static void act_move(void *argument)
{
    const struct move *move = argument;
    struct request *request = request_create(test_loop(), NULL);
    for (size_t i = 0; i < move->n; i++)
        request_move(request, move->path[i]);
    request_move(request, move->to);
}

static void test_moves_are_checked(void **state)
{
    (void)state;
    struct move illegal[] = {
        {{0}, REQUEST_WORK, 0},
        {{0}, REQUEST_HEAD, 0},
        {{REQUEST_BODY}, REQUEST_HEAD, 1},
        {{REQUEST_BODY}, REQUEST_WORK, 1},
        {{REQUEST_BODY, REQUEST_READY}, REQUEST_BODY, 2},
        {{REQUEST_BODY, REQUEST_READY, REQUEST_ANSWER}, REQUEST_WORK, 3},
        {{REQUEST_DONE}, REQUEST_ANSWER, 1},
    };
    for (size_t i = 0; i < sizeof illegal / sizeof illegal[0]; i++)
        assert_true(test_aborts(act_move, &illegal[i]));
    struct move legal = {{REQUEST_BODY, REQUEST_READY, REQUEST_WORK}, REQUEST_ANSWER, 3};
    assert_false(test_aborts(act_move, &legal));
}

static void act_destroy_at_work(void *argument)
{
    (void)argument;
    struct request *request = request_create(test_loop(), NULL);
    request_move(request, REQUEST_BODY);
    request_move(request, REQUEST_READY);
    request_move(request, REQUEST_WORK);
    request_destroy(&request);
}

static void test_not_destroyed_while_at_work(void **state)
{
    (void)state;
    assert_true(test_aborts(act_destroy_at_work, NULL));
}

const struct CMUnitTest life_tests[] = {
    cmocka_unit_test(test_created_and_destroyed_once),
    cmocka_unit_test(test_attached_objects_end_with_it),
    cmocka_unit_test(test_moves_are_checked),
    cmocka_unit_test(test_not_destroyed_while_at_work),
};
const size_t n_life_tests = sizeof life_tests / sizeof life_tests[0];
