/*
 * Small text helpers of the registry: words without regard to ASCII case, quotation, lists.
 */
#ifndef ASTRO_KERNELS_REGISTRY_TEXT_H
#define ASTRO_KERNELS_REGISTRY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Whether `length` bytes of text are `word`, ASCII case aside. */
bool astro__same_word(const char *text, size_t length, const char *word);

/*
 * Text of a stranger in double quotes, for an error text: control characters become '?', what
 * does not fit is cut at a UTF-8 boundary and replaced by "...". Returns `room`; size at least 8.
 */
const char *astro__quote(const char *text, size_t length, char *room, size_t size);

/* Appends separator and word at `used`, as far as they fit; returns the new `used`. */
size_t astro__append(char *room, size_t size, size_t used, const char *separator, const char *word);

/*
 * Edit distance (insertion, deletion, substitution, exchange of neighbours; ASCII case aside).
 * Words longer than 63 bytes are infinitely far: SIZE_MAX.
 */
size_t astro__edit_distance(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
