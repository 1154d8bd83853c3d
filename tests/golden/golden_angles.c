/* angles/parse.tsv and angles/format.tsv: texts to angles and back, and what must be refused. */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of tab-separated cells; false at the end of the file. */
static bool next_row(FILE *stream, char *line, size_t size, const char *cells[], size_t n)
{
    if (!fgets(line, (int)size, stream))
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < n; i++) {
        cells[i] = line;
        line += strcspn(line, "\t");
        if (*line)
            *line++ = '\0';
    }
    return true;
}

static FILE *open_table(const char *file)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, file);
    FILE *stream = fopen(path, "r");
    if (!stream)
        printf("%s: cannot be opened\n", path);
    return stream;
}

static void parse_row(const char *text, const char *hint, const char *expected,
                      struct golden *values, struct golden *errors)
{
    struct astro_text column = {text, strlen(text)};
    struct astro_report report = {0};
    double got = (double)NAN;
    void *results[] = {&got};
    char parameters[40] = "";

    if (*hint)
        snprintf(parameters, sizeof parameters, "assume=%s",
                 strcmp(hint, "hour") == 0 ? "hourangle" : hint);
    struct converter c = converter_open("parse_angle", parameters);
    c.conversion->run(c.context, 1, (const void *[]){&column}, results, &report);
    converter_close(&c);
    if (strncmp(expected, "error:", 6) == 0)
        golden_add(errors, strcmp(astro_code_word(report.error.code), expected + 6) != 0);
    else
        golden_add(values, report.error.code == ASTRO_OK ? got - strtod(expected, NULL) : HUGE_VAL);
}

static bool parse_table(void)
{
    const char *file = "angles/parse.tsv";
    struct golden values = {
        .file = file, .conversion = "parse_angle", .unit = "deg", .tolerance = 1e-13};
    struct golden errors = {.file = file, .conversion = "parse_angle, codes", .unit = "wrong"};
    const char *cells[4];
    char line[400];
    FILE *stream = open_table(file);

    if (!stream || !next_row(stream, line, sizeof line, cells, 4))
        return false;
    while (next_row(stream, line, sizeof line, cells, 4))
        parse_row(cells[0], cells[1], cells[2], &values, &errors);
    fclose(stream);
    bool passed = golden_end(&values);
    return golden_end(&errors) && passed;
}

/* The columns value, unit, precision, style, expected; a style ":pad" is dms, colon, pad. */
static bool same_text(const char *const cells[5])
{
    char parameters[120], room[64];
    double angle = strtod(cells[0], NULL);
    struct astro_text text = {room, 0};
    struct astro_report report = {0};
    void *results[] = {&text};
    bool padded = strcmp(cells[3], ":pad") == 0;

    snprintf(parameters, sizeof parameters, "unit=%s&precision=%s&%s%s",
             strcmp(cells[1], "hour") == 0 ? "hourangle" : cells[1], cells[2],
             padded ? "sep=colon&pad=true" : "style=", padded ? "" : cells[3]);
    struct converter c = converter_open("format_angle", parameters);
    c.conversion->run(c.context, 1, (const void *[]){&angle}, results, &report);
    converter_close(&c);
    return report.error.code == ASTRO_OK && text.length == strlen(cells[4]) &&
           memcmp(room, cells[4], text.length) == 0;
}

static bool format_table(void)
{
    const char *file = "angles/format.tsv";
    struct golden texts = {.file = file, .conversion = "format_angle", .unit = "wrong"};
    const char *cells[6];
    char line[400];
    FILE *stream = open_table(file);

    if (!stream || !next_row(stream, line, sizeof line, cells, 6))
        return false;
    while (next_row(stream, line, sizeof line, cells, 6))
        golden_add(&texts, same_text(cells) ? 0 : 1);
    fclose(stream);
    return golden_end(&texts);
}

bool golden_angles(void)
{
    bool passed = parse_table();

    return format_table() && passed;
}
