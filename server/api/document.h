/*
 * Document: JSON objects put together without a check at every step.
 *
 * Purpose    A control document is dozens of small allocations, each of which can fail. The
 * functions here take NULL for any object, remember in *doc that something failed, and go on; one
 * check at the end (document_end) tells. Ownership  `_take` values are the callee's, on failure
 * too. What document_object() and document_array() return is the caller's until it is put
 * somewhere.
 */
#ifndef ASTRO_API_DOCUMENT_H
#define ASTRO_API_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "request/request.h"

struct document {
    bool failed; /* some allocation did; what has been built is not complete */
};

json_t *document_object(struct document *doc);
json_t *document_array(struct document *doc);

/* Keys and texts are UTF-8 of our own: constants and descriptors. Text NULL: the key is left out.
 */
void document_put(struct document *doc, json_t *object, const char *key, json_t *value_take);
void document_put_text(struct document *doc, json_t *object, const char *key, const char *text);
/* A text that was foreign once: of one that is not UTF-8 up to its end (it was cut), what is. */
void document_put_shown(struct document *doc, json_t *object, const char *key, const char *text);
void document_put_flag(struct document *doc, json_t *object, const char *key, bool flag);
void document_put_count(struct document *doc, json_t *object, const char *key, uint64_t count);
/* Whole numbers are written without a point. */
void document_put_number(struct document *doc, json_t *object, const char *key, double number);
void document_put_signed(struct document *doc, json_t *object, const char *key, int64_t number);
void document_push(struct document *doc, json_t *array, json_t *value_take);
void document_push_text(struct document *doc, json_t *array, const char *text);
/* {"$key": "text"}: the commonest of all small objects. */
json_t *document_pair(struct document *doc, const char *key, const char *text);

/* The number or word that `text` stands for: 0.5, true, "J2000.0". */
json_t *document_literal(struct document *doc, const char *text, bool numeric);

/* The whole, or NULL (and everything released) when a part of it is missing. */
json_t *document_end(struct document *doc, json_t *root_take);
/* Answers with it; false with `overloaded` set when it is not complete. */
bool document_answer(struct document *doc, struct request *request, int status, json_t *root_take);
/* As compact text, to be freed with mem_free(); NULL when out of memory. */
char *document_text(struct document *doc, json_t *root_take, size_t *ret_length);

#endif
