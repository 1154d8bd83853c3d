/* Files that are part of the binary: made into arrays by cmake/embed.cmake at build time. */
#ifndef ASTRO_API_ASSETS_H
#define ASTRO_API_ASSETS_H

#include <stddef.h>

extern const unsigned char console_html[], console_js[], console_forms_js[], console_css[];
extern const size_t console_html_size, console_js_size, console_forms_js_size, console_css_size;

/* What of the OpenAPI document does not come from the registry or the routes. */
extern const unsigned char openapi_base_json[];
extern const size_t openapi_base_json_size;

#endif
