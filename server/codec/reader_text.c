/* Strings of the reader: checking UTF-8 and escapes, undoing escapes. */
#include <string.h>

#include "codec/reader_internal.h"

/* Bytes of the well-formed UTF-8 sequence at `p`, whose first byte is not ASCII; 0 when ill-formed.
 */
static size_t utf8_sequence(const char *p, const char *end)
{
    const unsigned char lead = (unsigned char)*p;
    /* The second byte's range excludes overlong forms, surrogates and what is above U+10FFFF. */
    unsigned char low = 0x80, high = 0xbf;
    size_t length;
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        length = 3;
        if (lead == 0xe0)
            low = 0xa0;
        else if (lead == 0xed)
            high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        if (lead == 0xf0)
            low = 0x90;
        else if (lead == 0xf4)
            high = 0x8f;
    } else {
        return 0;
    }
    if ((size_t)(end - p) < length)
        return 0;
    const unsigned char second = (unsigned char)p[1];
    if (second < low || second > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (((unsigned char)p[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The four digits behind "\u"; -1 when there are not four. */
static int hex_quad(const char *p, const char *end)
{
    if (end - p < 4)
        return -1;
    int value = 0;
    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_high_surrogate(int code)
{
    return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low_surrogate(int code)
{
    return code >= 0xdc00 && code <= 0xdfff;
}

/* Bytes of the escape whose backslash is at `p`; 0 when malformed. */
static size_t escape_check(const char *p, const char *end, bool *nul)
{
    if (end - p < 2)
        return 0;
    if (p[1] != 'u')
        return p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) ? 2 : 0;
    const int code = hex_quad(p + 2, end);
    if (code < 0 || is_low_surrogate(code))
        return 0;
    if (code == 0)
        *nul = true;
    if (!is_high_surrogate(code))
        return 6;
    if (end - p < 12 || p[6] != '\\' || p[7] != 'u' || !is_low_surrogate(hex_quad(p + 8, end)))
        return 0;
    return 12;
}

/* The next byte that is not plain ASCII text: a quote, a backslash, a control or beyond ASCII. */
static const char *plain_end(const char *p, const char *end)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    while (end - p >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        const uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
        const uint64_t found = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                               ((word - ones * 0x20) & ~word) | word;
        if (found & tops)
            break;
        p += 8;
    }
    while (p != end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20 &&
           (unsigned char)*p < 0x80)
        p++;
    return p;
}

const char *text_check(struct reader *reader, const char *p, struct text_marks *ret)
{
    *ret = (struct text_marks){false, false};
    for (;;) {
        size_t length;
        p = plain_end(p, reader->end);
        if (p == reader->end) {
            reader_fail(reader, p, "the text ends within a string");
            return NULL;
        }
        if (*p == '"')
            return p;
        if (*p == '\\') {
            ret->escaped = true;
            length = escape_check(p, reader->end, &ret->nul);
        } else {
            length = (unsigned char)*p < 0x20 ? 0 : utf8_sequence(p, reader->end);
        }
        if (length == 0) {
            reader_fail(reader, p,
                        *p == '\\'                 ? "invalid escape in a string"
                        : (unsigned char)*p < 0x20 ? "control character in a string"
                                                   : "invalid UTF-8 in a string");
            return NULL;
        }
        p += length;
    }
}

static size_t utf8_write(char out[4], unsigned code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

size_t text_decode_one(const char **p, char out[4])
{
    const char *text = *p;
    if (*text != '\\') {
        out[0] = *text;
        *p = text + 1;
        return 1;
    }
    if (text[1] != 'u') {
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        const char *found = strchr(from, text[1]);
        out[0] = found ? to[found - from] : text[1];
        *p = text + 2;
        return 1;
    }
    int code = hex_quad(text + 2, text + 6);
    *p = text + 6;
    if (is_high_surrogate(code)) {
        code = 0x10000 + ((code - 0xd800) << 10) + (hex_quad(text + 8, text + 12) - 0xdc00);
        *p = text + 12;
    }
    return utf8_write(out, (unsigned)code);
}

size_t text_decode(char *out, const char *p, const char *end)
{
    char *const begin = out;
    while (p != end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        const size_t plain = (size_t)((escape ? escape : end) - p);
        memcpy(out, p, plain);
        out += plain;
        p += plain;
        if (escape) {
            char bytes[4];
            const size_t n = text_decode_one(&p, bytes);
            memcpy(out, bytes, n);
            out += n;
        }
    }
    return (size_t)(out - begin);
}
