/* Descriptions of conversions as a plugin host tells of them, and a catalogue's small helpers. */
#ifndef TEST_CATALOGUE_SUPPORT_H
#define TEST_CATALOGUE_SUPPORT_H

/* cmocka wants these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdbool.h>

#include "catalogue/catalogue.h"

/* One with an input of every kind, and a parameter of every type. */
extern const char good_text[];

int start_kernels(void **state);
/* Parsed good_text; new reference. */
json_t *good(void);
/* The conversion that good_text describes, by another name; new, fails the test when it cannot be. */
struct plugin_conversion *named(const char *name, const char *plugin);
/* `count` names taken in turn; err must stay empty. */
struct catalogue *catalogue_of(const char *const names[], size_t count);

/* NULL: faults are off again; else "K" or "K+" (memory/alloc.h). */
void inject(const char *faults);
void inject_at(uint64_t k);

#endif
