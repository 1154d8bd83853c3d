/*
 * The handlers of the two routes that convert. They find the conversion and create the call;
 * decoding, computing and encoding are the pipeline's. False: request->error is set.
 */
#ifndef ASTRO_API_CONVERT_H
#define ASTRO_API_CONVERT_H

#include <stdbool.h>

struct request;

/* POST /v1/convert/{name} */
bool api_convert_plain(struct request *request);
/* POST /v2/models/{name}[/versions/{version}]/infer */
bool api_convert_oip(struct request *request);

#endif
