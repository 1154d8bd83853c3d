/*
 * Report: what a check found, for people or as JSON.
 */
#ifndef ASTRO_PLUGIN_HOST_CHECK_REPORT_H
#define ASTRO_PLUGIN_HOST_CHECK_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "plugin_host/check_objects.h"
#include "plugin_host/ledger/owners.h"

enum { REPORT_DRIFTS = 8, REPORT_RETAINED = 10 };

/* One conversion. */
struct report {
    const char *conversion; /* borrowed */
    uint64_t calls, failed;
    double seconds;
    struct finding finding;
    double begin[LEVELS], end[LEVELS], per_call[LEVELS];
    uint64_t begin_calls, end_calls; /* of these levels */
    char error[448];
    json_t *retained; /* owned: [{request_id, bytes, age_s, output}], the oldest */
    size_t n_drifts;
    struct objects_drift drifts[REPORT_DRIFTS];
    bool has_total;
    double total_per_call;
    bool full; /* ended early: no room left */
};

void report_release(struct report *report);

/* The blocks that an owner retains: new reference. */
json_t *report_retained(unsigned owner);

void report_print(FILE *file, const char *plugin, const struct report *reports, size_t n);
/* False: no memory. */
bool report_json(FILE *file, const char *plugin, const struct report *reports, size_t n);

#endif
