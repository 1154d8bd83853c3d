/* Hosts that die, misbehave, hang or talk too much, and what becomes of their plugins. */
#include "harness.h"

#include <signal.h>
#include <unistd.h>

#include "astrolabe/error.h"
#include "plugins/breaker.h"
#include "plugins/region.h"

static int set_up_one(void **state)
{
    int result = set_up(state);
    server.settings.plugins_hosts = 1;
    plugin("kite.py", "conversion kite\n");
    return result;
}

/* --- deaths --- */

static void a_crash_is_told_to_its_request_and_the_host_comes_back(void **state)
{
    (void)state;
    start();
    pid_t before = host_at(0)->host.pid;
    work_on(host_at(0), "kite", "request-7");
    tell(host_at(0), "kill", json_string("SIGSEGV"));
    await(fake_queue.died == 1);
    assert_false(fleet_is_ready()); /* at once */
    assert_int_equal(fake_queue.code, ASTRO_PLUGIN_CRASHED);
    assert_string_equal(fake_queue.text,
                        "the plugin kite crashed (SIGSEGV) while it worked on this request");
    await(hosts_ready() == 1);
    assert_true(host_at(0)->host.pid != before);
    assert_true(fleet_is_ready());
    assert_int_equal(fleet.restarts[REASON_CRASH], 1);
    assert_int_equal(record_find("kite")->crashes, 1);
    await(logged("plugin_host_died", "request_id=request-7"));
    await(logged("plugin_host_died", "reason=crash"));
}

static void an_exit_is_told_to_its_request(void **state)
{
    (void)state;
    start();
    work_on(host_at(0), "kite", "r");
    tell(host_at(0), "exit", json_integer(0)); /* 0 is no better than others */
    await(fake_queue.died == 1);
    assert_int_equal(fake_queue.code, ASTRO_PLUGIN_CRASHED);
    assert_non_null(strstr(fake_queue.text, "ended its host process (exit status 0)"));
    await(hosts_ready() == 1);
    assert_int_equal(fleet.restarts[REASON_EXIT], 1);
}

static void a_kill_from_outside_is_nobodys_crash(void **state)
{
    (void)state;
    start();
    for (unsigned i = 1; i <= FLEET_CRASHES + 1; i++) {
        work_on(host_at(0), "kite", "r");
        kill(host_at(0)->host.pid, i % 2 != 0 ? SIGKILL : SIGTERM);
        await(fake_queue.died == i && hosts_ready() == 1);
    }
    assert_int_equal(fleet.restarts[REASON_KILLED], FLEET_CRASHES + 1);
    assert_int_equal(fleet.restarts[REASON_CRASH], 0);
    assert_int_equal(record_find("kite")->crashes, 0);
    assert_non_null(strstr(fake_queue.text, "the host of the plugin kite was killed (SIGTERM)"));
    assert_true(fleet_is_ready());
}

static void an_overdue_call_costs_the_host_its_life(void **state)
{
    (void)state;
    start();
    work_on(host_at(0), "kite", "r");
    fake_queue.overdue = &host_at(0)->host;
    await(fake_queue.died == 1);
    assert_int_equal(fake_queue.code, ASTRO_DEADLINE);
    assert_non_null(strstr(fake_queue.text, "the plugin kite had worked"));
    await(hosts_ready() == 1);
    assert_int_equal(fleet.restarts[REASON_DEADLINE], 1);
    assert_int_equal(record_find("kite")->crashes, 0);
}

static void what_it_has_forked_ends_with_it(void **state)
{
    (void)state;
    start();
    tell(host_at(0), "fork", NULL);
    await(logged("plugin_output", "forked"));
    pid_t group = host_at(0)->host.pid;
    kill(group, SIGKILL);
    await(hosts_ready() == 1 && fake_queue.died == 1);
    await(kill(-group, 0) != 0);
}

static void two_hundred_deaths_leave_nothing_behind(void **state)
{
    (void)state;
    server.settings.plugins_hosts = 2;
    start();
    unsigned descriptors = 0;
    for (unsigned i = 1; i <= 200; i++) {
        for (size_t k = 0; k < 2; k++)
            fleet.current->places[k].backoff.deaths = 0; /* the wait is another test's */
        kill(host_at(i % 2)->host.pid, SIGKILL);
        await(fake_queue.died == i && hosts_ready() == 2 && fleet.dead == NULL && fleet.jobs == 0);
        if (i == 2)
            descriptors = count_descriptors();
    }
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(count_children(), 2);
    assert_int_equal(fake_queue.ready, 202);
}

/* --- breaker --- */

static void crash(unsigned *died)
{
    work_on(host_at(0), "kite", "r");
    tell(host_at(0), "kill", json_string("SIGABRT"));
    ++*died;
    await(fake_queue.died == *died);
    fleet.current->places[0].backoff.deaths = 0;
    await(hosts_ready() == 1);
}

static void a_plugin_that_keeps_crashing_is_switched_off_and_comes_back(void **state)
{
    (void)state;
    struct astro_error err = {.code = ASTRO_OK};
    unsigned died = 0, retry = 0;
    plugin("lark.py", "conversion lark\n");
    start();
    for (int i = 0; i < FLEET_CRASHES; i++) {
        assert_true(fleet_admits("kite", &err, &retry));
        crash(&died);
    }
    assert_false(fleet_admits("kite", &err, &retry));
    assert_int_equal(astro_code_status(err.code), 503);
    assert_true(retry >= 1 && retry <= 10);
    assert_true(fleet_admits("lark", &err, &retry));
    assert_false(fleet_plugin_is_ready("kite"));
    assert_true(fleet_plugin_is_ready("lark"));
    assert_false(fleet_is_ready());
    await(logged("plugin_switched_off", "plugin=kite"));
    /* A reload is a new chance. */
    fleet_reload("test");
    await(fleet.generation_number == 2);
    assert_true(fleet_admits("kite", &err, &retry));
    assert_true(fleet_is_ready());
}

/* --- broken peers --- */

static void expect_end(const char *what, const char *why)
{
    unsigned died = fake_queue.died;
    tell(host_at(0), what, NULL);
    await(fake_queue.died == died + 1);
    await(logged("plugin_host_died", why));
    fleet.current->places[0].backoff.deaths = 0;
    await(hosts_ready() == 1);
}

static void nonsense_on_the_control_socket_ends_the_host(void **state)
{
    (void)state;
    start();
    expect_end("garbage", "no JSON object");
    expect_end("array", "no JSON object");
    expect_end("oversize", "more than 256 KiB");
    expect_end("unknown", "unknown type");
    expect_end("early", "after it was ready");
    assert_int_equal(fleet.restarts[REASON_CRASH], 5);
}

static void a_flood_of_messages_ends_the_host(void **state)
{
    (void)state;
    start();
    expect_end("flood", "too many messages in a second");
}

static void a_closed_control_socket_ends_the_host(void **state)
{
    (void)state;
    start();
    expect_end("close", "closed its control socket");
}

static void a_plugin_that_breaks_its_host_is_to_blame(void **state)
{
    (void)state;
    start();
    work_on(host_at(0), "kite", "r");
    tell(host_at(0), "garbage", NULL);
    await(fake_queue.died == 1);
    assert_int_equal(record_find("kite")->crashes, 1);
    assert_non_null(strstr(fake_queue.text, "no JSON object"));
}

/* --- a plugin that cannot be loaded any more --- */

static void a_plugin_that_nobody_can_load_any_more_is_refused(void **state)
{
    (void)state;
    struct astro_error err = {.code = ASTRO_OK};
    unsigned retry = 0;
    char text[4200];
    snprintf(text, sizeof text, "kill-once SIGSEGV %s\nconversion moody\n", beside("once"));
    FILE *file = fopen(beside("once"), "we");
    fclose(file);
    plugin("moody.py", text);
    start();
    assert_true(fleet_plugin_is_ready("moody"));
    unlink(beside("once"));
    kill(host_at(0)->host.pid, SIGKILL);
    await(fake_queue.died == 1 && hosts_ready() == 1);
    assert_false(fleet_plugin_is_ready("moody"));
    assert_false(fleet_is_ready());
    assert_true(fleet_plugin_is_ready("kite"));
    assert_false(fleet_admits("moody", &err, &retry));
    assert_non_null(strstr(err.text, "SIGSEGV"));
    fleet_reload("test"); /* now it can be loaded */
    await(fleet.generation_number == 2);
    assert_true(fleet_admits("moody", &err, &retry));
    assert_true(fleet_is_ready());
}

/* --- output --- */

static void output_is_logged_with_plugin_and_request(void **state)
{
    (void)state;
    plugin("talk.py", "print while loading\nconversion talk\n");
    start();
    await(logged("plugin_output", "text=\"while loading\""));
    work_on(host_at(0), "kite", "request-9");
    tell(host_at(0), "print", NULL);
    await(logged("plugin_output", "stream=stderr"));
    await(logged("plugin_output", "plugin=kite request_id=request-9 stream=stdout"));
    tell(host_at(0), "print-long", NULL);
    await(times_logged("plugin_output", "text=aaaa") == 3);
    rest();
}

static void output_beyond_the_rate_is_counted(void **state)
{
    (void)state;
    start();
    tell(host_at(0), "print-much", json_integer(100000));
    await(logged("plugin_output_suppressed", ""));
    tell(host_at(0), "print", NULL);
    await(logged("plugin_output", "to stdout") || logged("plugin_output_suppressed", ""));
    assert_int_equal(hosts_ready(), 1);
    assert_true(times_logged("plugin_output", "") < 20000);
}

static void last_words_are_heard(void **state)
{
    (void)state;
    start();
    work_on(host_at(0), "kite", "request-3");
    tell(host_at(0), "last-words", NULL);
    await(fake_queue.died == 1);
    await(logged("plugin_output", "the last words"));
    await(logged("plugin_output", "request_id=request-3"));
}

/* --- memory --- */

static void a_host_that_has_grown_is_replaced_before_it_goes(void **state)
{
    (void)state;
    server.settings.plugins_max_rss = 64u << 20;
    start();
    struct fleet_process *old = host_at(0);
    pid_t before = old->host.pid;
    work_on(old, "kite", "r"); /* its call may end in peace */
    tell(old, "grow", json_integer(70 << 20));
    await(fake_queue.left == 1);
    assert_int_equal(hosts_ready(), 1);
    assert_true(host_at(0)->host.pid != before);
    assert_int_equal(old->host.state, HOST_DRAINING);
    assert_int_equal(fake_queue.died, 0);
    assert_true(fleet_is_ready());
    rest();
    await(fake_queue.died == 1);
    assert_int_equal(fleet.restarts[REASON_MEMORY], 1);
    await(logged("plugin_host_large", ""));
    await(logged("plugin_host_died", "how=drained"));
}

static void only_one_is_replaced_at_a_time(void **state)
{
    (void)state;
    server.settings.plugins_max_rss = 64u << 20;
    server.settings.plugins_hosts = 3;
    start();
    for (size_t i = 0; i < 3; i++)
        tell(host_at(i), "grow", json_integer(70 << 20));
    unsigned most = 0;
    await_begin();
    while (fleet.restarts[REASON_MEMORY] < 3) {
        unsigned coming = 0;
        for (size_t i = 0; i < 3; i++)
            coming += fleet.current->places[i].successor != NULL;
        most = coming > most ? coming : most;
        assert_true(hosts_ready() >= 3);
        await_turn("all are replaced", __FILE__, __LINE__);
    }
    assert_int_equal(most, 1);
}

static void a_host_whose_plugins_keep_the_region_is_replaced(void **state)
{
    (void)state;
    start();
    plugins_lock();
    host_at(0)->host.retained_bytes = server.settings.plugins_shared_memory;
    plugins_unlock();
    await(fleet.restarts[REASON_MEMORY] == 1);
    assert_int_equal(hosts_ready(), 1);
}

static void a_host_that_does_not_end_when_asked_is_killed(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\ndeaf\n");
    start();
    struct fleet_process *old = host_at(0);
    plugin("kite.py", "conversion kite\n");
    fleet_reload("test");
    await(old->drain_due_ns != 0);
    old->drain_due_ns = 1; /* ten seconds are long */
    await(fake_queue.died == 1);
    await(logged("plugin_host_died", "did not end when asked to"));
    assert_int_equal(fleet.restarts[REASON_RELOAD], 1);
}

/* --- shutdown --- */

static void at_shutdown_a_host_finishes_its_call(void **state)
{
    (void)state;
    start();
    work_on(host_at(0), "kite", "r");
    fleet_drain();
    assert_int_equal(fake_queue.left, 1);
    for (int i = 0; i < 50; i++)
        await_turn("nothing", __FILE__, __LINE__);
    assert_int_equal(fake_queue.died, 0);
    rest();
    await(fleet_ended());
    assert_int_equal(fake_queue.died, 1);
    assert_int_equal(fake_queue.refused, 1);
    assert_false(fleet_is_ready());
}

static void after_the_grace_nothing_is_waited_for(void **state)
{
    (void)state;
    start();
    struct fleet_process *process = host_at(0);
    tell(process, "kill", json_string("SIGSTOP"));
    work_on(process, "kite", "r");
    fleet_drain();
    fleet_kill_all();
    await(fleet_ended());
    assert_int_equal(fake_queue.code, ASTRO_DRAINING);
}

static void a_shutdown_in_the_middle_of_the_start(void **state)
{
    (void)state;
    plugin("hang.py", "hang\n");
    assert_true(fleet_start(NULL));
    await(fleet.processes != NULL);
    fleet_drain();
    await(fleet_ended());
}

static void a_shutdown_while_the_directory_is_copied(void **state)
{
    (void)state;
    assert_true(fleet_start(NULL));
    fleet_drain();
    await(fleet_ended());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_one, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_crash_is_told_to_its_request_and_the_host_comes_back),
        TEST(an_exit_is_told_to_its_request),
        TEST(a_kill_from_outside_is_nobodys_crash),
        TEST(an_overdue_call_costs_the_host_its_life),
        TEST(what_it_has_forked_ends_with_it),
        TEST(two_hundred_deaths_leave_nothing_behind),
        TEST(a_plugin_that_keeps_crashing_is_switched_off_and_comes_back),
        TEST(nonsense_on_the_control_socket_ends_the_host),
        TEST(a_flood_of_messages_ends_the_host),
        TEST(a_closed_control_socket_ends_the_host),
        TEST(a_plugin_that_breaks_its_host_is_to_blame),
        TEST(a_plugin_that_nobody_can_load_any_more_is_refused),
        TEST(output_is_logged_with_plugin_and_request),
        TEST(output_beyond_the_rate_is_counted),
        TEST(last_words_are_heard),
        TEST(a_host_that_has_grown_is_replaced_before_it_goes),
        TEST(only_one_is_replaced_at_a_time),
        TEST(a_host_whose_plugins_keep_the_region_is_replaced),
        TEST(a_host_that_does_not_end_when_asked_is_killed),
        TEST(at_shutdown_a_host_finishes_its_call),
        TEST(after_the_grace_nothing_is_waited_for),
        TEST(a_shutdown_in_the_middle_of_the_start),
        TEST(a_shutdown_while_the_directory_is_copied),
    };
    return cmocka_run_group_tests_name("fleet: faults", tests, NULL, NULL);
}
