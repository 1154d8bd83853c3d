/* libFuzzer: any text through the reader and the column scan, against jansson. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    /* The last byte chooses the slices; a copy of its own lets the sanitizer see every over-read.
     */
    const size_t length = size - 1;
    char *text = malloc(length ? length : 1);
    if (length)
        memcpy(text, data, length);
    const struct oracle_verdict verdict = oracle_compare(text, length, 1 + data[length] % 64);
    free(text);
    if (verdict.text[0]) {
        fprintf(stderr, "%s\n", verdict.text);
        abort();
    }
    return 0;
}
