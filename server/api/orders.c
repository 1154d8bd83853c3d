/*
 * What an operator tells the fleet of plugin hosts: load, unload, trace. It answers when it is done:
 * the request is at work meanwhile, and later() says the answer on its loop.
 */
#include <string.h>

#include "api/handlers.h"
#include "api/members.h"
#include "plugins/fleet.h"
#include "process/server.h"

enum { FRAMES_STANDARD = 16, FRAMES_MOST = 128 };

static void answer_later(struct request *request)
{
    struct document doc = {0};
    json_t *root = request->later_document;
    request->later_document = NULL;
    document_answer(&doc, request, 200, root != NULL ? root : document_object(&doc));
}

/* The name in a segment, for the fleet: a terminated copy. NULL: it cannot be a name, or there is no
 * memory; the error is set. */
static const char *plugin_name(struct request *request, size_t segment)
{
    const struct request_text name = request->segments[segment];
    char shown[API_SHOW_MAX];
    bool good = name.length > 0 && name.length < CATALOGUE_NAME && name.data[0] != '.';
    for (size_t i = 0; good && i < name.length; i++) {
        const char c = name.data[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    }
    if (!good || server.settings.plugins_directory == NULL) {
        astro_fail(&request->error, ASTRO_NOT_FOUND, NULL, "there is no plugin \"%s\"%s",
                   api_show(name.data, name.length, shown),
                   good ? "; plugins.directory is not set" : "");
        return NULL;
    }
    const char *copy = arena_copy(&request->arena, name.data, name.length);
    if (copy == NULL)
        astro_fail(&request->error, ASTRO_OVERLOADED, NULL,
                   "there is not enough memory for this request; try again later");
    return copy;
}

static bool begin_work(struct request *request)
{
    if (atomic_load_explicit(&server.draining, memory_order_acquire))
        return astro_fail(&request->error, ASTRO_DRAINING, NULL, "the server is shutting down");
    request->later = answer_later;
    request_move(request, REQUEST_WORK);
    return true;
}

/* The name is that of a plugin or of one of its conversions; it may be new. */
bool api_repository_change(struct request *request)
{
    enum { NAME = 3, ACTION = 4 };
    const struct request_text name = request->segments[NAME];
    const struct astro_conversion *conversion =
        catalogue_find(request->loop->catalogue, name.data, name.length, NULL);
    if (conversion != NULL && catalogue_plugin(conversion) == NULL)
        return astro_fail(
            &request->error, ASTRO_INVALID_REQUEST, NULL,
            "%s is built in and always ready; only plugins can be loaded and unloaded",
            conversion->name);
    if (server.settings.plugins_directory == NULL)
        return api_named(request, NAME, NULL) != NULL; /* says what is known and what is near */
    const char *plugin = plugin_name(request, NAME);
    if (plugin == NULL || !begin_work(request))
        return false;
    if (request_path_is(request, ACTION, "load"))
        fleet_load(request, plugin);
    else
        fleet_unload(request, plugin);
    return true;
}

bool api_debug_trace(struct request *request)
{
    enum { NAME = 3 };
    static const char *const words[] = {"start", "stop", NULL};
    struct members_word action = {.words = words, .index = -1};
    struct members_whole frames = {.least = 1, .most = FRAMES_MOST, .value = FRAMES_STANDARD};
    const struct member members[] = {{.key = "action", .word = &action},
                                     {.key = "frames", .whole = &frames}};
    const char *plugin = plugin_name(request, NAME);
    if (plugin == NULL || !members_read(request, members, 2, false))
        return false;
    if (action.index < 0)
        return astro_fail(&request->error, ASTRO_INVALID_REQUEST, "action",
                          "the body must say {\"action\": \"start\"} or {\"action\": \"stop\"}");
    if (!begin_work(request))
        return false;
    fleet_trace(request, plugin, action.index == 0, (int)frames.value);
    return true;
}
