/*
 * The tests of a trend, in the order in which they are cheap.
 *
 * The history is cut in the middle of its calls; the later half, from which the verdict comes, is
 * cut into four blocks:   | earlier half | b0 | b1 | b2 | b3 |
 */
#include "plugin_host/ledger/trend.h"

#include <math.h>
#include <stdbool.h>

enum { BLOCKS = 4, PAIRS = TREND_MOST * (TREND_MOST - 1) / 2 };

/* Numbers that simulated histories have shown to part leaks from what only looks like one
 * (tests/unit/ledger/test_trend.c). */
static const double noise_factor = 4;       /* growth : scatter about the line */
static const double straight_factor = 11;   /* the same, of what is clearly a line, */
static const double straight_calls = 1.5;   /* after so many times the least history */
static const double white_most = 0.4;       /* correlation of neighbours' deviations from a line */
static const double rate_least = 0.5;       /* rate of the last quarter : the quarter before, */
static const double rate_sure = 2;          /* by so many standard errors */
static const double rate_same = 0.95;       /* below this ratio, a difference that is ... */
static const double rate_significant = 2.5; /* ... so many standard errors is a slowing down */
static const double record_quantile = 0.9;  /* of the earlier half, that has to be exceeded */

struct half {
    const struct trend_sample *samples;
    size_t n;
    size_t edges[BLOCKS + 1]; /* block b: samples edges[b] ... edges[b+1]-1 */
};

/* Brings the value of rank k to values[k], smaller ones before it, larger ones behind (Hoare). */
static void select_rank(double *values, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i > j)
                break;
            double swapped = values[i];
            values[i++] = values[j];
            values[j] = swapped;
            if (j == 0)
                break;
            j--;
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            return;
    }
}

/* Changes the order of values[], which are finite. */
static double quantile(double *values, size_t n, double q)
{
    double place = q * (double)(n - 1);
    size_t below = (size_t)place;
    select_rank(values, n, below);
    if (below + 1 >= n)
        return values[below];
    double next = values[below + 1];
    for (size_t i = below + 2; i < n; i++)
        next = fmin(next, values[i]);
    return values[below] + (place - (double)below) * (next - values[below]);
}

static double median_level(const struct trend_sample *samples, size_t n)
{
    double levels[TREND_MOST];
    for (size_t i = 0; i < n; i++)
        levels[i] = samples[i].level;
    return quantile(levels, n, 0.5);
}

static double lowest_level(const struct trend_sample *samples, size_t n)
{
    double lowest = samples[0].level;
    for (size_t i = 1; i < n; i++)
        lowest = fmin(lowest, samples[i].level);
    return lowest;
}

/* False: some block has fewer than two samples. */
static bool cut(const struct trend_sample *samples, size_t n, struct half *ret)
{
    double first = samples[0].calls, last = samples[n - 1].calls;
    double begin = first + (last - first) / 2, step = (last - first) / 2 / BLOCKS;
    size_t from = 0;
    while (from < n && samples[from].calls < begin)
        from++;
    ret->samples = samples + from;
    ret->n = n - from;
    size_t at = 0;
    for (size_t b = 0; b < BLOCKS; b++) {
        ret->edges[b] = at;
        while (at < ret->n &&
               (b == BLOCKS - 1 || ret->samples[at].calls < begin + (double)(b + 1) * step))
            at++;
        if (at - ret->edges[b] < 2)
            return false;
    }
    ret->edges[BLOCKS] = at;
    return true;
}

static double block_median(const struct half *half, size_t block)
{
    size_t from = half->edges[block];
    return median_level(half->samples + from, half->edges[block + 1] - from);
}

/* Theil and Sen: the median of the slopes of all pairs. */
static double slope_between(const struct half *half, size_t from, size_t to)
{
    double slopes[PAIRS];
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        for (size_t j = i + 1; j < to; j++) {
            double calls = half->samples[j].calls - half->samples[i].calls;
            if (calls > 0)
                slopes[n++] = (half->samples[j].level - half->samples[i].level) / calls;
        }
    return n ? quantile(slopes, n, 0.5) : 0;
}

/* Deviations from the line of this slope through their median. */
static void deviations(const struct half *half, double slope, double ret[TREND_MOST])
{
    double sorted[TREND_MOST];
    for (size_t i = 0; i < half->n; i++)
        sorted[i] = ret[i] = half->samples[i].level - slope * half->samples[i].calls;
    double middle = quantile(sorted, half->n, 0.5);
    for (size_t i = 0; i < half->n; i++)
        ret[i] -= middle;
}

/* Scatter about the line, as a standard deviation (from the median of absolute deviations). */
static double scatter_of(const struct half *half, double slope)
{
    double rests[TREND_MOST];
    deviations(half, slope, rests);
    for (size_t i = 0; i < half->n; i++)
        rests[i] = fabs(rests[i]);
    return 1.4826 * quantile(rests, half->n, 0.5);
}

static bool rises_block_by_block(const struct half *half)
{
    for (size_t b = 1; b < BLOCKS; b++)
        if (!(block_median(half, b) > block_median(half, b - 1)))
            return false;
    return true;
}

/* The last block stands above (nearly) all that came before the later half. */
static bool is_record(const struct trend_sample *samples, const struct half *half)
{
    double earlier[TREND_MOST];
    size_t n = (size_t)(half->samples - samples);
    for (size_t i = 0; i < n; i++)
        earlier[i] = samples[i].level;
    size_t last = half->edges[BLOCKS - 1];
    double lowest = lowest_level(half->samples + last, half->n - last);
    return n == 0 || lowest > quantile(earlier, n, record_quantile);
}

/* Mean and variance of the growth per call between neighbours, samples from ... to-1, without the
 * highest and the lowest one: a table that doubles, something large that is loaded once. */
static void rates_between(const struct half *half, size_t from, size_t to, double *ret_mean,
                          double *ret_variance_of_mean)
{
    double sum = 0, squares = 0, n = 0, lowest = INFINITY, highest = -INFINITY;
    for (size_t i = from + 1; i < to; i++) {
        double calls = half->samples[i].calls - half->samples[i - 1].calls;
        if (!(calls > 0))
            continue;
        double rate = (half->samples[i].level - half->samples[i - 1].level) / calls;
        sum += rate;
        squares += rate * rate;
        lowest = fmin(lowest, rate);
        highest = fmax(highest, rate);
        n++;
    }
    if (n > 4) {
        sum -= lowest + highest;
        squares -= lowest * lowest + highest * highest;
        n -= 2;
    }
    *ret_mean = n > 0 ? sum / n : 0;
    double variance = n > 1 ? fmax(0, squares - sum * sum / n) / (n - 1) : 0;
    *ret_variance_of_mean = n > 0 ? variance / n : 0;
}

/*
 * The same when samples scatter about a line independently of each other, as over a buffer that is
 * emptied now and then: a line through all of them knows its slope better than neighbours do. False:
 * they do not (things that happen now and then and stay: the growth itself is what is random).
 */
static bool rates_of_lines(const struct half *half, double *ret_before, double *ret_now,
                           double *ret_error)
{
    double rests[TREND_MOST], squares = 0, products = 0;
    deviations(half, slope_between(half, 0, half->n), rests);
    for (size_t i = 0; i < half->n; i++) {
        squares += rests[i] * rests[i];
        products += i ? rests[i] * rests[i - 1] : 0;
    }
    size_t middle = half->edges[BLOCKS / 2], later = half->n - middle;
    if (products > white_most * squares || middle < 4 || later < 4)
        return false;
    double n = (double)(middle < later ? middle : later);
    double calls = (half->samples[half->n - 1].calls - half->samples[0].calls) / 2;
    *ret_before = slope_between(half, 0, middle);
    *ret_now = slope_between(half, middle, half->n);
    *ret_error = sqrt(12 * squares / (double)half->n / n) / calls;
    return true;
}

/* The last quarter of the history against the one before. */
enum pace { PACE_SLOWS_DOWN, PACE_UNSURE, PACE_GOES_ON };
static enum pace pace_of(const struct half *half)
{
    size_t middle = half->edges[BLOCKS / 2];
    double before, now, variance_before, variance_now, error;
    rates_between(half, 0, middle, &before, &variance_before);
    rates_between(half, middle - 1, half->n, &now, &variance_now);
    if (rates_of_lines(half, &before, &now, &error))
        variance_before = variance_now = error * error;
    if (now < rate_least * before)
        return PACE_SLOWS_DOWN;
    if (now < rate_same * before &&
        before - now > rate_significant * sqrt(variance_before + variance_now))
        return PACE_SLOWS_DOWN;
    error = sqrt(rate_least * rate_least * variance_before + variance_now);
    return now - rate_least * before >= rate_sure * error ? PACE_GOES_ON : PACE_UNSURE;
}

static bool history_suffices(double calls, double growth, const struct trend_rule *rule)
{
    return calls >= rule->min_calls || (calls >= rule->early_calls && growth >= rule->early_growth);
}

struct trend trend_judge(const struct trend_sample *samples, size_t n,
                         const struct trend_rule *rule)
{
    struct trend trend = {.verdict = TREND_WARMING};
    struct half half;
    n = n < TREND_MOST ? n : TREND_MOST;
    if (n < 2 * BLOCKS * 2 || !cut(samples, n, &half))
        return trend;
    double calls = samples[n - 1].calls - samples[0].calls;
    trend.growth = block_median(&half, BLOCKS - 1) - block_median(&half, 0);
    trend.per_call = slope_between(&half, 0, half.n);
    trend.growth *= (double)BLOCKS / (BLOCKS - 1); /* from end to end of the half */
    double least = rule->min_growth * sqrt(fmax(1, rule->full_calls / fmax(1, calls)));
    if (trend.growth < least || trend.growth <= 0) {
        trend.verdict = calls >= rule->early_calls ? TREND_STEADY : TREND_WARMING;
        return trend;
    }
    enum pace pace = pace_of(&half);
    trend.slows_down = pace == PACE_SLOWS_DOWN;
    double scatter = scatter_of(&half, trend.per_call), rise = trend.per_call * calls / 2;
    bool grows = rise > noise_factor * scatter && rises_block_by_block(&half);
    if (!grows || !is_record(samples, &half)) {
        trend.verdict = calls >= rule->min_calls ? TREND_STEADY : TREND_WARMING;
        return trend;
    }
    bool straight = rise > straight_factor * scatter && calls >= straight_calls * rule->min_calls;
    bool goes_on = pace == PACE_GOES_ON || (pace == PACE_UNSURE && straight);
    if (goes_on && history_suffices(calls, trend.growth, rule))
        trend.verdict = TREND_LEAKING;
    return trend;
}
