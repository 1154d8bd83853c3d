/* Prints what the compiler makes of plugins/protocol.h: tests/support/plugin_layout.py must be the same. */
#include <stddef.h>
#include <stdio.h>

#include "plugins/protocol.h"

#define SIZE(word)           printf("%s %zu\n", #word, sizeof(struct word))
#define MEMBER(word, member) printf("%s.%s %zu\n", #word, #member, offsetof(struct word, member))

int main(void)
{
    SIZE(ring_entry);
    MEMBER(ring_entry, call);
    MEMBER(ring_entry, frame);
    SIZE(call_ring);
    MEMBER(call_ring, tail);
    MEMBER(call_ring, head);
    MEMBER(call_ring, entries);
    SIZE(release_ring);
    MEMBER(release_ring, tail);
    MEMBER(release_ring, head);
    MEMBER(release_ring, blocks);
    SIZE(channel);
    MEMBER(channel, version);
    MEMBER(channel, n_loops);
    MEMBER(channel, region_bytes);
    MEMBER(channel, host_asleep);
    MEMBER(channel, running);
    MEMBER(channel, calls);
    MEMBER(channel, releases);
    MEMBER(channel, loops);
    SIZE(frame_block);
    MEMBER(frame_block, offset);
    MEMBER(frame_block, bytes);
    MEMBER(frame_block, retained);
    MEMBER(frame_block, unused);
    SIZE(frame_input);
    MEMBER(frame_input, present);
    MEMBER(frame_input, scalar);
    MEMBER(frame_input, block);
    MEMBER(frame_input, type);
    MEMBER(frame_input, offset);
    MEMBER(frame_input, number);
    MEMBER(frame_input, integer);
    MEMBER(frame_input, text_offset);
    MEMBER(frame_input, text_length);
    SIZE(frame_output);
    MEMBER(frame_output, wanted);
    MEMBER(frame_output, type);
    MEMBER(frame_output, offset);
    SIZE(frame_text);
    MEMBER(frame_text, offset);
    MEMBER(frame_text, length);
    SIZE(frame_piece);
    MEMBER(frame_piece, count);
    MEMBER(frame_piece, rank);
    MEMBER(frame_piece, status);
    MEMBER(frame_piece, shape);
    MEMBER(frame_piece, blocks);
    MEMBER(frame_piece, request_id);
    MEMBER(frame_piece, inputs);
    MEMBER(frame_piece, outputs);
    MEMBER(frame_piece, code);
    MEMBER(frame_piece, field);
    MEMBER(frame_piece, text);
    SIZE(frame_value);
    MEMBER(frame_value, parameter);
    MEMBER(frame_value, choice);
    MEMBER(frame_value, number);
    MEMBER(frame_value, integer);
    MEMBER(frame_value, text_offset);
    MEMBER(frame_value, text_length);
    SIZE(frame);
    MEMBER(frame, call);
    MEMBER(frame, conversion);
    MEMBER(frame, n_pieces);
    MEMBER(frame, n_values);
    MEMBER(frame, values_offset);
    MEMBER(frame, pieces_offset);
    MEMBER(frame, bytes);
    MEMBER(frame, busy_ns);
    MEMBER(frame, traceback_piece);
    MEMBER(frame, traceback_length);
    MEMBER(frame, traceback);
    printf("PLUGIN_ERROR %d\n", ASTRO_PLUGIN_ERROR);
    return 0;
}
