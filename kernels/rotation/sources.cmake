# The group rotation: sources of the library, and those compiled once per vector target.
set(rotation_lanes_sources
  rotation/angle_lanes.c
  rotation/terrestrial_lanes.c)

set(rotation_sources
  rotation/group.c
  rotation/sidereal.c
  rotation/terrestrial.c
  rotation/timed.c)
