# astrolabe_embed(target header file...): makes files part of a target, as constant arrays that `header`
# declares: console.html becomes console_html and console_html_size. Runs this same file as a script
# at build time, so that nothing but CMake is needed.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${INPUT} bytes HEX)
  string(LENGTH "${bytes}" length)
  math(EXPR size "${length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  # A line every 16 bytes: compilers are slow with, and debuggers dislike, lines of megabytes.
  string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
  file(WRITE ${OUTPUT} "#include \"${HEADER}\"\nconst unsigned char ${SYMBOL}[] = {\n${bytes}};\n"
                       "const size_t ${SYMBOL}_size = ${size};\n")
  return()
endif()

set(ASTROLABE_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(astrolabe_embed target header)
  foreach(file IN LISTS ARGN)
    get_filename_component(path ${file} ABSOLUTE)
    get_filename_component(name ${file} NAME)
    string(MAKE_C_IDENTIFIER ${name} symbol)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.c)
    add_custom_command(OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DINPUT=${path} -DOUTPUT=${output} -DSYMBOL=${symbol}
              -DHEADER=${header} -P ${ASTROLABE_EMBED_SCRIPT}
      DEPENDS ${path} ${ASTROLABE_EMBED_SCRIPT} VERBATIM)
    target_sources(${target} PRIVATE ${output})
  endforeach()
endfunction()
