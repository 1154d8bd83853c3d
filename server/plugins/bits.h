/*
 * Bits: a set of small numbers whose lowest member is found in a few steps, however large it is.
 *
 * A word of level 1 says which words of level 0 are not zero, and so on: 64 to the 6th members.
 * Ownership  The words are the caller's, zeroed.
 * Threads    None of its own.
 */
#ifndef ASTRO_PLUGINS_BITS_H
#define ASTRO_PLUGINS_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BITS_LEVELS = 6 };

struct bits {
    uint64_t *levels[BITS_LEVELS];
    unsigned n_levels;
};

/* Words for a set of numbers below n; n > 0. */
static inline size_t bits_words(size_t n)
{
    size_t words = 0;
    do {
        n = (n + 63) / 64;
        words += n;
    } while (n > 1);
    return words;
}

/* Lies at `words` from now on; returns what stands behind. */
static inline uint64_t *bits_place(struct bits *bits, size_t n, uint64_t *words)
{
    bits->n_levels = 0;
    do {
        n = (n + 63) / 64;
        bits->levels[bits->n_levels++] = words;
        words += n;
    } while (n > 1);
    return words;
}

static inline bool bits_test(const struct bits *bits, size_t i)
{
    return bits->levels[0][i / 64] >> i % 64 & 1;
}

static inline bool bits_empty(const struct bits *bits)
{
    return bits->levels[bits->n_levels - 1][0] == 0;
}

static inline void bits_set(struct bits *bits, size_t i)
{
    for (unsigned level = 0; level < bits->n_levels; level++, i /= 64) {
        uint64_t *word = &bits->levels[level][i / 64], before = *word;
        *word = before | (uint64_t)1 << i % 64;
        if (before != 0)
            return;
    }
}

static inline void bits_clear(struct bits *bits, size_t i)
{
    for (unsigned level = 0; level < bits->n_levels; level++, i /= 64) {
        uint64_t *word = &bits->levels[level][i / 64];
        *word &= ~((uint64_t)1 << i % 64);
        if (*word != 0)
            return;
    }
}

/* The lowest; there must be one. */
static inline size_t bits_first(const struct bits *bits)
{
    size_t i = 0;
    for (unsigned level = bits->n_levels; level-- > 0;)
        i = 64 * i + (size_t)__builtin_ctzll(bits->levels[level][i]);
    return i;
}

#endif
