#include "wire/gate.h"

#include <string.h>
#include <strings.h>

#include "api/router.h"
#include "process/loop.h"
#include "wire/connection.h"

/* The token of `Authorization: Bearer TOKEN`; length 0: there is none. */
static struct request_text bearer_token(const struct request *request)
{
    struct request_text text = request->authorization;
    if (text.data == NULL || text.length < 8 || strncasecmp(text.data, "Bearer ", 7) != 0)
        return (struct request_text){0};
    text.data += 7;
    text.length -= 7;
    while (text.length > 0 && *text.data == ' ') {
        text.data++;
        text.length--;
    }
    return text;
}

static bool check_token(struct request *request, const struct token_table *tokens)
{
    struct request_text token = bearer_token(request);
    unsigned scopes =
        token_table_scopes(tokens, token.data != NULL ? token.data : "", token.length);
    if (token.length == 0 || scopes == 0)
        return astro_fail(&request->error, ASTRO_UNAUTHORIZED, NULL,
                          token.length == 0 ? "a token is required: Authorization: Bearer TOKEN"
                                            : "this token is not known");
    if (request->route == NULL)
        return true;
    unsigned need = (request->route->flags & ROUTE_ADMIN) != 0 ? TOKEN_ADMIN : TOKEN_CONVERT;
    if ((scopes & need) == 0)
        return astro_fail(&request->error, ASTRO_FORBIDDEN, NULL,
                          "this token does not have the scope %s",
                          need == TOKEN_ADMIN ? "admin" : "convert");
    return true;
}

static bool check_peer(struct request *request)
{
    if ((request->route->flags & ROUTE_ADMIN) == 0 || request->connection->peer_local)
        return true;
    return astro_fail(
        &request->error, ASTRO_FORBIDDEN, NULL,
        "without tokens (auth.tokens) this path answers only to loopback and Unix peers");
}

bool gate_open(struct request *request)
{
    struct astro_error missing = {0};
    const char *allow = NULL;
    if (!router_match(request, &allow)) {
        /* Kept back until the token has been seen: strangers do not learn which paths exist. */
        missing = request->error;
        request->error = (struct astro_error){0};
        request->allow = allow;
    }
    const struct token_table *tokens = request->loop->tokens;
    bool open = request->route != NULL && (request->route->flags & ROUTE_OPEN) != 0;
    if (tokens != NULL && !open && !check_token(request, tokens))
        return false;
    if (missing.code != ASTRO_OK) {
        request->error = missing;
        return false;
    }
    if (tokens == NULL && !check_peer(request))
        return false;
    if (request->loop->draining && !request->began_before_drain &&
        (request->route->kind == ROUTE_CONVERT))
        return astro_fail(&request->error, ASTRO_DRAINING, NULL,
                          "the server is shutting down; ask again, another one will answer");
    return true;
}
