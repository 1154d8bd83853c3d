/*
 * Handlers: what stands behind the routes, and what several of them need. Internal to this folder.
 *
 * A handler answers through document_answer() or response_text() and returns true, or returns
 * false with request->error set.
 */
#ifndef ASTRO_API_HANDLERS_H
#define ASTRO_API_HANDLERS_H

#include <stdbool.h>
#include <stddef.h>

#include "api/document.h"
#include "api/router.h"
#include "astrolabe/conversion.h"
#include "catalogue/catalogue.h"
#include "process/loop.h"
#include "request/request.h"

/* conversions.c */
bool api_conversion_list(struct request *request);
bool api_conversion_one(struct request *request);
char *api_conversions_write(const struct catalogue *catalogue, size_t *ret_length);

/* health.c */
bool api_health(struct request *request);

/* oip_meta.c */
bool api_is_ready(void); /* the server; plugins are asked for beside it */
bool api_oip_server(struct request *request);
bool api_oip_live(struct request *request);
bool api_oip_ready(struct request *request);
bool api_oip_models(struct request *request);
bool api_oip_model(struct request *request);
bool api_oip_model_ready(struct request *request);
char *api_models_write(const struct catalogue *catalogue, size_t *ret_length);

/* oip_config.c */
bool api_oip_model_config(struct request *request);

/* oip_stats.c */
bool api_oip_stats(struct request *request);
bool api_oip_model_stats(struct request *request);

/* repository.c */
bool api_repository_index(struct request *request);
bool api_no_shared_memory(struct request *request);
bool api_no_trace(struct request *request);
bool api_no_logging(struct request *request);

/* orders.c */
bool api_repository_change(struct request *request);
bool api_debug_trace(struct request *request);

/* openapi.c */
bool api_openapi(struct request *request);
char *api_openapi_write(const struct catalogue *catalogue, size_t *ret_length);

/* debug.c */
bool api_debug_memory(struct request *request);

/* debug_plugins.c: the members of that document that tell of plugins and hosts. NULL: none. */
struct figures;
void api_put_plugins(struct document *doc, json_t *root, const struct figures *figures);

/* console.c */
bool api_console_page(struct request *request);
bool api_console_script(struct request *request);
bool api_console_forms(struct request *request);
bool api_console_style(struct request *request);

/*
 * Finds the conversion that a segment of the path names (lookup.c), in the catalogue of the request's
 * loop, which it borrows from. NULL with unknown_conversion set, and the nearest known name in its
 * text. When the path goes on with /versions/V, V must be "1". *ret_slot: its row in the statistics.
 */
const struct astro_conversion *api_named(struct request *request, size_t segment, size_t *ret_slot);
/* Every conversion by index. */
static inline size_t api_count(const struct request *request)
{
    return catalogue_count(request->loop->catalogue);
}
static inline const struct astro_conversion *api_at(const struct request *request, size_t index)
{
    return catalogue_at(request->loop->catalogue, index);
}

/* Answers with a document that is made once per catalogue; the request holds the catalogue until the
 * answer has been sent. write(): see catalogue_text(). */
bool api_answer_text(struct request *request, enum catalogue_document which,
                     char *(*write)(const struct catalogue *catalogue, size_t *ret_length));

/* Text from outside made fit for a message: printable ASCII, bounded. */
enum { API_SHOW_MAX = 96 };
const char *api_show(const char *data, size_t length, char ret[API_SHOW_MAX]);

#endif
