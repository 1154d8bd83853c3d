/*
 * Tree: a JSON text as a document of jansson, made by our own reader.
 *
 * jansson's parser writes beyond its buffers when memory runs out in the midst of a text (2.14: it does
 * not look whether a byte could be appended); its constructors are sound. So texts that come while the
 * server serves are read here.
 */
#ifndef ASTRO_CODEC_TREE_H
#define ASTRO_CODEC_TREE_H

#include <jansson.h>
#include <stddef.h>

#include "astrolabe/error.h"

/* New reference. Duplicate keys are refused, whole numbers beyond 18 digits are reals. NULL: *err_ret says
 * why; its code is ASTRO_OVERLOADED when there was no memory. */
json_t *json_tree(const char *text, size_t length, unsigned max_depth, struct astro_error *err_ret);

#endif
