/*
 * The length of an array at the speed of memory. Only brackets, quotes, braces and commas matter
 * here, and in numeric arrays all but the commas are rare: blocks of 64 bytes are compared as
 * vectors, and only those that hold one of them are looked at more closely. Written with the
 * compilers' vector extensions, so that one source serves every processor.
 */
#include <string.h>

#include "codec/reader_internal.h"

typedef unsigned char bytes16 __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));

enum { BLOCK = 64, LANES = BLOCK / 16 };

/* Comparing a block: where something but a comma is to be looked at, and how often a comma occurs.
 */
struct block {
    bytes16 special[LANES]; /* 0xff or 0 */
    bytes16 commas;         /* sums per column, 0..LANES */
    bool any;
};

static inline void compare_block(const char *p, struct block *ret)
{
    words2 any = {0, 0};
    bytes16 commas = {0};
    for (int i = 0; i < LANES; i++) {
        bytes16 text;
        memcpy(&text, p + 16 * i, 16);
        /* '[' and '{', ']' and '}' differ in one bit only, and nothing else becomes '{' or '}'. */
        const bytes16 folded = text | 0x20;
        ret->special[i] =
            (bytes16)(folded == '{') | (bytes16)(folded == '}') | (bytes16)(text == '"');
        commas -= (bytes16)(text == ',');
        any |= (words2)ret->special[i];
    }
    ret->commas = commas;
    ret->any = (any[0] | any[1]) != 0;
}

static inline size_t sum_columns(bytes16 columns)
{
    size_t sum = 0;
    for (int i = 0; i < 16; i++)
        sum += columns[i];
    return sum;
}

/* One bit for each of eight bytes that are 0xff or 0, the first byte's lowest. */
static inline uint64_t mask8(uint64_t bytes)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (bytes & 0x8040201008040201u) * 0x0101010101010101u >> 56;
#else
    return (bytes & 0x0102040810204080u) * 0x0101010101010101u >> 56;
#endif
}

static inline uint64_t mask_special(const struct block *block)
{
    uint64_t mask = 0;
    for (int i = 0; i < LANES; i++) {
        const words2 words = (words2)block->special[i];
        mask |= (mask8(words[0]) | mask8(words[1]) << 8) << (16 * i);
    }
    return mask;
}

static size_t count_commas(const char *p, const char *end)
{
    size_t commas = 0;
    for (; p != end; p++)
        commas += *p == ',';
    return commas;
}

/* Behind the closing quote of the string whose first byte is at `p`; NULL at the end of the text.
 */
static const char *pass_string(const char *p, const char *end)
{
    for (;;) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        if (!quote)
            return NULL;
        /* Escaped when an odd number of backslashes stands before it. */
        const char *before = quote;
        while (before != p && before[-1] == '\\')
            before--;
        if ((quote - before) % 2 == 0)
            return quote + 1;
        p = quote + 1;
    }
}

struct passing {
    const char *next, *end;
    size_t depth, commas;
    bool has_strings;
};

/*
 * Handles the special byte at `p`. False when the array has ended there, or the text with an open
 * string (depth tells which). A string moves `next` behind it.
 */
static inline bool pass_special(struct passing *pass, const char *p)
{
    switch (*p) {
    case '[':
        pass->depth++;
        return true;
    case ']':
        return --pass->depth != 0;
    case '"':
        pass->has_strings = true;
        pass->next = pass_string(p + 1, pass->end);
        return pass->next;
    default: /* a brace */
        pass->has_strings = true;
        return true;
    }
}

/* Byte by byte, for what is shorter than a block. Returns whether the array has ended. */
static bool pass_tail(struct passing *pass)
{
    while (pass->next != pass->end) {
        const char *p = pass->next++;
        if (*p == ',')
            pass->commas++;
        else if (((*p | 0x20) == '{' || (*p | 0x20) == '}' || *p == '"') && !pass_special(pass, p))
            return pass->depth == 0;
    }
    return false;
}

/*
 * One block with something special in it. A string ends the work on the block: the next one begins
 * behind the string. Returns false when all is over.
 */
static bool pass_block(struct passing *pass, const struct block *block)
{
    const char *begin = pass->next;
    for (uint64_t mask = mask_special(block); mask; mask &= mask - 1) {
        const char *p = begin + __builtin_ctzll(mask);
        pass->next = NULL;
        if (!pass_special(pass, p)) {
            pass->commas += count_commas(begin, p);
            pass->next = p + 1;
            return false;
        }
        if (pass->next) {
            pass->commas += count_commas(begin, p);
            return true;
        }
    }
    pass->commas += sum_columns(block->commas);
    pass->next = begin + BLOCK;
    return true;
}

/* Blocks in which there is nothing but numbers and commas; stops at the first other one. */
static inline bool pass_plain_blocks(struct passing *pass, struct block *block)
{
    bytes16 commas = {0};
    /* A column's sum grows by LANES at most with each block, and must stay in its byte. */
    for (int n = 0; n < 255 / LANES && pass->end - pass->next >= BLOCK; n++) {
        compare_block(pass->next, block);
        if (block->any) {
            pass->commas += sum_columns(commas);
            return true;
        }
        commas += block->commas;
        pass->next += BLOCK;
    }
    pass->commas += sum_columns(commas);
    return false;
}

/* `pass->next` is behind the opening bracket. Returns whether the closing one was found. */
static bool pass_array(struct passing *pass)
{
    struct block block;
    while (pass->end - pass->next >= BLOCK)
        if (pass_plain_blocks(pass, &block) && !pass_block(pass, &block))
            return pass->depth == 0;
    return pass_tail(pass);
}

bool reader_array_span(struct reader *reader, struct reader_span *ret)
{
    if (!reader_require(reader, READER_ARRAY))
        return false;
    struct passing pass = {.next = reader->next + 1, .end = reader->end, .depth = 1};
    if (!pass_array(&pass))
        return reader_fail(reader, reader->next, "the text ends within the array that begins here");
    *ret = (struct reader_span){
        .data = reader->next,
        .length = (size_t)(pass.next - reader->next),
        .offset = (size_t)(reader->next - reader->begin),
        .commas = pass.commas,
        .has_strings = pass.has_strings,
    };
    reader->next = pass.next;
    return true;
}
