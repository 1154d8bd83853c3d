#include "codec/oip_promote.h"

#include <math.h>
#include <string.h>

/*
 * memcpy of one element is how an element at any address is read; the compilers make vector loads
 * of it. X(datatype, type)
 */
#define SMALLER_TYPES(X)                                                                           \
    X(UINT8, uint8_t)                                                                              \
    X(UINT16, uint16_t)                                                                            \
    X(UINT32, uint32_t)                                                                            \
    X(INT8, int8_t)                                                                                \
    X(INT16, int16_t)                                                                              \
    X(INT32, int32_t)

#define DEFINE_PROMOTE(target, name, type)                                                         \
    static void name(const char *bytes, target *out, size_t n)                                     \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            type value;                                                                            \
            memcpy(&value, bytes + i * sizeof value, sizeof value);                                \
            out[i] = (target)value;                                                                \
        }                                                                                          \
    }

#define X(datatype, type) DEFINE_PROMOTE(double, double_from_##datatype, type)
SMALLER_TYPES(X)
X(UINT64, uint64_t)
X(INT64, int64_t)
X(FP32, float)
#undef X

#define X(datatype, type) DEFINE_PROMOTE(int64_t, int64_from_##datatype, type)
SMALLER_TYPES(X)
X(UINT64, uint64_t)
#undef X

static bool to_doubles(enum datatype datatype, const char *bytes, double *out, size_t n)
{
    switch (datatype) {
#define X(datatype, type)                                                                          \
    case DATATYPE_##datatype:                                                                      \
        double_from_##datatype(bytes, out, n);                                                     \
        return true;
        SMALLER_TYPES(X)
        X(UINT64, uint64_t)
        X(INT64, int64_t)
        X(FP32, float)
#undef X
    default:
        return false;
    }
}

static bool to_integers(enum datatype datatype, const char *bytes, int64_t *out, size_t n)
{
    switch (datatype) {
#define X(datatype, type)                                                                          \
    case DATATYPE_##datatype:                                                                      \
        int64_from_##datatype(bytes, out, n);                                                      \
        return true;
        SMALLER_TYPES(X)
        X(UINT64, uint64_t)
#undef X
    default:
        return false;
    }
}

static bool fail_internal(const struct astro_field *field, struct astro_error *err)
{
    return astro_fail(err, ASTRO_INTERNAL, field->name, "%s has a datatype that cannot be read",
                      field->name);
}

/* UINT64 from 2^63 on came out negative. */
static bool check_unsigned(const struct astro_field *field, const int64_t *column, size_t from,
                           size_t n, struct astro_error *err)
{
    for (size_t i = from; i < from + n; i++) {
        if (column[i] < 0)
            return astro_fail(err, ASTRO_OUT_OF_RANGE, field->name,
                              "%s[%zu] = %llu is outside [0, 9223372036854775807]", field->name, i,
                              (unsigned long long)column[i]);
    }
    return true;
}

/* Anything but 0 and 1 is no boolean: most likely these are bytes of something else. */
static bool to_booleans(const struct astro_field *field, const char *bytes, int64_t *column,
                        size_t from, size_t n, struct astro_error *err)
{
    for (size_t i = 0; i < n; i++) {
        unsigned value = (unsigned char)bytes[i];
        if (value > 1)
            return astro_fail(err, ASTRO_BAD_TYPE, field->name,
                              "%s[%zu] is the byte %u; a BOOL is 0 or 1", field->name, from + i,
                              value);
        column[from + i] = value;
    }
    return true;
}

bool oip_promote(const struct astro_field *field, enum datatype datatype, const char *bytes,
                 void *column, size_t from, size_t n, struct astro_error *err)
{
    bytes += from * datatype_size(datatype);
    if (field->type == ASTRO_BOOL)
        return to_booleans(field, bytes, column, from, n, err);
    if (field->type != ASTRO_INT64)
        return to_doubles(datatype, bytes, (double *)column + from, n) || fail_internal(field, err);
    if (!to_integers(datatype, bytes, (int64_t *)column + from, n))
        return fail_internal(field, err);
    return datatype != DATATYPE_UINT64 || check_unsigned(field, column, from, n, err);
}

/* --- numbers from JSON --- */

/* Range of an integer datatype; 2^64 - 1 is the double 2^64, which no UINT64 reaches. */
static void integer_range(enum datatype datatype, double *ret_minimum, double *ret_maximum)
{
    double span = ldexp(1.0, (int)(8 * datatype_size(datatype)));
    bool is_signed = datatype >= DATATYPE_INT8 && datatype <= DATATYPE_INT64;
    *ret_minimum = is_signed ? -span / 2 : 0;
    *ret_maximum = (is_signed ? span / 2 : span) - 1;
}

static bool fail_value(const struct astro_field *field, enum datatype datatype, size_t i,
                       double value, struct astro_error *err)
{
    return astro_fail(err, ASTRO_BAD_TYPE, field->name, "%s[%zu] = %.17g is no %s", field->name, i,
                      value, datatype_name(datatype));
}

static bool settle_floats(const struct astro_field *field, double *column, size_t from, size_t to,
                          struct astro_error *err)
{
    for (size_t i = from; i < to; i++) {
        double rounded = (double)(float)column[i];
        if (isinf(rounded) && !isinf(column[i]))
            return fail_value(field, DATATYPE_FP32, i, column[i], err);
        column[i] = rounded;
    }
    return true;
}

static bool settle_doubles(const struct astro_field *field, enum datatype datatype,
                           const double *column, size_t from, size_t to, struct astro_error *err)
{
    double minimum, maximum;
    integer_range(datatype, &minimum, &maximum);
    for (size_t i = from; i < to; i++) { /* NaN fails the comparison */
        if (!(column[i] >= minimum && column[i] <= maximum && column[i] == rint(column[i])))
            return fail_value(field, datatype, i, column[i], err);
    }
    return true;
}

static bool settle_integers(const struct astro_field *field, enum datatype datatype,
                            const int64_t *column, size_t from, size_t to, struct astro_error *err)
{
    if (datatype == DATATYPE_INT64)
        return true;
    bool is_signed = datatype >= DATATYPE_INT8 && datatype <= DATATYPE_INT32;
    int bits = (int)(8 * datatype_size(datatype)) - (is_signed ? 1 : 0);
    int64_t maximum = bits >= 63 ? INT64_MAX : (INT64_C(1) << bits) - 1;
    int64_t minimum = is_signed ? -maximum - 1 : 0;
    for (size_t i = from; i < to; i++) {
        if (column[i] < minimum || column[i] > maximum)
            return astro_fail(err, ASTRO_BAD_TYPE, field->name, "%s[%zu] = %lld is no %s",
                              field->name, i, (long long)column[i], datatype_name(datatype));
    }
    return true;
}

bool oip_settle(const struct astro_field *field, enum datatype datatype, void *column, size_t from,
                size_t to, struct astro_error *err)
{
    if (field->type == ASTRO_INT64)
        return settle_integers(field, datatype, column, from, to, err);
    if (datatype == DATATYPE_FP64 || datatype == DATATYPE_BYTES || datatype == DATATYPE_BOOL)
        return true;
    if (datatype == DATATYPE_FP32)
        return settle_floats(field, column, from, to, err);
    return settle_doubles(field, datatype, column, from, to, err);
}
