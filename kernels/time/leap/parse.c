/*
 * The format of leap-seconds.list (IERS, NIST, tzdata).
 *
 * Lines "#$ N" and "#@ N" are the times of the last change and of the expiry, "#h A B C D E" the
 * SHA-1 in hexadecimal words, whose leading zeros may be missing; other lines with "#" are
 * comments. Every other line has the instant from which on a value holds and TAI-UTC. Instants are
 * seconds since 1900-01-01. The SHA-1 is that of the digits of "#$", "#@" and the data, in the order
 * of the file, without anything between.
 */
#include <sha1.h>
#include <stdio.h>
#include <string.h>

#include "../../registry/text.h"
#include "astrolabe/time_data.h"

#define NTP_TO_UNIX   INT64_C(2208988800)
#define NTP_OF_MJD_0  INT64_C(-1297728000) /* 1858-11-17 */
#define DAY           INT64_C(86400)
#define FIRST_MJD     41317 /* 1972-01-01 */
#define FIRST_SECONDS 10
#define LAST_MJD      2973483 /* 9999-12-31 */

enum { LONGEST_TEXT = 1 << 20, MOST_DIGITS = 15, HASH_WORDS = 5, QUOTE_ROOM = 60 };

struct reader {
    const char *at, *end;        /* of what is left of the line */
    const char *line, *line_end; /* the whole line, without its end */
    size_t number;               /* of the line, from 1 */
    SHA1_CTX sha1;
    uint32_t hash[HASH_WORDS];
    bool has_updated, has_expires, has_hash;
    struct astro_time_data data;
    struct astro_error *err;
};

static bool fail_line(struct reader *r, const char *what)
{
    char quoted[QUOTE_ROOM];

    return astro_fail(r->err, ASTRO_BAD_TIME, "leap_seconds", "line %zu, %s: %s", r->number,
                      astro__quote(r->line, (size_t)(r->line_end - r->line), quoted, sizeof quoted),
                      what);
}

static bool fail_file(struct reader *r, const char *what)
{
    return astro_fail(r->err, ASTRO_BAD_TIME, "leap_seconds", "the file of leap seconds %s", what);
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

/* A whole number without sign, whose digits go into the SHA-1. */
static bool read_number(struct reader *r, int64_t *ret)
{
    int64_t value = 0;

    skip_blanks(r);
    const char *digits = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        if (r->at - digits >= MOST_DIGITS)
            return false;
        value = 10 * value + (*r->at++ - '0');
    }
    if (r->at == digits)
        return false;
    SHA1Update(&r->sha1, (const uint8_t *)digits, (size_t)(r->at - digits));
    *ret = value;
    return true;
}

static bool at_end(struct reader *r)
{
    skip_blanks(r);
    return r->at == r->end || *r->at == '#';
}

static int hexadecimal(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static bool read_hash(struct reader *r)
{
    if (r->has_hash)
        return fail_line(r, "there is a #h line already");
    for (size_t word = 0; word < HASH_WORDS; word++) {
        size_t digits = 0;
        skip_blanks(r);
        for (; r->at < r->end && hexadecimal(*r->at) >= 0; r->at++, digits++)
            r->hash[word] = r->hash[word] << 4 | (uint32_t)hexadecimal(*r->at);
        if (digits == 0 || digits > 8)
            return fail_line(r, "a SHA-1 is five words of up to eight hexadecimal digits");
    }
    if (!at_end(r))
        return fail_line(r, "there is more than a SHA-1");
    r->has_hash = true;
    return true;
}

static bool read_instant(struct reader *r, bool *has, int64_t *ret)
{
    int64_t ntp;

    if (*has)
        return fail_line(r, "there is such a line already");
    if (!read_number(r, &ntp) || !at_end(r))
        return fail_line(r, "expected one number, the seconds since 1900-01-01");
    *ret = ntp - NTP_TO_UNIX;
    *has = true;
    return true;
}

static bool check_step(struct reader *r, int64_t mjd, int64_t seconds)
{
    const struct astro_time_data *data = &r->data;

    if (data->count == 0) {
        return (mjd == FIRST_MJD && seconds == FIRST_SECONDS) ||
               fail_line(r, "the first value must be 10 s at 2272060800, 1 January 1972");
    }
    const struct astro_time_step *last = &data->steps[data->count - 1];
    if (mjd <= last->mjd)
        return fail_line(r, "it is not later than the one before");
    if (seconds != last->tai_minus_utc + 1 && seconds != last->tai_minus_utc - 1)
        return fail_line(r, "TAI-UTC changes by one second at a time");
    return data->count < ASTRO_TIME_DATA_STEPS || fail_line(r, "there are too many steps");
}

static bool read_step(struct reader *r)
{
    int64_t ntp, seconds;

    if (!read_number(r, &ntp) || !read_number(r, &seconds) || !at_end(r))
        return fail_line(r, "expected two numbers, the seconds since 1900-01-01 and TAI-UTC");
    int64_t since = ntp - NTP_OF_MJD_0, mjd = since / DAY;
    if (since % DAY != 0)
        return fail_line(r, "a leap second is at the end of a day");
    if (mjd > LAST_MJD)
        return fail_line(r, "it is beyond the year 9999");
    if (!check_step(r, mjd, seconds))
        return false;
    r->data.steps[r->data.count++] =
        (struct astro_time_step){.mjd = (int32_t)mjd, .tai_minus_utc = (int32_t)seconds};
    return true;
}

static bool read_line(struct reader *r)
{
    skip_blanks(r);
    if (r->at == r->end)
        return true;
    if (*r->at != '#')
        return read_step(r);
    char kind = r->end - r->at > 1 ? r->at[1] : ' ';
    if (kind != '$' && kind != '@' && kind != 'h')
        return true;
    r->at += 2;
    if (kind == '$')
        return read_instant(r, &r->has_updated, &r->data.updated);
    return kind == '@' ? read_instant(r, &r->has_expires, &r->data.expires) : read_hash(r);
}

static bool check_hash(struct reader *r)
{
    uint8_t digest[SHA1_DIGEST_LENGTH];

    SHA1Final(digest, &r->sha1);
    for (size_t word = 0; word < HASH_WORDS; word++) {
        const uint8_t *d = digest + 4 * word;
        uint32_t value = (uint32_t)d[0] << 24 | (uint32_t)d[1] << 16 | (uint32_t)d[2] << 8 | d[3];
        if (value != r->hash[word])
            return fail_file(r, "does not have the SHA-1 that its #h line says: it was changed or "
                                "cut");
    }
    return true;
}

static bool check_whole(struct reader *r)
{
    if (!r->has_hash)
        return fail_file(r, "has no #h line with its SHA-1: it is not whole");
    if (!r->has_expires)
        return fail_file(r, "has no #@ line that says when it expires");
    if (r->data.count == 0)
        return fail_file(r, "has no leap seconds in it");
    return check_hash(r);
}

bool astro_time_data_parse(const char *text, size_t length, struct astro_time_data *ret,
                           struct astro_error *err)
{
    struct reader r = {.err = err};
    const char *end = text + length;

    if (length > LONGEST_TEXT)
        return fail_file(&r, "is longer than 1 MiB");
    SHA1Init(&r.sha1);
    for (const char *at = text; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end)
            line_end = end;
        r.number++;
        r.at = r.line = at;
        r.end = r.line_end = line_end;
        if (!read_line(&r))
            return false;
        at = line_end < end ? line_end + 1 : end;
    }
    if (!check_whole(&r))
        return false;
    *ret = r.data;
    return true;
}
