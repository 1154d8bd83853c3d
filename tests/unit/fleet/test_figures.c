/* Ledgers, verdicts over the lives of hosts, and the copy that others see. */
#include "harness.h"

#include <signal.h>
#include <unistd.h>

#include "plugins/figures.h"

static int set_up_one(void **state)
{
    int result = set_up(state);
    server.settings.plugins_hosts = 1;
    plugin("kite.py", "conversion kite_a\nconversion kite_b\n");
    return result;
}

static json_t *ledger(const char *plugin, const char *verdict, double bytes_per_call)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:[{s:s, s:s, s:f, s:s, s:s, s:i, s:i, s:i}]}",
                     "type", "ledger", "pss", 1000, "threads", 3, "descriptors", 12, "calls", 500,
                     "plugins", "name", plugin, "verdict", verdict, "bytes_per_call",
                     bytes_per_call, "kind", "python objects", "text", "it grows", "calls", 500,
                     "python_bytes", 4096, "descriptors", -2);
}

static enum verdict verdict_of(const char *name)
{
    struct ledger_line line;
    record_ledger(record_find(name), &line);
    return line.verdict;
}

static void figures_show_plugins_and_hosts(void **state)
{
    (void)state;
    plugin("bad.py", "fail it is broken\n");
    start();
    tell(host_at(0), "say", ledger("kite", "leaking", 48.5));
    await(verdict_of("kite") == VERDICT_LEAKING);
    await(host_at(0)->rss > 0);
    struct figures *figures = figures_take();
    assert_non_null(figures);
    assert_true(figures->configured);
    assert_int_equal(figures->generation, 1);
    assert_int_equal(figures->waiting, 7);
    assert_int_equal(figures->n_plugins, 2);
    const struct plugin_figures *bad = &figures->plugins[0], *kite = &figures->plugins[1];
    assert_string_equal(bad->name, "bad");
    assert_string_equal(bad->state, "failed");
    assert_string_equal(bad->reason, "it is broken");
    assert_string_equal(kite->state, "ready");
    assert_string_equal(kite->reason, "");
    assert_string_equal(kite->kind, "python objects");
    assert_string_equal(kite->text, "it grows");
    assert_true(kite->bytes_per_call > 48 && kite->bytes_per_call < 49);
    assert_int_equal(kite->calls, 500);
    assert_int_equal(kite->python_bytes, 4096);
    assert_int_equal(kite->descriptors, -2);
    assert_int_equal(kite->n_conversions, 2);
    assert_string_equal(kite->conversions[0], "kite_a");
    assert_string_equal(kite->conversions[1], "kite_b");
    assert_int_equal(figures->n_hosts, 1);
    const struct host_figures *host = &figures->hosts[0];
    assert_int_equal(host->pid, host_at(0)->host.pid);
    assert_string_equal(host->state, "ready");
    assert_int_equal(host->pss_bytes, 1000);
    assert_int_equal(host->descriptors, 12);
    assert_int_equal(host->region_bytes, 1 << 20);
    assert_true(host->rss_bytes > 0 && host->age_s > 0);
    figures_release(figures);
    figures_release(NULL);
    await(logged("plugin_leaking", "plugin=kite"));
}

static void a_leak_is_remembered_until_a_successor_is_steady(void **state)
{
    (void)state;
    start();
    tell(host_at(0), "say", ledger("kite", "leaking", 100));
    await(verdict_of("kite") == VERDICT_LEAKING);
    kill(host_at(0)->host.pid, SIGKILL);
    await(fake_queue.died == 1 && hosts_ready() == 1);
    assert_int_equal(verdict_of("kite"), VERDICT_LEAKING);
    tell(host_at(0), "say", ledger("kite", "warming", 0));
    await(host_at(0)->plugins[0].ledger.said);
    assert_int_equal(verdict_of("kite"), VERDICT_LEAKING);
    struct ledger_line line;
    record_ledger(record_find("kite"), &line);
    assert_int_equal(line.calls, 1000); /* those of the dead host too */
    assert_true(line.bytes_per_call > 99);
    tell(host_at(0), "say", ledger("kite", "steady", 0));
    await(verdict_of("kite") == VERDICT_STEADY);
    await(logged("plugin_steady", "plugin=kite"));
}

static void the_worst_of_the_hosts_counts(void **state)
{
    (void)state;
    server.settings.plugins_hosts = 2;
    start();
    tell(host_at(0), "say", ledger("kite", "steady", 0));
    await(verdict_of("kite") == VERDICT_STEADY);
    tell(host_at(1), "say", ledger("kite", "leaking", 7));
    await(verdict_of("kite") == VERDICT_LEAKING);
    tell(host_at(1), "say", ledger("kite", "steady", 0));
    await(verdict_of("kite") == VERDICT_STEADY);
    struct ledger_line line;
    record_ledger(record_find("kite"), &line);
    assert_int_equal(line.calls, 1000);
    assert_int_equal(times_logged("plugin_leaking", "plugin=kite"), 1);
}

static json_t *levels(int calls, int python, int arrays)
{
    return json_pack("{s:s, s:[{s:s, s:s, s:i, s:i, s:i}]}", "type", "ledger", "plugins", "name",
                     "kite", "verdict", "warming", "calls", calls, "python_bytes", python,
                     "array_bytes", arrays);
}

/* The host has `calls` more behind it and holds 20 MiB more, then it is replaced for its memory. */
static void outgrow(int calls, unsigned replaced)
{
    struct fleet_process *process = host_at(0);
    tell(process, "say", levels(0, 1000, 500));
    await(process->plugins[0].ledger.said);
    tell(process, "say", levels(calls, 1000, 500 + (20 << 20)));
    await(process->plugins[0].ledger.calls == (uint64_t)calls);
    tell(process, "grow", json_integer(70 << 20));
    await(fleet.restarts[REASON_MEMORY] == replaced && hosts_ready() == 1);
}

/* No host lives long enough for a trend. */
static void a_plugin_that_hosts_are_replaced_for_is_named(void **state)
{
    (void)state;
    server.settings.plugins_max_rss = 64u << 20;
    start();
    outgrow(100, 1);
    assert_int_equal(verdict_of("kite"), VERDICT_WARMING); /* once may be a cache */
    outgrow(4, 2);
    assert_int_equal(verdict_of("kite"), VERDICT_WARMING); /* too few calls: not in a row */
    outgrow(100, 3);
    assert_int_equal(verdict_of("kite"), VERDICT_WARMING);
    outgrow(100, 4);
    assert_int_equal(verdict_of("kite"), VERDICT_LEAKING);
    await(logged("plugin_leaking", "plugin=kite"));
    struct ledger_line line;
    record_ledger(record_find("kite"), &line);
    assert_true(line.bytes_per_call > 209715 && line.bytes_per_call < 209716);
    assert_string_equal(line.kind, "array memory");
    tell(host_at(0), "say", ledger("kite", "steady", 0));
    await(verdict_of("kite") == VERDICT_STEADY);
}

static void a_liars_ledger_does_no_harm(void **state)
{
    (void)state;
    start();
    tell(host_at(0), "say", ledger("nobody", "leaking", 1));
    tell(host_at(0), "say", json_pack("{s:s, s:s}", "type", "ledger", "plugins", "none"));
    tell(host_at(0), "say",
         json_pack("{s:s, s:[i, {s:i}, {s:s, s:s, s:f, s:f, s:[]}]}", "type", "ledger", "plugins",
                   1, "name", 2, "name", "kite", "verdict", "splendid", "calls", -5.0,
                   "python_bytes", 1e300, "text"));
    await(host_at(0)->n_plugins == 1 && host_at(0)->plugins[0].ledger.said);
    assert_null(record_find("nobody"));
    const struct ledger_line *line = &host_at(0)->plugins[0].ledger;
    assert_int_equal(line->calls, 0);
    assert_true(line->python_bytes == UINT64_C(1) << 53);
    assert_int_equal(line->verdict, VERDICT_WARMING);
    assert_string_equal(line->text, "");
}

static void the_states_of_plugins_are_shown(void **state)
{
    (void)state;
    start();
    struct request *request = new_request();
    fleet_unload(request, "kite");
    await(is_answered(request));
    free_request(request);
    struct figures *figures = figures_take();
    assert_int_equal(figures->n_plugins, 1);
    assert_string_equal(figures->plugins[0].state, "unloaded");
    assert_int_equal(figures->plugins[0].n_conversions, 2); /* what can be loaded again */
    figures_release(figures);
}

static void what_keeps_crashing_is_shown_as_switched_off(void **state)
{
    (void)state;
    start();
    for (unsigned i = 1; i <= FLEET_CRASHES; i++) {
        work_on(host_at(0), "kite", "r");
        tell(host_at(0), "kill", json_string("SIGSEGV"));
        await(fake_queue.died == i);
        fleet.current->places[0].backoff.deaths = 0;
        await(hosts_ready() == 1);
    }
    struct figures *figures = figures_take();
    assert_string_equal(figures->plugins[0].state, "switched_off");
    assert_non_null(strstr(figures->plugins[0].reason, "switched off"));
    assert_int_equal(figures->plugins[0].crashes, FLEET_CRASHES);
    assert_int_equal(figures->restarts[REASON_CRASH], FLEET_CRASHES);
    assert_int_equal(figures->hosts[0].restarts, FLEET_CRASHES);
    figures_release(figures);
}

static void what_is_retained_is_shown_oldest_first(void **state)
{
    (void)state;
    enum { BLOCKS = 250 };
    static struct retained blocks[BLOCKS];
    start();
    struct host *host = &host_at(0)->host;
    uint64_t now_ns = loop_clock_ns();
    plugins_lock();
    for (unsigned i = 0; i < BLOCKS; i++) {
        struct retained *block = &blocks[(i * 37) % BLOCKS]; /* in no order */
        *block = (struct retained){.next = host->retained, .bytes = 10};
        block->since_ns = now_ns - (uint64_t)(block - blocks + 1) * FLEET_SECOND;
        snprintf(block->plugin, sizeof block->plugin, "%s", i == 3 ? "gone" : "kite");
        snprintf(block->request_id, sizeof block->request_id, "r%d", (int)(block - blocks));
        host->retained = block;
    }
    host->retained_objects = BLOCKS;
    plugins_unlock();
    struct figures *figures = figures_take();
    plugins_lock();
    host->retained = NULL;
    host->retained_objects = 0;
    plugins_unlock();
    const struct plugin_figures *kite = &figures->plugins[0];
    assert_int_equal(kite->retained_objects, BLOCKS - 1);
    assert_int_equal(kite->retained_bytes, (BLOCKS - 1) * 10);
    assert_int_equal(kite->n_retained, FIGURES_RETAINED);
    assert_string_equal(kite->retained[0].request_id, "r249");
    assert_string_equal(kite->retained[99].request_id, "r150");
    for (size_t i = 1; i < kite->n_retained; i++)
        assert_true(kite->retained[i - 1].age_s >= kite->retained[i].age_s);
    figures_release(figures);
}

static void without_memory_there_are_no_figures(void **state)
{
    (void)state;
    start();
    for (int i = 1; i <= 6; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        setenv("ASTROLABE_FAULT_ALLOC", number, 1);
        mem_init();
        mem_faults_arm();
        struct figures *figures = figures_take();
        unsetenv("ASTROLABE_FAULT_ALLOC");
        mem_init();
        assert_null(figures);
    }
}

static void without_plugins_they_are_empty(void **state)
{
    (void)state;
    char *directory = server.settings.plugins_directory;
    server.settings.plugins_directory = NULL;
    struct figures *figures = figures_take();
    assert_non_null(figures);
    assert_false(figures->configured);
    assert_int_equal(figures->n_plugins + figures->n_hosts, 0);
    figures_release(figures);
    server.settings.plugins_directory = directory;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_one, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(figures_show_plugins_and_hosts),
        TEST(a_leak_is_remembered_until_a_successor_is_steady),
        TEST(a_plugin_that_hosts_are_replaced_for_is_named),
        TEST(the_worst_of_the_hosts_counts),
        TEST(a_liars_ledger_does_no_harm),
        TEST(the_states_of_plugins_are_shown),
        TEST(what_keeps_crashing_is_shown_as_switched_off),
        TEST(what_is_retained_is_shown_oldest_first),
        TEST(without_memory_there_are_no_figures),
        TEST(without_plugins_they_are_empty),
    };
    return cmocka_run_group_tests_name("fleet: figures", tests, NULL, NULL);
}
