/*
 * UTF-8 of texts that have come from a plugin host, before they go into documents.
 */
#ifndef ASTRO_CATALOGUE_UTF8_H
#define ASTRO_CATALOGUE_UTF8_H

#include <stddef.h>

/* Bytes at the beginning of `text` that are well-formed UTF-8: `length` when all of it is. */
size_t utf8_prefix(const char *text, size_t length);

#endif
