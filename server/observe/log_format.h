/*
 * One event as one line of logfmt or JSON. Internal to the log; pure apart from its arguments.
 */
#ifndef ASTRO_OBSERVE_LOG_FORMAT_H
#define ASTRO_OBSERVE_LOG_FORMAT_H

#include <time.h>

#include "observe/log.h"

/*
 * A line fits into PIPE_BUF, so that lines of several processes on one pipe do not mix. Values
 * beyond LOG_VALUE_MAX bytes are cut and end in "..."; fields that no longer fit are left out, and
 * the line ends with truncated=true.
 */
enum { LOG_LINE_MAX = 4096, LOG_VALUE_MAX = 2048 };

/* Length of the line in `ret`, the newline at its end included. */
size_t log_format(enum settings_log_format format, struct timespec now, enum settings_level level,
                  const char *event, const struct log_field *fields, size_t n,
                  char ret[LOG_LINE_MAX]);

#endif
