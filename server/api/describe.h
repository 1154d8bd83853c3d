/*
 * Describe: the documents that are made from a conversion's descriptor, once for all their readers
 * (plain API, OIP metadata, OpenAPI, --list), so that nothing about a conversion is typed twice.
 */
#ifndef ASTRO_API_DESCRIBE_H
#define ASTRO_API_DESCRIBE_H

#include <jansson.h>
#include <stdbool.h>

#include "api/document.h"
#include "astrolabe/conversion.h"

const char *describe_datatype(enum astro_type type);                 /* "FP64", "INT64", "BYTES" */
const char *describe_role(enum astro_role role);                     /* "latitude", ... */
const char *describe_parameter_type(enum astro_parameter_type type); /* "choice", ... */

/* Of the Open Inference Protocol: "astrolabe", or "astrolabe_python" for what plugins do. */
const char *describe_platform(const struct astro_conversion *conversion);
/* The unit of a field under one value of the parameter `unit`. */
const char *describe_unit(const struct astro_field *field, enum astro_unit unit);
/* What values an input may take, in degrees where it follows `unit`; false: no limits. *ret_maximum
 * may be infinite. */
bool describe_range(const struct astro_field *field, double *ret_minimum, double *ret_maximum);
/* Its limits mean something: numbers and integers that are bounded on that side. */
bool describe_has_minimum(const struct astro_parameter *parameter);
bool describe_has_maximum(const struct astro_parameter *parameter);
bool describe_is_required(const struct astro_parameter *parameter);

json_t *describe_field(struct document *doc, const struct astro_conversion *conversion,
                       const struct astro_field *field, bool is_input);
json_t *describe_parameter(struct document *doc, const struct astro_parameter *parameter);
/* The whole of it, as GET /v1/conversions/{name} answers. */
json_t *describe_conversion(struct document *doc, const struct astro_conversion *conversion);

#endif
