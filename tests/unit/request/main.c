#include "support.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct loop *test_loop(void)
{
    static struct loop *loop;
    if (loop == NULL) {
        loop = mem_zalloc(1, sizeof *loop);
        assert_non_null(loop);
        arena_source_init(&loop->arenas);
        loop->stats = stats_create();
        strcpy(loop->date, "Sat, 21 Nov 2026 08:00:00 GMT");
        strcpy(loop->id_prefix, "00000000-00-");
        uv_loop_init(&loop->uv);
    }
    return loop;
}

void test_ledger_is_zero(void)
{
    for (int kind = 0; kind < LEDGER_KINDS; kind++) {
        struct ledger_row row = ledger_read((enum ledger_kind)kind);
        assert_int_equal(row.objects, 0);
        assert_int_equal(row.bytes, 0);
    }
}

bool test_aborts(void (*act)(void *), void *argument)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL);
        freopen("/dev/null", "w", stderr);
        act(argument);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#define RUN(group) _cmocka_run_group_tests(#group, group##_tests, n_##group##_tests, NULL, NULL)

int main(void)
{
    mem_init();
    slab_pool_init(64u << 20);
    server.settings.timeouts_request = 60;
    server.settings.limits_header_bytes = 16384;
    int failed = RUN(body) + RUN(life) + RUN(response) + RUN(head);
    struct loop *loop = test_loop();
    uv_loop_close(&loop->uv);
    stats_destroy(loop->stats);
    arena_source_release(&loop->arenas);
    mem_free(loop);
    slab_pool_drain();
    return failed;
}
