/*
 * Errors: one table of codes for every layer, and the struct that carries one outward.
 *
 * Purpose    The words in `X-Error-Code`, the HTTP status each implies, and a text for people.
 * Ownership  An astro_error is a plain value inside its owner; nothing to release.
 * Rule       The first error is the one reported: setting an error that is already set does nothing.
 */
#ifndef ASTROLABE_ERROR_H
#define ASTROLABE_ERROR_H

#include <stdbool.h>

/* X(identifier, word on the wire, HTTP status) */
#define ASTRO_CODES(X)                                                                             \
    X(OK, "ok", 200)                                                                               \
    X(OUT_OF_RANGE, "out_of_range", 400)                                                           \
    X(MISSING_INPUT, "missing_input", 400)                                                         \
    X(MISSING_PARAMETER, "missing_parameter", 400)                                                 \
    X(UNKNOWN_NAME, "unknown_name", 400)                                                           \
    X(DUPLICATE_KEY, "duplicate_key", 400)                                                         \
    X(CONFLICT, "conflict", 400)                                                                   \
    X(BAD_TYPE, "bad_type", 400)                                                                   \
    X(BAD_PARAMETER, "bad_parameter", 400)                                                         \
    X(INVALID_JSON, "invalid_json", 400)                                                           \
    X(SHAPE_MISMATCH, "shape_mismatch", 400)                                                       \
    X(BAD_TIME, "bad_time", 400)                                                                   \
    X(BAD_HEADER, "bad_header", 400)                                                               \
    X(EOP_UNAVAILABLE, "eop_unavailable", 400)                                                     \
    X(SYNTAX, "syntax", 400)                                                                       \
    X(EMPTY, "empty", 400)                                                                         \
    X(AMBIGUOUS_UNIT, "ambiguous_unit", 400)                                                       \
    X(HOUR_OUT_OF_RANGE, "hour_out_of_range", 400)                                                 \
    X(MINUTE_OUT_OF_RANGE, "minute_out_of_range", 400)                                             \
    X(SECOND_OUT_OF_RANGE, "second_out_of_range", 400)                                             \
    X(INVALID_REQUEST, "invalid_request", 400)                                                     \
    X(INVALID_HEADER_LENGTH, "invalid_header_length", 400)                                         \
    X(INVALID_BINARY_SIZE, "invalid_binary_size", 400)                                             \
    X(INVALID_SHAPE, "invalid_shape", 400)                                                         \
    X(INVALID_DATATYPE, "invalid_datatype", 400)                                                   \
    X(NOT_FOUND, "not_found", 404)                                                                 \
    X(UNKNOWN_CONVERSION, "unknown_conversion", 404)                                               \
    X(METHOD_NOT_ALLOWED, "method_not_allowed", 405)                                               \
    X(TOO_LARGE, "too_large", 413)                                                                 \
    X(URI_TOO_LONG, "uri_too_long", 414)                                                           \
    X(HEADERS_TOO_LARGE, "headers_too_large", 431)                                                 \
    X(TIMEOUT, "timeout", 408)                                                                     \
    X(DEADLINE, "deadline", 504)                                                                   \
    X(OVERLOADED, "overloaded", 503)                                                               \
    X(DRAINING, "draining", 503)                                                                   \
    X(UNAUTHORIZED, "unauthorized", 401)                                                           \
    X(FORBIDDEN, "forbidden", 403)                                                                 \
    X(UNSUPPORTED_ENCODING, "unsupported_encoding", 415)                                           \
    X(PLUGIN_ERROR, "plugin_error", 502)                                                           \
    X(PLUGIN_CRASHED, "plugin_crashed", 502)                                                       \
    X(INTERNAL, "internal", 500)

enum astro_code {
#define X(id, word, status) ASTRO_##id,
    ASTRO_CODES(X)
#undef X
        ASTRO_CODE_COUNT
};

struct astro_error {
    enum astro_code code; /* ASTRO_OK: nothing went wrong */
    char field[64];       /* the input, parameter or header concerned; "" when there is none */
    char text[448];       /* UTF-8, for people: what was wrong, where, what would be right */
};

/* The word for `X-Error-Code`, and the HTTP status; valid for every enumerator. */
const char *astro_code_word(enum astro_code code);
int astro_code_status(enum astro_code code);

/*
 * Sets *err unless it already holds an error. `field` may be NULL. Text that does not fit is cut at
 * a UTF-8 boundary. Returns false, so that a failing function can end with `return astro_fail(...)`.
 */
bool astro_fail(struct astro_error *err, enum astro_code code, const char *field,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
