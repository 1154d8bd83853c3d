# All dependencies come from Debian 12; deploy/dependencies installs them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(LIBUV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(ERFA REQUIRED IMPORTED_TARGET erfa)
pkg_check_modules(SLEEF REQUIRED IMPORTED_TARGET sleef)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(LIBMD REQUIRED IMPORTED_TARGET libmd)
pkg_check_modules(WCSLIB REQUIRED IMPORTED_TARGET wcslib)

# llhttp: Debian's node-llhttp ships its C sources.
find_path(LLHTTP_INCLUDE llhttp.h PATHS /usr/share/include/llhttp /usr/share/node_modules/llhttp/include
          REQUIRED)
find_path(LLHTTP_SOURCE llhttp.c PATHS /usr/share/llhttp /usr/share/node_modules/llhttp/src REQUIRED)
add_library(llhttp STATIC ${LLHTTP_SOURCE}/llhttp.c ${LLHTTP_SOURCE}/api.c ${LLHTTP_SOURCE}/http.c)
target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE})
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp PRIVATE -w ${ASTROLABE_LTO_COMPILE})

# fast_float: headers only.
find_path(FAST_FLOAT_INCLUDE fast_float/fast_float.h REQUIRED)
