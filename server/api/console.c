/* GET /: the console, four files of server/api/console/ that are part of the binary. */
#include "api/assets.h"
#include "api/handlers.h"

/*
 * The page needs nothing from anywhere else, and may not: no inline script, no other host, no
 * frame. no-cache, because a new binary brings a new console.
 */
#define CONSOLE_HEADERS                                                                            \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "           \
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "                     \
    "frame-ancestors 'none'\r\n"                                                                   \
    "X-Content-Type-Options: nosniff\r\n"                                                          \
    "Referrer-Policy: no-referrer\r\n"                                                             \
    "Cache-Control: no-cache"

static bool answer(struct request *request, const char *type, const unsigned char *data,
                   size_t length)
{
    response_text(request, 200, type, (const char *)data, length);
    return response_header(request, "%s", CONSOLE_HEADERS) ||
           astro_fail(&request->error, ASTRO_OVERLOADED, NULL,
                      "there is not enough memory for this answer; try again later");
}

bool api_console_page(struct request *request)
{
    return answer(request, "text/html; charset=utf-8", console_html, console_html_size);
}

bool api_console_script(struct request *request)
{
    return answer(request, "text/javascript; charset=utf-8", console_js, console_js_size);
}

bool api_console_forms(struct request *request)
{
    return answer(request, "text/javascript; charset=utf-8", console_forms_js,
                  console_forms_js_size);
}

bool api_console_style(struct request *request)
{
    return answer(request, "text/css; charset=utf-8", console_css, console_css_size);
}
