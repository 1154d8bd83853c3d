/*
 * The tests of the log, in two files: lines as text, and how they get to stderr.
 */
#ifndef TEST_LOG_TESTS_H
#define TEST_LOG_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "observe/log.h"
#include "observe/log_format.h"

extern const struct CMUnitTest format_tests[], writer_tests[];
extern const size_t format_tests_count, writer_tests_count;

#endif
