/*
 * The pool: turns between jobs, ended() exactly once, and cancelling at every moment of a job's
 * life.
 */
#include "support.h"

#include <math.h>
#include <pthread.h>

#include "dispatch/pool.h"
#include "gate.h"

enum { LOG_ROOM = 64, MANY = 400, SUBMITTERS = 4, MANY_PARTS = 7 };

/* Names of parts in the order in which they began; written by one worker. */
static struct {
    char text[LOG_ROOM];
    size_t n;
} order;

struct test_job {
    struct job job; /* first */
    char name;
    struct gate *gate;  /* parts stop here */
    struct gate ended;  /* opened by ended() */
    struct pool *again; /* ended() submits it this often again */
    int rounds;
    _Atomic int parts, ends;
    _Atomic bool part_after_end;
};

static void on_part(struct job *job, size_t part)
{
    struct test_job *test = (struct test_job *)job;
    (void)part;
    if (atomic_load(&test->ends) > 0)
        atomic_store(&test->part_after_end, true);
    atomic_fetch_add(&test->parts, 1);
    if (test->gate != NULL)
        gate_pass(test->gate);
}

static void on_part_logged(struct job *job, size_t part)
{
    struct test_job *test = (struct test_job *)job;
    order.text[order.n++] = test->name;
    order.text[order.n++] = (char)('0' + part);
    on_part(job, part);
}

static void on_ended(struct job *job)
{
    struct test_job *test = (struct test_job *)job;
    if (test->rounds > 0) {
        test->rounds--;
        pool_submit(test->again, job);
        return;
    }
    atomic_fetch_add(&test->ends, 1);
    gate_open(&test->ended);
}

static void prepare(struct test_job *test, size_t parts, struct gate *gate)
{
    *test = (struct test_job){.gate = gate, .ended = GATE_CLOSED};
    test->job.n_parts = parts;
    test->job.ns_per_part = 1000;
    test->job.part = on_part;
    test->job.ended = on_ended;
}

static void await_end(struct test_job *test)
{
    gate_pass(&test->ended);
}

static void finish(struct pool *pool)
{
    assert_int_equal(pool_queued(pool), 0);
    assert_int_equal(pool_backlog_ns(pool), 0);
    pool_destroy(pool);
}

static void jobs_take_turns(void **state)
{
    (void)state;
    struct pool *pool = pool_create(1);
    struct gate gate = GATE_CLOSED;
    struct test_job first, jobs[3];
    const size_t parts[3] = {3, 2, 1};
    prepare(&first, 1, &gate);
    pool_submit(pool, &first.job);
    gate_await(&gate, 1);
    order.n = 0;
    memset(order.text, 0, sizeof order.text);
    for (size_t i = 0; i < 3; i++) {
        prepare(&jobs[i], parts[i], NULL);
        jobs[i].name = (char)('a' + i);
        jobs[i].job.part = on_part_logged;
        pool_submit(pool, &jobs[i].job);
    }
    assert_int_equal(pool_queued(pool), 3);
    assert_int_equal(pool_backlog_ns(pool), 7000);
    gate_open(&gate);
    for (size_t i = 0; i < 3; i++)
        await_end(&jobs[i]);
    await_end(&first);
    pool_destroy(pool);
    assert_string_equal(order.text, "a0b0c0a1b1a2");
}

/* Each part waits for all others: fewer awake workers than parts would wait for ever. */
static void as_many_wake_as_can_work(void **state)
{
    (void)state;
    enum { THREADS = 9 };
    struct pool *pool = pool_create(THREADS);
    assert_int_equal(pool_threads(pool), THREADS);
    for (int round = 0; round < 50; round++) {
        struct gate gate = GATE_CLOSED;
        struct test_job job;
        prepare(&job, THREADS, &gate);
        pool_submit(pool, &job.job);
        gate_await(&gate, THREADS);
        gate_open(&gate);
        await_end(&job);
        assert_int_equal(job.parts, THREADS);
    }
    finish(pool);
}

static void cancelled_while_queued(void **state)
{
    (void)state;
    struct pool *pool = pool_create(1);
    struct gate gate = GATE_CLOSED;
    struct test_job first, job;
    prepare(&first, 1, &gate);
    prepare(&job, 5, NULL);
    pool_submit(pool, &first.job);
    gate_await(&gate, 1);
    pool_submit(pool, &job.job);
    pool_cancel(pool, &job.job);
    assert_int_equal(job.ends, 1); /* in pool_cancel itself */
    pool_cancel(pool, &job.job);
    gate_open(&gate);
    await_end(&first);
    assert_int_equal(job.ends, 1);
    assert_int_equal(job.parts, 0);
    finish(pool);
}

static void cancelled_with_a_part_running(void **state)
{
    (void)state;
    struct pool *pool = pool_create(1);
    struct gate gate = GATE_CLOSED;
    struct test_job job;
    prepare(&job, 5, &gate);
    pool_submit(pool, &job.job);
    gate_await(&gate, 1);
    pool_cancel(pool, &job.job);
    assert_int_equal(job.ends, 0); /* what runs, finishes */
    assert_int_equal(pool_queued(pool), 0);
    gate_open(&gate);
    await_end(&job);
    assert_int_equal(job.parts, 1);
    assert_int_equal(job.ends, 1);
    finish(pool);
}

static void cancelled_with_the_last_part_running(void **state)
{
    (void)state;
    struct pool *pool = pool_create(2);
    struct gate gate = GATE_CLOSED;
    struct test_job job;
    prepare(&job, 2, &gate);
    pool_submit(pool, &job.job);
    gate_await(&gate, 2);
    pool_cancel(pool, &job.job);
    assert_int_equal(job.ends, 0);
    gate_open(&gate);
    await_end(&job);
    pool_cancel(pool, &job.job); /* already ended */
    assert_int_equal(job.ends, 1);
    assert_int_equal(job.parts, 2);
    finish(pool);
}

static void cancelled_between_two_stages(void **state)
{
    (void)state;
    struct pool *pool = pool_create(1);
    struct gate gate = GATE_CLOSED;
    struct test_job job;
    prepare(&job, 1, &gate);
    job.again = pool;
    job.rounds = 3;
    pool_submit(pool, &job.job);
    gate_await(&gate, 1);
    pool_cancel(pool, &job.job);
    gate_open(&gate);
    await_end(&job);
    assert_int_equal(job.parts, 1); /* no part of a later stage */
    assert_int_equal(job.ends, 1);
    finish(pool);
}

static void stages_follow_each_other(void **state)
{
    (void)state;
    struct pool *pool = pool_create(2);
    struct test_job job;
    prepare(&job, 3, NULL);
    job.again = pool;
    job.rounds = 100;
    pool_submit(pool, &job.job);
    await_end(&job);
    assert_int_equal(job.parts, 303);
    finish(pool);
}

/* A predictor that is wrong must not make a backlog that never ends. */
static void absurd_predictions(void **state)
{
    (void)state;
    struct pool *pool = pool_create(1);
    const double ns[] = {-1.0, 0.0, 1e300, (double)INFINITY, (double)NAN};
    for (size_t i = 0; i < sizeof ns / sizeof ns[0]; i++) {
        struct test_job job;
        prepare(&job, 3, NULL);
        job.job.ns_per_part = ns[i];
        pool_submit(pool, &job.job);
        await_end(&job);
    }
    finish(pool);
}

/* --- many at once --- */

struct submitter {
    pthread_t thread;
    struct pool *pool;
    unsigned seed;
    struct test_job jobs[MANY];
};

static void *submit_many(void *argument)
{
    struct submitter *me = argument;
    for (size_t i = 0; i < MANY; i++) {
        struct test_job *job = &me->jobs[i];
        prepare(job, 1 + (size_t)rand_r(&me->seed) % MANY_PARTS, NULL);
        job->again = me->pool;
        job->rounds = rand_r(&me->seed) % 3;
        pool_submit(me->pool, &job->job);
        if (rand_r(&me->seed) % 2 == 0)
            pool_cancel(me->pool, &me->jobs[(size_t)rand_r(&me->seed) % (i + 1)].job);
    }
    for (size_t i = 0; i < MANY; i++)
        await_end(&me->jobs[i]);
    return NULL;
}

static void many_submit_and_cancel(void **state)
{
    (void)state;
    struct pool *pool = pool_create(3);
    struct submitter *submitters = mem_zalloc(SUBMITTERS, sizeof *submitters);
    assert_non_null(submitters);
    for (unsigned i = 0; i < SUBMITTERS; i++) {
        submitters[i].pool = pool;
        submitters[i].seed = i + 1;
        assert_int_equal(pthread_create(&submitters[i].thread, NULL, submit_many, &submitters[i]),
                         0);
    }
    for (size_t i = 0; i < SUBMITTERS; i++)
        pthread_join(submitters[i].thread, NULL);
    for (size_t i = 0; i < SUBMITTERS; i++) {
        for (size_t j = 0; j < MANY; j++) {
            struct test_job *job = &submitters[i].jobs[j];
            assert_int_equal(job->ends, 1);
            assert_true(job->parts <= 3 * MANY_PARTS);
            assert_false(job->part_after_end);
        }
    }
    finish(pool);
    mem_free(submitters);
}

static void no_memory_for_a_pool(void **state)
{
    (void)state;
    inject_at(1, false);
    assert_null(pool_create(2));
    inject(NULL);
    pool_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_take_turns),
        cmocka_unit_test(as_many_wake_as_can_work),
        cmocka_unit_test(cancelled_while_queued),
        cmocka_unit_test(cancelled_with_a_part_running),
        cmocka_unit_test(cancelled_with_the_last_part_running),
        cmocka_unit_test(cancelled_between_two_stages),
        cmocka_unit_test(stages_follow_each_other),
        cmocka_unit_test(absurd_predictions),
        cmocka_unit_test(many_submit_and_cancel),
        cmocka_unit_test(no_memory_for_a_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
