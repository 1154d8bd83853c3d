/*
 * astrolabe-plugin-host: runs the Python plugins of astrolabed, which starts it (--serve), or checks one
 * plugin without it (--check).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_host/check.h"
#include "plugin_host/host.h"
#include "plugin_host/serve.h"

static const char help[] =
    "astrolabe-plugin-host runs Python plugins for astrolabed, which starts it.\n"
    "\n"
    "  astrolabe-plugin-host --check FILE [...]   runs a plugin many times, reports whether it "
    "leaks\n"
    "  astrolabe-plugin-host --check --help       how\n"
    "  astrolabe-plugin-host --version\n"
    "  astrolabe-plugin-host --serve [--parent PID] [--max-data BYTES] [--max-descriptors N]\n"
    "                        [--max-cpu SECONDS]  as astrolabed starts it, with its descriptors\n";

static int usage(const char *text, const char *what)
{
    fprintf(stderr, "astrolabe-plugin-host: %s%s; --help tells more\n", text, what);
    return HOST_EXIT_USAGE;
}

static bool parse(const char *text, uint64_t most, uint64_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || number > most)
        return false;
    *ret = number;
    return true;
}

static int run_serve(int argc, char **argv)
{
    struct limits limits = {0};
    for (int i = 2; i < argc; i += 2) {
        uint64_t parent = 0;
        if (i + 1 == argc)
            return usage("there is no value for ", argv[i]);
        bool good;
        if (strcmp(argv[i], "--parent") == 0)
            good = parse(argv[i + 1], INT32_MAX, &parent);
        else if (strcmp(argv[i], "--max-data") == 0)
            good = parse(argv[i + 1], INT64_MAX, &limits.max_data);
        else if (strcmp(argv[i], "--max-descriptors") == 0)
            good = parse(argv[i + 1], INT32_MAX, &limits.max_descriptors);
        else if (strcmp(argv[i], "--max-cpu") == 0)
            good = parse(argv[i + 1], INT32_MAX, &limits.max_cpu);
        else
            return usage("there is no option ", argv[i]);
        if (!good)
            return usage("not a number: ", argv[i + 1]);
        if (parent != 0)
            limits.parent = (pid_t)parent;
    }
    return serve(&limits);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "--help";
    if (strcmp(mode, "--serve") == 0)
        return run_serve(argc, argv);
    if (strcmp(mode, "--check") == 0)
        return check_main(argc, argv);
    if (strcmp(mode, "--version") == 0) {
        printf("astrolabe-plugin-host %s (Python %s)\n", ASTROLABE_VERSION, PY_VERSION);
        return 0;
    }
    if (strcmp(mode, "--help") != 0)
        return usage("there is no option ", mode);
    fputs(help, stdout);
    return argc > 1 ? 0 : HOST_EXIT_USAGE;
}
