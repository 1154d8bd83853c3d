/*
 * Check: --check FILE runs one plugin offline, many times, and reports its ledger.
 *
 *   check.c          the command line, loading, one conversion after the other
 *   check_calls.c    calls with made-up arguments, in a region of this process alone
 *   check_values.c   the arguments, from the conversion's description
 *   check_objects.c  references to objects that live on, counted one by one
 *   check_report.c   what was found, as a table or as JSON
 */
#ifndef ASTRO_PLUGIN_HOST_CHECK_H
#define ASTRO_PLUGIN_HOST_CHECK_H

enum {
    CHECK_STEADY = 0,  /* or warming */
    CHECK_LEAKING = 1, /* some conversion is */
    CHECK_USAGE = 2,
    CHECK_FAILED = 3 /* the plugin cannot be loaded, or every call of a conversion failed */
};

/* argv[1] is --check. Returns the exit status, one of the above. */
int check_main(int argc, char **argv);

#endif
