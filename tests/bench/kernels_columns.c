#include "kernels_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 40, WIDEST = 64 };

size_t rows;
double *in[ASTRO_MAX_INPUTS], *out[ASTRO_MAX_OUTPUTS];
enum timing timing = ONE_TIME;
static struct astro_text *texts_in, *texts_out;
static char *written, *room; /* TEXT and WIDEST bytes for each row */

bool columns_open(size_t count)
{
    bool there = true;

    rows = count;
    for (size_t k = 0; k < ASTRO_MAX_INPUTS; k++)
        there = (in[k] = calloc(rows, sizeof(double))) && there;
    for (size_t k = 0; k < ASTRO_MAX_OUTPUTS; k++)
        there = (out[k] = calloc(rows, sizeof(double))) && there;
    texts_in = calloc(rows, sizeof *texts_in);
    texts_out = calloc(rows, sizeof *texts_out);
    written = calloc(rows, TEXT);
    room = calloc(rows, WIDEST);
    return there && texts_in && texts_out && written && room;
}

void columns_close(void)
{
    for (size_t k = 0; k < ASTRO_MAX_INPUTS; k++)
        free(in[k]);
    for (size_t k = 0; k < ASTRO_MAX_OUTPUTS; k++)
        free(out[k]);
    free(texts_in);
    free(texts_out);
    free(written);
    free(room);
}

/* --- values --- */

struct range {
    const char *name; /* of a field, or of its unit */
    double low, high;
};

/* Fields and units whose values are not those of their role. */
static const struct range ranges[] = {
    {"jd1", 2440000, 2470000},
    {"jd2", -0.5, 0.5},
    {"mjd", 40000, 70000},
    {"unix", 0, 2e9},
    {"unix_ns", 0, 2e18},
    {"gps", 0, 1.5e9},
    {"jyear", 1970, 2050},
    {"byear", 1970, 2050},
    {"decimalyear", 1970, 2050},
    {"year", 1970, 2050},
    {"month", 1, 13},
    {"day", 1, 29},
    {"hour", 0, 24},
    {"minute", 0, 60},
    {"second", 0, 60},
    {"pixel", 0, 12 << 24},
    {"nuniq", 4 << 24, 16 << 24},
    {"order", 12, 13},
    {"mas", 0.1, 100},
    {"mas/yr", -100, 100},
    {"km/s", -50, 50},
    {"m", -7e6, 7e6},
    {"pc", 1, 1e6},
    {"mag", 0, 40},
};

static struct range range_of(const struct astro_field *field)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (strcmp(ranges[i].name, field->name) == 0)
            return ranges[i];
    }
    for (size_t i = 0; field->unit && i < sizeof ranges / sizeof ranges[0]; i++) {
        if (strcmp(ranges[i].name, field->unit) == 0)
            return ranges[i];
    }
    if (field->role == ASTRO_LATITUDE)
        return (struct range){NULL, -90, 90};
    if (field->role == ASTRO_PLAIN)
        return (struct range){NULL, -1, 1};
    return (struct range){NULL, 0, 360};
}

static void fill_texts(const char *name)
{
    for (size_t i = 0; i < rows; i++) {
        char *text = written + i * TEXT;
        if (strcmp(name, "time") == 0)
            snprintf(text, TEXT, "2016-12-%02uT%02u:30:%09.6f", (unsigned)(1 + i % 28),
                     (unsigned)(i % 24), 59 * drand48());
        else
            snprintf(text, TEXT, "%02uh%02um%06.3fs", (unsigned)(i % 24), (unsigned)(i % 60),
                     59 * drand48());
        texts_in[i] = (struct astro_text){text, strlen(text)};
    }
}

static void fill_column(const struct astro_field *field, double *column)
{
    struct range range = range_of(field);

    for (size_t i = 0; i < rows; i++) {
        double value = range.low + (range.high - range.low) * drand48();
        int64_t whole = (int64_t)value;
        if (field->type == ASTRO_INT64)
            memcpy(&column[i], &whole, sizeof whole);
        else
            column[i] = value;
    }
}

static void fill_night(double *mjd)
{
    for (size_t i = 0; i < rows; i++)
        mjd[i] = 60000.1 + 0.4 * (double)i / (double)rows;
}

bool columns_timed(const struct astro_conversion *conversion)
{
    for (size_t k = 0; k < conversion->n_inputs; k++) {
        if (strcmp(conversion->inputs[k].name, "mjd") == 0 && conversion->inputs[k].optional)
            return true;
    }
    return false;
}

void columns_fill(const struct astro_conversion *conversion)
{
    srand48(1);
    for (size_t k = 0; k < conversion->n_inputs; k++) {
        if (conversion->inputs[k].type == ASTRO_BYTES)
            fill_texts(conversion->inputs[k].name);
        else
            fill_column(&conversion->inputs[k], in[k]);
        if (timing == ONE_NIGHT && strcmp(conversion->inputs[k].name, "mjd") == 0)
            fill_night(in[k]);
    }
    for (size_t i = 0; i < rows; i++)
        texts_out[i] = (struct astro_text){room + i * WIDEST, 0};
}

void columns_of(const struct astro_conversion *conversion, const void *from[], void *to[])
{
    for (size_t k = 0; k < conversion->n_inputs; k++) {
        from[k] = in[k];
        if (conversion->inputs[k].type == ASTRO_BYTES)
            from[k] = texts_in;
        bool time = columns_timed(conversion) && timing != ONE_TIME &&
                    strcmp(conversion->inputs[k].name, "mjd") == 0;
        if (conversion->inputs[k].optional && !time)
            from[k] = NULL;
    }
    for (size_t k = 0; k < conversion->n_outputs; k++) {
        to[k] = out[k];
        if (conversion->outputs[k].type == ASTRO_BYTES)
            to[k] = texts_out;
    }
}
