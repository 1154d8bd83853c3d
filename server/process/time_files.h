/*
 * Time files: the leap seconds of data.leap_seconds and the Earth orientation of data.eop, read at
 * start and on SIGHUP, handed to the kernels. Nothing is ever fetched.
 *
 * A file that cannot be read or is not what it says stops the start when it was asked for; the system's
 * own, which may not be installed, is replaced by the table that is built in. On a reload the old
 * table stays. An expired one is used, and said to be: in the log, the metrics, and as a warning
 * with answers. Without data.eop there is no Earth orientation but what requests bring along.
 */
#ifndef ASTRO_PROCESS_TIME_FILES_H
#define ASTRO_PROCESS_TIME_FILES_H

#include <stdbool.h>

/* Before loops run, after astro_kernels_init(): false with the reason on stderr. */
bool time_files_check(void);
/* Logs what is in use; after log_init(). */
void time_files_report(void);
/* On loop 0. True: contexts that were made with the old table are to be forgotten. */
bool time_files_reload(void);

#endif
