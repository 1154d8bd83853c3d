#include "plugin_host/check.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin_host/check_calls.h"
#include "plugin_host/check_report.h"
#include "plugin_host/host.h"
#include "plugin_host/interpreter.h"
#include "plugin_host/ledger/ledger.h"
#include "plugin_host/ledger/process.h"
#include "plugin_host/ledger/sample.h"
#include "plugin_host/load.h"

static const char help[] =
    "astrolabe-plugin-host --check FILE [options]: runs a plugin offline, says whether it leaks.\n"
    "\n"
    "FILE is a .py file, a compiled module or a package's directory, as in plugins.directory.\n"
    "Arguments are made up from the descriptions of its conversions.\n"
    "\n"
    "  --calls N          calls of each conversion (20000)\n"
    "  --seconds S        at most so long for each conversion (120); fewer calls are made then\n"
    "  --rows N           rows of the arrays (16)\n"
    "  --conversion NAME  only this one\n"
    "  --python PATH      a virtual environment\n"
    "  --json             the report as JSON\n"
    "\n"
    "Exit status: 0 steady (or still warming), 1 leaking, 2 usage, 3 it cannot be loaded or every\n"
    "call fails.\n";

struct options {
    const char *file, *conversion, *environment;
    uint64_t calls, rows;
    double seconds;
    bool json;
};

static struct {
    struct options options;
    FILE *out; /* the report; what plugins print goes to stderr */
    char directory[PATH_MAX], name[HOST_NAME];
    json_t *descriptions;   /* owned: of the plugin's conversions */
    bool failed;            /* to load; it has been said why */
    struct report *reports; /* owned */
    size_t n_reports;
} check;

/* --- the command line --- */

static int usage(const char *text, const char *what)
{
    fprintf(stderr, "astrolabe-plugin-host --check: %s%s; --check --help tells more\n", text, what);
    return CHECK_USAGE;
}

static bool parse_number(const char *text, double least, double most, double *ret)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(value >= least && value <= most))
        return false;
    *ret = value;
    return true;
}

/* -1: go on. */
static int parse_option(struct options *options, const char *name, const char *value)
{
    double number = 0;
    if (!value)
        return usage("there is no value for ", name);
    if (strcmp(name, "--calls") == 0) {
        if (!parse_number(value, 100, 1e9, &number))
            return usage("not a number of calls (100 or more): ", value);
        options->calls = (uint64_t)number;
    } else if (strcmp(name, "--rows") == 0) {
        if (!parse_number(value, 1, 1e7, &number))
            return usage("not a number of rows: ", value);
        options->rows = (uint64_t)number;
    } else if (strcmp(name, "--seconds") == 0) {
        if (!parse_number(value, 0.1, 1e6, &options->seconds))
            return usage("not a number of seconds: ", value);
    } else if (strcmp(name, "--conversion") == 0) {
        options->conversion = value;
    } else if (strcmp(name, "--python") == 0) {
        options->environment = value;
    } else {
        return usage("there is no option ", name);
    }
    return -1;
}

static int parse(int argc, char **argv, struct options *ret)
{
    *ret = (struct options){.calls = 20000, .rows = 16, .seconds = 120};
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            return CHECK_STEADY;
        }
        if (strcmp(argv[i], "--json") == 0) {
            ret->json = true;
        } else if (argv[i][0] != '-') {
            if (ret->file)
                return usage("one file at a time, not also ", argv[i]);
            ret->file = argv[i];
        } else {
            int status = parse_option(ret, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
            if (status >= 0)
                return status;
            i++;
        }
    }
    return ret->file ? -1 : usage("which FILE?", "");
}

/* --- loading --- */

/* The directory that the file stands in, and the plugin's name. */
static bool find_plugin(const char *file)
{
    char path[PATH_MAX];
    if (!realpath(file, path)) {
        fprintf(stderr, "astrolabe-plugin-host: %s: %s\n", file, strerror(errno));
        return false;
    }
    char *slash = strrchr(path, '/');
    snprintf(check.name, sizeof check.name, "%s", slash + 1);
    check.name[strcspn(check.name, ".")] = '\0';
    *slash = '\0';
    snprintf(check.directory, sizeof check.directory, "%s", path[0] ? path : "/");
    return true;
}

/* The names of all other plugins of the directory: they are not loaded, but may be imported. */
static json_t *others(void)
{
    json_t *names = json_array();
    DIR *directory = opendir(check.directory);
    const struct dirent *entry = directory ? readdir(directory) : NULL;
    for (; entry; entry = readdir(directory)) {
        size_t length = strcspn(entry->d_name, ".");
        if (length > 0 &&
            (length != strlen(check.name) || strncmp(entry->d_name, check.name, length) != 0))
            json_array_append_new(names, json_stringn_nocheck(entry->d_name, length));
    }
    if (directory)
        closedir(directory);
    return names;
}

static void see_loading(void *context, const char *plugin)
{
    (void)context, (void)plugin;
}

static bool see_loaded(void *context, const char *plugin, double seconds, json_t *descriptions,
                       char error[512])
{
    (void)context, (void)plugin, (void)seconds, (void)error;
    check.descriptions = json_incref(descriptions);
    return true;
}

static void see_failed(void *context, const char *plugin, const char *error, const char *traceback)
{
    (void)context;
    fprintf(stderr, "%s cannot be loaded: %s\n%s", plugin, error, traceback);
    check.failed = true;
}

static bool load(void)
{
    static const struct load_listener listener = {
        .loading = see_loading, .loaded = see_loaded, .failed = see_failed};
    json_t *skip = others();
    struct load_order order = {
        .directory = check.directory, .shown = check.directory, .skip = skip};
    char error[512];
    bool good = load_all(&order, &listener, error);
    json_decref(skip);
    if (!good)
        fprintf(stderr, "astrolabe-plugin-host: %s\n", error);
    else if (!check.failed && !check.descriptions)
        fprintf(stderr, "astrolabe-plugin-host: %s is not a plugin\n", check.options.file);
    if (!good || check.failed || !check.descriptions)
        return false;
    host.tracebacks = true;
    load_settle();
    return true;
}

/* --- one conversion --- */

static double seconds_since(uint64_t begin)
{
    return (double)(process_now() - begin) * 1e-9;
}

/* Calls until `n` pieces are made, or the time is over. False: no more calls can be made. */
static bool make_calls(struct calls_of *calls, uint64_t n, uint64_t begin)
{
    while (calls->made < n) {
        if (calls_make(calls) == CALLS_FULL)
            return false;
        if (calls->made % 64 == 0 && seconds_since(begin) > check.options.seconds)
            return false;
    }
    return true;
}

/* As many calls as there is time for, judging by the first ones. */
static uint64_t affordable(uint64_t made, double seconds, uint64_t wanted)
{
    double rate = (double)made / (seconds > 1e-6 ? seconds : 1e-6);
    double most = rate * (check.options.seconds * 0.9 - seconds);
    return most < 100 ? 100 : most < (double)wanted ? (uint64_t)most : wanted;
}

/* The history begins anew, with a verdict after half of `n` calls. */
static void begin_history(struct owner *owner, uint64_t n)
{
    uint64_t distance = n / 40;
    sample_rules.min_calls = (double)n * 0.45 < 10000 ? (double)n * 0.45 : 10000;
    sample_rules.early_calls = sample_rules.min_calls < 300 ? sample_rules.min_calls : 300;
    sample_rules.share = 0;
    owner_reset(owner, distance < HISTORY_FIRST_DISTANCE ? distance + 1 : 0);
}

static void end_history(struct report *report, const struct owner *owner)
{
    const struct track *life = &owner->history.life;
    const struct sample *first = &life->samples[0], *last = &life->samples[life->n - 1];
    report->finding = owner->finding;
    report->begin_calls = first->calls;
    report->end_calls = last->calls;
    for (enum level level = 0; level < LEVELS; level++) {
        report->begin[level] = first->levels[level];
        report->end[level] = last->levels[level];
        report->per_call[level] = owner->watches[level].per_call;
    }
    report->retained = report_retained(owner->number);
}

/* References that no memory goes with: only when nothing else is found. */
static void judge_references(struct report *report, uint64_t interval)
{
    report->n_drifts = objects_drifts(interval, report->drifts, REPORT_DRIFTS);
    report->has_total = objects_total(interval, &report->total_per_call);
    if (report->finding.verdict == TREND_LEAKING || report->n_drifts == 0)
        return;
    report->finding.verdict = TREND_LEAKING;
    report->finding.kind = "references";
    snprintf(report->finding.text, sizeof report->finding.text,
             "%s takes %.3g references per call to %s and never releases them: a Py_INCREF or "
             "Py_BuildValue(\"O\") too many?",
             check.name, report->drifts[0].per_call, report->drifts[0].name);
}

static void run(struct report *report, const json_t *description, struct owner *owner)
{
    struct calls_of calls = {.description = description, .rows = check.options.rows};
    uint64_t begin = process_now(),
             warm = check.options.calls / 10 < 500 ? check.options.calls / 10 : 500;
    bool going = make_calls(&calls, warm, begin);
    uint64_t n = affordable(calls.made, seconds_since(begin), check.options.calls);
    bool hopeless = calls.failed == calls.made;
    uint64_t interval = n / 3;
    if (going && !hopeless) {
        begin_history(owner, n);
        for (uint64_t part = 1; going && part <= 3; part++) {
            going = make_calls(&calls, warm + part * interval, begin);
            ledger_sample_all();
            if (part == 1)
                objects_open();
            if (going)
                objects_count();
        }
    }
    ledger_sample_all();
    if (owner->history.life.n)
        end_history(report, owner);
    judge_references(report, interval);
    objects_close();
    report->full = !going && seconds_since(begin) < check.options.seconds;
    report->calls = calls.made;
    report->failed = calls.failed;
    report->seconds = seconds_since(begin);
    snprintf(report->error, sizeof report->error, "%s", calls.error);
    if (hopeless)
        fprintf(stderr, "%s: every call fails: %s\n%s", report->conversion, calls.error,
                calls.traceback);
}

/* --- all of them --- */

static bool is_wanted(const json_t *description)
{
    const char *name = json_string_value(json_object_get(description, "name"));
    return !check.options.conversion || strcmp(name, check.options.conversion) == 0;
}

static int run_all(void)
{
    struct owner *owner = owner_at(host.plugins[0].owner);
    size_t n = json_array_size(check.descriptions);
    check.reports = calloc(n + 1, sizeof *check.reports);
    if (!owner || !check.reports || !calls_open()) {
        fputs("astrolabe-plugin-host: there is not enough memory\n", stderr);
        return CHECK_FAILED;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *description = json_array_get(check.descriptions, i);
        if (!is_wanted(description))
            continue;
        struct report *report = &check.reports[check.n_reports++];
        report->finding.kind = "";
        report->conversion = json_string_value(json_object_get(description, "name"));
        run(report, description, owner);
    }
    return CHECK_STEADY;
}

static int conclude(void)
{
    int status = CHECK_STEADY;
    for (size_t i = 0; i < check.n_reports; i++) {
        const struct report *report = &check.reports[i];
        if (report->finding.verdict == TREND_LEAKING)
            return CHECK_LEAKING;
        if (report->calls && report->failed == report->calls)
            status = CHECK_FAILED;
    }
    return status;
}

static int check_plugin(void)
{
    char error[INTERPRETER_ERROR];
    if (!find_plugin(check.options.file))
        return CHECK_USAGE;
    if (!interpreter_start(check.options.environment, error)) {
        fprintf(stderr, "astrolabe-plugin-host: %s\n", error);
        return CHECK_FAILED;
    }
    if (!load())
        return CHECK_FAILED;
    if (run_all() != CHECK_STEADY)
        return CHECK_FAILED;
    if (!check.n_reports) {
        fprintf(stderr, "astrolabe-plugin-host: %s has no conversion%s%s\n", check.name,
                check.options.conversion ? " called " : "",
                check.options.conversion ? check.options.conversion : "");
        return check.options.conversion ? CHECK_USAGE : CHECK_FAILED;
    }
    if (!check.options.json)
        report_print(check.out, check.name, check.reports, check.n_reports);
    else if (!report_json(check.out, check.name, check.reports, check.n_reports))
        return CHECK_FAILED;
    return conclude();
}

/* stdout is the report's; what plugins print goes to stderr. */
static bool part_outputs(void)
{
    int out = dup(STDOUT_FILENO);
    check.out = out >= 0 ? fdopen(out, "w") : NULL;
    return check.out && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
}

int check_main(int argc, char **argv)
{
    int status = parse(argc, argv, &check.options);
    if (status >= 0)
        return status;
    if (!part_outputs()) {
        fprintf(stderr, "astrolabe-plugin-host: %s\n", strerror(errno));
        return CHECK_USAGE;
    }
    status = check_plugin();
    if (fflush(check.out) != 0)
        status = CHECK_FAILED;
    fflush(stdout);
    _exit(status); /* a plugin may have threads; nothing of Python's runs any more */
}
