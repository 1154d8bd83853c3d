/*
 * Draft: a description of a conversion while it is being read. It borrows every text from the message;
 * draft_keep() makes what stays. Internal to this folder.
 */
#ifndef ASTRO_CATALOGUE_DRAFT_H
#define ASTRO_CATALOGUE_DRAFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"

enum {
    DRAFT_WORD = CATALOGUE_NAME - 1, /* bytes of names, units, choices, groups at the most */
    DRAFT_LINE = 200,                /* summaries */
    DRAFT_TEXT = 1024,               /* docs, references, defaults */
    DRAFT_DESCRIPTION = 8192,
    DRAFT_CHOICES = 64, /* of one parameter */
    DRAFT_SHOWN = 48    /* of a stranger's word in an error text, terminator included */
};

struct draft {
    struct astro_error *err;
    const char *plugin;
    const char *part; /* what is being looked at, for error texts: "input 2"; NULL */
    struct plugin_conversion whole;
    struct astro_field inputs[ASTRO_MAX_INPUTS], outputs[ASTRO_MAX_OUTPUTS];
    struct astro_parameter parameters[ASTRO_MAX_PARAMETERS];
    /* Of all parameters, one after the other; those of each end with NULL. */
    const char *choices[ASTRO_MAX_PARAMETERS * (DRAFT_CHOICES + 1)];
    size_t n_choices;
};

/* --- draft.c: members of JSON objects; null and absence are one --- */

/* plugin_error that names plugin, conversion and part; always false. */
bool draft_refuse(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A stranger's word made fit for an error text. */
const char *draft_show(const char *text, char ret[DRAFT_SHOWN]);

/* *ret stays as it is when the member is absent; false: refused. */
bool draft_text(struct draft *draft, const json_t *object, const char *key, size_t most,
                const char **ret);
bool draft_flag(struct draft *draft, const json_t *object, const char *key, bool *ret);
bool draft_number(struct draft *draft, const json_t *object, const char *key, double *ret);
bool draft_whole(struct draft *draft, const json_t *object, const char *key, int64_t least,
                 int64_t most, int64_t *ret);
/* One of `words`, which end with NULL: its index. */
bool draft_choice(struct draft *draft, const json_t *object, const char *key,
                  const char *const words[], int *ret);
/* "name", which must be there: a lower-case word that is not reserved. */
bool draft_name(struct draft *draft, const json_t *object, const char **ret);

/* --- keep.c --- */

/* What is in the lists and texts of the draft, copied into one block of memory; the caller owns. NULL:
 * out of memory, err is set. */
struct plugin_conversion *draft_keep(struct draft *draft);

#endif
