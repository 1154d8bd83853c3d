/* What several handlers need: the conversion a path names, names made fit for messages, and answers
 * from the catalogue's documents. */
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

const struct astro_conversion *api_named(struct request *request, size_t segment, size_t *ret_slot)
{
    const struct request_text name = request->segments[segment];
    char shown[API_SHOW_MAX], shown_version[API_SHOW_MAX];
    const struct catalogue *catalogue = request->loop->catalogue;
    const struct astro_conversion *found =
        catalogue_find(catalogue, name.data, name.length, ret_slot);
    if (found == NULL) {
        const char *nearest = catalogue_nearest(catalogue, name.data, name.length);
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

static void drop(void *catalogue)
{
    catalogue_drop(catalogue);
}

bool api_answer_text(struct request *request, enum catalogue_document which,
                     char *(*write)(const struct catalogue *catalogue, size_t *ret_length))
{
    struct catalogue *catalogue = request->loop->catalogue;
    const struct catalogue_text *text = catalogue_text(catalogue, which, write);
    if (text == NULL || !request_attach(request, catalogue_hold(catalogue), drop))
        return astro_fail(&request->error, ASTRO_OVERLOADED, NULL,
                          "there is not enough memory for this document; try again later");
    response_text(request, 200, "application/json", text->data, text->length);
    return true;
}
