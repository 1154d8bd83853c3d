/*
 * The plain API, writing: {"x": [..], "y": [..], "warnings": [..]}, columns in the order of the
 * description, nested like the inputs.
 */
#include <string.h>

#include "codec/plain.h"
#include "memory/arena.h"
#include "request/request.h"

static const double ns_per_answer = 100;

double plain_encode_cost(const struct call *call)
{
    return ns_per_answer + (double)call->count * call->n_wanted * answer_ns_per_number;
}

/* {"x":  and  ,"y":  one behind the other in one text. */
static bool write_keys(struct call *call, struct answer *answer)
{
    const struct astro_conversion *conversion = call->conversion;
    size_t size = 0, lengths[ASTRO_MAX_OUTPUTS];
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        lengths[i] = strlen(conversion->outputs[i].name);
        size += lengths[i] + 4;
    }
    char *out = arena_alloc(&call->request->arena, size + 1, 1);
    if (out == NULL)
        return false;
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        answer->columns[i] =
            (struct answer_column){.before = out,
                                   .before_length = lengths[i] + 4,
                                   .values = call->outputs[i].data,
                                   .type = conversion->outputs[i].type,
                                   .room = answer_room(conversion, conversion->outputs[i].type)};
        *out++ = i > 0 ? ',' : '{';
        *out++ = '"';
        memcpy(out, conversion->outputs[i].name, lengths[i]);
        out += lengths[i];
        *out++ = '"';
        *out++ = ':';
    }
    answer->n_columns = (unsigned)conversion->n_outputs;
    return true;
}

/* ,"warnings":[..]}  or the closing brace alone. */
static bool write_end(struct call *call, struct answer *answer)
{
    answer->after = "}";
    answer->after_length = 1;
    uint32_t bits = answer_warnings(call);
    if (bits == 0)
        return true;
    struct arena *arena = &call->request->arena;
    const char *text = "";
    for (unsigned i = 0; i < ASTRO_WARNING_COUNT && text != NULL; i++) {
        enum astro_warning warning = (enum astro_warning)i;
        if ((bits & 1u << i) != 0)
            text = arena_printf(arena, "%s%s{\"code\":\"%s\",\"text\":\"%s\",\"count\":%llu}", text,
                                *text != '\0' ? "," : ",\"warnings\":[",
                                astro_warning_word(warning), astro_warning_text(warning),
                                (unsigned long long)answer_warning_rows(call, warning));
    }
    if (text != NULL)
        text = arena_printf(arena, "%s]}", text);
    if (text == NULL)
        return false;
    answer->after = text;
    answer->after_length = strlen(text);
    return true;
}

bool plain_encode_begin(struct call *call, size_t *ret_parts)
{
    struct plain_state *state = call->codec_state;
    struct request *request = call->request;
    answer_drop_inputs(call);
    struct answer *answer = arena_alloc(&request->arena, sizeof *answer, _Alignof(struct answer));
    if (answer == NULL)
        return call_fail_memory(&request->error);
    state->answer = answer;
    answer->rank = call->scalar ? 0 : call->rank;
    answer->shape = call->shape;
    answer->count = call->count;
    if (!write_keys(call, answer) || !write_end(call, answer))
        return call_fail_memory(&request->error);
    return answer_begin(answer, call, ret_parts);
}

void plain_encode_part(struct call *call, size_t part)
{
    struct plain_state *state = call->codec_state;
    answer_write(state->answer, part);
}

bool plain_encode_end(struct call *call)
{
    const struct plain_state *state = call->codec_state;
    struct request *request = call->request;
    if (!response_begin(request, 200, "application/json", answer_pieces(state->answer)))
        return call_fail_memory(&request->error);
    answer_say(state->answer, request);
    request->response.may_compress = true;
    request->response.warnings = answer_warnings(call);
    return true;
}
