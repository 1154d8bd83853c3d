#include "api/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/utf8.h"
#include "memory/alloc.h"

json_t *document_object(struct document *doc)
{
    json_t *object = json_object();
    if (object == NULL)
        doc->failed = true;
    return object;
}

json_t *document_array(struct document *doc)
{
    json_t *array = json_array();
    if (array == NULL)
        doc->failed = true;
    return array;
}

/* jansson releases the value on failure, and takes NULL for both. */
void document_put(struct document *doc, json_t *object, const char *key, json_t *value_take)
{
    if (json_object_set_new_nocheck(object, key, value_take) != 0)
        doc->failed = true;
}

void document_put_text(struct document *doc, json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        document_put(doc, object, key, json_string_nocheck(text));
}

void document_put_shown(struct document *doc, json_t *object, const char *key, const char *text)
{
    document_put(doc, object, key, json_stringn_nocheck(text, utf8_prefix(text, strlen(text))));
}

void document_put_flag(struct document *doc, json_t *object, const char *key, bool flag)
{
    document_put(doc, object, key, json_boolean(flag));
}

void document_put_count(struct document *doc, json_t *object, const char *key, uint64_t count)
{
    const uint64_t most = INT64_MAX;
    document_put(doc, object, key, json_integer((json_int_t)(count < most ? count : most)));
}

void document_put_signed(struct document *doc, json_t *object, const char *key, int64_t number)
{
    document_put(doc, object, key, json_integer((json_int_t)number));
}

/* Beyond 2^53 not every whole number is a double, and an integer would promise what is not there.
 */
static json_t *number_new(double number)
{
    if (fabs(number) <= 9007199254740992.0 && nearbyint(number) == number)
        return json_integer((json_int_t)number);
    return json_real(number); /* NULL for what JSON cannot say */
}

void document_put_number(struct document *doc, json_t *object, const char *key, double number)
{
    document_put(doc, object, key, number_new(number));
}

void document_push(struct document *doc, json_t *array, json_t *value_take)
{
    if (json_array_append_new(array, value_take) != 0)
        doc->failed = true;
}

void document_push_text(struct document *doc, json_t *array, const char *text)
{
    document_push(doc, array, json_string_nocheck(text));
}

json_t *document_pair(struct document *doc, const char *key, const char *text)
{
    json_t *object = document_object(doc);
    document_put_text(doc, object, key, text);
    return object;
}

json_t *document_literal(struct document *doc, const char *text, bool numeric)
{
    json_t *value;
    char *end = NULL;
    const double number = numeric ? strtod(text, &end) : 0.0;
    if (numeric && end != text && *end == '\0' && isfinite(number))
        value = number_new(number);
    else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        value = json_boolean(text[0] == 't');
    else
        value = json_string_nocheck(text);
    if (value == NULL)
        doc->failed = true;
    return value;
}

json_t *document_end(struct document *doc, json_t *root_take)
{
    if (!doc->failed)
        return root_take;
    json_decref(root_take);
    return NULL;
}

char *document_text(struct document *doc, json_t *root_take, size_t *ret_length)
{
    json_t *root = document_end(doc, root_take);
    if (root == NULL)
        return NULL;
    /* 15 digits: every number in a descriptor was typed by a person, and should look like it. */
    const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15);
    const size_t length = json_dumpb(root, NULL, 0, flags);
    char *text = length == 0 ? NULL : mem_alloc(length + 1);
    if (text != NULL && json_dumpb(root, text, length, flags) != length) {
        mem_free(text);
        text = NULL;
    }
    if (text != NULL) {
        text[length] = '\0';
        *ret_length = length;
    }
    json_decref(root);
    return text;
}

bool document_answer(struct document *doc, struct request *request, int status, json_t *root_take)
{
    size_t length = 0;
    char *text = document_text(doc, root_take, &length);
    /* request_attach() releases the text when it cannot keep it. */
    if (text == NULL || !request_attach(request, text, mem_free))
        return astro_fail(&request->error, ASTRO_OVERLOADED, NULL,
                          "there is not enough memory for this document; try again later");
    response_text(request, status, "application/json", text, length);
    return true;
}
