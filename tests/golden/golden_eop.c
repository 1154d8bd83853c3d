/* The file of Earth orientation: every day of it and the middle between days, by columns. */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "astrolabe/eop_data.h"

#define FILE_EOP "eop/finals2000A.excerpt"
#define DAY      86400.0

enum { DAYS = 5000, MOST = 1 << 20 };

static struct astro_eop_data table;

struct line {
    double mjd, x, y, dut1;
    int predicted;
};
static struct line lines[DAYS];

static char *read_file(size_t *ret_length)
{
    char path[1024], *text = malloc(MOST);

    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, FILE_EOP);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    assert_non_null(text);
    *ret_length = fread(text, 1, MOST - 1, stream);
    text[*ret_length] = '\0';
    fclose(stream);
    return text;
}

static double columns(const char *line, int first, int last)
{
    char room[32] = "";

    memcpy(room, line + first - 1, (size_t)(last - first + 1));
    return strtod(room, NULL);
}

static size_t read_lines(char *text)
{
    size_t n = 0;
    char *rest = NULL;

    for (char *at = strtok_r(text, "\n", &rest); at && n < DAYS; at = strtok_r(NULL, "\n", &rest)) {
        bool b = strlen(at) >= 165 && at[163] != ' ';
        lines[n++] = (struct line){.mjd = columns(at, 8, 15),
                                   .x = b ? columns(at, 135, 144) : columns(at, 19, 27),
                                   .y = b ? columns(at, 145, 154) : columns(at, 38, 46),
                                   .dut1 = b ? columns(at, 155, 165) : columns(at, 59, 68),
                                   .predicted = at[16] == 'P' || at[57] == 'P'};
    }
    return n;
}

/* dut1, x, y, dx, dy, status. */
static void look_up(const struct converter *converter, double mjd, double got[5], int64_t *status)
{
    struct astro_report report = {0};
    const void *in[] = {NULL, NULL, &mjd};
    void *out[] = {&got[0], &got[1], &got[2], &got[3], &got[4], status};

    for (size_t k = 0; k < 5; k++)
        got[k] = (double)NAN;
    converter->conversion->run(converter->context, 1, in, out, &report);
}

static void compare_days(size_t n, struct golden *table_line, struct golden *status_line)
{
    struct converter converter = converter_open("eop_lookup", "");

    for (size_t i = 0; i < n; i++) {
        const struct line *a = &lines[i], *b = &lines[i + 1 < n ? i + 1 : i];
        double got[5], step = rint(b->dut1 - a->dut1);
        int64_t status = -1;
        look_up(&converter, a->mjd, got, &status);
        golden_add(table_line, got[0] - a->dut1);
        golden_add(table_line, got[1] - a->x);
        golden_add(table_line, got[2] - a->y);
        golden_add(status_line, (double)(status - a->predicted));
        if (i + 1 == n)
            continue;
        look_up(&converter, a->mjd + 0.5, got, &status);
        golden_add(table_line, got[0] - (a->dut1 + b->dut1 - step) / 2);
        golden_add(table_line, got[1] - (a->x + b->x) / 2);
        golden_add(table_line, got[2] - (a->y + b->y) / 2);
    }
    converter_close(&converter);
}

static void compare_ut1(size_t n, struct golden *there, struct golden *back)
{
    struct converter to = converter_open("utc_to_ut1", ""), from = converter_open("ut1_to_utc", "");

    for (size_t i = 0; i < n; i++) {
        double utc[2] = {2400000.5 + lines[i].mjd, 0}, ut1[2], again[2];
        convert_row(&to, utc, ut1);
        golden_add(there, ((ut1[0] - utc[0]) + ut1[1]) * DAY - lines[i].dut1);
        if (i == 0 || i + 1 == n) /* rounding may lead out of the table */
            continue;
        convert_row(&from, ut1, again);
        golden_add(back, ((again[0] - utc[0]) + again[1]) * DAY);
    }
    converter_close(&to);
    converter_close(&from);
}

bool golden_eop(void)
{
    struct golden days = {FILE_EOP, "eop_lookup", "", 1e-10, 0, 0};
    struct golden status = {FILE_EOP, "eop_lookup, status", "", 0, 0, 0};
    struct golden there = {FILE_EOP, "utc_to_ut1", "s", 5e-11, 0, 0};
    struct golden back = {FILE_EOP, "ut1_to_utc", "s", 5e-11, 0, 0};
    struct astro_error err = {0};
    size_t length;
    char *text = read_file(&length);

    if (!astro_eop_data_parse(text, length, &table, &err) || !astro_eop_use(&table, &err))
        fail_msg("%s", err.text);
    size_t n = read_lines(text);
    free(text);
    compare_days(n, &days, &status);
    compare_ut1(n, &there, &back);
    bool ended = astro_eop_use(NULL, &err);
    bool passed[] = {golden_end(&days), golden_end(&status), golden_end(&there), golden_end(&back)};
    return ended && passed[0] && passed[1] && passed[2] && passed[3];
}
