/*
 * From log_write() to stderr: order, levels, threads, and a stderr that takes nothing. No assertion
 * is made while stderr is somebody else's pipe, or its text would be lost.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests.h"

/* stderr turned into a pipe, with a thread that reads when it is let. */
struct capture {
    int saved, reader;
    pthread_t thread;
    atomic_bool open; /* the thread may read */
    char *text;       /* all that came, with a NUL */
    size_t length;
};

static void *read_all(void *argument)
{
    struct capture *capture = argument;
    size_t capacity = 1 << 16;
    capture->text = malloc(capacity + 1);
    for (;;) {
        while (!atomic_load(&capture->open))
            poll(NULL, 0, 1);
        ssize_t n =
            read(capture->reader, capture->text + capture->length, capacity - capture->length);
        if (n <= 0)
            break;
        capture->length += (size_t)n;
        if (capture->length == capacity)
            capture->text = realloc(capture->text, (capacity *= 2) + 1);
    }
    capture->text[capture->length] = '\0';
    return NULL;
}

static void begin(struct capture *capture, bool open)
{
    int fds[2];
    memset(capture, 0, sizeof *capture);
    fflush(stderr);
    assert_int_equal(pipe(fds), 0);
    capture->saved = dup(STDERR_FILENO);
    capture->reader = fds[0];
    atomic_store(&capture->open, open);
    dup2(fds[1], STDERR_FILENO);
    close(fds[1]);
    pthread_create(&capture->thread, NULL, read_all, capture);
}

static void end(struct capture *capture)
{
    dup2(capture->saved, STDERR_FILENO); /* the pipe's only writer goes */
    close(capture->saved);
    atomic_store(&capture->open, true);
    pthread_join(capture->thread, NULL);
    close(capture->reader);
}

static size_t count_lines(const char *text, const char *part, int64_t *ret_sum)
{
    size_t lines = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) {
        lines++;
        if (ret_sum)
            *ret_sum += strtoll(at + strlen(part), NULL, 10);
    }
    return lines;
}

static void without_a_writer(void **state)
{
    (void)state;
    struct capture capture;
    begin(&capture, true);
    LOG_EVENT(LEVEL_ERROR, "config_invalid", LOG_S("error", "no such key"));
    LOG_EVENT(LEVEL_DEBUG, "unseen", LOG_I("n", 1));
    end(&capture);
    assert_int_equal(count_lines(capture.text, "\n", NULL), 1);
    assert_non_null(
        strstr(capture.text, " level=error event=config_invalid error=\"no such key\"\n"));
    free(capture.text);
}

static void levels_and_formats(void **state)
{
    (void)state;
    struct capture capture;
    begin(&capture, true);
    bool started = log_init(LEVEL_WARN, LOG_FORMAT_JSON);
    bool enabled[] = {log_enabled(LEVEL_ERROR), log_enabled(LEVEL_WARN), log_enabled(LEVEL_INFO)};
    LOG_EVENT(LEVEL_WARN, "seen", LOG_I("n", 1));
    LOG_EVENT(LEVEL_INFO, "unseen", LOG_I("n", 2));
    log_stop();
    log_stop(); /* twice is harmless */
    LOG_EVENT(LEVEL_ERROR, "afterwards", LOG_I("n", 3));
    end(&capture);
    assert_true(started && enabled[0] && enabled[1] && !enabled[2]);
    assert_int_equal(count_lines(capture.text, "\n", NULL), 2);
    assert_non_null(strstr(capture.text, "\"level\":\"warn\",\"event\":\"seen\",\"n\":1}\n"));
    assert_non_null(strstr(capture.text, "\"event\":\"afterwards\",\"n\":3}\n"));
    free(capture.text);
}

/* A sleeping writer wakes for each line: the next one is logged when this one has come. */
static void lines_come_without_a_stop(void **state)
{
    (void)state;
    int fds[2], come = 0, saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(fds), 0);
    dup2(fds[1], STDERR_FILENO);
    close(fds[1]);
    log_init(LEVEL_INFO, LOG_FORMAT_LOGFMT);
    for (int64_t i = 0; i < 500; i++) {
        char line[LOG_LINE_MAX];
        struct pollfd fd = {.fd = fds[0], .events = POLLIN};
        LOG_EVENT(LEVEL_INFO, "ping", LOG_I("n", i));
        if (poll(&fd, 1, 20000) != 1 || read(fds[0], line, sizeof line) <= 0)
            break;
        come++;
    }
    log_stop();
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fds[0]);
    assert_int_equal(come, 500);
}

enum { THREADS = 6, LINES = 5000 };

static void *log_many(void *argument)
{
    static const char filler[700] = "";
    const int64_t *id = argument;
    for (int64_t i = 0; i < LINES; i++)
        LOG_EVENT(LEVEL_INFO, "many", LOG_I("thread", *id), LOG_I("line", i),
                  LOG_B("filler", filler, (size_t)(i % 120)));
    return NULL;
}

/* Every line whole, each thread's in order, and none lost without being counted. */
static void threads_keep_their_order(void **state)
{
    (void)state;
    struct capture capture;
    pthread_t threads[THREADS];
    int64_t ids[THREADS], next[THREADS] = {0}, dropped = 0;
    begin(&capture, true);
    log_init(LEVEL_INFO, LOG_FORMAT_LOGFMT);
    for (int64_t i = 0; i < THREADS; i++) {
        ids[i] = i;
        pthread_create(&threads[i], NULL, log_many, &ids[i]);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    log_stop();
    end(&capture);
    size_t lines = 0;
    for (char *line = capture.text, *stop; (stop = strchr(line, '\n')); line = stop + 1) {
        int64_t id, number;
        *stop = '\0';
        assert_memory_equal(line, "ts=", 3);
        if (strstr(line, "event=log_dropped")) {
            dropped += strtoll(strstr(line, "lines=") + 6, NULL, 10);
            continue;
        }
        const char *at = strstr(line, "event=many thread=");
        assert_non_null(at);
        id = strtoll(at + 18, NULL, 10);
        number = strtoll(strstr(at, "line=") + 5, NULL, 10);
        assert_true(id >= 0 && id < THREADS && number >= next[id]);
        assert_non_null(strstr(at, " filler="));
        next[id] = number + 1;
        lines++;
    }
    assert_int_equal((int64_t)lines + dropped, THREADS * LINES);
    free(capture.text);
}

static void a_blocked_stderr_drops_and_counts(void **state)
{
    (void)state;
    struct capture capture;
    int64_t dropped = 0;
    begin(&capture, false);
    log_init(LEVEL_INFO, LOG_FORMAT_LOGFMT);
    for (int64_t i = 0; i < 20000; i++) /* hangs here if a caller can be blocked */
        LOG_EVENT(LEVEL_INFO, "flood", LOG_I("n", i));
    atomic_store(&capture.open, true);
    log_stop();
    end(&capture);
    size_t lines = count_lines(capture.text, "event=flood ", NULL);
    assert_true(count_lines(capture.text, "event=log_dropped lines=", &dropped) > 0);
    assert_true(lines > 0 && lines < 20000);
    assert_int_equal((int64_t)lines + dropped, 20000);
    free(capture.text);
}

/* The end comes even when nobody ever reads; what is left is given up. */
static void stop_gives_up_on_a_dead_reader(void **state)
{
    (void)state;
    struct capture capture;
    begin(&capture, false);
    log_init(LEVEL_INFO, LOG_FORMAT_LOGFMT);
    for (int64_t i = 0; i < 3000; i++)
        LOG_EVENT(LEVEL_INFO, "flood", LOG_I("n", i));
    log_stop();
    LOG_EVENT(LEVEL_INFO, "afterwards", LOG_I("n", 0)); /* given up at once */
    end(&capture);
    assert_true(count_lines(capture.text, "event=flood ", NULL) < 3000);
    assert_int_equal(count_lines(capture.text, "event=afterwards", NULL), 0);
    free(capture.text);
}

/* SIGPIPE has its default here, and it would end the test. */
static void a_closed_stderr_is_survived(void **state)
{
    (void)state;
    int fds[2], saved = dup(STDERR_FILENO);
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(pipe(fds), 0);
    dup2(fds[1], STDERR_FILENO);
    close(fds[0]);
    close(fds[1]);
    bool started = log_init(LEVEL_INFO, LOG_FORMAT_LOGFMT);
    for (int64_t i = 0; i < 100; i++)
        LOG_EVENT(LEVEL_INFO, "nobody", LOG_I("n", i));
    log_stop();
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_true(started); /* also: the stop before this one did end the writer */
}

const struct CMUnitTest writer_tests[] = {
    cmocka_unit_test(without_a_writer),
    cmocka_unit_test(levels_and_formats),
    cmocka_unit_test(lines_come_without_a_stop),
    cmocka_unit_test(threads_keep_their_order),
    cmocka_unit_test(a_blocked_stderr_drops_and_counts),
    cmocka_unit_test(stop_gives_up_on_a_dead_reader),
    cmocka_unit_test(a_closed_stderr_is_survived),
};
const size_t writer_tests_count = sizeof writer_tests / sizeof writer_tests[0];
