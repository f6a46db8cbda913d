"""The campaign's topics, in the order in which they run: functions that yield rows."""

import damage
import disks
import kills
import order
import points
import surroundings

ALL = {
    "points": points.points,
    "steps": points.steps,
    "resume": kills.pairs,
    "damage": damage.damage,
    "disk": disks.disks,
    "memory": surroundings.memory,
    "halts": surroundings.halts,
    "clocks": surroundings.clocks,
    "order": order.order,
    "kills": kills.mpi_kills,
    "protocol": kills.in_process,
}
