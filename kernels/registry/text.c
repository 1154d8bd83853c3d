#include "text.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST_WORD = 63 };

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool astro__same_word(const char *text, size_t length, const char *word)
{
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '\0' || lower(text[i]) != lower(word[i]))
            return false;
    }
    return word[length] == '\0';
}

const char *astro__quote(const char *text, size_t length, char *room, size_t size)
{
    size_t space = size - 3; /* two quotation marks and the end */
    size_t kept = length;
    size_t at = 0;

    if (length > space) {
        kept = space - 3;
        while (kept > 0 && ((unsigned char)text[kept] & 0xC0u) == 0x80u)
            kept--;
    }
    room[at++] = '"';
    for (size_t i = 0; i < kept; i++) {
        unsigned char byte = (unsigned char)text[i];
        room[at++] = byte < 0x20 || byte == 0x7F ? '?' : text[i];
    }
    if (kept < length) {
        memcpy(room + at, "...", 3);
        at += 3;
    }
    room[at++] = '"';
    room[at] = '\0';
    return room;
}

size_t astro__append(char *room, size_t size, size_t used, const char *separator, const char *word)
{
    size_t a = strlen(separator);
    size_t b = strlen(word);

    if (used + a + b >= size)
        return used;
    memcpy(room + used, separator, a);
    memcpy(room + used + a, word, b + 1);
    return used + a + b;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t astro__edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST_WORD + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];

    if (a_length > LONGEST_WORD || b_length > LONGEST_WORD)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t differ = lower(a[i - 1]) != lower(b[j - 1]);
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + differ);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b_length];
}
