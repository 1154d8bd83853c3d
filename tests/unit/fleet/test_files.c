/* Walks, private copies, fingerprints, and what dead servers have left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "plugins/snapshot.h"
#include "plugins/tree.h"
#include "plugins/watch.h"

static char base[PATH_MAX], directory[PATH_MAX], temporary[PATH_MAX];

static const char *in(const char *parent, const char *name)
{
    static char paths[4][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 4];
    assert_true(snprintf(path, PATH_MAX, "%s/%s", parent, name) < PATH_MAX);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(in(directory, name), "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void make(const char *name)
{
    assert_int_equal(mkdir(in(directory, name), 0700), 0);
}

static bool holds(const char *parent, const char *name, const char *text)
{
    char found[64] = "";
    FILE *file = fopen(in(parent, name), "re");
    if (file == NULL)
        return false;
    size_t length = fread(found, 1, sizeof found - 1, file);
    fclose(file);
    found[length] = '\0';
    return strcmp(found, text) == 0;
}

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/test-fleet-files-XXXXXX");
    assert_non_null(mkdtemp(base));
    snprintf(directory, sizeof directory, "%s", in(base, "plugins"));
    snprintf(temporary, sizeof temporary, "%s", in(base, "tmp"));
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_int_equal(mkdir(temporary, 0700), 0);
    setenv("TMPDIR", temporary, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bool empty = rmdir(temporary) == 0;
    return tree_remove(base) && empty ? 0 : -1;
}

static struct snapshot *take(void)
{
    char text[SNAPSHOT_TEXT];
    struct snapshot *snapshot = snapshot_take(directory, text);
    if (snapshot == NULL)
        fail_msg("%s", text);
    return snapshot;
}

static void drop(struct snapshot *snapshot)
{
    assert_true(snapshot_drop(snapshot));
    snapshot_destroy(snapshot);
}

/* --- copies --- */

static void a_copy_is_private_and_complete(void **state)
{
    (void)state;
    put("kite.py", "kite");
    make("pack");
    put("pack/__init__.py", "init");
    put("pack/data.bin", "");
    struct snapshot *snapshot = take();
    assert_string_equal(snapshot->warning, "");
    assert_true(strncmp(snapshot->path, temporary, strlen(temporary)) == 0);
    put("kite.py", "changed");
    assert_true(holds(snapshot->path, "kite.py", "kite"));
    assert_true(holds(snapshot->path, "pack/__init__.py", "init"));
    assert_true(holds(snapshot->path, "pack/data.bin", ""));
    struct stat status;
    assert_int_equal(stat(snapshot->base, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    drop(snapshot);
}

static void times_are_kept(void **state)
{
    (void)state;
    put("kite.py", "kite");
    const struct timespec times[2] = {{1000, 5}, {2000, 7}};
    assert_int_equal(utimensat(AT_FDCWD, in(directory, "kite.py"), times, 0), 0);
    struct snapshot *snapshot = take();
    struct stat status;
    assert_int_equal(stat(in(snapshot->path, "kite.py"), &status), 0);
    assert_int_equal(status.st_mtim.tv_sec, 2000);
    drop(snapshot);
}

static void references_are_counted(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_hold(take());
    assert_false(snapshot_drop(snapshot));
    assert_true(is_there(snapshot->base));
    drop(snapshot);
    assert_false(snapshot_drop(NULL));
    snapshot_destroy(NULL);
}

static void leftovers_of_editors_are_passed_over(void **state)
{
    (void)state;
    static const char *const names[] = {"kite.py~", ".kite.py.swp", "#kite.py#", ".#kite.py"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        put(names[i], "x");
    make("__pycache__");
    put("__pycache__/kite.pyc", "x");
    make(".git");
    put(".git/config", "x");
    put(".hidden.py", "stays");
    struct snapshot *snapshot = take();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(is_there(in(snapshot->path, names[i])));
    assert_false(is_there(in(snapshot->path, "__pycache__")));
    assert_false(is_there(in(snapshot->path, ".git")));
    assert_true(holds(snapshot->path, ".hidden.py", "stays"));
    drop(snapshot);
}

static void links_are_followed_and_loops_are_not(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in(base, "else"), 0700), 0);
    FILE *file = fopen(in(base, "else/lib.py"), "we");
    fputs("lib", file);
    fclose(file);
    assert_int_equal(symlink("../else", in(directory, "lib")), 0);
    assert_int_equal(symlink("../else/lib.py", in(directory, "one.py")), 0);
    assert_int_equal(symlink("/nothing", in(directory, "dangling.py")), 0);
    assert_int_equal(symlink(".", in(directory, "self")), 0);
    make("down");
    assert_int_equal(symlink("..", in(directory, "down/up")), 0);
    assert_int_equal(mkfifo(in(directory, "fifo"), 0600), 0);
    struct snapshot *snapshot = take();
    assert_string_equal(snapshot->warning, "");
    assert_true(holds(snapshot->path, "lib/lib.py", "lib"));
    assert_true(holds(snapshot->path, "one.py", "lib"));
    struct stat status;
    assert_int_equal(lstat(in(snapshot->path, "one.py"), &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_false(is_there(in(snapshot->path, "fifo")));
    assert_false(is_there(in(snapshot->path, "dangling.py")));
    drop(snapshot);
}

static void assert_no_copy(const char *why)
{
    struct snapshot *snapshot = take();
    char whole[PATH_MAX];
    assert_non_null(realpath(directory, whole));
    assert_string_equal(snapshot->path, whole);
    assert_string_equal(snapshot->base, "");
    assert_non_null(strstr(snapshot->warning, why));
    drop(snapshot);
}

static void too_many_files_are_not_copied(void **state)
{
    (void)state;
    char name[32];
    for (int i = 0; i < TREE_FILES; i++) {
        snprintf(name, sizeof name, "f%d", i);
        int fd = open(in(directory, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
    struct snapshot *snapshot = take();
    assert_string_equal(snapshot->warning, "");
    drop(snapshot);
    put("one_more", "");
    assert_no_copy("more than 10000 files");
}

static void too_many_bytes_are_not_copied(void **state)
{
    (void)state;
    put("large", "");
    assert_int_equal(truncate(in(directory, "large"), (off_t)TREE_BYTES + 1), 0);
    assert_no_copy("more than 512 MiB");
}

static void too_deep_directories_are_not_copied(void **state)
{
    (void)state;
    char path[256] = "d";
    for (int i = 0; i < TREE_DEPTH; i++) {
        make(path);
        strcat(path, "/d");
    }
    assert_no_copy("directories in one another");
}

static void nowhere_to_write_is_no_copy(void **state)
{
    (void)state;
    setenv("TMPDIR", "/proc/self", 1);
    assert_no_copy("cannot make a directory");
}

static void no_directory_is_an_error(void **state)
{
    (void)state;
    char text[SNAPSHOT_TEXT] = "";
    assert_null(snapshot_take("/nothing/here", text));
    assert_non_null(strstr(text, "/nothing/here"));
}

static void no_memory_is_an_error_or_no_copy(void **state)
{
    (void)state;
    put("kite.py", "kite");
    for (int i = 1; i <= 3; i++) {
        char text[SNAPSHOT_TEXT] = "", number[16];
        snprintf(number, sizeof number, "%d", i);
        setenv("ASTROLABE_FAULT_ALLOC", number, 1);
        mem_init();
        mem_faults_arm();
        struct snapshot *snapshot = snapshot_take(directory, text);
        unsetenv("ASTROLABE_FAULT_ALLOC");
        mem_init();
        assert_true(snapshot != NULL || text[0] != '\0');
        if (snapshot != NULL)
            drop(snapshot);
    }
}

/* --- what is left behind --- */

static void the_dead_are_swept_and_the_living_are_not(void **state)
{
    (void)state;
    put("kite.py", "kite");
    struct snapshot *living = take();
    char dead[PATH_MAX] = "";
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct snapshot *snapshot = take();
        ssize_t written = write(ends[1], snapshot->base, sizeof snapshot->base);
        _exit(written == (ssize_t)sizeof snapshot->base ? 0 : 1);
    }
    assert_true(read(ends[0], dead, sizeof dead) > 0);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(mkdir(in(temporary, "astrolabe-plugins-fresh0"), 0700), 0);
    assert_int_equal(mkdir(in(temporary, "another"), 0700), 0);
    assert_true(is_there(dead));
    snapshots_sweep();
    assert_false(is_there(dead));
    assert_true(is_there(living->path));
    assert_true(is_there(in(temporary, "astrolabe-plugins-fresh0"))); /* being made right now */
    assert_true(is_there(in(temporary, "another")));
    const struct timespec old[2] = {{1000, 0}, {1000, 0}};
    assert_int_equal(utimensat(AT_FDCWD, in(temporary, "astrolabe-plugins-fresh0"), old, 0), 0);
    snapshots_sweep();
    assert_false(is_there(in(temporary, "astrolabe-plugins-fresh0")));
    assert_int_equal(rmdir(in(temporary, "another")), 0);
    drop(living);
}

static void removing_follows_nothing(void **state)
{
    (void)state;
    struct snapshot *snapshot = take();
    put("precious", "gold");
    assert_int_equal(symlink(directory, in(snapshot->path, "link")), 0);
    assert_int_equal(mkdir(in(snapshot->path, "made"), 0700), 0);
    drop(snapshot);
    assert_true(holds(directory, "precious", "gold"));
    assert_false(tree_remove("/nothing/here"));
}

/* --- fingerprints --- */

static uint64_t look(void)
{
    char why[TREE_WHY];
    uint64_t fingerprint = 0;
    assert_true(watch_fingerprint(directory, &fingerprint, why));
    return fingerprint;
}

static void whatever_changes_is_seen(void **state)
{
    (void)state;
    uint64_t last = look(), now;
    put("kite.py", "one");
    assert_true((now = look()) != last);
    last = now;
    assert_true(look() == last);
    put("kite.py", "longer");
    assert_true((now = look()) != last);
    last = now;
    const struct timespec times[2] = {{1000, 0}, {1000, 1}};
    assert_int_equal(utimensat(AT_FDCWD, in(directory, "kite.py"), times, 0), 0);
    assert_true((now = look()) != last); /* the time alone */
    last = now;
    put("copy.py", "longer");
    assert_int_equal(utimensat(AT_FDCWD, in(directory, "copy.py"), times, 0), 0);
    assert_int_equal(rename(in(directory, "copy.py"), in(directory, "kite.py")), 0);
    assert_true((now = look()) != last); /* the inode alone */
    last = now;
    assert_int_equal(rename(in(directory, "kite.py"), in(directory, "lark.py")), 0);
    assert_true((now = look()) != last); /* the name alone */
    last = now;
    make("pack");
    assert_true((now = look()) != last);
    last = now;
    make("__pycache__");
    put("__pycache__/x.pyc", "x");
    assert_true(look() == last);
}

int main(void)
{
    mem_init();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_copy_is_private_and_complete),
        TEST(times_are_kept),
        TEST(references_are_counted),
        TEST(leftovers_of_editors_are_passed_over),
        TEST(links_are_followed_and_loops_are_not),
        TEST(too_many_files_are_not_copied),
        TEST(too_many_bytes_are_not_copied),
        TEST(too_deep_directories_are_not_copied),
        TEST(nowhere_to_write_is_no_copy),
        TEST(no_directory_is_an_error),
        TEST(no_memory_is_an_error_or_no_copy),
        TEST(the_dead_are_swept_and_the_living_are_not),
        TEST(removing_follows_nothing),
        TEST(whatever_changes_is_seen),
    };
    return cmocka_run_group_tests_name("fleet: files", tests, NULL, NULL);
}
