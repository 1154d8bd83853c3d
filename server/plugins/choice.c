/*
 * Who goes where: which host serves the next request, and which others are joined with it.
 */
#include <string.h>

#include "catalogue/catalogue.h"
#include "plugins/queue_internal.h"
#include "process/loop.h"
#include "request/call.h"
#include "request/request.h"

/* A second call is given to a host that is at work only when the first is a matter of moments. */
static const double SHORT_CALL_NS = 1e6;
/* Arrays up to here are copied to another host's region rather than waiting for their own. */
enum { COPY_MAX = 256 * 1024 };

struct host_conversion *choice_conversion(const struct host *host,
                                          const struct plugin_conversion *conversion)
{
    size_t low = 0, high = host->n_conversions;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(host->conversions[middle].name, conversion->conversion.name);
        if (order == 0)
            return host->conversions[middle].digest == conversion->digest
                       ? &host->conversions[middle]
                       : NULL;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_up(const struct host *host, enum host_state state)
{
    return host->state == state && !host->stuck;
}

static bool has_room(const struct host *host)
{
    return host->n_calls == 0 ||
           (host->n_calls < HOST_DEPTH && host->calls[0].conversion->mean_ns > 0 &&
            host->calls[0].conversion->mean_ns < SHORT_CALL_NS);
}

struct host *choice_home(const struct plugin_conversion *conversion)
{
    struct host *best = NULL;
    for (struct host *host = queue.hosts; host != NULL; host = host->next) {
        if (is_up(host, HOST_READY) && choice_conversion(host, conversion) != NULL &&
            (best == NULL || host->n_calls < best->n_calls))
            best = host;
    }
    return best;
}

static size_t array_bytes(const struct call *call)
{
    size_t bytes = 0;
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        if (call->inputs[i].present && !call->inputs[i].broadcast)
            bytes += call->inputs[i].count * sizeof(double);
    }
    return bytes;
}

/*
 * Among the hosts that are up in this state: the one its arrays lie in, else an idle one, else one that
 * will soon be done. Large arrays wait for their own host while that is up.
 */
static struct host *pick(const struct plugin_part *part, enum host_state state)
{
    struct host *best = NULL;
    bool is_large = array_bytes(part->request->call) > COPY_MAX;
    for (struct host *host = queue.hosts; host != NULL; host = host->next) {
        if (!is_up(host, state) || choice_conversion(host, part->conversion) == NULL)
            continue;
        bool is_home = host->region == part->region;
        if (is_home && is_large)
            return has_room(host) ? host : NULL;
        if (!has_room(host))
            continue;
        if (best == NULL || host->n_calls < best->n_calls ||
            (host->n_calls == best->n_calls && is_home))
            best = host;
    }
    return best;
}

/* Some host of this state could serve it, now or later. */
static bool is_served(const struct plugin_conversion *conversion, enum host_state state)
{
    for (struct host *host = queue.hosts; host != NULL; host = host->next) {
        if (is_up(host, state) && choice_conversion(host, conversion) != NULL)
            return true;
    }
    return false;
}

/* --- joining --- */

static bool equal_value(const struct astro_parameter *parameter, const struct astro_value *a,
                        const struct astro_value *b)
{
    if (a->given != b->given)
        return false;
    if (!a->given)
        return true;
    switch (parameter->type) {
    case ASTRO_STRING:
        return a->text.length == b->text.length &&
               memcmp(a->text.data, b->text.data, a->text.length) == 0;
    case ASTRO_NUMBER:
        return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    case ASTRO_INTEGER:
        return a->integer == b->integer;
    default:
        return a->choice == b->choice;
    }
}

static bool can_join(const struct plugin_part *a, const struct plugin_part *b)
{
    const struct call *x = a->request->call, *y = b->request->call;
    if (b->alone || a->conversion->digest != b->conversion->digest ||
        a->request->loop != b->request->loop ||
        strcmp(x->conversion->name, y->conversion->name) != 0)
        return false;
    for (size_t i = 0; i < x->conversion->n_inputs; i++) {
        if (x->inputs[i].present != y->inputs[i].present)
            return false;
    }
    for (size_t i = 0; i < x->conversion->n_parameters; i++) {
        if (!equal_value(&x->conversion->parameters[i], &x->values[i], &y->values[i]))
            return false;
    }
    return true;
}

static void add_piece(struct plugin_call *call, struct plugin_part *part)
{
    list_remove(&queue.waiting, part);
    part->state = PART_HOST;
    call->pieces[call->n_pieces++] = part->request;
}

static void join_others(struct plugin_call *call, const struct plugin_part *first,
                        struct plugin_part *from)
{
    size_t rows = first->request->call->count;
    while (from != NULL && call->n_pieces < PROTOCOL_MAX_PIECES) {
        struct plugin_part *next = from->next;
        size_t more = from->request->call->count;
        if (can_join(first, from) && rows + more <= first->conversion->max_rows) {
            rows += more;
            add_piece(call, from);
        }
        from = next;
    }
}

bool choice_next(struct host **ret_host, struct plugin_call *ret_call)
{
    for (struct plugin_part *part = queue.waiting.first; part != NULL; part = part->next) {
        struct host *host = pick(part, HOST_READY);
        if (host == NULL && !is_served(part->conversion, HOST_READY))
            host = pick(part, HOST_DRAINING);
        if (host == NULL)
            continue;
        struct plugin_part *next = part->next;
        ret_call->n_pieces = 0;
        ret_call->loop = (uint32_t)part->request->loop->index;
        ret_call->conversion = choice_conversion(host, part->conversion);
        add_piece(ret_call, part);
        if (part->conversion->elementwise && !part->alone)
            join_others(ret_call, part, next);
        *ret_host = host;
        return true;
    }
    return false;
}

/* --- for the fleet --- */

bool queue_host_idle(const struct host *host)
{
    if (host->n_calls > 0)
        return false;
    for (const struct plugin_part *part = queue.waiting.first; part != NULL; part = part->next) {
        if (choice_conversion(host, part->conversion) != NULL &&
            !is_served(part->conversion, HOST_READY))
            return false;
    }
    return true;
}
