/*
 * What a FITS header says about its celestial coordinates, as numbers.
 *
 * Purpose    Reads the cards that matter, once, into a struct of fixed size: whatever a header
 *            holds, nothing grows with it. Alternate descriptions (CTYPE1A) and keywords that have
 *            no meaning for the sky are passed over; distortions that the header alone does not
 *            hold, and contradictions, are refused.
 * Ownership  A plain value; nothing to release. About 8 KiB.
 * Threads    Any.
 * Units      as in the header; pixels count from 1
 * Source     FITS Standard 4.0, section 8; Calabretta and Greisen 2002 (A&A 395, 1077); Shupe et
 *            al. 2005 (SIP); the registered convention TPV
 */
#ifndef ASTRO_KERNELS_WCS_HEADER_H
#define ASTRO_KERNELS_WCS_HEADER_H

#include "astrolabe/conversion.h"

enum {
    ASTRO__WCS_AXES = 4,
    ASTRO__WCS_PV = 40,       /* PVi_0 to PVi_39 */
    ASTRO__SIP_MOST_ORDER = 9 /* terms u^p v^q with p + q up to this */
};

struct astro__wcs_number {
    bool given;
    double value;
};

struct astro__wcs_axis {
    char ctype[72]; /* "RA---TAN-SIP"; "" when not given */
    char cunit[72];
    struct astro__wcs_number crpix, crval, cdelt, crota;
    struct astro__wcs_number pc[ASTRO__WCS_AXES], cd[ASTRO__WCS_AXES];
    struct astro__wcs_number pv[ASTRO__WCS_PV];
};

struct astro__sip_header {
    struct astro__wcs_number order;
    struct astro__wcs_number term[ASTRO__SIP_MOST_ORDER + 1][ASTRO__SIP_MOST_ORDER + 1]; /* p, q */
};

struct astro__wcs_header {
    const char *parameter; /* for errors: header, header_in, header_out */
    struct astro__wcs_axis axis[ASTRO__WCS_AXES];
    struct astro__wcs_number naxis, wcsaxes, lonpole, latpole, equinox, epoch;
    char radesys[24], radecsys[24];
    struct astro__sip_header sip[2]; /* A, B */
    /* Made of these: */
    int lon, lat;       /* the celestial axes, from 0 */
    char projection[4]; /* "TAN" */
    bool has_sip;       /* CTYPE says so, or there are coefficients */
};

/* The frame of the celestial axes, as far as headers tell frames apart. */
struct astro__wcs_frame {
    char system[12];  /* "RA/DEC", "GLON/GLAT", "HPLN/HPLT" */
    char radesys[24]; /* "" where it has no meaning */
    double equinox;   /* years; 0 where it has no meaning */
};

/* False with *err = bad_header; `text` is only read. */
bool astro__wcs_header_read(struct astro__wcs_header *header, const char *parameter,
                            const struct astro_text *text, struct astro_error *err);

struct astro__wcs_frame astro__wcs_frame(const struct astro__wcs_header *header);
bool astro__wcs_same_frame(const struct astro__wcs_frame *a, const struct astro__wcs_frame *b);
enum { ASTRO__WCS_FRAME_ROOM = 80 };
/* "RA/DEC FK5 J2000". Returns `room`. */
const char *astro__wcs_frame_text(const struct astro__wcs_frame *frame,
                                  char room[ASTRO__WCS_FRAME_ROOM]);

#endif
