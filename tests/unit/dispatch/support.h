/*
 * What the tests of dispatch share. cmocka wants its own headers in this order, before its own.
 */
#ifndef TEST_DISPATCH_SUPPORT_H
#define TEST_DISPATCH_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory/alloc.h"

/* NULL: faults are off again. */
static inline void inject(const char *faults)
{
    if (faults != NULL)
        setenv("ASTROLABE_FAULT_ALLOC", faults, 1);
    else
        unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    mem_faults_arm();
}

/* The k-th allocation fails, with `onwards` all later ones too. */
static inline void inject_at(uint64_t k, bool onwards)
{
    char faults[32];
    snprintf(faults, sizeof faults, "%llu%s", (unsigned long long)k, onwards ? "+" : "");
    inject(faults);
}

#endif
