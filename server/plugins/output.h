/*
 * Output: what plugins write to stdout and stderr, as lines for the log.
 *
 * Lines      end at '\n' (a '\r' before it is dropped); a longer one comes in pieces of OUTPUT_LINE.
 * Rate       OUTPUT_LINES lines a second and host; what is beyond is counted, and the count is told.
 */
#ifndef ASTRO_PLUGINS_OUTPUT_H
#define ASTRO_PLUGINS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settings/settings.h"

enum { OUTPUT_LINE = 2000, OUTPUT_LINES = 200 }; /* a line is one value of the log: at most 2 KiB */

struct output {
    char line[OUTPUT_LINE];
    size_t length;
};

typedef void output_line(void *context, const char *text, size_t length);

void output_feed(struct output *output, const char *bytes, size_t n, output_line *line,
                 void *context);
/* The stream has ended: what stands there without a newline is a line too. */
void output_end(struct output *output, output_line *line, void *context);

/* astrolabe_plugin.log() writes "astrolabe:warning: text": takes the beginning off and says which level
 * that is. Any other line is information as it stands. */
enum settings_level output_level(const char **text, size_t *length);

struct output_rate {
    uint64_t window_ns; /* beginning of the present second */
    unsigned lines;
    uint64_t suppressed; /* in this second */
    uint64_t due;        /* in earlier ones; not told yet */
};

/* May one more line be logged? */
bool output_allows(struct output_rate *rate, uint64_t now_ns);
/* Lines that were left out, once the second in which they came has passed; 0: none. */
uint64_t output_suppressed(struct output_rate *rate, uint64_t now_ns);

#endif
