# The ephemeris: its sources, and its tables, which a small program writes when the library is built.
# They go into the library as files: as C they would take the compiler a minute.
enable_language(ASM)
set(ephemeris_folder ${CMAKE_CURRENT_BINARY_DIR}/ephemeris)
file(MAKE_DIRECTORY ${ephemeris_folder})

add_executable(ephemeris_make ephemeris/ephemeris_make.c)
set_target_properties(ephemeris_make PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${ephemeris_folder})
target_link_libraries(ephemeris_make PRIVATE PkgConfig::ERFA m)
astrolabe_own_code(ephemeris_make)

set(ephemeris_files)
foreach(table orientation position equinox_2000 equinox_1994)
  list(APPEND ephemeris_files ${ephemeris_folder}/${table}.bin)
  add_custom_command(OUTPUT ${ephemeris_folder}/${table}.bin
                     COMMAND ephemeris_make ${table} ${ephemeris_folder}/${table}.bin
                     DEPENDS ephemeris_make VERBATIM)
endforeach()
configure_file(ephemeris/ephemeris_table.S.in ${ephemeris_folder}/ephemeris_table.S @ONLY)
set_source_files_properties(${ephemeris_folder}/ephemeris_table.S PROPERTIES
                            OBJECT_DEPENDS "${ephemeris_files}")

set(ephemeris_sources
  ephemeris/ephemeris.c
  ${ephemeris_files}
  ${ephemeris_folder}/ephemeris_table.S)
