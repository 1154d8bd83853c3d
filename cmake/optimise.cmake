# astrolabed is optimised as a whole at link time: a request passes through some 150 small functions, and that
# is worth a tenth of the request rate. Objects carry ordinary code too, so that the many test programs link
# in a moment without it. The kernels are left out: their flags differ from file to file, on purpose.
option(ASTROLABE_LTO "Optimise astrolabed at link time (release builds with GCC)" ON)
if(ASTROLABE_LTO AND CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_C_COMPILER_ID STREQUAL "GNU"
   AND NOT ASTROLABE_SANITIZE)
  set(ASTROLABE_LTO_COMPILE -O3 -flto=auto -ffat-lto-objects)
  set(ASTROLABE_LTO_LINK -O3 -flto=auto)
endif()
