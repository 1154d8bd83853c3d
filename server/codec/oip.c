/*
 * The Open Inference Protocol (KServe V2, REST) with the binary tensor data extension.
 */
#include "codec/oip.h"

#include "request/request.h"

static const double ns_per_byte = 0.9, ns_per_request = 500;
/* Of a body whose header has not been read: what promoting costs at the most. */
static const double ns_per_binary_byte = 0.1;

static enum step oip_decode(struct call *call, size_t budget)
{
    struct oip_state *state = call->codec_state;
    if (state == NULL) {
        state = oip_begin(call);
        if (state == NULL)
            return STEP_FAILED;
    }
    if (!state->laid_out) {
        enum step step = oip_read_header(call, state, &budget);
        if (step != STEP_DONE)
            return step;
        oip_choose_outputs(call, state);
        if (!oip_lay_out(call, state))
            return STEP_FAILED;
        if (budget == 0)
            return STEP_MORE;
    }
    enum step step = oip_read_tensors(call, state, &budget);
    if (step != STEP_DONE)
        return step;
    return call_complete(call) && oip_check_answer(call) ? STEP_DONE : STEP_FAILED;
}

static double oip_decode_cost(const struct call *call)
{
    const struct oip_state *state = call->codec_state;
    if (state != NULL)
        return ns_per_request + ns_per_byte * (double)state->left;
    const struct request *request = call->request;
    size_t header = request->body.length, binary = 0;
    if (request->header_length > 0 && (uint64_t)request->header_length < header) {
        binary = header - (size_t)request->header_length;
        header = (size_t)request->header_length;
    }
    return ns_per_request + ns_per_byte * (double)header + ns_per_binary_byte * (double)binary;
}

const struct codec codec_oip = {
    .name = "oip",
    .decode = oip_decode,
    .decode_cost = oip_decode_cost,
    .encode_cost = oip_encode_cost,
    .encode_begin = oip_encode_begin,
    .encode_part = oip_encode_part,
    .encode_end = oip_encode_end,
    .one_element_broadcasts = true,
};
