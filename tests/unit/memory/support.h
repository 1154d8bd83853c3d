/* What the memory tests share. cmocka wants its own headers in this order, before its own. */
#ifndef TEST_MEMORY_SUPPORT_H
#define TEST_MEMORY_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "memory/alloc.h"
#include "memory/ledger.h"

#if defined(__has_feature)
#define TEST_ASAN __has_feature(address_sanitizer)
#define TEST_TSAN __has_feature(thread_sanitizer)
#else
#ifdef __SANITIZE_ADDRESS__
#define TEST_ASAN 1
#else
#define TEST_ASAN 0
#endif
#ifdef __SANITIZE_THREAD__
#define TEST_TSAN 1
#else
#define TEST_TSAN 0
#endif
#endif

/* The wait status of a child in which act() ran, silently, and then _exit(0). */
static inline int status_of(void (*act)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(EXIT_FAILURE);
        act();
        _exit(EXIT_SUCCESS);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

#define assert_aborts(act)                                                                         \
    do {                                                                                           \
        int status_ = status_of(act);                                                              \
        assert_true(WIFSIGNALED(status_));                                                         \
        assert_int_equal(WTERMSIG(status_), 6 /* SIGABRT */);                                      \
    } while (0)

/* NULL: faults are off again. */
static inline void inject(const char *faults)
{
    if (faults)
        setenv("ASTROLABE_FAULT_ALLOC", faults, 1);
    else
        unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    mem_faults_arm();
}

static inline void assert_ledger(enum ledger_kind kind, uint64_t objects, uint64_t bytes)
{
    struct ledger_row row = ledger_read(kind);
    assert_int_equal(row.objects, objects);
    assert_int_equal(row.bytes, bytes);
}

#endif
