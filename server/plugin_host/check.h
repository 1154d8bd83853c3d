/*
 * Check: --check FILE runs one plugin offline, many times, and reports its ledger.
 */
#ifndef ASTRO_PLUGIN_HOST_CHECK_H
#define ASTRO_PLUGIN_HOST_CHECK_H

/* argv[1] is --check. Returns the exit status: 0 steady, 1 leaking or failing, 2 usage. */
int check_main(int argc, char **argv);

#endif
