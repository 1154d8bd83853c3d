#include "plugin_host/ledger/history.h"

#include <string.h>

void history_init(struct history *history, uint64_t first_distance)
{
    memset(history, 0, sizeof *history);
    uint64_t first = first_distance ? first_distance : HISTORY_FIRST_DISTANCE;
    history->late.distance = history->life.distance = first;
    history->late.most_distance = first > HISTORY_MOST_DISTANCE ? first : HISTORY_MOST_DISTANCE;
}

/* Every other one goes; the first and the order stay. */
static void thin_out(struct track *track)
{
    for (size_t i = 0; 2 * i < track->n; i++)
        track->samples[i] = track->samples[2 * i];
    track->n = (track->n + 1) / 2;
    track->distance *= 2;
}

static void make_room(struct track *track)
{
    if (track->n < TREND_MOST)
        return;
    if (!track->most_distance || track->distance * 2 <= track->most_distance) {
        thin_out(track);
        return;
    }
    memmove(track->samples, track->samples + 1, (track->n - 1) * sizeof *track->samples);
    track->n--;
}

static void add(struct track *track, const struct sample *sample)
{
    /* Samples come at uneven distances, on purpose: a little early is near enough. */
    uint64_t near_enough = track->distance - track->distance / 4;
    if (track->n && sample->calls < track->samples[track->n - 1].calls + near_enough)
        return;
    make_room(track);
    track->samples[track->n++] = *sample;
}

void history_add(struct history *history, const struct sample *sample)
{
    add(&history->late, sample);
    add(&history->life, sample);
}

uint64_t history_distance(const struct history *history)
{
    return history->late.distance;
}

static struct trend judge(const struct track *track, enum level level,
                          const struct trend_rule *rule)
{
    struct trend_sample samples[TREND_MOST];
    for (size_t i = 0; i < track->n; i++) {
        samples[i].calls = (double)track->samples[i].calls;
        samples[i].level = track->samples[i].levels[level];
    }
    return trend_judge(samples, track->n, rule);
}

/* The worse of both verdicts, with the figures of the track that it comes from. What slows down over
 * the whole life is a cache that fills, however straight it looks of late. */
static struct trend judge_both(const struct history *history, enum level level,
                               const struct trend_rule *rule)
{
    struct trend late = judge(&history->late, level, rule);
    /* The same samples, as long as the distance has not come to its bound. */
    bool same = history->late.distance == history->life.distance &&
                history->late.samples[0].calls == history->life.samples[0].calls;
    struct trend life = same ? late : judge(&history->life, level, rule);
    if (life.verdict == TREND_LEAKING && late.verdict != TREND_LEAKING)
        return life;
    if (late.verdict == TREND_LEAKING && life.slows_down)
        late.verdict = TREND_WARMING;
    return late;
}

enum { SEEN_ENOUGH = 4, QUIET_ENOUGH = 16 };

static void sighted(struct watch *watch, uint64_t calls)
{
    if (watch->seen++ == 0)
        watch->since = calls;
    watch->quiet = 0;
    if (watch->seen >= SEEN_ENOUGH && calls - watch->since >= watch->since / 8)
        watch->verdict = TREND_LEAKING;
}

/* One miss takes back two sightings. */
static void missed(struct watch *watch, enum trend_verdict verdict)
{
    watch->seen = watch->seen > 2 ? watch->seen - 2 : 0;
    if (watch->verdict != TREND_LEAKING || ++watch->quiet >= QUIET_ENOUGH)
        watch->verdict = verdict;
}

void watch_look(struct watch *watch, const struct history *history, enum level level,
                const struct trend_rule *rule)
{
    struct trend trend = judge_both(history, level, rule);
    watch->per_call = trend.per_call;
    watch->growth = trend.growth;
    if (trend.verdict == TREND_LEAKING)
        sighted(watch, history->late.samples[history->late.n - 1].calls);
    else
        missed(watch, trend.verdict);
    if (watch->verdict != TREND_LEAKING && watch->seen)
        watch->verdict = TREND_WARMING;
}
