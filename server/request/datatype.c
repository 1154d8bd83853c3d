/*
 * The datatypes of the Open Inference Protocol, by name and by size.
 */
#include <string.h>

#include "request/call.h"

static const struct {
    const char *name;
    size_t size;
} datatypes[DATATYPE_COUNT] = {
    [DATATYPE_BOOL] = {"BOOL", 1},     [DATATYPE_UINT8] = {"UINT8", 1},
    [DATATYPE_UINT16] = {"UINT16", 2}, [DATATYPE_UINT32] = {"UINT32", 4},
    [DATATYPE_UINT64] = {"UINT64", 8}, [DATATYPE_INT8] = {"INT8", 1},
    [DATATYPE_INT16] = {"INT16", 2},   [DATATYPE_INT32] = {"INT32", 4},
    [DATATYPE_INT64] = {"INT64", 8},   [DATATYPE_FP16] = {"FP16", 2},
    [DATATYPE_FP32] = {"FP32", 4},     [DATATYPE_FP64] = {"FP64", 8},
    [DATATYPE_BYTES] = {"BYTES", 0},
};

const char *datatype_name(enum datatype datatype)
{
    return datatypes[datatype].name;
}

bool datatype_find(const char *name, size_t length, enum datatype *ret)
{
    for (unsigned i = 0; i < DATATYPE_COUNT; i++) {
        if (strlen(datatypes[i].name) == length && memcmp(datatypes[i].name, name, length) == 0) {
            *ret = (enum datatype)i;
            return true;
        }
    }
    return false;
}

size_t datatype_size(enum datatype datatype)
{
    return datatypes[datatype].size;
}
