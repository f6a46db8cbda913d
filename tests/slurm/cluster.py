"""A SLURM cluster of two nodes on this machine, from Debian's packages, in a folder of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

DAEMONS = "munged", "slurmctld", "slurmscriptd", "slurmd"
PROGRAMS = "munged", "slurmctld", "slurmd", "sbatch", "scontrol", "srun", "scancel", "squeue"
LIMIT = 60  # seconds until something happens
CORES = 2  # of each node
LOOK_SECONDS = 30  # between looks of SLURM at the time limits

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
TmpFS={folder}/tmp.%n
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldPidFile={folder}/slurmctld.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0,requeue_delay=1
KillWait=2
MaxArraySize=100
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs={cores} State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs={cores} State=UNKNOWN
PartitionName=test Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""

# Nodes refuse to start where there are no cgroups, which nothing here uses, except with version 1.
CGROUPS = """
CgroupPlugin=cgroup/v1
CgroupMountpoint={folder}/cgroup
"""


def missing():
    """What keeps a cluster from being started here, as a sentence; empty if nothing does."""
    if os.geteuid() != 0:
        return "SLURM's daemons need root"
    absent = [program for program in PROGRAMS if find(program) is None]
    return f"{', '.join(absent)} not installed (scripts/install-dependencies --tests)" if absent else ""


def find(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class Cluster:
    """To be used in a `with` block, at the end of which no process and no file of it is left."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="jensen-slurm-"))
        self.environment = os.environ | {"SLURM_CONF": str(self.folder / "slurm.conf"), "TMPDIR": str(self.folder)}
        self.environment["OMPI_MCA_btl"] = "self,tcp"  # shared memory has one name for both nodes
        self.daemons = []

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self.daemons:
            process = self.daemons.pop()
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
            process.wait()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder)

    def _start(self):
        for name in "state", "spool.n1", "spool.n2", "tmp.n1", "tmp.n2":
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self.folder.chmod(0o711)  # munged insists on a socket that all can reach
        host = socket.gethostname().split(".")[0]
        configuration = CONFIGURATION.format(host=host, folder=self.folder, ports=free_ports(3), cores=CORES)
        (self.folder / "slurm.conf").write_text(configuration)
        (self.folder / "cgroup.conf").write_text(CGROUPS.format(folder=self.folder))
        munge = [f"--{name}-file={self.folder}/munge.{name}" for name in ("key", "pid", "seed", "log")]
        self._daemon("munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket", *munge)
        self.wait_until(lambda: (self.folder / "munge.socket").exists(), "socket of munged")
        self._daemon("slurmctld", "-D")
        self.began = time.monotonic()
        for node in "n1", "n2":
            self._daemon("slurmd", "-D", "-N", node)
        self.wait_until(lambda: self.command("sinfo", "-h", "-o", "%T %D") == "idle 2\n", "two idle nodes")

    def _daemon(self, program, *arguments):
        with open(self.folder / f"{program}{len(self.daemons)}.log", "wb") as log:
            process = subprocess.Popen(
                [find(program), *arguments], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.daemons.append(process)

    def wait_until(self, condition, what):
        limit = time.monotonic() + LIMIT
        while not condition():
            ended = [process.args[0] for process in self.daemons if process.poll() is not None]
            if ended or time.monotonic() > limit:
                logs = (f"{log.name}:\n{log.read_text(errors='replace')}" for log in self.folder.glob("*.log"))
                raise AssertionError("\n".join([f"no {what}; daemons that ended: {ended}", *logs]))
            time.sleep(0.02)

    def command(self, *arguments, **options):
        """Standard output of one of SLURM's commands; empty where it fails."""
        return subprocess.run(arguments, env=self.environment, capture_output=True, text=True, **options).stdout

    def processes(self):
        """Numbers of the processes of jobs; in the end also of daemons that are left."""
        mark = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                is_daemon = (entry / "comm").read_text().strip() in DAEMONS
                if mark in (entry / "environ").read_bytes().split(b"\0") and not (self.daemons and is_daemon):
                    found.append(int(entry.name))
        return found


class Job:
    """A job or a task of an array, by its number."""

    def __init__(self, cluster, number):
        self.cluster, self.number = cluster, number

    def field(self, name):
        """JobState, Restarts, ExitCode ... as scontrol knows it."""
        shown = self.cluster.command("scontrol", "show", "job", "-o", self.number).split()
        return dict(field.split("=", 1) for field in shown if "=" in field)[name]

    def wait_for(self, *states):
        """Waits for a state, and for the reason of it."""
        fields = ("JobState", "Reason")[: len(states)]
        self.cluster.wait_until(
            lambda: tuple(map(self.field, fields)) == states, f"job {self.number} that is {' '.join(states)}"
        )

    def start_again(self):
        """Starts a job that is back in the queue, where SLURM lets it wait for two minutes. Nodes refuse the steps
        of one that comes back in the same second or two."""
        self.cluster.command("scontrol", "update", f"JobId={self.number}", "StartTime=now+4")
