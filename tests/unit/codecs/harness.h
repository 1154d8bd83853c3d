/*
 * A request without a connection: a body in memory, decoded, run and encoded by the real codecs,
 * and what came of it. Every trial is made in one go, in slices of one byte and in slices of seven;
 * the outcomes must be equal, and nothing may be left in the ledger.
 */
#ifndef TESTS_CODECS_HARNESS_H
#define TESTS_CODECS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/codec.h"

struct trial {
    const struct astro_conversion *conversion;
    const struct codec *codec;
    const char *body;
    size_t length;         /* 0: strlen(body) */
    int64_t header_length; /* 0: absent */
    const char *query;     /* NULL: none */
    size_t slice;          /* 0: all at once */
    bool faults; /* allocations fail: the outcome may be an error, slices are not compared */
};

struct outcome {
    struct astro_error error;
    char *text; /* body of the answer, all pieces joined, terminated; NULL on error */
    size_t length;
    int64_t header_length;
    const char *content_type;
    uint32_t warnings;
    uint64_t deadline_ns; /* the request began at 1 s, and had until 61 s */
    bool zero_copy;       /* some input was read in the body */
};

/* Inputs a, b, [c]: outputs sum and difference of a and b, times `factor`, plus c. */
extern const struct astro_conversion fake_sums;
/* Input p (INT64), [q]: outputs next (INT64) = p + 1 and half (FP64) = p / 2. */
extern const struct astro_conversion fake_pixels;

/* Inputs p (BOOL), [q]: outputs not (BOOL) = !p and count (FP64) = 0 or 1. */
extern const struct astro_conversion fake_flags;

/* One run, no comparisons. The caller releases the outcome. */
struct outcome trial_run(const struct trial *trial);
void outcome_release(struct outcome *outcome);
/* All slices; they must agree. */
struct outcome trial_all(const struct trial *trial);

/* The answer, exactly. */
void expect_text(const struct codec *codec, const struct astro_conversion *conversion,
                 const char *body, const char *text);
/* code, field ("" for none) and, unless NULL, the text exactly. */
void expect_error(const struct codec *codec, const struct astro_conversion *conversion,
                  const char *body, enum astro_code code, const char *field, const char *text);
void expect_failure(const struct trial *trial, enum astro_code code, const char *field);

int harness_setup(void **state);
int harness_teardown(void **state);

#endif
