/*
 * The allocator below the tags: glibc's own entry points when malloc is ours, malloc itself when not.
 * They are the documented base of a replaced malloc that needs no look-up by name at the first call.
 */
#ifndef ASTRO_PLUGIN_HOST_LIBC_H
#define ASTRO_PLUGIN_HOST_LIBC_H

#include <stddef.h>
#include <stdlib.h>

#include "plugin_host/ledger/tags.h"

#if LEDGER_MALLOC
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);
#define LIBC_MALLOC   __libc_malloc
#define LIBC_CALLOC   __libc_calloc
#define LIBC_REALLOC  __libc_realloc
#define LIBC_MEMALIGN __libc_memalign
#define LIBC_FREE     __libc_free
#else
#include <malloc.h>
#define LIBC_MALLOC   malloc
#define LIBC_CALLOC   calloc
#define LIBC_REALLOC  realloc
#define LIBC_MEMALIGN memalign
#define LIBC_FREE     free
#endif

#endif
