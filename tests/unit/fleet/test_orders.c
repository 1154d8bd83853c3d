/* Reload, load, unload, trace, watch: make before break, and answers when it is done. */
#include "harness.h"

#include <signal.h>
#include <unistd.h>

#include "astrolabe/error.h"

static struct request *load(const char *name)
{
    struct request *request = new_request();
    fleet_load(request, name);
    return request;
}

static struct request *unload(const char *name)
{
    struct request *request = new_request();
    fleet_unload(request, name);
    return request;
}

/* Waits for its answer; the error's code. */
static enum astro_code answer_of(struct request *request_take)
{
    await(is_answered(request_take));
    enum astro_code code = request_take->error.code;
    free_request(request_take);
    return code;
}

/* --- reload --- */

static void a_reload_makes_before_it_breaks(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    struct fleet_process *old = host_at(0);
    plugin("lark.py", "conversion lark\n");
    fleet_reload("test");
    await_begin();
    while (!has_conversion("lark")) {
        assert_true(hosts_ready() >= 2);
        assert_true(fleet_is_ready());
        assert_int_equal(old->host.state, HOST_READY);
        await_turn("lark is there", __FILE__, __LINE__);
    }
    assert_int_equal(fleet.generation_number, 2);
    assert_int_equal(hosts_ready(), 2);
    await(fake_queue.died == 2);
    assert_int_equal(fake_queue.left, 2);
    assert_int_equal(fleet.restarts[REASON_RELOAD], 2);
    assert_true(fake_queue.changed >= 1);
    await(fleet.generations->next == NULL);
    await(logged("plugins_reloaded", "why=test"));
}

static void hosts_that_are_replaced_load_what_their_siblings_have(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    plugin("kite.py", "conversion quite_another\n");
    kill(host_at(0)->host.pid, SIGKILL);
    await(fake_queue.died == 1 && hosts_ready() == 2);
    assert_true(has_conversion("kite"));
    assert_string_equal(host_at(0)->host.conversions[0].name, "kite");
}

static void a_plugin_that_breaks_leaves_the_old_one_serving(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    plugin("kite.py", "fail syntax error\n");
    plugin("lark.py", "conversion lark\n");
    fleet_reload("test");
    await(logged("plugin_reload_failed", "syntax error"));
    assert_int_equal(fleet.generation_number, 1);
    assert_true(has_conversion("kite"));
    assert_false(has_conversion("lark")); /* given up as a whole */
    assert_true(fleet_is_ready());
    assert_int_equal(hosts_ready(), 2);
    assert_non_null(strstr(record_find("kite")->reason, "syntax error"));
    assert_int_equal(record_find("kite")->state, RECORD_READY);
    await(fleet.generations->next == NULL && fleet.dead == NULL);
    assert_int_equal(count_children(), 2);
    assert_int_equal(fleet.restarts[REASON_RELOAD], 0);
    plugin("kite.py", "conversion kite m\n");
    fleet_reload("test");
    await(fleet.generation_number == 3);
    assert_true(has_conversion("lark"));
    assert_string_equal(record_find("kite")->reason, "");
}

static void a_plugin_that_kills_hosts_leaves_the_old_one_serving(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    plugin("kite.py", "kill SIGSEGV\n");
    fleet_reload("test");
    await(logged("plugin_reload_failed", "SIGSEGV"));
    assert_true(has_conversion("kite"));
    assert_true(fleet_is_ready());
    assert_int_equal(fleet.restarts[REASON_CRASH], 0);
}

static void a_plugin_that_was_broken_before_stops_nothing(void **state)
{
    (void)state;
    plugin("bad.py", "fail never worked\n");
    start();
    plugin("lark.py", "conversion lark\n");
    fleet_reload("test");
    await(has_conversion("lark"));
    plugin("bad.py", "conversion good\n");
    fleet_reload("test");
    await(has_conversion("good"));
}

static void a_plugin_that_is_gone_is_gone(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    plugin("lark.py", "conversion lark\n");
    start();
    plugin("kite.py", NULL);
    fleet_reload("test");
    await(fleet.generation_number == 2);
    assert_false(has_conversion("kite"));
    assert_true(has_conversion("lark"));
    assert_null(record_find("kite"));
    assert_true(fleet_is_ready());
}

static void reloads_are_gathered(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    for (int i = 0; i < 100; i++)
        fleet_reload("test");
    await(fleet.generation_number == 2);
    for (int i = 0; i < 100; i++) {
        fleet_reload("test");
        fleet_reload("test");
        await_turn("nothing", __FILE__, __LINE__);
    }
    await(fleet.next == NULL && !orders_waiting());
    assert_true(fleet.generation_number < 20);
    assert_int_equal(hosts_ready(), 2);
}

static void a_directory_that_is_gone_leaves_the_old_one_serving(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    assert_int_equal(rename(server.settings.plugins_directory, beside("moved")), 0);
    fleet_reload("test");
    await(logged("plugin_reload_failed", "No such file"));
    assert_int_equal(rename(beside("moved"), server.settings.plugins_directory), 0);
    assert_true(fleet_is_ready());
    kill(host_at(0)->host.pid, SIGKILL);
    await(fake_queue.died == 1 && hosts_ready() == 2);
    assert_true(has_conversion("kite"));
}

/* A host that works on a call when the reload comes ends it first. */
static void a_call_at_work_outlives_the_change_over(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    work_on(host_at(0), "kite", "r");
    fleet_reload("test");
    await(fleet.generation_number == 2 && fake_queue.died == 1);
    assert_int_equal(fake_queue.busy->state, HOST_DRAINING);
    rest();
    await(fake_queue.died == 2);
}

static void hosts_of_a_reload_that_cannot_start_change_nothing(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    plugin("refuse", "");
    fleet_reload("test");
    await(logged("plugin_reload_failed", "Python could not be started"));
    assert_true(fleet_is_ready());
    assert_true(has_conversion("kite"));
}

/* --- load and unload --- */

static void what_is_unloaded_is_gone_until_it_is_loaded(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite_a\nconversion kite_b\n");
    plugin("lark.py", "conversion lark\n");
    start();
    assert_int_equal(answer_of(unload("kite_a")), ASTRO_OK);
    assert_false(has_conversion("kite_a"));
    assert_true(has_conversion("kite_b"));
    assert_true(fleet_plugin_is_ready("kite"));
    assert_int_equal(answer_of(unload("kite_b")), ASTRO_OK);
    assert_true(name_set_has(&fleet.current->unloaded, "kite")); /* nothing of it is imported */
    assert_int_equal(record_find("kite")->state, RECORD_UNLOADED);
    assert_true(fleet_is_ready()); /* nobody misses it */
    fleet_reload("test");
    await(fleet.next == NULL && fleet.generation_number == 4);
    assert_false(has_conversion("kite_b")); /* a reload does not undo it */
    assert_int_equal(answer_of(load("kite_b")), ASTRO_OK);
    assert_true(has_conversion("kite_b"));
    assert_false(has_conversion("kite_a"));
    assert_int_equal(answer_of(load("kite_a")), ASTRO_OK);
    assert_true(has_conversion("kite_a") && has_conversion("kite_b") && has_conversion("lark"));
}

static void plugins_have_names_too(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite_a\nconversion kite_b\n");
    start();
    assert_int_equal(answer_of(unload("kite")), ASTRO_OK);
    assert_false(has_conversion("kite_a") || has_conversion("kite_b"));
    unsigned long long number = fleet.generation_number;
    assert_int_equal(answer_of(unload("kite")), ASTRO_OK); /* it is, already */
    assert_true(fleet.generation_number == number);
    assert_int_equal(answer_of(load("kite")), ASTRO_OK);
    assert_true(has_conversion("kite_a") && has_conversion("kite_b"));
}

static void unloading_reads_no_new_files(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    plugin("lark.py", "conversion lark\n");
    start();
    plugin("lark.py", "fail half written\n");
    assert_int_equal(answer_of(unload("kite")), ASTRO_OK);
    assert_false(has_conversion("kite"));
    assert_true(has_conversion("lark"));
}

static void loading_reads_the_files_again(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    uint64_t before = host_at(0)->host.conversions[0].digest;
    plugin("kite.py", "conversion kite pc\n");
    assert_int_equal(answer_of(load("kite")), ASTRO_OK);
    assert_true(host_at(0)->host.conversions[0].digest != before);
    plugin("fresh.py", "conversion fresh\n");
    assert_int_equal(answer_of(load("fresh")), ASTRO_OK);
    assert_true(has_conversion("fresh"));
}

static void what_cannot_be_loaded_is_said(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    assert_int_equal(answer_of(load("nobody")), ASTRO_UNKNOWN_CONVERSION);
    assert_int_equal(answer_of(unload("nobody")), ASTRO_UNKNOWN_CONVERSION);
    char name[300];
    memset(name, 'k', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(answer_of(load(name)), ASTRO_UNKNOWN_CONVERSION);
    plugin("bad.py", "fail it is broken\n");
    struct request *request = load("bad");
    await(is_answered(request));
    assert_int_equal(request->error.code, ASTRO_INVALID_REQUEST);
    assert_non_null(strstr(request->error.text, "it is broken"));
    free_request(request);
    plugin("kite.py", "fail broken too\n");
    request = load("kite");
    await(is_answered(request));
    assert_int_equal(request->error.code, ASTRO_INVALID_REQUEST);
    assert_non_null(strstr(request->error.text, "broken too"));
    free_request(request);
    assert_true(has_conversion("kite"));
}

static void orders_that_come_together_are_carried_out_in_turn(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    struct request *one = unload("kite"), *two = load("kite"), *three = unload("kite");
    struct request *four = load("kite"), *five = unload("nobody");
    assert_int_equal(answer_of(one), ASTRO_OK);
    assert_int_equal(answer_of(two), ASTRO_OK);
    assert_int_equal(answer_of(three), ASTRO_OK);
    assert_int_equal(answer_of(four), ASTRO_OK);
    assert_int_equal(answer_of(five), ASTRO_UNKNOWN_CONVERSION);
    assert_true(has_conversion("kite"));
    assert_true(fleet.generation_number <= 3);
}

static void orders_are_answered_at_shutdown(void **state)
{
    (void)state;
    plugin("hang.py", "hang\n");
    assert_true(fleet_start(NULL));
    struct request *early = load("kite");
    await(fleet.processes != NULL);
    struct request *late = unload("kite"), *trace = new_request();
    fleet_trace(trace, "kite", true, 5);
    fleet_drain();
    assert_int_equal(answer_of(early), ASTRO_DRAINING);
    assert_int_equal(answer_of(late), ASTRO_DRAINING);
    assert_int_equal(answer_of(trace), ASTRO_DRAINING);
    assert_int_equal(answer_of(load("kite")), ASTRO_DRAINING);
}

static void without_plugins_orders_are_refused(void **state)
{
    (void)state;
    assert_int_equal(answer_of(load("kite")), ASTRO_UNKNOWN_CONVERSION);
    assert_int_equal(answer_of(unload("kite")), ASTRO_UNKNOWN_CONVERSION);
    struct request *trace = new_request();
    fleet_trace(trace, "kite", true, 5);
    assert_int_equal(answer_of(trace), ASTRO_NOT_FOUND);
    fleet_reload("nothing");
}

/* --- traces --- */

static void a_trace_is_asked_of_every_host(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    struct request *request = new_request();
    fleet_trace(request, "kite", true, 9);
    await(is_answered(request));
    assert_int_equal(request->error.code, ASTRO_OK);
    json_t *document = request->later_document;
    assert_string_equal(json_string_value(json_object_get(document, "plugin")), "kite");
    assert_string_equal(json_string_value(json_object_get(document, "action")), "start");
    assert_int_equal(json_integer_value(json_object_get(document, "missing")), 0);
    const json_t *hosts = json_object_get(document, "hosts");
    assert_int_equal(json_array_size(hosts), 2);
    const json_t *report = json_object_get(json_array_get(hosts, 0), "report");
    assert_int_equal(json_integer_value(json_object_get(report, "frames")), 9);
    free_request(request);
    request = new_request();
    fleet_trace(request, "nobody", true, 9);
    assert_int_equal(answer_of(request), ASTRO_NOT_FOUND);
}

static void a_trace_does_not_wait_for_the_dead(void **state)
{
    (void)state;
    plugin("silent.py", "conversion silent\n"); /* its hosts do not answer */
    start();
    struct request *request = new_request();
    fleet_trace(request, "silent", false, 9);
    await(fleet.traces != NULL);
    kill(host_at(0)->host.pid, SIGKILL);
    kill(host_at(1)->host.pid, SIGKILL);
    await(is_answered(request));
    assert_int_equal(json_integer_value(json_object_get(request->later_document, "missing")), 2);
    free_request(request);
}

static void answers_that_nobody_asked_for_are_nothing(void **state)
{
    (void)state;
    plugin("silent.py", "conversion silent\n");
    start();
    tell(host_at(0), "say", json_pack("{s:s, s:i}", "type", "traced", "token", 77));
    struct request *request = new_request();
    fleet_trace(request, "silent", false, 9);
    await(fleet.traces != NULL);
    /* The second answer of one host is not the first of the other. */
    for (int i = 0; i < 2; i++)
        tell(host_at(0), "say",
             json_pack("{s:s, s:i, s:s}", "type", "traced", "token", 1, "error", "no"));
    kill(host_at(1)->host.pid, SIGKILL);
    await(is_answered(request));
    const json_t *hosts = json_object_get(request->later_document, "hosts");
    assert_int_equal(json_array_size(hosts), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(hosts, 0), "error")),
                        "no");
    free_request(request);
}

/* --- watch --- */

static void a_changed_file_is_loaded_when_asked_for(void **state)
{
    (void)state;
    server.settings.plugins_reload = RELOAD_WATCH;
    plugin("kite.py", "conversion kite\n");
    start();
    plugin("lark.py", "conversion lark\n");
    await(has_conversion("lark"));
    assert_int_equal(fleet.generation_number, 2);
    plugin("lark.py", NULL);
    await(!has_conversion("lark"));
    await(logged("plugins_reloaded", "files have changed"));
}

static void a_changed_file_is_not_loaded_otherwise(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite\n");
    start();
    plugin("lark.py", "conversion lark\n");
    fleet.watch_due_ns = 0;
    for (int i = 0; i < 500; i++)
        await_turn("nothing", __FILE__, __LINE__);
    assert_false(has_conversion("lark"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_reload_makes_before_it_breaks),
        TEST(hosts_that_are_replaced_load_what_their_siblings_have),
        TEST(a_plugin_that_breaks_leaves_the_old_one_serving),
        TEST(a_plugin_that_kills_hosts_leaves_the_old_one_serving),
        TEST(a_plugin_that_was_broken_before_stops_nothing),
        TEST(a_plugin_that_is_gone_is_gone),
        TEST(reloads_are_gathered),
        TEST(a_directory_that_is_gone_leaves_the_old_one_serving),
        TEST(a_call_at_work_outlives_the_change_over),
        TEST(hosts_of_a_reload_that_cannot_start_change_nothing),
        TEST(what_is_unloaded_is_gone_until_it_is_loaded),
        TEST(plugins_have_names_too),
        TEST(unloading_reads_no_new_files),
        TEST(loading_reads_the_files_again),
        TEST(what_cannot_be_loaded_is_said),
        TEST(orders_that_come_together_are_carried_out_in_turn),
        TEST(orders_are_answered_at_shutdown),
        TEST(without_plugins_orders_are_refused),
        TEST(a_trace_is_asked_of_every_host),
        TEST(a_trace_does_not_wait_for_the_dead),
        TEST(answers_that_nobody_asked_for_are_nothing),
        TEST(a_changed_file_is_loaded_when_asked_for),
        TEST(a_changed_file_is_not_loaded_otherwise),
    };
    return cmocka_run_group_tests_name("fleet: orders", tests, NULL, NULL);
}
