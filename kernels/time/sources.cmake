# The group time: sources of the library, sources that are compiled once per vector target, and the
# table of TDB - TT, which a small program writes when the library is built.
set(time_lanes_sources
  time/calendar/decimalyear_lanes.c
  time/calendar/number_lanes.c
  time/scales/scale_lanes.c
  time/scales/survey_lanes.c
  time/scales/tdb_lanes.c)

set(time_sources
  time/calendar/calendar.c
  time/calendar/numbers.c
  time/calendar/unix.c
  time/eop/current.c
  time/eop/eop_lookup.c
  time/eop/finals.c
  time/eop/lookup.c
  time/eop/parse.c
  time/group.c
  time/instant.c
  time/leap/builtin.c
  time/leap/current.c
  time/leap/parse.c
  time/leap/utc.c
  time/pipeline.c
  time/scales/barycentric.c
  time/scales/rotation.c
  time/scales/scales.c
  time/scales/ut1.c
  time/scales/way.c
  time/text/iso.c
  time/text/read.c
  time/text/write.c
  ${CMAKE_CURRENT_BINARY_DIR}/tdb_table.c)

add_executable(tdb_table_make time/scales/tdb_table_make.c)
set_target_properties(tdb_table_make PROPERTIES
                      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(tdb_table_make PRIVATE PkgConfig::ERFA m)
astrolabe_own_code(tdb_table_make)
add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/tdb_table.c
                   COMMAND tdb_table_make ${CMAKE_CURRENT_BINARY_DIR}/tdb_table.c
                   DEPENDS tdb_table_make VERBATIM)
