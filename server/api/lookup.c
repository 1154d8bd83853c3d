/* What several handlers need: the conversion a path names, and names made fit for messages. */
#include "api/handlers.h"

#include <string.h>

const char *api_show(const char *data, size_t length, char ret[API_SHOW_MAX])
{
    enum { DOTS = 3 };
    const bool cut = length >= API_SHOW_MAX;
    const size_t kept = cut ? API_SHOW_MAX - 1 - DOTS : length;
    for (size_t i = 0; i < kept; i++)
        ret[i] = data[i] >= ' ' && data[i] <= '~' && data[i] != '"' ? data[i] : '?';
    memcpy(ret + kept, "...", cut ? DOTS : 0);
    ret[kept + (cut ? DOTS : 0)] = '\0';
    return ret;
}

const struct astro_conversion *api_named(struct request *request, size_t segment, size_t *ret_index)
{
    const struct request_text name = request->segments[segment];
    char shown[API_SHOW_MAX], shown_version[API_SHOW_MAX];
    const struct astro_conversion *found = astro_conversion_find(name.data, name.length, ret_index);
    if (found == NULL) {
        const char *nearest = astro_conversion_nearest(name.data, name.length);
        astro_fail(&request->error, ASTRO_UNKNOWN_CONVERSION, NULL,
                   "there is no conversion \"%s\"%s%s%s; /v1/conversions lists them all",
                   api_show(name.data, name.length, shown), nearest != NULL ? "; is \"" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "\" meant?" : "");
        return NULL;
    }
    if (segment + 2 < request->n_segments && request_path_is(request, segment + 1, "versions") &&
        !request_path_is(request, segment + 2, "1")) {
        const struct request_text version = request->segments[segment + 2];
        astro_fail(&request->error, ASTRO_UNKNOWN_CONVERSION, NULL,
                   "%s has no version \"%s\"; its only version is 1", found->name,
                   api_show(version.data, version.length, shown_version));
        return NULL;
    }
    return found;
}
