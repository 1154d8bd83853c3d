#include "observe/log_format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct line {
    char *text;
    size_t length, capacity; /* what end_line() adds is not part of the capacity */
    bool json;
};

/* The longest that end_line() adds: `,"truncated":true}` and the newline. */
enum { END_MAX = 32 };

static bool put(struct line *line, const char *text, size_t length)
{
    if (length > line->capacity - line->length)
        return false;
    memcpy(line->text + line->length, text, length);
    line->length += length;
    return true;
}

static bool put_text(struct line *line, const char *text)
{
    return put(line, text, strlen(text));
}

/*
 * Length of the UTF-8 character at the start of `text`, 0 when the bytes are none or are a control
 * character: C0, DEL and C1, which terminals obey.
 */
static size_t plain_length(const unsigned char *text, size_t length)
{
    unsigned char c = text[0];
    if (c < 0x80)
        return c >= 0x20 && c != 0x7f;
    size_t n = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (n == 0 || n > length)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    }
    bool wrong = (c == 0xc2 && text[1] < 0xa0) || (c == 0xe0 && text[1] < 0xa0) ||
                 (c == 0xed && text[1] > 0x9f) || (c == 0xf0 && text[1] < 0x90) ||
                 (c == 0xf4 && text[1] > 0x8f);
    return wrong ? 0 : n;
}

/* One character, escaped where it must be; *ret_used bytes of `text` went into it. */
static bool put_character(struct line *line, const unsigned char *text, size_t length,
                          size_t *ret_used)
{
    char escape[8];
    unsigned char c = text[0];
    *ret_used = 1;
    if (c == '"' || c == '\\') {
        snprintf(escape, sizeof escape, "\\%c", c);
    } else if (plain_length(text, length) > 0) {
        *ret_used = plain_length(text, length);
        return put(line, (const char *)text, *ret_used);
    } else if (c == '\n' || c == '\r' || c == '\t') {
        snprintf(escape, sizeof escape, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    } else if (c < 0x20 || c == 0x7f) {
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
    } else if (c == 0xc2 && length > 1 && (text[1] & 0xe0) == 0x80) {
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned)text[1]);
        *ret_used = 2;
    } else {
        strcpy(escape, "\\ufffd"); /* not UTF-8 */
    }
    return put_text(line, escape);
}

/* Leaves room for `..."` so that a value that is cut is still closed. */
static bool put_quoted(struct line *line, const char *text, size_t length)
{
    bool cut = length > LOG_VALUE_MAX;
    size_t end = cut ? LOG_VALUE_MAX : length;
    if (line->capacity - line->length < 5)
        return false;
    line->capacity -= 4;
    put_text(line, "\"");
    for (size_t at = 0, used; at < end; at += used) {
        /* The whole length, so that the character on the edge is seen as a whole. */
        if (!put_character(line, (const unsigned char *)text + at, length - at, &used)) {
            cut = true;
            break;
        }
    }
    line->capacity += 4;
    return put_text(line, cut ? "...\"" : "\"");
}

/* logfmt leaves plain words without quotes. */
static bool is_word(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
            return false;
    }
    return length > 0 && length <= LOG_VALUE_MAX;
}

static bool put_string(struct line *line, const char *text, size_t length)
{
    if (!text)
        return put_text(line, "null");
    if (!line->json && is_word(text, length) && put(line, text, length))
        return true;
    return put_quoted(line, text, length);
}

static bool put_real(struct line *line, double value)
{
    char number[32];
    if (line->json && !isfinite(value))
        return put_text(line, "null");
    snprintf(number, sizeof number, "%.15g", value);
    return put_text(line, number);
}

static bool put_value(struct line *line, const struct log_field *field)
{
    char number[32];
    switch (field->type) {
    case LOG_FIELD_STRING:
        return put_string(line, field->string, field->string ? strlen(field->string) : 0);
    case LOG_FIELD_BYTES:
        return put_string(line, field->string, field->length);
    case LOG_FIELD_INTEGER:
        snprintf(number, sizeof number, "%" PRId64, field->integer);
        return put_text(line, number);
    case LOG_FIELD_REAL:
        return put_real(line, field->real);
    }
    return false;
}

/* Keys are ours and need no escape. */
static bool put_key(struct line *line, const char *key)
{
    bool first = line->length <= 1;
    if (line->json)
        return put_text(line, first ? "\"" : ",\"") && put_text(line, key) && put_text(line, "\":");
    return put_text(line, first ? "" : " ") && put_text(line, key) && put_text(line, "=");
}

static bool put_field(struct line *line, const struct log_field *field)
{
    size_t before = line->length;
    if (put_key(line, field->key) && put_value(line, field))
        return true;
    line->length = before; /* no half of a field */
    return false;
}

/*
 * The civil date of a day counted from 1970-01-01, as in H. Hinnant's "chrono-compatible low-level
 * date algorithms". gmtime_r() takes a lock that all threads share.
 */
static void put_time(struct line *line, struct timespec now)
{
    char text[48];
    int64_t days = now.tv_sec / 86400, second = now.tv_sec % 86400;
    int64_t z = days + 719468, era = z / 146097, doe = z % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2);
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year, (int)month,
             (int)day, (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60),
             (int)(now.tv_nsec / 1000000));
    put_field(line, &LOG_S("ts", text));
}

static size_t end_line(struct line *line, bool truncated)
{
    line->capacity += END_MAX;
    if (truncated)
        put_text(line, line->json ? ",\"truncated\":true" : " truncated=true");
    put_text(line, line->json ? "}\n" : "\n");
    return line->length;
}

size_t log_format(enum settings_log_format format, struct timespec now, enum settings_level level,
                  const char *event, const struct log_field *fields, size_t n,
                  char ret[LOG_LINE_MAX])
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    struct line line = {ret, 0, LOG_LINE_MAX - END_MAX, format == LOG_FORMAT_JSON};
    if (line.json)
        put_text(&line, "{");
    put_time(&line, now);
    put_field(&line, &LOG_S("level", levels[level]));
    bool fits = put_field(&line, &LOG_S("event", event));
    for (size_t i = 0; fits && i < n; i++)
        fits = put_field(&line, &fields[i]);
    return end_line(&line, !fits);
}
