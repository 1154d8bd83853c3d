/*
 * Figures: what the fleet knows about plugins and hosts, as one plain copy for whoever shows it
 * (/v1/debug/memory, /metrics, the console, the repository index).
 *
 * Ownership  figures_take() makes a copy that the caller frees; nothing in it points elsewhere.
 * Threads    Any. Without plugins.directory everything is empty.
 */
#ifndef ASTRO_PLUGINS_FIGURES_H
#define ASTRO_PLUGINS_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIGURES_NAME = 64, FIGURES_TEXT = 512 };

enum verdict { VERDICT_WARMING, VERDICT_STEADY, VERDICT_LEAKING, VERDICTS };
extern const char *const verdict_words[VERDICTS]; /* "warming", "steady", "leaking" */

/* Why a host came to its end, in the words of astrolabe_plugin_host_restarts_total{reason}. */
enum host_reason {
    REASON_CRASH,    /* a signal of its own: segmentation fault, abort */
    REASON_EXIT,     /* the plugin ended the process */
    REASON_DEADLINE, /* killed: a call took too long */
    REASON_MEMORY,   /* replaced: above plugins.max_rss */
    REASON_RELOAD,   /* replaced by a new generation */
    REASON_KILLED,   /* somebody else's SIGKILL */
    REASON_START,    /* it never became ready */
    REASONS
};
extern const char *const reason_words[REASONS];

struct retained_figures {
    char request_id[FIGURES_NAME];
    uint64_t bytes;
    double age_s;
    bool output; /* a result's memory, not an input's */
    unsigned host;
};

struct plugin_figures {
    char name[FIGURES_NAME];
    char state[16];            /* ready, failed, switched_off, unloaded */
    char reason[FIGURES_TEXT]; /* "" when ready */
    enum verdict verdict;      /* the worst over its hosts, kept over replacements */
    char kind[FIGURES_NAME];   /* what leaks: "python objects", "array memory", ...; "" */
    char text[FIGURES_TEXT];   /* the finding, one line for people; "" */
    double bytes_per_call;
    uint64_t calls;
    uint64_t crashes;
    uint64_t retained_objects, retained_bytes; /* over all hosts, exact */
    uint64_t python_blocks, python_bytes, array_bytes, malloc_bytes, garbage_objects;
    int64_t descriptors, threads; /* more than before its first call */
    size_t n_retained;            /* the oldest first, at most FIGURES_RETAINED */
    struct retained_figures *retained;
    size_t n_conversions;
    char (*conversions)[FIGURES_NAME];
};
enum { FIGURES_RETAINED = 100 };

struct host_figures {
    unsigned index;
    int pid;
    char state[16]; /* starting, ready, draining */
    uint64_t generation;
    uint64_t rss_bytes, pss_bytes, threads, descriptors, calls;
    uint64_t region_bytes, region_live_bytes, region_warm_bytes;
    uint64_t restarts; /* of its place */
    double age_s, busy_s;
};

struct figures {
    bool configured; /* plugins.directory is set */
    uint64_t generation;
    size_t n_plugins, n_hosts, waiting;
    struct plugin_figures *plugins; /* by name */
    struct host_figures *hosts;
    uint64_t restarts[REASONS];
};

struct figures *figures_take(void);            /* NULL: out of memory */
void figures_release(struct figures *figures); /* NULL is fine */

#endif
