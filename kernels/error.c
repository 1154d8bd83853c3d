/*
 * Error codes and warnings: their words, and the one function that sets an error.
 */
#include "astrolabe/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "astrolabe/conversion.h"

static const struct {
    const char *word;
    int status;
} codes[ASTRO_CODE_COUNT] = {
#define X(id, word, status) [ASTRO_##id] = {word, status},
    ASTRO_CODES(X)
#undef X
};

static const struct {
    const char *word;
    const char *text;
} warnings[ASTRO_WARNING_COUNT] = {
#define X(id, word, text) [ASTRO_WARN_##id] = {word, text},
    ASTRO_WARNINGS(X)
#undef X
};

const char *astro_code_word(enum astro_code code)
{
    return codes[code].word;
}

int astro_code_status(enum astro_code code)
{
    return codes[code].status;
}

const char *astro_warning_word(enum astro_warning warning)
{
    return warnings[warning].word;
}

const char *astro_warning_text(enum astro_warning warning)
{
    return warnings[warning].text;
}

/* Shortens text that was cut at `length` bytes to the end of its last whole UTF-8 character. */
static void end_at_character(char *text, size_t length)
{
    size_t start = length;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0u) == 0x80u)
        start--;
    if (start == 0)
        return; /* nothing but continuation bytes: not UTF-8 anyway */
    unsigned char lead = (unsigned char)text[start - 1];
    size_t needed = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length - (start - 1) < needed)
        text[start - 1] = '\0';
}

bool astro_fail(struct astro_error *err, enum astro_code code, const char *field,
                const char *format, ...)
{
    va_list arguments;

    if (err->code != ASTRO_OK)
        return false;
    err->code = code;

    size_t length = field ? strlen(field) : 0;
    size_t kept = length < sizeof err->field ? length : sizeof err->field - 1;
    if (kept)
        memcpy(err->field, field, kept);
    err->field[kept] = '\0';
    if (kept < length)
        end_at_character(err->field, kept);

    va_start(arguments, format);
    int wanted = vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        err->text[0] = '\0';
    else if ((size_t)wanted >= sizeof err->text)
        end_at_character(err->text, sizeof err->text - 1);
    return false;
}
