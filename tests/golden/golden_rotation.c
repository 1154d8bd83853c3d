/*
 * ERFA's own test values of the Earth's rotation: of those routines whose time is UT1 alone.
 */
#include "golden.h"

#include <math.h>

static bool passed;

static void angle(json_t *test, const char *function, const char *name, const char *label,
                  const char *parameters, const char *value)
{
    json_t *call = golden_call(test, function);
    struct golden line = {.file = "erfa/erfa_vectors.jsonl", .conversion = label, .unit = "rad"};
    double jd1, jd2, got;

    if (!call)
        return;
    jd1 = golden_input(call, 0, 0);
    jd2 = golden_input(call, 1, 0);
    struct converter c = converter_open(name, parameters);
    convert(&c, 1, (const double *const[]){&jd1, &jd2, NULL}, (double *const[]){&got});
    converter_close(&c);
    golden_add(&line, fabs(got - golden_expected(call, value, &line.tolerance)));
    passed = golden_end(&line) && passed;
}

static void every(json_t *test)
{
    const char *mean = "unit=rad&scale=ut1&kind=mean&model=iau1982";
    const char *apparent = "unit=rad&scale=ut1&model=iau1982";

    angle(test, "eraEra00", "earth_rotation_angle", "earth_rotation_angle, eraEra00",
          "unit=rad&scale=ut1", "return");
    angle(test, "eraGmst82", "sidereal_time", "sidereal_time, eraGmst82", mean, "theta");
    angle(test, "eraGst94", "sidereal_time", "sidereal_time, eraGst94", apparent, "theta");
}

bool golden_rotation(void)
{
    passed = true;
    return golden_vectors(every) && passed;
}
