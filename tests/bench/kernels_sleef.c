#include "kernels_sleef.h"

#include "astrolabe/kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#include <sleef.h>

#define DEGREE 0.017453292519943295

bool sleef_usable(void)
{
    return astro_target_usable(ASTRO_TARGET_AVX2);
}

void sleef_to_xyz(size_t n, const double *ra, const double *dec, double *x, double *y, double *z)
{
    const __m256d degree = _mm256_set1_pd(DEGREE);

    for (size_t i = 0; i + 4 <= n; i += 4) {
        Sleef___m256d_2 a = Sleef_sincosd4_u10avx2(_mm256_loadu_pd(ra + i) * degree);
        Sleef___m256d_2 d = Sleef_sincosd4_u10avx2(_mm256_loadu_pd(dec + i) * degree);
        _mm256_storeu_pd(x + i, d.y * a.y);
        _mm256_storeu_pd(y + i, d.y * a.x);
        _mm256_storeu_pd(z + i, d.x);
    }
}

void sleef_to_sphere(size_t n, const double *x, const double *y, const double *z, double *ra,
                     double *dec, double *distance)
{
    const __m256d units = _mm256_set1_pd(1 / DEGREE);

    for (size_t i = 0; i + 4 <= n; i += 4) {
        __m256d px = _mm256_loadu_pd(x + i), py = _mm256_loadu_pd(y + i);
        __m256d pz = _mm256_loadu_pd(z + i);
        __m256d square = px * px + py * py;
        _mm256_storeu_pd(ra + i, Sleef_atan2d4_u10avx2(py, px) * units);
        _mm256_storeu_pd(dec + i, Sleef_atan2d4_u10avx2(pz, _mm256_sqrt_pd(square)) * units);
        _mm256_storeu_pd(distance + i, _mm256_sqrt_pd(square + pz * pz));
    }
}

#else

bool sleef_usable(void)
{
    return false;
}

void sleef_to_xyz(size_t n, const double *ra, const double *dec, double *x, double *y, double *z)
{
    (void)n, (void)ra, (void)dec, (void)x, (void)y, (void)z;
}

void sleef_to_sphere(size_t n, const double *x, const double *y, const double *z, double *ra,
                     double *dec, double *distance)
{
    (void)n, (void)x, (void)y, (void)z, (void)ra, (void)dec, (void)distance;
}

#endif
