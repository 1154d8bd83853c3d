/*
 * transform_frame: any frame to any other, with the frames and equinoxes as parameters.
 *
 * Frames that are turned against each other become one matrix, through ICRS. FK4 with and without
 * E-terms is more than a turn: fk4.h. Hence three kinds of context, and a tag in front of them.
 */
#include <erfa.h>
#include <string.h>

#include "../../simd/lanes.h"
#include "../epoch.h"
#include "../fields.h"
#include "../obstime.h"
#include "fk4.h"
#include "frames.h"

enum frame { ICRS, FK5, FK4, FK4_NO_E, GALACTIC, SUPERGALACTIC, ECLIPTIC };

static const char *const frames[] = {
    "icrs", "fk5", "fk4", "fk4_no_e", "galactic", "supergalactic", "ecliptic", NULL,
};

/* The order of the parameters. */
enum { UNIT, FRAME_IN, FRAME_OUT, EQUINOX_IN, EQUINOX_OUT, OBSTIME };

enum kind { SAME, ROTATED, FROM_FK4, TO_FK4 };

struct transform {
    enum kind kind;
    union {
        struct astro__rotation rotation; /* SAME: only its circles */
        struct astro__fk4_from from;
        struct astro__fk4_to to;
    } as;
};

static bool is_fk4(enum frame frame)
{
    return frame == FK4 || frame == FK4_NO_E;
}

static bool has_equinox(enum frame frame)
{
    return frame == FK5 || frame == ECLIPTIC || is_fk4(frame);
}

/* One side: its frame and the equinox, given or that of the frame. */
struct side {
    enum frame frame;
    struct astro_value equinox;
};

static bool read_side(const struct astro_value *values, size_t frame, size_t equinox,
                      const char *frame_name, const char *equinox_name, struct side *ret_side,
                      struct astro_error *err)
{
    struct side side = {.frame = (enum frame)values[frame].choice, .equinox = values[equinox]};

    if (side.equinox.present && !has_equinox(side.frame))
        return astro_fail(err, ASTRO_CONFLICT, equinox_name, "%s has no meaning with %s = %s",
                          equinox_name, frame_name, frames[side.frame]);
    if (!side.equinox.present) {
        side.equinox.epoch_kind = is_fk4(side.frame) ? 'B' : 'J';
        side.equinox.number = is_fk4(side.frame) ? 1950.0 : 2000.0;
    }
    *ret_side = side;
    return true;
}

static bool same(const struct side *a, const struct side *b)
{
    return a->frame == b->frame && (!has_equinox(a->frame) || astro__epoch_julian(&a->equinox) ==
                                                                  astro__epoch_julian(&b->equinox));
}

/* ICRS to the frame of this side, which is not FK4. */
static void from_icrs(const struct side *side, double matrix[3][3], uint32_t *ret_warnings)
{
    double galactic[3][3];

    switch (side->frame) {
    case FK5:
        astro__fk5_matrix(&side->equinox, matrix);
        *ret_warnings |= astro__iau2006_warnings(&side->equinox);
        return;
    case GALACTIC:
        astro__galactic_matrix(ASTRO__GALACTIC_HIPPARCOS, matrix);
        return;
    case SUPERGALACTIC:
        astro__galactic_matrix(ASTRO__GALACTIC_HIPPARCOS, galactic);
        astro__supergalactic_matrix(matrix);
        eraRxr(matrix, galactic, matrix);
        return;
    case ECLIPTIC:
        *ret_warnings |= astro__ecliptic_matrix(&side->equinox, ASTRO__ECLIPTIC_MEAN, matrix);
        return;
    default:
        eraIr(matrix);
    }
}

static void rotate(const struct side *in, const struct side *out, struct astro__rotation *rotation,
                   uint32_t *ret_warnings)
{
    double first[3][3], second[3][3];

    if (in->frame == FK5 && out->frame == FK5) {
        astro__fk5_precession(&in->equinox, &out->equinox, rotation->matrix);
        *ret_warnings |=
            astro__iau2006_warnings(&in->equinox) | astro__iau2006_warnings(&out->equinox);
        return;
    }
    from_icrs(in, first, ret_warnings);
    from_icrs(out, second, ret_warnings);
    eraTr(first, first);
    eraRxr(second, first, rotation->matrix);
}

/* FK5 J2000.0 to the frame of this side, which is not FK4. */
static void from_j2000(const struct side *side, double matrix[3][3], uint32_t *ret_warnings)
{
    static const struct side j2000 = {FK5, {.epoch_kind = 'J', .number = 2000.0}};
    struct astro__rotation rotation;

    rotate(&j2000, side, &rotation, ret_warnings);
    memcpy(matrix, rotation.matrix, sizeof rotation.matrix);
}

static void join(const struct side *in, const struct side *out, double obstime,
                 struct transform *transform, uint32_t *ret_warnings)
{
    double matrix[3][3];
    double from = astro__epoch_besselian(&in->equinox), to = astro__epoch_besselian(&out->equinox);

    if (is_fk4(in->frame))
        *ret_warnings |= astro__newcomb_warnings(from);
    if (is_fk4(out->frame))
        *ret_warnings |= astro__newcomb_warnings(to);
    if (is_fk4(in->frame) && is_fk4(out->frame)) {
        astro__fk4_within(&transform->as.from, in->frame == FK4, from, out->frame == FK4, to);
    } else if (is_fk4(in->frame)) {
        from_j2000(out, matrix, ret_warnings);
        astro__fk4_leave(&transform->as.from, in->frame == FK4, from, obstime, matrix);
    } else {
        from_j2000(in, matrix, ret_warnings);
        eraTr(matrix, matrix);
        astro__fk4_arrive(&transform->as.to, out->frame == FK4, to, obstime, matrix);
    }
}

/* What obstime is for: one side FK4, the other not. */
static bool read_obstime(const struct astro_value *value, const struct side *in,
                         const struct side *out, double *ret_obstime, struct astro_error *err)
{
    bool needed = is_fk4(in->frame) != is_fk4(out->frame);

    if (!value->present) {
        *ret_obstime = astro__epoch_besselian(is_fk4(in->frame) ? &in->equinox : &out->equinox);
        return true;
    }
    if (!needed)
        return astro_fail(err, ASTRO_CONFLICT, "obstime",
                          "obstime has no meaning from %s to %s: it is for FK4 on one side",
                          frames[in->frame], frames[out->frame]);
    return astro__obstime_besselian(value, ret_obstime, err);
}

static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    struct transform transform = {.kind = ROTATED};
    struct astro__sky sky = astro__sky(ASTRO_LONGITUDE, (enum astro_unit)values[UNIT].choice);
    struct side in, out;
    double obstime;

    if (!read_side(values, FRAME_IN, EQUINOX_IN, "frame_in", "equinox_in", &in, err) ||
        !read_side(values, FRAME_OUT, EQUINOX_OUT, "frame_out", "equinox_out", &out, err) ||
        !read_obstime(&values[OBSTIME], &in, &out, &obstime, err))
        return false;
    if (same(&in, &out))
        transform.kind = SAME;
    else if (is_fk4(in.frame))
        transform.kind = FROM_FK4;
    else if (is_fk4(out.frame))
        transform.kind = TO_FK4;

    switch (transform.kind) {
    case FROM_FK4:
        transform.as.from.in = transform.as.from.out = sky;
        join(&in, &out, obstime, &transform, ret_warnings);
        break;
    case TO_FK4:
        transform.as.to.in = transform.as.to.out = sky;
        join(&in, &out, obstime, &transform, ret_warnings);
        break;
    case ROTATED:
        rotate(&in, &out, &transform.as.rotation, ret_warnings);
        /* fall through */
    case SAME:
        transform.as.rotation.in = transform.as.rotation.out = sky;
        break;
    }
    *(struct transform *)context = transform;
    return true;
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct transform *transform = context;

    switch (transform->kind) {
    case SAME:
        (void)report;
        astro__lanes->same_position(&transform->as.rotation.in, n, in, out);
        return;
    case ROTATED:
        astro__run_rotation(&transform->as.rotation, n, in, out, report);
        return;
    case FROM_FK4:
        astro__run_fk4_from(&transform->as.from, n, in, out, report);
        return;
    case TO_FK4:
        astro__run_fk4_to(&transform->as.to, n, in, out, report);
    }
}

static const struct astro_field position[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "longitude: right ascension, l, sgl or lon of the frame"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "latitude: declination, b, sgb or lat of the frame"),
};

#define DEFAULT_EQUINOX "J2000.0, or B1950.0 with FK4"

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT,
    ASTRO__CHOICE("frame_in", NULL, frames, "frame of the input"),
    ASTRO__CHOICE("frame_out", NULL, frames, "frame of the output"),
    ASTRO__EQUINOX_OPTIONAL("equinox_in", DEFAULT_EQUINOX,
                            "equinox of the input, where its frame has one: fk5, fk4, fk4_no_e, "
                            "ecliptic"),
    ASTRO__EQUINOX_OPTIONAL("equinox_out", DEFAULT_EQUINOX,
                            "equinox of the output, where its frame has one"),
    ASTRO__OBSTIME_OPTIONAL("the equinox of the FK4 side"),
};

const struct astro_conversion astro__transform_frame = {
    .name = "transform_frame",
    .group = "frames",
    .summary = "Any celestial frame to any other",
    .description =
        "The conversions of this group joined through ICRS, with their default definitions: "
        "galactic as in the Hipparcos Catalogue, ecliptic mean of date. The same frame and equinox "
        "on both sides leave the position as it is, but for the range of the longitude; fk5 to fk5 "
        "is precess_fk5, fk4 to fk4 is precess_fk4. fk4_no_e goes through FK4. All longitudes are "
        "degrees or radians, also right ascensions. An equinox for a frame that has none, and an "
        "obstime without FK4 on one side, are refused. " ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,
    .reference = "ERFA, as in the conversions of two frames",
    .accuracy = "1e-8 arcsec against ERFA; with fk4_no_e 1e-6 arcsec",
    ASTRO__INPUTS(position),
    ASTRO__OUTPUTS(position),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 19.0,
    .prepare_ns = 600.0,
    .context_size = sizeof(struct transform),
    .prepare = prepare,
    .run = run,
};
