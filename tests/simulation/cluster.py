"""A simulated cluster, and programs that run on it."""

import re
import subprocess
from pathlib import Path

CORES = 32  # of a node
FLOPS = 1e9  # of a core, a second: only so that seconds can be told in flops

# Nodes of two network links each (to and from a crossbar) of 25 GB/s and 1 us; 20 GB/s and .3 us between the
# cores of a node. Factors of the default network model are those of Ethernet: here bandwidth and latency are
# what is written above.
CLUSTER = """
 <zone id="world" routing="Full">
  <cluster id="c" prefix="n" suffix="" radical="0-{last}" speed="1Gf" core="{cores}" bw="25GBps" lat="1us"
           loopback_bw="20GBps" loopback_lat="0.3us" sharing_policy="SPLITDUPLEX"/>
 </zone>
"""
HEADER = """<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
"""

SETTINGS = {
    "smpi/host-speed": "1Gf",
    "smpi/allreduce": "rab_rdb",  # Rabenseifner's; the default is naive, and 'ompi' takes rings of all ranks
    "smpi/barrier": "mpich",
    "smpi/bcast": "binomial_tree",
    "smpi/bw-factor": "0:1",
    "smpi/lat-factor": "0:1",
    "smpi/os": "0:0:0",
    "smpi/or": "0:0:0",
    "contexts/stack-size": "256",
    "contexts/guard-size": "0",
}


def smpirun(ranks, folder, platform, arguments, settings, timeout=600):
    """Runs on so many simulated ranks; returns the completed process."""
    folder = Path(folder)
    (folder / "platform.xml").write_text(HEADER + platform + "</platform>\n")
    (folder / "hosts").write_text("".join(f"n{rank // CORES}\n" for rank in range(ranks)))
    options = [f"--cfg={name}:{value}" for name, value in (SETTINGS | settings).items()]
    command = ["smpirun", "-np", str(ranks), "-platform", "platform.xml", "-hostfile", "hosts", *options]
    return subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, timeout=timeout)


def last_node(ranks):
    return max((ranks - 1) // CORES, 1)  # a cluster of one node has no links


def run_program(program, ranks, folder, timeout):
    """Runs a program for what it prints: its ranks share their globals, and clock and network mean nothing."""
    hosts = "".join(f'<host id="n{node}" speed="1Gf" core="{CORES}"/>\n' for node in range(last_node(ranks) + 1))
    platform = f'<zone id="world" routing="None">\n{hosts}</zone>\n'
    settings = {"smpi/privatization": "no", "smpi/simulate-computation": "no", "network/model": "Constant"}
    settings["smpi/allreduce"] = "rdb"  # under this network model SimGrid's rab_rdb and lr wait for ever on 7 ranks
    arguments = ["--log=root.thresh:warning", str(program)]
    return smpirun(ranks, folder, platform, arguments, settings, timeout)


def replay(traces, folder):
    """Simulated seconds that ranks take for what their traces say, lists of actions."""
    names = []
    for rank, actions in enumerate(traces):
        file = Path(folder) / f"trace-{rank}"
        file.write_text("".join(f"{rank} {action}\n" for action in ["init", *actions, "finalize"]))
        names.append(f"{file}\n")
    everyone = Path(folder) / "traces"
    everyone.write_text("".join(names))
    platform = CLUSTER.format(last=last_node(len(traces)), cores=CORES)
    done = smpirun(len(traces), folder, platform, ["-replay", str(everyone)], {"smpi/display-timing": "yes"})
    found = re.search(r"Simulated time: ([0-9.e+-]+) seconds", done.stdout + done.stderr)
    if done.returncode != 0 or not found:
        raise RuntimeError(f"the simulation failed:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return float(found[1])
