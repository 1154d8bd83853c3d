/* The first generation: what is loaded, what is not, what is said about it. */
#include "harness.h"

#include <signal.h>
#include <unistd.h>

static void an_empty_directory_is_ready(void **state)
{
    (void)state;
    start();
    assert_int_equal(hosts_ready(), 2);
    assert_int_equal(fake_queue.ready, 2);
    assert_true(fleet_is_ready());
    assert_true(has_conversion("radec_to_xyz")); /* built-ins are there as ever */
}

static void conversions_come_into_the_catalogue(void **state)
{
    (void)state;
    plugin("kite.py", "conversion kite_a\nconversion kite_b\n");
    plugin("lark.py", "conversion lark\n");
    start();
    assert_true(has_conversion("kite_a"));
    assert_true(has_conversion("kite_b"));
    assert_true(has_conversion("lark"));
    assert_true(fleet_plugin_is_ready("kite"));
    assert_false(fleet_plugin_is_ready("nobody"));
    for (size_t i = 0; i < 2; i++) {
        const struct host *host = &host_at(i)->host;
        assert_int_equal(host->n_conversions, 3);
        assert_string_equal(host->conversions[0].name, "kite_a");
        assert_string_equal(host->conversions[2].name, "lark");
        assert_int_equal(host->conversions[2].number, 2);
    }
    assert_true(host_at(0)->host.conversions[0].digest == host_at(1)->host.conversions[0].digest);
    await(logged("plugin_loaded", "plugin=kite"));
    assert_int_equal(times_logged("plugin_loaded", "plugin=kite"), 1);
    await(times_logged("plugin_host_ready", "") == 2);
}

static void a_plugin_that_fails_is_missing_and_the_others_serve(void **state)
{
    (void)state;
    plugin("bad.py", "fail no module named nonsense\n");
    plugin("good.py", "conversion good\n");
    start();
    assert_true(fleet_is_ready());
    assert_true(has_conversion("good"));
    assert_false(fleet_plugin_is_ready("bad"));
    await(logged("plugin_failed", "no module named nonsense"));
    await(logged("plugin_traceback", "line two"));
    assert_int_equal(times_logged("plugin_failed", "plugin=bad"), 1);
}

static void a_plugin_that_kills_hosts_at_import_is_left_out(void **state)
{
    (void)state;
    plugin("a_crash.py", "kill SIGSEGV\nconversion never\n");
    plugin("b_exit.py", "exit 9\n");
    plugin("good.py", "conversion good\n");
    start();
    assert_true(has_conversion("good"));
    assert_false(has_conversion("never"));
    assert_int_equal(hosts_ready(), 2);
    assert_true(name_set_has(&fleet.current->skip, "a_crash"));
    assert_true(name_set_has(&fleet.current->skip, "b_exit"));
    await(logged("plugin_failed", "SIGSEGV"));
    await(logged("plugin_failed", "exit status 9"));
    assert_true(fleet_is_ready()); /* what was never loaded is not missed */
}

/* The kernel out of memory kills at random: once is no proof. */
static void one_kill_from_outside_does_not_condemn_a_plugin(void **state)
{
    (void)state;
    char text[4200];
    snprintf(text, sizeof text, "kill-once SIGKILL %s\nconversion kite\n", beside("once"));
    plugin("kite.py", text);
    server.settings.plugins_hosts = 1;
    start();
    assert_true(has_conversion("kite"));
    assert_int_equal(fleet.current->skip.n, 0);
    assert_int_equal(fleet.restarts[REASON_START], 1);
}

static void kills_from_outside_condemn_it_when_they_come_again(void **state)
{
    (void)state;
    plugin("kite.py", "kill SIGKILL\n");
    plugin("lark.py", "conversion lark\n");
    server.settings.plugins_hosts = 1;
    start();
    assert_true(name_set_has(&fleet.current->skip, "kite"));
    assert_true(has_conversion("lark"));
}

/* What has been loaded once in a generation is not condemned by who kills hosts at random. */
static void kills_from_outside_do_not_condemn_what_has_served(void **state)
{
    (void)state;
    char text[4200];
    snprintf(text, sizeof text, "kill-once SIGKILL %s\nconversion kite\n", beside("once"));
    fclose(fopen(beside("once"), "we"));
    plugin("kite.py", text);
    server.settings.plugins_hosts = 1;
    start();
    for (unsigned i = 1; i <= 3; i++) {
        unsigned deaths = fake_queue.died;
        unlink(beside("once"));
        kill(host_at(0)->host.pid, SIGKILL);
        await(fake_queue.died == deaths + 1 && hosts_ready() == 1);
        assert_int_equal(fleet.restarts[REASON_START], i);
    }
    assert_int_equal(fleet.current->skip.n, 0);
    assert_true(fleet_plugin_is_ready("kite"));
}

static void a_plugin_that_hangs_at_import_is_left_out(void **state)
{
    (void)state;
    plugin("hang.py", "hang\n");
    plugin("lark.py", "conversion lark\n");
    assert_true(fleet_start(NULL));
    fleet.silence_ns = FLEET_SECOND / 2;
    await(fleet.current != NULL);
    fleet.silence_ns = 60 * FLEET_SECOND;
    assert_true(has_conversion("lark"));
    await(logged("plugin_failed", "silent"));
}

static void conversions_that_cannot_be_fail_their_plugin(void **state)
{
    (void)state;
    plugin("a.py", "conversion shared\n");
    plugin("b.py", "conversion other\nconversion shared\n");
    plugin("c.py", "conversion radec_to_xyz\n");
    plugin("d.py", "conversion no/name\n");
    start();
    assert_true(has_conversion("shared"));
    assert_false(has_conversion("other")); /* half a plugin surprises more than none */
    await(logged("plugin_failed", "plugin=b"));
    await(logged("plugin_failed", "built in"));
    await(logged("plugin_failed", "plugin=d"));
    assert_int_equal(host_at(0)->host.n_conversions, 1);
}

static void too_many_conversions_fail_their_plugin(void **state)
{
    (void)state;
    char *text = malloc(64 * 1024);
    size_t length = 0;
    for (int i = 0; i < 300; i++)
        length += (size_t)sprintf(text + length, "conversion c%d\n", i);
    plugin("a.py", text);
    for (char *at = text; (at = strstr(at, " c")) != NULL; at++)
        at[1] = 'd';
    plugin("b.py", text);
    free(text);
    plugin("c.py", "conversion last\n");
    start();
    assert_true(has_conversion("c299"));
    assert_false(has_conversion("d0"));
    assert_true(has_conversion("last"));
    await(logged("plugin_failed", "more than 512 conversions"));
}

/* One host cannot be had at first. Those that can are not kept waiting for ever. */
static void hosts_that_disagree_do_not_serve_together(void **state)
{
    (void)state;
    plugin("dice.py", "random dice\n");
    start();
    assert_int_equal(hosts_ready(), 1);
    assert_true(has_conversion("dice"));
    await(logged("plugin_host_failed", "another one in another host"));
}

static void no_host_at_all_is_said_and_tried_again(void **state)
{
    (void)state;
    server.settings.plugins_hosts = 1;
    plugin("refuse", "");
    start();
    assert_null(fleet.current);
    assert_false(fleet_is_ready());
    assert_true(fleet_retry_after() >= 1);
    await(times_logged("plugin_host_failed", "Python could not be started") >= 3);
    plugin("refuse", NULL);
    plugin("better.py", "conversion better\n");
    fleet_reload("test");
    await(fleet.current != NULL);
    assert_true(has_conversion("better"));
    assert_true(fleet_is_ready());
}

static void a_program_that_is_missing_is_a_clear_error(void **state)
{
    (void)state;
    setenv("ASTROLABE_TEST_PLUGIN_HOST", beside("nothing"), 1);
    assert_false(fleet_start(NULL));
    await(logged("plugins_not_started", "No such file"));
    assert_true(fleet_ended());
}

static void a_program_that_is_none_is_a_clear_error(void **state)
{
    (void)state;
    FILE *file = fopen(beside("program"), "we");
    fputs("no program\n", file);
    fclose(file);
    assert_int_equal(chmod(beside("program"), 0700), 0);
    setenv("ASTROLABE_TEST_PLUGIN_HOST", beside("program"), 1);
    start();
    assert_null(fleet.current);
    await(logged("plugin_host_failed", "cannot be started: Exec format error"));
    assert_int_equal(count_children(), 0);
}

static void a_directory_that_is_missing_is_a_clear_error(void **state)
{
    (void)state;
    char *directory = server.settings.plugins_directory;
    char missing[] = "/nothing/here", file[] = "/dev/null";
    server.settings.plugins_directory = missing;
    assert_false(fleet_start(NULL));
    await(logged("plugins_not_started", "/nothing/here: No such file"));
    server.settings.plugins_directory = file;
    assert_false(fleet_start(NULL));
    server.settings.plugins_directory = directory;
}

static bool was_ready;
static void note_ready(void)
{
    was_ready = true;
}

static void without_plugins_there_is_nothing(void **state)
{
    (void)state;
    char *directory = server.settings.plugins_directory;
    unsigned before = count_descriptors();
    server.settings.plugins_directory = NULL;
    assert_true(fleet_start(note_ready));
    assert_true(was_ready);
    assert_true(fleet_is_ready());
    assert_int_equal(count_descriptors(), before);
    server.settings.plugins_directory = directory;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_directory_is_ready),
        TEST(conversions_come_into_the_catalogue),
        TEST(a_plugin_that_fails_is_missing_and_the_others_serve),
        TEST(a_plugin_that_kills_hosts_at_import_is_left_out),
        TEST(one_kill_from_outside_does_not_condemn_a_plugin),
        TEST(kills_from_outside_condemn_it_when_they_come_again),
        TEST(kills_from_outside_do_not_condemn_what_has_served),
        TEST(a_plugin_that_hangs_at_import_is_left_out),
        TEST(conversions_that_cannot_be_fail_their_plugin),
        TEST(too_many_conversions_fail_their_plugin),
        TEST(hosts_that_disagree_do_not_serve_together),
        TEST(no_host_at_all_is_said_and_tried_again),
        TEST(a_program_that_is_missing_is_a_clear_error),
        TEST(a_program_that_is_none_is_a_clear_error),
        TEST(a_directory_that_is_missing_is_a_clear_error),
        TEST(without_plugins_there_is_nothing),
    };
    return cmocka_run_group_tests_name("fleet: start", tests, NULL, NULL);
}
