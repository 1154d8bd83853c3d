#include "api/convert.h"

#include "api/handlers.h"
#include "codec/codec.h"
#include "request/call.h"
#include "request/request.h"

enum { NAME_SEGMENT = 2 }; /* v1/convert/{name}, v2/models/{name} */

static bool create_call(struct request *request, const struct codec *codec)
{
    size_t index;
    const struct astro_conversion *conversion = api_named(request, NAME_SEGMENT, &index);
    if (conversion == NULL)
        return false;
    request->call = call_create(request, conversion, index, codec);
    return request->call != NULL || call_fail_memory(&request->error);
}

bool api_convert_plain(struct request *request)
{
    return create_call(request, &codec_plain);
}

bool api_convert_oip(struct request *request)
{
    return create_call(request, &codec_oip);
}
