# The group barycentric: sources of the library, and those compiled once per vector target.
set(barycentric_lanes_sources
  barycentric/direction_lanes.c)

set(barycentric_sources
  barycentric/direction.c
  barycentric/group.c)
