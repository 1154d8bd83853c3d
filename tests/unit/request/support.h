/* A loop that never runs, and requests on it: enough for everything that does not touch a socket.
 */
#ifndef TEST_REQUEST_SUPPORT_H
#define TEST_REQUEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory/alloc.h"
#include "memory/ledger.h"
#include "memory/slab.h"
#include "process/loop.h"
#include "process/server.h"
#include "request/body.h"
#include "request/request.h"
#include "wire/head.h"

/* One loop for the whole program; limits as small as the tests like them. */
struct loop *test_loop(void);
void test_ledger_is_zero(void);
/* True when `act` ends its (forked) process by abort(). */
bool test_aborts(void (*act)(void *), void *argument);

extern const struct CMUnitTest body_tests[], life_tests[], response_tests[], head_tests[];
extern const size_t n_body_tests, n_life_tests, n_response_tests, n_head_tests;

#endif
