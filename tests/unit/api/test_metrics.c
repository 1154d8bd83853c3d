/* /metrics is text that Prometheus reads: checked line by line, values against the counters. */
#include "support.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "astrolabe/eop_data.h"
#include "astrolabe/time_data.h"
#include "fakes.h"
#include "memory/alloc.h"
#include "observe/exposition.h"
#include "observe/metrics.h"

enum { LINES = 4096 };

struct scrape {
    char *text;
    char *lines[LINES];
    size_t n;
};

/* [a-zA-Z_:][a-zA-Z0-9_:]*, returns its length. */
static size_t name_length(const char *text)
{
    size_t n = 0;
    while (isalpha((unsigned char)text[n]) || text[n] == '_' || text[n] == ':' ||
           (n > 0 && isdigit((unsigned char)text[n])))
        n++;
    return n;
}

/* Length of {a="b",...} with escapes, 0 when there is none. */
static size_t labels_length(const char *text)
{
    if (*text != '{')
        return 0;
    const char *p = text + 1;
    for (;;) {
        const size_t name = name_length(p);
        assert_true(name > 0);
        p += name;
        assert_int_equal(p[0], '=');
        assert_int_equal(p[1], '"');
        for (p += 2; *p != '"'; p++) {
            assert_true(*p != '\0');
            if (*p == '\\') {
                p++;
                assert_true(*p == '\\' || *p == '"' || *p == 'n');
            }
        }
        p++;
        if (*p == '}')
            return (size_t)(p + 1 - text);
        assert_int_equal(*p, ',');
        p++;
    }
}

static bool belongs(const char *sample, size_t length, const char *family, const char *type)
{
    const size_t stem = strlen(family);
    if (length < stem || memcmp(sample, family, stem) != 0)
        return false;
    if (strcmp(type, "histogram") != 0)
        return length == stem;
    static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
    for (size_t i = 0; i < 3; i++)
        if (length == stem + strlen(suffixes[i]) &&
            memcmp(sample + stem, suffixes[i], length - stem) == 0)
            return true;
    return false;
}

static void check_format(char *text)
{
    static char families[256][96];
    static char series[LINES][256];
    size_t n_families = 0, n_series = 0;
    char family[96] = "", type[32] = "", helped[96] = "";
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n');
        assert_non_null(end); /* the last line ends too */
        *end = '\0';
        if (strncmp(line, "# HELP ", 7) == 0) {
            snprintf(helped, sizeof helped, "%.*s", (int)name_length(line + 7), line + 7);
            for (size_t i = 0; i < n_families; i++)
                assert_string_not_equal(families[i], helped);
            strcpy(families[n_families++], helped);
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            assert_int_equal(sscanf(line, "# TYPE %95s %31s", family, type), 2);
            assert_string_equal(family, helped);
            assert_true(strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 ||
                        strcmp(type, "histogram") == 0);
            if (strcmp(type, "counter") == 0)
                assert_string_equal(family + strlen(family) - 6, "_total");
        } else {
            const size_t name = name_length(line);
            assert_true(belongs(line, name, family, type));
            const size_t length = name + labels_length(line + name);
            assert_int_equal(line[length], ' ');
            char *rest;
            strtod(line + length + 1, &rest);
            assert_true(rest != line + length + 1 && *rest == '\0');
            assert_true(length < sizeof series[0] && n_series < LINES);
            memcpy(series[n_series], line, length);
            series[n_series][length] = '\0';
            for (size_t i = 0; i < n_series; i++)
                assert_string_not_equal(series[i], series[n_series]);
            n_series++;
        }
        *end = '\n';
        line = end + 1;
    }
    assert_true(n_series > 30);
}

static char *scrape(void)
{
    struct request *request = ask(METHOD_GET, "/metrics", NULL);
    assert_int_equal(answer(request), 200);
    assert_string_equal(request->response.content_type, "text/plain; version=0.0.4; charset=utf-8");
    size_t length;
    char *text = body_text(request, &length);
    done(request);
    return text;
}

/* The value of one series; -1 when it is not there. */
static double value(const char *text, const char *series)
{
    const size_t length = strlen(series);
    for (const char *line = text; line != NULL && *line != '\0';) {
        if (strncmp(line, series, length) == 0 && line[length] == ' ')
            return strtod(line + length, NULL);
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return -1;
}

static void test_idle(void **state)
{
    (void)state;
    char *text = scrape();
    check_format(text);
    static const char *const zero[] = {
        "astrolabe_memory_live_objects{kind=\"requests\"}",
        "astrolabe_memory_live_objects{kind=\"arenas\"}",
        "astrolabe_memory_live_objects{kind=\"slabs\"}",
        "astrolabe_memory_live_bytes{kind=\"requests\"}",
        "astrolabe_memory_live_bytes{kind=\"arenas\"}",
        "astrolabe_memory_live_bytes{kind=\"slabs\"}",
        "astrolabe_requests_in_flight",
        "astrolabe_connections",
        "astrolabe_queue_depth{queue=\"compute\"}",
        "astrolabe_loop_lag_seconds",
    };
    for (size_t i = 0; i < sizeof zero / sizeof zero[0]; i++)
        if (value(text, zero[i]) < 0 || value(text, zero[i]) > 0)
            fail_msg("%s is %g", zero[i], value(text, zero[i]));
    assert_true(value(text, "process_resident_memory_bytes") > 1e5);
    assert_true(value(text, "process_virtual_memory_bytes") > 1e5);
    assert_true(value(text, "process_open_fds") >= 3);
    assert_true(value(text, "process_max_fds") >= 3);
    assert_true(value(text, "process_cpu_seconds_total") >= 0);
    assert_non_null(strstr(text, "astrolabe_build_info{version=\"9.8.7\",simd=\""));
    assert_null(strstr(text, "conversion=")); /* nothing has happened yet */
    assert_null(strstr(text, "plugin"));
    free(text);
}

static void test_counters(void **state)
{
    (void)state;
    struct stats_conversion *rows[2] = {counters(0, "radec_to_xyz"), counters(1, "radec_to_xyz")};
    stats_add(&rows[0]->requests[ASTRO_OK], 5);
    stats_add(&rows[1]->requests[ASTRO_OK], 2);
    stats_add(&rows[1]->requests[ASTRO_OUT_OF_RANGE], 1);
    stats_add(&rows[0]->points, 70);
    stats_add(&rows[0]->bucket[0], 5);
    stats_add(&rows[1]->bucket[STATS_BUCKETS - 1], 3);
    stats_add(&rows[1]->latency_ns, 1500000001);
    stats_add(&counters(0, NULL)->requests[ASTRO_NOT_FOUND], 4);
    char *text = scrape();
    check_format(text);
#define AT(name, labels, expected)                                                                 \
    if (value(text, name labels) != (expected))                                                    \
    fail_msg("%s is %g", name labels, value(text, name labels))
    AT("astrolabe_requests_total", "{conversion=\"radec_to_xyz\",code=\"ok\"}", 7);
    AT("astrolabe_requests_total", "{conversion=\"radec_to_xyz\",code=\"out_of_range\"}", 1);
    AT("astrolabe_requests_total", "{conversion=\"none\",code=\"not_found\"}", 4);
    AT("astrolabe_requests_total", "{conversion=\"radec_to_xyz\",code=\"internal\"}", -1);
    AT("astrolabe_points_total", "{conversion=\"radec_to_xyz\"}", 70);
    AT("astrolabe_request_duration_seconds_bucket", "{conversion=\"radec_to_xyz\",le=\"+Inf\"}", 8);
    AT("astrolabe_request_duration_seconds_count", "{conversion=\"radec_to_xyz\"}", 8);
    AT("astrolabe_request_duration_seconds_sum", "{conversion=\"radec_to_xyz\"}", 1.500000001);
#undef AT
    free(text);
}

static void test_plugin_conversions(void **state)
{
    (void)state;
    use_catalogue(plugin_catalogue());
    stats_add(&counters(0, "my_scale")->requests[ASTRO_OK], 5);
    stats_add(&counters(1, "my_scale")->requests[ASTRO_OK], 1);
    stats_add(&counters(1, "my_scale")->points, 60);
    use_catalogue(catalogue_current()); /* the row stays when the plugin has gone */
    char *text = scrape();
    check_format(text);
    assert_true(value(text, "astrolabe_requests_total{conversion=\"my_scale\",code=\"ok\"}") == 6);
    assert_true(value(text, "astrolabe_points_total{conversion=\"my_scale\"}") == 60);
    assert_null(strstr(text, "my_shift"));
    assert_null(strstr(text, "astrolabe_plugin_"));
    free(text);
}

static void test_plugins(void **state)
{
    (void)state;
    static char directory[] = "plugins";
    struct plugin_figures plugins[2] = {{.name = "tools",
                                         .verdict = VERDICT_LEAKING,
                                         .bytes_per_call = 0.1,
                                         .calls = 9,
                                         .crashes = 1,
                                         .retained_objects = 2,
                                         .retained_bytes = 300,
                                         .python_bytes = 4,
                                         .array_bytes = 5,
                                         .malloc_bytes = 6,
                                         .descriptors = -2},
                                        {.name = "other", .verdict = VERDICT_STEADY}};
    struct host_figures hosts[3] = {{.index = 0, .state = "draining", .rss_bytes = 1000},
                                    {.index = 1, .state = "ready", .rss_bytes = 10},
                                    {.index = 0,
                                     .state = "ready",
                                     .rss_bytes = 500,
                                     .pss_bytes = 7,
                                     .region_bytes = 64,
                                     .region_live_bytes = 32}};
    const struct figures known = {.configured = true,
                                  .n_plugins = 2,
                                  .n_hosts = 3,
                                  .waiting = 8,
                                  .plugins = plugins,
                                  .hosts = hosts,
                                  .restarts = {[REASON_DEADLINE] = 3}};
    server.settings.plugins_directory = directory;
    fake_fleet = (struct fake_fleet){.known = &known, .down = "other"};
    char *text = scrape();
    check_format(text); /* no series comes twice */
    static const struct {
        const char *series;
        double value;
    } rows[] = {
        {"astrolabe_plugin_verdict{plugin=\"tools\",verdict=\"leaking\"}", 1},
        {"astrolabe_plugin_verdict{plugin=\"tools\",verdict=\"steady\"}", 0},
        {"astrolabe_plugin_verdict{plugin=\"tools\",verdict=\"warming\"}", 0},
        {"astrolabe_plugin_verdict{plugin=\"other\",verdict=\"steady\"}", 1},
        {"astrolabe_plugin_up{plugin=\"tools\"}", 1},
        {"astrolabe_plugin_up{plugin=\"other\"}", 0},
        {"astrolabe_plugin_leak_bytes_per_call{plugin=\"tools\"}", 0.1},
        {"astrolabe_plugin_calls_total{plugin=\"tools\"}", 9},
        {"astrolabe_plugin_crashes_total{plugin=\"tools\"}", 1},
        {"astrolabe_plugin_retained_objects{plugin=\"tools\"}", 2},
        {"astrolabe_plugin_retained_bytes{plugin=\"tools\"}", 300},
        {"astrolabe_plugin_memory_bytes{plugin=\"tools\",kind=\"python\"}", 4},
        {"astrolabe_plugin_memory_bytes{plugin=\"tools\",kind=\"array\"}", 5},
        {"astrolabe_plugin_memory_bytes{plugin=\"tools\",kind=\"malloc\"}", 6},
        {"astrolabe_plugin_descriptors{plugin=\"tools\"}", -2},
        {"astrolabe_plugin_host_rss_bytes{host=\"0\"}", 1500},
        {"astrolabe_plugin_host_rss_bytes{host=\"1\"}", 10},
        {"astrolabe_plugin_host_pss_bytes{host=\"0\"}", 7},
        {"astrolabe_plugin_host_region_bytes{host=\"0\",kind=\"size\"}", 64},
        {"astrolabe_plugin_host_region_bytes{host=\"0\",kind=\"live\"}", 32},
        {"astrolabe_plugin_hosts{state=\"ready\"}", 2},
        {"astrolabe_plugin_hosts{state=\"starting\"}", 0},
        {"astrolabe_plugin_host_restarts_total{reason=\"deadline\"}", 3},
        {"astrolabe_plugin_host_restarts_total{reason=\"crash\"}", 0},
        {"astrolabe_queue_depth{queue=\"plugins\"}", 8},
        {"astrolabe_queue_depth{queue=\"compute\"}", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strstr(text, rows[i].series) == NULL || value(text, rows[i].series) != rows[i].value)
            fail_msg("%s is %g", rows[i].series, value(text, rows[i].series));
    assert_null(strstr(text, "astrolabe_plugin_host_pss_bytes{host=\"1\"}")); /* not measured */
    free(text);
    fake_fleet.known = NULL;
    struct request *request = ask(METHOD_GET, "/metrics", NULL);
    assert_int_equal(answer(request), 503);
    done(request);
    server.settings.plugins_directory = NULL;
}

static void test_leap_seconds(void **state)
{
    (void)state;
    struct astro_time_data data;
    struct astro_error err = {.code = ASTRO_OK};
    astro_time_data_builtin(&data);
    data.expires = 1798416000;
    assert_true(astro_time_data_use(&data, &err));
    char *text = scrape();
    assert_true(value(text, "astrolabe_leap_seconds_expiry_seconds") == 1798416000);
    free(text);
}

static void test_eop(void **state)
{
    (void)state;
    struct astro_eop_data *data = calloc(1, sizeof *data);
    struct astro_error err = {.code = ASTRO_OK};
    assert_non_null(data);
    char *text = scrape();
    assert_true(value(text, "astrolabe_eop_last_mjd") == 0);
    assert_true(value(text, "astrolabe_eop_last_measured_mjd") == 0);
    free(text);
    data->first_mjd = 61000;
    data->count = 3;
    data->days[0].kind = data->days[1].kind = ASTRO_EOP_MEASURED;
    data->days[2].kind = ASTRO_EOP_PREDICTED;
    assert_true(astro_eop_use(data, &err));
    text = scrape();
    assert_true(value(text, "astrolabe_eop_last_mjd") == 61002);
    assert_true(value(text, "astrolabe_eop_last_measured_mjd") == 61001);
    free(text);
    assert_true(astro_eop_use(NULL, &err));
    free(data);
}

static void test_escapes(void **state)
{
    (void)state;
    struct exposition out = {0};
    exposition_family(&out, "a_total", "counter", "one\\two\nthree \"four\"");
    exposition_count(&out, "", EXPOSITION_LABELS("x", "q\"b\\n\n", NULL), 7);
    exposition_nanoseconds(&out, "", EXPOSITION_NONE, 12000000034);
    assert_false(out.failed);
    const char *expected = "# HELP a_total one\\\\two\\nthree \"four\"\n# TYPE a_total counter\n"
                           "a_total{x=\"q\\\"b\\\\n\\n\"} 7\na_total 12.000000034\n";
    assert_int_equal(out.length, strlen(expected));
    assert_memory_equal(out.data, expected, out.length);
    mem_free(out.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_plugin_conversions),
        cmocka_unit_test(test_plugins),
        cmocka_unit_test(test_leap_seconds),
        cmocka_unit_test(test_eop),
        cmocka_unit_test(test_escapes),
    };
    return cmocka_run_group_tests(tests, api_group_setup, api_group_teardown);
}
