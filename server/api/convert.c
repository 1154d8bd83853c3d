#include "api/convert.h"

#include "api/handlers.h"
#include "codec/codec.h"
#include "plugins/part.h"
#include "request/call.h"
#include "request/request.h"

enum { NAME_SEGMENT = 2 }; /* v1/convert/{name}, v2/models/{name} */

static bool create_call(struct request *request, const struct codec *codec)
{
    size_t slot;
    const struct astro_conversion *conversion = api_named(request, NAME_SEGMENT, &slot);
    if (conversion == NULL)
        return false;
    request->call = call_create(request, conversion, slot, codec);
    if (request->call == NULL)
        return call_fail_memory(&request->error);
    const struct plugin_conversion *plugin = catalogue_plugin(conversion);
    if (plugin == NULL)
        return true;
    request->call->catalogue = catalogue_hold(request->loop->catalogue); /* it may be reloaded */
    request->call->plugin = plugin_part_create(request, plugin);
    return request->call->plugin != NULL;
}

bool api_convert_plain(struct request *request)
{
    return create_call(request, &codec_plain);
}

bool api_convert_oip(struct request *request)
{
    return create_call(request, &codec_oip);
}
