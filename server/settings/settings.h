/*
 * Settings: one table (table.c) of name, type, unit, minimum, maximum, default and text, from which
 * the flags, the environment variables, the configuration file's checks, --help, --check-config and the
 * man page come. Key `a.b_c` is the flag --a-b-c and the variable ASTROLABE_A_B_C; a flag beats a
 * variable beats the file.
 *
 * Ownership  struct settings owns its strings and lists; constant after settings_load().
 */
#ifndef ASTRO_SETTINGS_SETTINGS_H
#define ASTRO_SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct settings_list {
    char **items;
    size_t n;
};

enum settings_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };
enum settings_log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };
enum settings_reload { RELOAD_SIGNAL, RELOAD_WATCH };

struct settings {
    struct settings_list listen;    /* listen */
    unsigned loops, threads;        /* loops, threads: default the cores this process may use */
    char *plugins_directory;        /* plugins.directory; NULL */
    unsigned plugins_hosts;         /* plugins.hosts */
    double plugins_timeout;         /* plugins.timeout, s */
    unsigned plugins_queue;         /* plugins.queue */
    uint64_t plugins_max_rss;       /* plugins.max_rss, bytes */
    int plugins_reload;             /* plugins.reload: enum settings_reload */
    char *plugins_python;           /* plugins.python; NULL */
    bool plugins_tracebacks;        /* plugins.tracebacks */
    uint64_t plugins_shared_memory; /* plugins.shared_memory, bytes */
    unsigned plugins_descriptors;   /* plugins.descriptors */
    unsigned limits_connections;    /* limits.connections */
    size_t limits_header_bytes, limits_body_bytes; /* limits.header_bytes, limits.body_bytes */
    uint64_t limits_memory;                        /* limits.memory */
    unsigned limits_json_depth;                    /* limits.json_depth */
    unsigned
        limits_pipeline; /* limits.pipeline: answers of one connection held for one write; 64 */
    uint64_t limits_contexts; /* limits.contexts: bytes of prepared contexts kept; 16 MiB */
    double timeouts_head, timeouts_body, timeouts_write, timeouts_idle, timeouts_request; /* s */
    double shutdown_grace;                                                                /* s */
    char *auth_tokens;   /* auth.tokens: path; NULL */
    bool auth_anonymous; /* auth.anonymous: serve non-loopback listeners without tokens; false */
    char *data_leap_seconds; /* data.leap_seconds; default /usr/share/zoneinfo/leap-seconds.list */
    char *data_eop;          /* data.eop; NULL */
    enum settings_level log_level;
    enum settings_log_format log_format;
    double log_access; /* log.access: off (0), on (1) or the share of requests logged, 0.01 */
    double poll_busy;  /* poll.busy: seconds a loop spins before it sleeps; 0 */
    double
        dispatch_inline; /* dispatch.inline: predicted cost up to which a request runs on its loop; 100 us */
    int simd;            /* simd: choice auto | sse2 | avx2 | avx512 | neon (enum astro_target) */
};

enum settings_action {
    SETTINGS_RUN,
    SETTINGS_HELP,
    SETTINGS_VERSION,
    SETTINGS_LIST,
    SETTINGS_CHECK,
    SETTINGS_MAN
};

/*
 * Reads flags, environment and file. On failure returns false and *ret_error is a text that names the
 * source ("--limits-memory", "ASTROLABE_LOOPS", "astrolabe.json: limits.memroy"), what was wrong and what
 * would be right; the nearest known key for an unknown one. The caller frees it with mem_free();
 * NULL means that memory ran out. *ret is then empty, so that releasing it is harmless.
 * For SETTINGS_HELP, _VERSION and _MAN nothing else is read, so that they work beside a broken file;
 * *ret is empty.
 */
bool settings_load(int argc, char *const *argv, char *const *environment, struct settings *ret,
                   enum settings_action *ret_action, char **ret_error);
void settings_release(struct settings *settings);

void settings_print_help(FILE *out);
void settings_print_man(FILE *out); /* troff, section 8 */
void settings_print(const struct settings *settings,
                    FILE *out); /* the values in force, as a JSON file */

#endif
