/*
 * Sources: their order, what each may carry, and what is said when something is wrong.
 */
#include <sched.h>

#include "harness.h"

/* The table of DESIGN, section 9, written out a second time on purpose. */
static void defaults(void **state)
{
    (void)state;
    struct loaded loaded;
    cpu_set_t set;
    load(&loaded, NULL, NULL, NULL);
    assert_loaded(&loaded);
    const struct settings *s = &loaded.settings;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    unsigned cores = (unsigned)CPU_COUNT(&set);
    assert_int_equal(loaded.action, SETTINGS_RUN);
    assert_int_equal(s->listen.n, 1);
    assert_string_equal(s->listen.items[0], "127.0.0.1:9180");
    assert_true(s->loops == cores && s->threads == cores && s->plugins_hosts == cores);
    assert_null(s->plugins_directory);
    assert_true(s->plugins_timeout >= 30 && s->plugins_timeout <= 30);
    assert_int_equal(s->plugins_queue, 256);
    assert_int_equal(s->plugins_max_rss, 512ULL << 20);
    assert_int_equal(s->plugins_reload, RELOAD_SIGNAL);
    assert_int_equal(s->limits_connections, 10000);
    assert_int_equal(s->limits_header_bytes, 16 << 10);
    assert_int_equal(s->limits_body_bytes, 256 << 20);
    assert_int_equal(s->limits_memory, 1 << 30);
    assert_int_equal(s->limits_json_depth, 32);
    assert_int_equal(s->limits_pipeline, 64);
    assert_int_equal(s->limits_contexts, 16 << 20);
    const double times[] = {s->timeouts_head, s->timeouts_body,    s->timeouts_write,
                            s->timeouts_idle, s->timeouts_request, s->shutdown_grace,
                            s->log_access,    s->poll_busy,        s->dispatch_inline};
    const double expected[] = {10, 60, 60, 75, 60, 30, 0, 0, 1e-4};
    assert_memory_equal(times, expected, sizeof expected);
    assert_true(!s->auth_tokens && !s->auth_anonymous && !s->data_eop);
    assert_string_equal(s->data_leap_seconds, "/usr/share/zoneinfo/leap-seconds.list");
    assert_int_equal(s->log_level, LEVEL_INFO);
    assert_int_equal(s->log_format, LOG_FORMAT_LOGFMT);
    assert_int_equal(s->simd, 0);
    unload(&loaded);
}

static void flag_beats_variable_beats_file(void **state)
{
    (void)state;
    const char *const flags[] = {"--loops", "7", NULL};
    const char *const variables[] = {"HOME=/", "ASTROLABE_LOOPS=6", "ASTROLABE_THREADS=5", NULL};
    struct loaded loaded;
    load(&loaded, flags, variables, "{\"loops\": 3, \"threads\": 3, \"plugins.hosts\": 3}");
    assert_loaded(&loaded);
    assert_int_equal(loaded.settings.loops, 7);
    assert_int_equal(loaded.settings.threads, 5);
    assert_int_equal(loaded.settings.plugins_hosts, 3);
    unload(&loaded);
    /* What is beaten is still checked. */
    load(&loaded, flags, NULL, "{\"loops\": 0}");
    assert_error(&loaded, ": loops: \"0\" is too small");
}

static void listeners(void **state)
{
    (void)state;
    struct loaded loaded;
    const char *const flags[] = {"--listen", "a:1", "--listen=b,c:2", NULL};
    const char *const variables[] = {"ASTROLABE_LISTEN=x:1 , y:2,z:3", NULL};
    load(&loaded, flags, variables, "{\"listen\": \"f:1\"}");
    assert_loaded(&loaded);
    assert_int_equal(loaded.settings.listen.n, 2);
    assert_string_equal(loaded.settings.listen.items[1], "b,c:2");
    unload(&loaded);
    load(&loaded, NULL, variables, "{\"listen\": \"f:1\"}");
    assert_loaded(&loaded);
    assert_int_equal(loaded.settings.listen.n, 3);
    assert_string_equal(loaded.settings.listen.items[0], "x:1");
    assert_string_equal(loaded.settings.listen.items[1], "y:2");
    unload(&loaded);
    load_file(&loaded, "{\"listen\": [\"f:1\", \"g:2\"]}");
    assert_loaded(&loaded);
    assert_int_equal(loaded.settings.listen.n, 2);
    unload(&loaded);
    load_variable(&loaded, "ASTROLABE_LISTEN=x:1,,y:2");
    assert_error(&loaded, "ASTROLABE_LISTEN: \"\" is empty");
    load_file(&loaded, "{\"listen\": []}");
    assert_error(&loaded, "listen: is an empty array; give at least one entry");
    load_file(&loaded, "{\"listen\": [\"f:1\", 9180]}");
    assert_error(&loaded, "listen[1]: is a whole number; give as a string ADDR:PORT");
}

static void unknown_names(void **state)
{
    (void)state;
    struct loaded loaded;
    char source[128];
    load_flags(&loaded, "--limits-memroy", "1GiB");
    assert_error(&loaded, "unknown flag \"--limits-memroy\"; the nearest is --limits-memory");
    load_flags(&loaded, "--limits.memory", "1GiB");
    assert_error(&loaded, "the nearest is --limits-memory");
    load_flags(&loaded, "serve", NULL);
    assert_error(&loaded, "\"serve\" is no flag");
    load_variable(&loaded, "ASTROLABE_LOOP=3");
    assert_error(&loaded, "unknown variable \"ASTROLABE_LOOP\"; the nearest is ASTROLABE_LOOPS");
    load_variable(&loaded, "ASTROLABE_PORT_9180_TCP=tcp://10.0.0.1:9180");
    assert_error(&loaded, "enableServiceLinks: false");
    load_file(&loaded, "{\"limits\": {\"memroy\": \"1GiB\"}}");
    snprintf(source, sizeof source, "%s: limits.memroy: unknown key; the nearest is limits.memory",
             config_path());
    assert_error(&loaded, source);
    load_file(&loaded, "{\"limits\": {\"limits\": {\"memory\": 1}}}");
    assert_error(&loaded, "limits.limits: unknown key");
    load_file(&loaded, "{\"limits\": 5}");
    assert_error(&loaded, "limits: is a group of settings; give an object with its keys");
    load_file(&loaded, "{\"\": 5}");
    assert_error(&loaded, "unknown key");
}

static void foreign_variables_are_left_alone(void **state)
{
    (void)state;
    const char *const variables[] = {"ASTROLABE_FAULT_ALLOC=count",
                                     "ASTROLABE_TEST_SLOW=4",
                                     "ASTROLABE_PLUGIN_HOST=/usr/bin/astrolabe-plugin-host",
                                     "ASTROLABED=/bin/x",
                                     "ASTROLABE_NOTHING",
                                     "",
                                     NULL};
    struct loaded loaded;
    load(&loaded, NULL, variables, NULL);
    assert_loaded(&loaded);
    unload(&loaded);
    char *none[] = {NULL};
    char *error;
    assert_true(settings_load(0, none, NULL, &loaded.settings, &loaded.action, &error));
    unload(&loaded);
}

static void duplicates(void **state)
{
    (void)state;
    struct loaded loaded;
    const char *const variables[] = {"ASTROLABE_LOOPS=3", "ASTROLABE_LOOPS=3", NULL};
    load_flags(&loaded, "--loops=1", "--loops=1");
    assert_error(&loaded, "--loops: is given twice; give it once");
    load_flags(&loaded, "--config=a", "--config=b");
    assert_error(&loaded, "--config: is given twice");
    load(&loaded, NULL, variables, NULL);
    assert_error(&loaded, "ASTROLABE_LOOPS: is given twice");
    load_file(&loaded, "{\"loops\": 1, \"loops\": 1}");
    assert_error(&loaded, "line 1");
    assert_error(&loaded, "duplicate");
    load_file(&loaded, "{\"limits\": {\"memory\": 9999999}, \"limits.memory\": 9999999}");
    assert_error(&loaded, "limits.memory: is given twice");
}

static void values_of_the_file(void **state)
{
    (void)state;
    struct loaded loaded;
    load_file(&loaded, "{\"auth\": {\"anonymous\": true, \"tokens\": null}, \"loops\": \"4\",\n"
                       " \"log\": {\"access\": true, \"level\": \"warn\"},\n"
                       " \"timeouts\": {\"head\": 1.5, \"body\": \"2min\", \"idle\": 3}}");
    assert_loaded(&loaded);
    assert_true(loaded.settings.auth_anonymous && loaded.settings.loops == 4);
    assert_true(loaded.settings.log_access >= 1 && loaded.settings.timeouts_body >= 120);
    unload(&loaded);
    static const char *const wrong[][2] = {
        {"{\"loops\": true}", "loops: is true; give a whole number"},
        {"{\"loops\": null}", "loops: is null; give"},
        {"{\"loops\": [1]}", "loops: is an array; give"},
        {"{\"loops\": 1.5}", "loops: \"1.5\" is no whole number"},
        {"{\"auth.anonymous\": 1}", "is a whole number; give on or off"},
        {"{\"auth.tokens\": 5}", "give as a string a path, or none"},
        {"{\"data.leap_seconds\": null}", "is null; give as a string a path"},
        {"{\"log.level\": false}", "is false; give error, warn, info or debug"},
        {"[]", "is no JSON object"},
        {"{\"loops\": 1", "line 1, column 11: "},
        {"{\"loops\": 1} x", "end of file expected"},
        {"{\"data.eop\": \"a\\u0000b\"}", "\\u0000"},
        {"", "line 1"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        load_file(&loaded, wrong[i][0]);
        assert_error(&loaded, wrong[i][1]);
        assert_error(&loaded, config_path());
    }
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    struct loaded loaded;
    load_flags(&loaded, "--config", "/nowhere/at all.json");
    assert_error(&loaded, "/nowhere/at all.json: cannot be opened: No such file or directory");
    load_flags(&loaded, "--config", "/");
    assert_error(&loaded, "/: cannot be read: Is a directory");
    load_flags(&loaded, "--config", "/dev/zero");
    assert_error(&loaded, "/dev/zero: is larger than 1048576 bytes");
    load_flags(&loaded, "--config", NULL);
    assert_error(&loaded, "--config: has no value; give a file");
}

static void verbs(void **state)
{
    (void)state;
    static const struct {
        const char *flag;
        enum settings_action action;
    } cases[] = {{"--help", SETTINGS_HELP},       {"-h", SETTINGS_HELP},
                 {"--version", SETTINGS_VERSION}, {"--man", SETTINGS_MAN},
                 {"--list", SETTINGS_LIST},       {"--check-config", SETTINGS_CHECK}};
    struct loaded loaded;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        load_flags(&loaded, "--loops=2", cases[i].flag);
        assert_loaded(&loaded);
        assert_int_equal(loaded.action, cases[i].action);
        unload(&loaded);
    }
    load_flags(&loaded, "--help", "--bogus"); /* help helps those who err */
    assert_loaded(&loaded);
    load_flags(&loaded, "--help=yes", NULL);
    assert_error(&loaded, "--help: takes no value");
    load_flags(&loaded, "--list", "--check-config");
    assert_error(&loaded, "--check-config: does not go with --list");
    load_flags(&loaded, "--loops", NULL);
    assert_error(&loaded, "--loops: has no value; give a whole number");
    load_flags(&loaded, "--loops", "--threads=3");
    assert_error(&loaded, "--loops: has no value");
}

const struct CMUnitTest load_tests[] = {
    cmocka_unit_test(defaults),
    cmocka_unit_test(flag_beats_variable_beats_file),
    cmocka_unit_test(listeners),
    cmocka_unit_test(unknown_names),
    cmocka_unit_test(foreign_variables_are_left_alone),
    cmocka_unit_test(duplicates),
    cmocka_unit_test(values_of_the_file),
    cmocka_unit_test(files_that_cannot_be_read),
    cmocka_unit_test(verbs),
};
const size_t load_tests_count = sizeof load_tests / sizeof load_tests[0];
