/* What the parts of the reader share. */
#ifndef ASTRO_CODEC_READER_INTERNAL_H
#define ASTRO_CODEC_READER_INTERNAL_H

#include "codec/reader.h"

static inline bool reader_failed(const struct reader *reader)
{
    return reader->err->code != ASTRO_OK;
}

static inline bool text_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline const char *text_space(const char *p, const char *end)
{
    while (p != end && text_is_space(*p))
        p++;
    return p;
}

/* What the value that begins at `p` (not white space) is, judged by its first bytes. */
enum reader_type text_type(const char *p, const char *end);
/* "a string", ...: for error texts. */
const char *text_type_name(enum reader_type type);
/* One of the words of JSON; the first byte behind it, NULL when it is not this word. */
const char *text_word(const char *p, const char *end, const char *word);
/* NaN, Infinity or -Infinity; the first byte behind it or NULL. */
const char *text_nonfinite(const char *p, const char *end, double *ret);

bool reader_fail(struct reader *reader, const char *at, const char *what);
/* "expected `what`", in the words that fit the byte at `at` or the end of the text. */
bool reader_expected(struct reader *reader, const char *at, const char *what);
/* True when the next value is of this type; else bad_type, naming what was found instead. */
bool reader_require(struct reader *reader, enum reader_type type);

/*
 * Strings. `p` is behind the opening quote; text_check returns the closing one, NULL on error. All
 * other functions take text that has passed it.
 */
struct text_marks {
    bool escaped; /* a backslash was seen */
    bool nul;     /* an escaped U+0000 was seen */
};
const char *text_check(struct reader *reader, const char *p, struct text_marks *ret);
/* One character with its escapes undone: 1 to 4 bytes into out, how many; *p moves on. */
size_t text_decode_one(const char **p, char out[4]);
size_t text_decode(char *out, const char *p, const char *end);

/* The head of the next member, up to behind its colon; false at the brace or on error. */
struct reader_member {
    const char *key, *key_end; /* between the quotes, as in the text */
    struct text_marks marks;
};
bool reader_member_next(struct reader *reader, struct reader_member *ret);

#endif
