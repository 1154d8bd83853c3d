#include "plugin_host/check_report.h"

#include <math.h>
#include <string.h>

#include "plugin_host/blocks.h"
#include "plugin_host/interpreter.h"

void report_release(struct report *report)
{
    json_decref(report->retained);
    report->retained = NULL;
}

static void see_retained(void *context, const char *request_id, uint64_t bytes, double age_s,
                         bool output)
{
    json_t *list = context;
    if (json_array_size(list) < REPORT_RETAINED)
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:f, s:b}", "request_id", request_id, "bytes",
                                        (json_int_t)bytes, "age_s", age_s, "output", output));
}

json_t *report_retained(unsigned owner)
{
    json_t *list = json_array();
    if (list)
        blocks_each(owner, see_retained, list);
    return list;
}

/* The order in which levels are shown, and their names in JSON. */
static const struct {
    enum level level;
    const char *name, *key;
} rows[] = {
    {LEVEL_OBJECTS, "python objects, bytes", "python_objects_bytes"},
    {LEVEL_MEMORY, "python memory, bytes", "python_memory_bytes"},
    {LEVEL_ARRAYS, "array memory, bytes", "array_bytes"},
    {LEVEL_MALLOC, "malloc memory, bytes", "malloc_bytes"},
    {LEVEL_INPUTS, "retained inputs", "retained_inputs"},
    {LEVEL_OUTPUTS, "retained outputs", "retained_outputs"},
    {LEVEL_RETAINED_BYTES, "retained, bytes", "retained_bytes"},
    {LEVEL_GARBAGE, "cycles with the collector off, bytes", "garbage_bytes"},
    {LEVEL_DESCRIPTORS, "file descriptors", "descriptors"},
    {LEVEL_THREADS, "threads", "threads"},
    {LEVEL_CONSTANTS, "references to None, True, False", "constants"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* --- for people --- */

static const char *verdict_of(const struct report *report)
{
    if (report->calls && report->failed == report->calls)
        return "FAILED";
    return report->finding.verdict == TREND_LEAKING ? "LEAKING"
                                                    : verdict_names[report->finding.verdict];
}

static void print_levels(FILE *file, const struct report *report)
{
    fprintf(file, "    %-38s %14s %14s %12s\n", "", "begin", "end", "per call");
    for (size_t i = 0; i < ROWS; i++) {
        enum level level = rows[i].level;
        fprintf(file, "    %-38s %14.0f %14.0f %12.4g\n", rows[i].name, report->begin[level],
                report->end[level], report->per_call[level]);
    }
}

static void print_retained(FILE *file, const struct report *report)
{
    size_t n = json_array_size(report->retained);
    if (n)
        fputs("    kept by the plugin, the oldest first:\n", file);
    for (size_t i = 0; i < n; i++) {
        const json_t *entry = json_array_get(report->retained, i);
        fprintf(file, "      %s of %s, %lld bytes\n",
                json_is_true(json_object_get(entry, "output")) ? "results" : "inputs",
                json_string_value(json_object_get(entry, "request_id")),
                (long long)json_integer_value(json_object_get(entry, "bytes")));
    }
}

static void print_references(FILE *file, const struct report *report)
{
    if (report->has_total)
        fprintf(file, "    %-38s %42.4g\n", "all references (debug build)", report->total_per_call);
    for (size_t i = 0; i < report->n_drifts; i++)
        fprintf(file, "    references to %s: %+.4g per call\n", report->drifts[i].name,
                report->drifts[i].per_call);
}

static void print_one(FILE *file, const struct report *report)
{
    fprintf(file, "  %s: %s after %llu calls (%.1f s)\n", report->conversion, verdict_of(report),
            (unsigned long long)report->calls, report->seconds);
    if (report->finding.text[0])
        fprintf(file, "    %s\n", report->finding.text);
    if (report->failed)
        fprintf(file, "    %llu calls failed, the first one with: %s\n",
                (unsigned long long)report->failed, report->error);
    if (report->full)
        fputs("    ended early: the plugin keeps so many arrays that there is no room for more\n",
              file);
    print_levels(file, report);
    print_retained(file, report);
    print_references(file, report);
}

void report_print(FILE *file, const char *plugin, const struct report *reports, size_t n)
{
    fprintf(file, "%s (Python %s, NumPy %s)\n", plugin, interpreter_python_version(),
            interpreter_numpy_version());
    for (size_t i = 0; i < n; i++)
        print_one(file, &reports[i]);
}

/* --- JSON --- */

/* JSON has no others. */
static double known(double value)
{
    return isfinite(value) ? value : 0;
}

static json_t *levels_json(const struct report *report)
{
    json_t *levels = json_object();
    for (size_t i = 0; i < ROWS; i++) {
        enum level level = rows[i].level;
        json_object_set_new(levels, rows[i].key,
                            json_pack("{s:f, s:f, s:f}", "begin", known(report->begin[level]),
                                      "end", known(report->end[level]), "per_call",
                                      known(report->per_call[level])));
    }
    return levels;
}

static json_t *references_json(const struct report *report)
{
    json_t *drifts = json_array();
    for (size_t i = 0; i < report->n_drifts; i++)
        json_array_append_new(drifts, json_pack("{s:s, s:f}", "object", report->drifts[i].name,
                                                "per_call", report->drifts[i].per_call));
    json_t *total = report->has_total ? json_real(known(report->total_per_call)) : json_null();
    return json_pack("{s:o, s:o}", "total_per_call", total, "drifting", drifts);
}

static json_t *one_json(const struct report *report)
{
    bool failed = report->calls && report->failed == report->calls;
    return json_pack("{s:s, s:I, s:I, s:f, s:s, s:s, s:f, s:s, s:s, s:o, s:O?, s:o, s:b}", "name",
                     report->conversion, "calls", (json_int_t)report->calls, "failed",
                     (json_int_t)report->failed, "seconds", report->seconds, "verdict",
                     failed ? "failed" : verdict_names[report->finding.verdict], "kind",
                     report->finding.kind, "bytes_per_call", known(report->finding.bytes_per_call),
                     "text", report->finding.text, "error", report->error, "levels",
                     levels_json(report), "retained", report->retained, "references",
                     references_json(report), "ended_early", report->full);
}

/* The worst of all: leaking before failed before warming before steady. */
static const struct report *worst_of(const struct report *reports, size_t n)
{
    static const int rank[] = {[TREND_STEADY] = 0, [TREND_WARMING] = 1, [TREND_LEAKING] = 3};
    const struct report *worst = NULL;
    int highest = -1;
    for (size_t i = 0; i < n; i++) {
        int now = rank[reports[i].finding.verdict];
        if (reports[i].calls && reports[i].failed == reports[i].calls && now < 2)
            now = 2;
        if (now > highest) {
            highest = now;
            worst = &reports[i];
        }
    }
    return worst;
}

bool report_json(FILE *file, const char *plugin, const struct report *reports, size_t n)
{
    json_t *conversions = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(conversions, one_json(&reports[i]));
    const struct report *worst = worst_of(reports, n);
    bool failed = worst && worst->calls && worst->failed == worst->calls &&
                  worst->finding.verdict != TREND_LEAKING;
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:f, s:s, s:o}", "plugin", plugin, "python",
                  interpreter_python_version(), "numpy", interpreter_numpy_version(), "verdict",
                  !worst   ? "steady"
                  : failed ? "failed"
                           : verdict_names[worst->finding.verdict],
                  "kind", worst ? worst->finding.kind : "", "bytes_per_call",
                  worst ? known(worst->finding.bytes_per_call) : 0.0, "text",
                  worst ? worst->finding.text : "", "conversions", conversions);
    bool good =
        document && json_dumpf(document, file, JSON_INDENT(1)) == 0 && fputc('\n', file) != EOF;
    json_decref(document);
    return good;
}
