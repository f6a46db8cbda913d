"""Disks that are full, read-only or gone."""

import contextlib
import json
import shutil
import subprocess

import lasting
from arena import Row, Skipped, is_root
from lasting import Job
from support import ALONE, OUTPUT

PAGE = 4096


@contextlib.contextmanager
def file_system(arena, pages, *options):
    """A folder with a file system of so many pages in memory."""
    folder = arena.new_folder() / "disk"
    folder.mkdir()
    what = ",".join([f"nr_blocks={pages}", *options])
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", what, "tmpfs", folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], capture_output=True)


def sizes(arena):
    """Of a file, by a limit on its size: every number of bytes, or some."""
    step = arena.size(997, 7)
    kept = arena.fit("kmeans").kept[0]
    found = json.loads(arena.call_protocol("full", kept, arena.folder / "full", step))
    figures = f"{found['refused']} refused, {found['written']} written; every {step} bytes from 0 to 1.2 checkpoints"
    yield Row("disk", "no more room in the middle of a file", found["sizes"], found["wrong"], figures)


def full(arena):
    if not (is_root() and shutil.which("mount")):
        raise Skipped("mounting a small file system needs root")
    fit = arena.fit("kmeans")
    size = fit.kept[0].stat().st_size
    most = (3 * size + size // 5) // PAGE + 8  # three generations and some, the lock, the directory
    all_pages = range(1, most, arena.size(4, 1))

    def trial(pages):
        with file_system(arena, pages) as disk:
            where = disk.parent
            command = fit.command("--checkpoint", "disk/ckpt")
            found = arena.run(command, ALONE if pages % 3 else 2, where)
            if (disk / "ckpt").is_dir():  # a copy is looked at, as the directory itself has no room
                arena.newest(shutil.copytree(disk / "ckpt", where / "copy"))
            said = "\n".join(found.sentences())
            if found.code == OUTPUT:
                known = "No space left on device" in said or "no room for three checkpoints" in said
                return None if known else f"{pages} pages: {said}"
            if found.code != 0:
                return f"{pages} pages: exit code {found.code}: {said}"
            if lasting.content(where / "model.h5") != fit.content:
                return f"{pages} pages: other bits"
            left = sorted((disk / "ckpt").glob("*.tmp"))
            return f"{pages} pages: {left} stay" if left else None

    failed = [wrong for wrong in arena.in_parallel(trial, all_pages) if wrong]
    figures = f"of {all_pages[0]} to {all_pages[-1]} pages, a checkpoint being {size // PAGE + 1}"
    yield Row("disk", "full file system", len(all_pages), failed, figures)


def vanishing(arena):
    """A directory that cannot be written at the start, and one that goes while the fit runs."""
    fit = arena.fit()

    def absent(_):
        folder = arena.new_folder()
        found = arena.run(fit.command("--checkpoint", "no/such/ckpt"), 2, folder)
        return None if found.code == OUTPUT else f"absent: exit code {found.code}: {found.sentences()}"

    def no_directory(_):
        folder = arena.new_folder()
        (folder / "file").write_text("x")
        found = arena.run(fit.command("--checkpoint", "file"), 2, folder)
        return None if found.code == OUTPUT else f"a file: exit code {found.code}: {found.sentences()}"

    def goes(number):
        """Checkpoints fail from then on; the result is as ever."""
        folder = arena.new_folder()
        with Job(fit.command("--checkpoint", "ckpt"), 2, folder) as job:
            job.wait_for(*arena.random("goes", number).choice((("k-means", 0, 0), ("fit", 0, 2), ("fit", 1, 1))))
            shutil.rmtree(folder / "ckpt", ignore_errors=True)
            ended = job.end()
        if ended.code not in (0, OUTPUT):
            return f"gone: exit code {ended.code}: {ended.sentences()}"
        if ended.code == 0 and lasting.content(folder / "model.h5") != fit.content:
            return "gone: other bits"
        wrong = arena.finish(fit, folder, ALONE, ("--checkpoint", "ckpt"))
        return f"gone: {wrong}" if wrong else None

    cases = [(absent, 0), (no_directory, 0)] + [(goes, i) for i in range(arena.size(3, 30))]
    failed = [wrong for wrong in arena.in_parallel(lambda case: case[0](case[1]), cases) if wrong]
    figures = "exit code 6 at once, or the fit goes on"
    yield Row("disk", "no directory, or one that vanishes", len(cases), failed, figures)


def read_only(arena):
    if not (is_root() and shutil.which("mount")):
        raise Skipped("a read-only file system needs root")
    fit = arena.fit()

    def remount(disk, how):
        subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True, capture_output=True)

    def trial(case):
        number, at_start = case
        with file_system(arena, 1000) as disk:
            where = disk.parent
            command = fit.command("--checkpoint", "disk/ckpt")
            if at_start:
                remount(disk, "ro")
                found = arena.run(command, 2, where)
                return None if found.code == OUTPUT else f"read-only: exit code {found.code}: {found.sentences()}"
            plan = {"JENSEN_FAIL": f"0:global-step:{arena.random('ro', number).randint(1, 12)}:hang"}
            with Job(command, 2, where, environment=plan) as job:
                if job.end(2.5).code == 0:
                    return "it did not hang"
                job.process.kill()
                pids = job.pids()
            lasting.wait_until_gone(pids)
            kept = arena.newest(disk / "ckpt")
            remount(disk, "ro")
            found = arena.run(command, ALONE, where)
            if found.code != OUTPUT or (where / "model.h5").exists():
                return f"read-only: exit code {found.code}: {found.sentences()}"
            remount(disk, "rw")
            if arena.newest(disk / "ckpt") != kept:
                return "read-only: the newest checkpoint is another"
            wrong = arena.finish(fit, where, 3, ("--checkpoint", "disk/ckpt"))
            return f"read-only: {wrong}" if wrong else None

    cases = [(0, True)] + [(i, False) for i in range(arena.size(2, 12))]
    failed = [wrong for wrong in arena.in_parallel(trial, cases) if wrong]
    figures = "exit code 6 at once; the checkpoints in it serve again later"
    yield Row("disk", "read-only file system", len(cases), failed, figures)


def disks(arena):
    yield from sizes(arena)
    yield from vanishing(arena)
    yield from full(arena)
    yield from read_only(arena)
