/*
 * Log: one line per event on stderr, logfmt or JSON. Never blocks a loop: lines go through a bounded
 * ring to a writer thread; what does not fit is dropped, counted, and the count is logged.
 *
 * Threads    log_write() from any thread. log_init() before threads, log_stop() flushes and joins; it
 *            waits 3 s at most for a stderr that takes nothing. Before and after, log_write() writes
 *            by itself. A further log_init() changes level and format.
 * Text       Values come from outside: control characters, quotes and what is not UTF-8 are escaped, a
 *            value is cut after 2 KiB and a line after 4 KiB. Keys and events are words of ours.
 */
#ifndef ASTRO_OBSERVE_LOG_H
#define ASTRO_OBSERVE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settings/settings.h"

struct log_field {
    const char *key;
    enum { LOG_FIELD_STRING, LOG_FIELD_BYTES, LOG_FIELD_INTEGER, LOG_FIELD_REAL } type;
    const char *string;
    size_t length;
    int64_t integer;
    double real;
};
#define LOG_S(k, v) ((struct log_field){.key = (k), .type = LOG_FIELD_STRING, .string = (v)})
#define LOG_B(k, v, n)                                                                             \
    ((struct log_field){.key = (k), .type = LOG_FIELD_BYTES, .string = (v), .length = (n)})
#define LOG_I(k, v)                                                                                \
    ((struct log_field){.key = (k), .type = LOG_FIELD_INTEGER, .integer = (int64_t)(v)})
#define LOG_F(k, v) ((struct log_field){.key = (k), .type = LOG_FIELD_REAL, .real = (v)})

bool log_init(enum settings_level level, enum settings_log_format format);
void log_stop(void);
bool log_enabled(enum settings_level level);
void log_write(enum settings_level level, const char *event, const struct log_field *fields,
               size_t n);
#define LOG_EVENT(level, event, ...)                                                               \
    do {                                                                                           \
        if (log_enabled(level)) {                                                                  \
            const struct log_field log_fields_[] = {__VA_ARGS__};                                  \
            log_write((level), (event), log_fields_, sizeof log_fields_ / sizeof log_fields_[0]);  \
        }                                                                                          \
    } while (0)

#endif
