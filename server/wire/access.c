/* What is remembered of one answer: its conversion's statistics and, if asked for, a line in the
 * log. */
#include <string.h>

#include "observe/log.h"
#include "observe/stats.h"
#include "process/loop.h"
#include "process/server.h"
#include "request/call.h"
#include "wire/connection.h"

static const char *method_name(enum request_method method)
{
    switch (method) {
    case METHOD_GET:
        return "GET";
    case METHOD_HEAD:
        return "HEAD";
    case METHOD_POST:
        return "POST";
    default:
        return "OTHER";
    }
}

/* One in 1/share, evenly spread, without a random number on the hot path. */
static bool sampled(struct loop *loop, double share)
{
    if (share <= 0)
        return false;
    loop->access_debt += share;
    if (loop->access_debt < 1)
        return false;
    loop->access_debt -= 1;
    return true;
}

void connection_account(struct connection *connection, struct request *request)
{
    struct loop *loop = connection->loop;
    if (!request->stands_in)
        stats_record(loop->stats, request);
    if (!sampled(loop, server.settings.log_access))
        return;
    const char *conversion = request->call != NULL ? request->call->conversion->name : "";
    LOG_EVENT(
        LEVEL_INFO, "request", LOG_B("id", request->id.data, request->id.length),
        LOG_S("method", method_name(request->method)),
        LOG_B("path", request->path.data != NULL ? request->path.data : "", request->path.length),
        LOG_I("status", request->response.status),
        LOG_S("code", astro_code_word(request->response.code)), LOG_S("conversion", conversion),
        LOG_I("points", request->call != NULL ? request->call->count : 0),
        LOG_I("bytes_in", request->body.received), LOG_I("bytes_out", request->response.length),
        LOG_F("duration_ms", (double)(loop_clock_ns() - request->began_ns) / 1e6),
        LOG_B("traceparent", request->traceparent.data != NULL ? request->traceparent.data : "",
              request->traceparent.length));
}
