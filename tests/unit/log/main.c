#include "tests.h"

int main(void)
{
    int failed = _cmocka_run_group_tests("format", format_tests, format_tests_count, NULL, NULL);
    failed += _cmocka_run_group_tests("writer", writer_tests, writer_tests_count, NULL, NULL);
    return failed > 0;
}
