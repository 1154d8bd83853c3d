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
#include "request/request.h"

/* conversions.c */
bool api_conversion_list(struct request *request);
bool api_conversion_one(struct request *request);
bool api_conversions_init(void);
void api_conversions_release(void);

/* oip_meta.c */
bool api_oip_server(struct request *request);
bool api_oip_live(struct request *request);
bool api_oip_ready(struct request *request);
bool api_oip_models(struct request *request);
bool api_oip_model(struct request *request);
bool api_oip_model_ready(struct request *request);

/* oip_config.c */
bool api_oip_model_config(struct request *request);

/* oip_stats.c */
bool api_oip_stats(struct request *request);
bool api_oip_model_stats(struct request *request);

/* repository.c */
bool api_repository_index(struct request *request);
bool api_repository_change(struct request *request);
bool api_no_shared_memory(struct request *request);
bool api_no_trace(struct request *request);
bool api_no_logging(struct request *request);

/* openapi.c */
bool api_openapi(struct request *request);
bool api_openapi_init(void);
void api_openapi_release(void);

/* debug.c */
bool api_debug_memory(struct request *request);

/* console.c */
bool api_console_page(struct request *request);
bool api_console_script(struct request *request);
bool api_console_forms(struct request *request);
bool api_console_style(struct request *request);

/*
 * Finds the conversion that a segment of the path names (lookup.c). NULL with unknown_conversion
 * set, and the nearest known name in its text. When the path goes on with /versions/V, V must be
 * "1".
 */
const struct astro_conversion *api_named(struct request *request, size_t segment,
                                         size_t *ret_index);

/* Text from outside made fit for a message: printable ASCII, bounded. */
enum { API_SHOW_MAX = 96 };
const char *api_show(const char *data, size_t length, char ret[API_SHOW_MAX]);

#endif
