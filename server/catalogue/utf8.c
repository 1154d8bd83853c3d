#include "catalogue/utf8.h"

#include <stdint.h>

/* Bytes of the well-formed character at `p`, 0 when there is none: no overlong forms, no surrogates,
 * nothing above U+10FFFF. */
static size_t character(const unsigned char *p, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
        return 0;
    uint32_t code = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3f);
    }
    if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return n;
}

size_t utf8_prefix(const char *text, size_t length)
{
    size_t good = 0;
    while (good < length) {
        size_t n = character((const unsigned char *)text + good, length - good);
        if (n == 0)
            break;
        good += n;
    }
    return good;
}
