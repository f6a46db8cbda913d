"""The campaign's topics, in the order in which they run: functions that yield rows."""

import kills
import points

ALL = {
    "points": points.points,
    "resume": kills.pairs,
    "kills": kills.mpi_kills,
    "protocol": kills.in_process,
}
