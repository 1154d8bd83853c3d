/*
 * The reader against jansson: both read a text, and must agree on whether it is JSON and on every
 * value in it. Used by the differential test and by the fuzz target.
 */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

struct oracle_verdict {
    bool accepted;
    bool is_column;  /* an array that can be read as a column of doubles */
    char text[1024]; /* what they disagree about; "" when they agree */
};

/* `slice`: bytes in a step of the sliced column scan, which must equal the unsliced one. */
struct oracle_verdict oracle_compare(const char *text, size_t length, size_t slice);

#endif
