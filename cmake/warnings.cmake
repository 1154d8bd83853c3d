# Warnings are errors in our own code. Targets opt in with astrolabe_own_code(target);
# third-party sources (llhttp) do not.
function(astrolabe_own_code target)
  set(common -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef -Wformat=2
             -Wcast-align -Wcast-qual -Wwrite-strings -Wdouble-promotion -Wvla -Werror)
  target_compile_options(${target} PRIVATE ${common}
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition>)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
endfunction()

# Everything, third-party sources included, is built with the sanitizers of the preset.
if(ASTROLABE_SANITIZE)
  add_compile_options(-fsanitize=${ASTROLABE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ASTROLABE_SANITIZE})
  if(ASTROLABE_SANITIZE MATCHES "address")
    # One malloc per arena allocation, so that the sanitizer sees inside a request.
    add_compile_definitions(ASTRO_ARENA_MALLOC=1)
  endif()
endif()
# Hardening costs nothing measurable on the hot path.
add_compile_options(-fstack-protector-strong)
add_link_options(-Wl,-z,relro,-z,now)
