/*
 * One table of all that the golden files prove: a line per conversion, over all files and targets,
 * with the comparison that came nearest to its tolerance.
 */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ENTRIES = 320, LABEL_ROOM = 64 };

static struct entry {
    char name[LABEL_ROOM]; /* of the conversion, the beginning of the line's label */
    char file[LABEL_ROOM], unit[16];
    size_t rows, comparisons;
    double largest, tolerance; /* of the comparison nearest to its tolerance */
    double share;              /* largest / tolerance */
} entries[MOST_ENTRIES];
static size_t n_entries;

static double share_of(const struct golden *line)
{
    if (line->largest == 0)
        return 0;
    return line->tolerance > 0 ? line->largest / line->tolerance : HUGE_VAL;
}

/* A label is the conversion's name, and whatever follows a comma or a blank. */
static struct entry *entry_of(const char *label)
{
    size_t length = strcspn(label, ", ");

    for (size_t i = 0; i < n_entries; i++) {
        if (strlen(entries[i].name) == length && strncmp(entries[i].name, label, length) == 0)
            return &entries[i];
    }
    if (n_entries == MOST_ENTRIES || length >= LABEL_ROOM)
        return NULL;
    memcpy(entries[n_entries].name, label, length);
    return &entries[n_entries++];
}

void golden_note(const struct golden *line)
{
    struct entry *entry = entry_of(line->conversion);
    double share = share_of(line);

    if (!entry)
        return;
    entry->rows += line->rows;
    if (entry->comparisons++ > 0 && share <= entry->share)
        return;
    entry->share = share;
    entry->largest = line->largest;
    entry->tolerance = line->tolerance;
    snprintf(entry->file, sizeof entry->file, "%s", line->file);
    snprintf(entry->unit, sizeof entry->unit, "%s", line->unit);
}

/* Rows are those of one target: all targets have the same. */
static void print_entry(const struct entry *entry)
{
    printf("%-26s %7zu  %9.2e  %8.1e  %-7s %s\n", entry->name, entry->rows / target_count(),
           entry->largest, entry->tolerance, entry->unit, entry->file);
}

static bool has_entry(const char *name)
{
    for (size_t i = 0; i < n_entries; i++) {
        if (strcmp(entries[i].name, name) == 0)
            return true;
    }
    return false;
}

void golden_table(void)
{
    size_t without = 0;

    printf("%-26s %7s  %9s  %8s  %-7s %s\n", "conversion", "rows", "largest", "allowed", "unit",
           "nearest to its tolerance in");
    for (size_t i = 0; i < n_entries; i++)
        print_entry(&entries[i]);
    for (size_t c = 0; c < astro_conversion_count(); c++)
        without += !has_entry(astro_conversion_at(c)->name);
    printf("\n%zu conversions of %zu have no golden file; unit tests and live.py compare them:\n",
           without, astro_conversion_count());
    for (size_t c = 0; c < astro_conversion_count(); c++) {
        if (!has_entry(astro_conversion_at(c)->name))
            printf("  %s\n", astro_conversion_at(c)->name);
    }
}
