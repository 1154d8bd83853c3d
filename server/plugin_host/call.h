/*
 * Call: one frame from the ring to its statuses, piece by piece or joined.
 */
#ifndef ASTRO_PLUGIN_HOST_CALL_H
#define ASTRO_PLUGIN_HOST_CALL_H

#include "plugin_host/host.h"

/*
 * Serves the frame: afterwards every piece is DONE or FAILED, every frame_block says whether it is
 * retained, no exception is set and nothing of the call is alive but what the plugin keeps.
 * *ret_owner, *ret_calls: whose calls, and how many, for the ledger. False: the frame makes no sense;
 * nothing was called, text in error.
 */
bool call_run(struct ring_entry entry, unsigned *ret_owner, unsigned *ret_calls, char error[256]);

#endif
