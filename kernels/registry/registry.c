/*
 * The registry: every conversion by index and by name.
 *
 * Threads    The index by name is built in astro_kernels_init(), before threads start, and never
 *            changes afterwards.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "text.h"

enum { MOST_CONVERSIONS = 256, NEAR = 3 };

static const struct astro__group *const groups[] = {
    &astro__group_core,    &astro__group_frames,   &astro__group_separations, &astro__group_angles,
    &astro__group_time,    &astro__group_earth,    &astro__group_healpix,     &astro__group_motion,
    &astro__group_horizon, &astro__group_rotation, &astro__group_barycentric, &astro__group_places,
    &astro__group_wcs,     &astro__group_units,
};

static const struct astro_conversion *conversions[MOST_CONVERSIONS];
static size_t count;
static size_t by_name[MOST_CONVERSIONS]; /* indices, in the order of the names */

static int compare_names(const void *a, const void *b)
{
    return strcmp(conversions[*(const size_t *)a]->name, conversions[*(const size_t *)b]->name);
}

void astro__registry_init(void)
{
    if (count)
        return;
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        for (size_t i = 0; i < groups[g]->count; i++) {
            assert(count < MOST_CONVERSIONS);
            by_name[count] = count;
            conversions[count++] = groups[g]->conversions[i];
        }
    }
    qsort(by_name, count, sizeof by_name[0], compare_names);
}

size_t astro_conversion_count(void)
{
    return count;
}

const struct astro_conversion *astro_conversion_at(size_t index)
{
    return index < count ? conversions[index] : NULL;
}

/* As strcmp() of the terminated name and the other one, which has a length instead. */
static int compare_with(const char *name, const char *other, size_t length)
{
    int order = strncmp(name, other, length);

    return order ? order : name[length] != '\0';
}

const struct astro_conversion *astro_conversion_find(const char *name, size_t length,
                                                     size_t *ret_index)
{
    size_t low = 0, high = count;

    if (memchr(name, '\0', length))
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_with(conversions[by_name[middle]]->name, name, length);
        if (order == 0) {
            if (ret_index)
                *ret_index = by_name[middle];
            return conversions[by_name[middle]];
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *astro_conversion_nearest(const char *name, size_t length)
{
    const char *nearest = NULL;
    /* A third of the letters wrong is another word, not a slip. */
    size_t least = (length / 3 < NEAR ? length / 3 : NEAR) + 1;

    for (size_t i = 0; i < count; i++) {
        const char *known = conversions[i]->name;
        size_t distance = astro__edit_distance(name, length, known, strlen(known));
        if (distance < least) {
            least = distance;
            nearest = known;
        }
    }
    return nearest;
}

int astro_unit_parameter(const struct astro_conversion *conversion)
{
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        if (strcmp(conversion->parameters[i].name, "unit") == 0)
            return (int)i;
    }
    return -1;
}
