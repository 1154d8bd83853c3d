#include "plugins/output.h"

#include <string.h>

static void flush(struct output *output, output_line *line, void *context)
{
    size_t length = output->length;
    if (length > 0 && output->line[length - 1] == '\r')
        length--;
    output->length = 0;
    if (length > 0)
        line(context, output->line, length);
}

void output_feed(struct output *output, const char *bytes, size_t n, output_line *line,
                 void *context)
{
    while (n > 0) {
        const char *newline = memchr(bytes, '\n', n);
        size_t length = newline != NULL ? (size_t)(newline - bytes) : n;
        size_t room = OUTPUT_LINE - output->length;
        size_t taken = length < room ? length : room;
        memcpy(output->line + output->length, bytes, taken);
        output->length += taken;
        bytes += taken;
        n -= taken;
        bool ended = newline != NULL && taken == length;
        if (ended) {
            bytes++;
            n--;
        }
        if (ended || output->length == OUTPUT_LINE)
            flush(output, line, context);
    }
}

void output_end(struct output *output, output_line *line, void *context)
{
    flush(output, line, context);
}

enum settings_level output_level(const char **text, size_t *length)
{
    static const struct {
        const char *beginning;
        enum settings_level level;
    } words[] = {{"astrolabe:error: ", LEVEL_ERROR},
                 {"astrolabe:warning: ", LEVEL_WARN},
                 {"astrolabe:info: ", LEVEL_INFO},
                 {"astrolabe:debug: ", LEVEL_DEBUG}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i].beginning);
        if (*length < n || memcmp(*text, words[i].beginning, n) != 0)
            continue;
        *text += n;
        *length -= n;
        return words[i].level;
    }
    return LEVEL_INFO;
}

static const uint64_t window = 1000000000u;

static void begin_window(struct output_rate *rate, uint64_t now_ns)
{
    if (now_ns - rate->window_ns < window)
        return;
    rate->window_ns = now_ns;
    rate->lines = 0;
    rate->due += rate->suppressed;
    rate->suppressed = 0;
}

bool output_allows(struct output_rate *rate, uint64_t now_ns)
{
    begin_window(rate, now_ns);
    if (rate->lines >= OUTPUT_LINES) {
        rate->suppressed++;
        return false;
    }
    rate->lines++;
    return true;
}

uint64_t output_suppressed(struct output_rate *rate, uint64_t now_ns)
{
    begin_window(rate, now_ns);
    uint64_t due = rate->due;
    rate->due = 0;
    return due;
}
