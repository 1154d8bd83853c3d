/*
 * Exposition: text in Prometheus' format 0.0.4, growing as families are written. After a failed
 * allocation everything is a no-op and `failed` is set: one check at the end.
 */
#ifndef ASTRO_OBSERVE_EXPOSITION_H
#define ASTRO_OBSERVE_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exposition {
    char *data; /* owned; mem_free() */
    size_t length, capacity;
    bool failed;
    const char *family; /* of the samples that follow */
};

/* HELP and TYPE; `type` is "counter", "gauge" or "histogram". */
void exposition_family(struct exposition *out, const char *name, const char *type,
                       const char *help);

/* Label names and values in turn, ended by NULL; values are escaped. */
struct exposition_labels {
    const char *pairs[7];
};
#define EXPOSITION_LABELS(...) (&(const struct exposition_labels){{__VA_ARGS__}})
#define EXPOSITION_NONE        (&(const struct exposition_labels){{NULL}})

/* One sample of the family; `suffix` is "" but in histograms ("_bucket", "_sum", "_count"). */
void exposition_count(struct exposition *out, const char *suffix,
                      const struct exposition_labels *labels, uint64_t value);
void exposition_signed(struct exposition *out, const struct exposition_labels *labels,
                       int64_t value);
void exposition_real(struct exposition *out, const struct exposition_labels *labels, double value);
/* Exact: value / 10^9 in decimal. */
void exposition_nanoseconds(struct exposition *out, const char *suffix,
                            const struct exposition_labels *labels, uint64_t ns);

#endif
