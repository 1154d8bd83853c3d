/*
 * The description of a conversion: the one place from which argument checks, both APIs, the
 * metadata, OpenAPI, `--list` and the clients' documentation are made.
 *
 * Purpose    A conversion turns equally long columns into equally long columns. `prepare` makes
 *            what does not depend on the points; `run` is a pure array loop.
 * Ownership  Descriptions are constant and live as long as the process. A context is memory of
 *            `context_size` bytes (64-byte aligned) that the caller gives to prepare(); it is
 *            immutable afterwards and may be used by any number of threads at once. `release`, where
 *            there is one, undoes prepare() but does not free the context's own memory.
 * Threads    prepare() and run() may be called from any thread. astro_kernels_init() comes first.
 */
#ifndef ASTROLABE_CONVERSION_H
#define ASTROLABE_CONVERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/error.h"

enum {
    ASTRO_MAX_INPUTS = 16,     /* inputs of any one conversion */
    ASTRO_MAX_OUTPUTS = 16,    /* outputs of any one conversion */
    ASTRO_MAX_PARAMETERS = 24, /* parameters of any one conversion */
    ASTRO_CONTEXT_ALIGN = 64   /* bytes */
};

/* What a column holds in memory: double, int64_t, struct astro_text, or int64_t that is 0 or 1: all
 * columns of numbers have rows of 8 bytes; only the wire and NumPy know booleans of one. */
enum astro_type { ASTRO_FP64, ASTRO_INT64, ASTRO_BYTES, ASTRO_BOOL };

struct astro_text {
    const char *data; /* UTF-8, not terminated */
    size_t length;    /* bytes */
};

/* What the numbers of a column mean: decides range checks and the effect of `unit`. */
enum astro_role {
    ASTRO_PLAIN,     /* any value; fixed unit */
    ASTRO_LONGITUDE, /* any finite value; deg or rad, degrees under unit=hourangle */
    ASTRO_HOURS,    /* longitude-like, but hours under unit=hourangle: ra, ha, sidereal_time, era */
    ASTRO_LATITUDE, /* within [-90, 90] deg, [-pi/2, pi/2] rad */
    ASTRO_ANGLE,    /* an angle without limits: separations, offsets, position angles */
    ASTRO_DISTANCE  /* not negative; fixed unit */
};

struct astro_field {
    const char *name;
    enum astro_type type;
    enum astro_role role;
    bool optional;           /* inputs: may be absent; run() then finds NULL */
    const char *default_doc; /* what an absent input means, as text ("1"); NULL unless optional */
    const char *unit;        /* fixed unit ("pc", "m", "" for none); NULL: the request's `unit` */
    const char *doc;
};

enum astro_parameter_type {
    ASTRO_CHOICE,  /* one word of `choices`; ASCII case does not matter */
    ASTRO_NUMBER,  /* finite double within [minimum, maximum] */
    ASTRO_INTEGER, /* whole number within [minimum, maximum] */
    ASTRO_BOOLEAN, /* true, false */
    ASTRO_EPOCH,   /* J2000.0, B1950.0: letter and year */
    ASTRO_STRING   /* any text up to `maximum` bytes */
};

struct astro_parameter {
    const char *name;
    enum astro_parameter_type type;
    const char *default_text;   /* parsed like a value from a request; NULL: none */
    bool optional;              /* without a default: may be absent */
    const char *default_doc;    /* what absence means ("equinox_in"); NULL unless optional */
    const char *const *choices; /* NULL-terminated, for ASTRO_CHOICE */
    double minimum, maximum;
    const char *unit; /* "" for none */
    const char *doc;
};

/* One parsed parameter. Epochs keep their calendar: a Besselian one is not silently a Julian one. */
struct astro_value {
    bool present;           /* given or defaulted */
    bool given;             /* stood in the request */
    int choice;             /* ASTRO_CHOICE: index; ASTRO_BOOLEAN: 0 or 1 */
    char epoch_kind;        /* ASTRO_EPOCH: 'J' or 'B' */
    double number;          /* ASTRO_NUMBER; ASTRO_EPOCH: the year */
    int64_t integer;        /* ASTRO_INTEGER */
    struct astro_text text; /* ASTRO_STRING: borrowed from the request */
};

/* Index of a choice of the parameter `unit`, which every conversion with angles has. */
enum astro_unit { ASTRO_DEG = 0, ASTRO_RAD = 1, ASTRO_HOURANGLE = 2 };

/* Warnings never change the status. X(identifier, word on the wire, text for people) */
#define ASTRO_WARNINGS(X)                                                                          \
    X(EOP_PREDICTED, "eop_predicted", "Earth orientation was predicted, not measured")             \
    X(EOP_ZERO, "eop_zero", "no Earth orientation for this time: zeros were used")                 \
    X(LEAP_SECONDS_EXPIRED, "leap_seconds_expired", "the leap-second table has expired")           \
    X(EXTRAPOLATED, "extrapolated", "the model was used outside the years it was made for")        \
    X(SEXAGESIMAL_60, "sexagesimal_60", "60 minutes or seconds were carried")                      \
    X(BAD_ROWS, "bad_rows", "rows that could not be read became NaN")                              \
    X(VELOCITY_EXCESSIVE, "velocity_excessive", "the space velocity was not believed")

enum astro_warning {
#define X(id, word, text) ASTRO_WARN_##id,
    ASTRO_WARNINGS(X)
#undef X
        ASTRO_WARNING_COUNT
};
const char *astro_warning_word(enum astro_warning warning);
const char *astro_warning_text(enum astro_warning warning);

/* What run() tells beside its outputs. The caller zeroes it; NULL is not allowed. */
struct astro_report {
    uint64_t warnings[ASTRO_WARNING_COUNT]; /* rows concerned, counted by run() */
    size_t failed_row;                      /* row of *error within this call */
    struct astro_error error;               /* set: the whole request fails with it */
};

struct astro_conversion {
    const char *name;  /* <from>_to_<to> */
    const char *group; /* core, frames, separations, ... */
    const char *summary;
    const char *description; /* edge cases, conventions; several sentences */
    const char *reference;   /* the ERFA routine, the paper */
    const char *accuracy;

    const struct astro_field *inputs;
    size_t n_inputs;
    const struct astro_field *outputs;
    size_t n_outputs;
    const struct astro_parameter *parameters;
    size_t n_parameters;

    double ns_per_point; /* predicted cost of run(), for dispatch */
    double prepare_ns;   /* predicted cost of prepare(); dear ones are cached */
    /*
     * Predicted ns of run() for these n rows, where it hangs on what they hold: dates that no table
     * reaches take a thousand times as long as others. NULL: n times ns_per_point. in[i] has
     * count[i] values, of which one may stand for all rows; NULL for an absent input. Looks at no
     * more than a few thousand rows; checks nothing.
     */
    double (*cost)(const struct astro_value *values, size_t n, const void *const in[],
                   const size_t count[]);

    size_t context_size; /* bytes; at least 1 */
    size_t text_width;   /* bytes of room per row of a BYTES output; 0 when there is none */

    /*
     * values: one per parameter, checked against its description, in its order. Fills `context`;
     * sets bits (1u << ASTRO_WARN_...) in *ret_warnings that concern all rows. On failure returns
     * false with *err set, and there is nothing to release.
     */
    bool (*prepare)(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err);
    void (*release)(void *context); /* NULL: nothing to do */

    /*
     * in[i]: column of n values of the input's type, NULL for an absent optional input.
     * out[i]: room for n values; never overlaps an input or another output.
     * A BYTES output is a column of struct astro_text that the caller has filled in: `data` of each
     * points to text_width bytes of the caller's room (run() writes there, although it is const for
     * readers), `length` is set by run(); rooms do not overlap. So text needs no allocation here. It is UTF-8
     * without control characters.
     * Pointers need not be aligned. Latitudes and distances have been checked (check.h).
     * No allocation, no locale, no errno, no statics. The bits of a row depend on nothing but the row.
     */
    void (*run)(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report);
};

/* The registry: constant after astro_kernels_init(), in the order of the catalogue. */
size_t astro_conversion_count(void);
const struct astro_conversion *astro_conversion_at(size_t index);
/* NULL when there is none. *ret_index (may be NULL) is its place in the registry. */
const struct astro_conversion *astro_conversion_find(const char *name, size_t length,
                                                     size_t *ret_index);
/* The known name nearest to a misspelt one, for error texts; NULL when nothing is near. */
const char *astro_conversion_nearest(const char *name, size_t length);

/* Index of the parameter called `unit`, or -1. */
int astro_unit_parameter(const struct astro_conversion *conversion);

/*
 * One parameter from text (query string, JSON string) or from a JSON number or boolean.
 * On failure: false, *err set (bad_parameter, bad_type or out_of_range, field = the name), *ret_value untouched.
 */
bool astro_parameter_from_text(const struct astro_parameter *parameter, const char *text,
                               size_t length, struct astro_value *ret_value,
                               struct astro_error *err);
bool astro_parameter_from_number(const struct astro_parameter *parameter, double number,
                                 struct astro_value *ret_value, struct astro_error *err);
bool astro_parameter_from_boolean(const struct astro_parameter *parameter, bool flag,
                                  struct astro_value *ret_value, struct astro_error *err);
/* Fills in the defaults of all that are not present; missing_parameter names what is required. */
bool astro_parameters_complete(const struct astro_conversion *conversion,
                               struct astro_value *values, struct astro_error *err);

#endif
