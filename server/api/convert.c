#include "api/convert.h"

#include <string.h>

#include "codec/codec.h"
#include "request/call.h"
#include "request/request.h"

enum {
    NAME_SEGMENT = 2,   /* v1/convert/{name}, v2/models/{name} */
    VERSION_SEGMENT = 4 /* v2/models/{name}/versions/{version}/infer */
};

static bool create_call(struct request *request, const struct codec *codec)
{
    const struct request_text *name = &request->segments[NAME_SEGMENT];
    size_t index;
    const struct astro_conversion *conversion =
        astro_conversion_find(name->data, name->length, &index);
    if (conversion != NULL) {
        request->call = call_create(request, conversion, index, codec);
        return request->call != NULL || call_fail_memory(&request->error);
    }
    int shown = (int)call_cut(name->data, name->length, 60);
    const char *nearest = astro_conversion_nearest(name->data, name->length);
    if (nearest != NULL)
        return astro_fail(&request->error, ASTRO_UNKNOWN_CONVERSION, NULL,
                          "there is no conversion \"%.*s\"; did you mean \"%s\"?", shown,
                          name->data, nearest);
    return astro_fail(&request->error, ASTRO_UNKNOWN_CONVERSION, NULL,
                      "there is no conversion \"%.*s\"; GET /v1/conversions lists all", shown,
                      name->data);
}

bool api_convert_plain(struct request *request)
{
    return create_call(request, &codec_plain);
}

bool api_convert_oip(struct request *request)
{
    if (!create_call(request, &codec_oip))
        return false;
    if (request->n_segments <= VERSION_SEGMENT || request_path_is(request, VERSION_SEGMENT, "1"))
        return true;
    const struct request_text *version = &request->segments[VERSION_SEGMENT];
    return astro_fail(&request->error, ASTRO_NOT_FOUND, NULL,
                      "%s has version \"1\" only, not \"%.*s\"", request->call->conversion->name,
                      (int)call_cut(version->data, version->length, 60), version->data);
}
