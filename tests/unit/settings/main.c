#include "harness.h"

/* The macro counts an array that it can see; these stand in other files. */
static int run(const char *name, const struct CMUnitTest *tests, size_t n)
{
    return _cmocka_run_group_tests(name, tests, n, NULL, NULL);
}

int main(void)
{
    unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    int failed = run("table", table_tests, table_tests_count);
    failed += run("parse", parse_tests, parse_tests_count);
    failed += run("load", load_tests, load_tests_count);
    failed += run("torture", torture_tests, torture_tests_count);
    return failed > 0;
}
