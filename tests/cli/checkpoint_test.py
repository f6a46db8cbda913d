"""Checkpoints: what is in them, which are refused and why, and what a full disk does."""

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

import h5py
import numpy as np

import support
from lasting import CHECKPOINT, STOPPED, Job, checkpoints, content, edit, place
from support import ALONE, OUTPUT, USAGE, write


class Checkpoints(support.Case):
    """`cls.stopped` is a folder with a run that was stopped in restart 2 of 3."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, _ = support.clusters(records=3000, features=3, groups=3)
        cls.data = write(cls.inputs / "data.h5", data=cls.records / 4, w=np.ones(3000))
        cls.whole = cls.inputs / "whole.h5"
        whole = support.run(cls.fit("--checkpoint-interval", "1it", "-o", cls.whole), ALONE, cls.inputs)
        assert whole.code == 0, whole.stderr
        cls.expected = content(cls.whole)
        cls.stopped = cls.inputs / "stopped"
        cls.stopped.mkdir()
        with Job(cls.fit("--checkpoint-interval", "1it"), ALONE, cls.stopped) as job:
            job.wait_for("fit", 1, 3)
            job.process.send_signal(signal.SIGUSR1)
            ended = job.end()
            assert ended.code == STOPPED, ended.stderr
        assert len(checkpoints(cls.stopped / "model.h5.ckpt")) == 2
        assert place(checkpoints(cls.stopped / "model.h5.ckpt")[0])[:2] == ("fit", 1)

    @classmethod
    def fit(cls, *options, data=None, **changed):
        given = {"components": 4, "restarts": 3, "max-iterations": 60, "tolerance": 0, "progress": "none"} | changed
        start = [item for name, value in given.items() for item in (f"--{name}", value)]
        output = [] if "-o" in options else ["-o", "model.h5"]
        return ["fit", "gmm", data or cls.data, *start, *output, *options]

    def setUp(self):
        super().setUp()
        self.directory = self.folder / "model.h5.ckpt"
        shutil.copytree(self.stopped / "model.h5.ckpt", self.directory)
        self.newest, self.older = checkpoints(self.directory)

    def refused_here(self, args, code, *parts, ranks=ALONE):
        """One sentence, nothing written, the checkpoints as they were."""
        before = {file.name: file.read_bytes() for file in checkpoints(self.directory)}
        found = self.done(args, ranks, code)
        errors = [line for line in found.sentences() if line.startswith("jensen: error: ")]
        self.assertEqual(len(errors), 1, found.stderr)
        for part in parts:
            self.assertIn(part, errors[0])
        self.assertNotRegex(errors[0], r"\.$")
        self.assertEqual({file.name: file.read_bytes() for file in checkpoints(self.directory)}, before)
        self.assertFalse((self.folder / "model.h5").exists())
        if os.environ.get("JENSEN_SHOW_SENTENCES"):
            print("   ", errors[0])
        return found

    def goes_on(self, *parts, ranks=ALONE, args=None):
        """To the same bits, with these sentences."""
        found = self.done(args or self.fit(), ranks)
        for part in parts:
            self.assertIn(part, found.stderr)
        self.assertEqual(content(self.folder / "model.h5"), self.expected)
        return found

    # What is there

    def test_a_checkpoint_is_a_model_file_with_the_run_in_it(self):
        for name, value in ("format", "jensen-model"), ("model", "gmm"):
            with h5py.File(self.newest) as file:
                self.assertEqual(file.attrs[name], value)
        with h5py.File(self.newest) as file:
            run = file["state/run"].attrs
            self.assertEqual((run["stage"], run["restart"], run["restarts"]), ("fit", 1, 3))
            self.assertEqual(file["state/means"].dtype, np.float64)
            self.assertEqual(file["state/best/model/means"].shape, (12,))
            self.assertEqual(file["fingerprint/data"].shape, (2,))
            self.assertEqual(file["fingerprint/canary"].shape, (1,))
            self.assertEqual(file["config"].attrs["components"], "4")
            t = file["state/progress"].attrs["t"]
            self.assertEqual(len(file["state/progress/objectives"]), t)
            self.assertEqual(len(file["fit/trace/objective"]), t + 1)
        self.done(["score", self.newest, self.data])
        self.done(["predict", self.newest, self.data, "-o", "labels.h5"])

    def test_info(self):
        seen = self.done(["info", self.newest]).stdout
        with h5py.File(self.newest) as file:
            t, objective = file["state/progress"].attrs["t"], file["fit"].attrs["objective"]
        self.assertIn(": a checkpoint of jensen ", seen)
        self.assertRegex(seen, rf"stands at +fit of restart 2/3, iteration {t}; the command that wrote it goes on from it\n")
        self.assertRegex(seen, rf"finished restarts +1, 0 more failed\nlog-likelihood +{objective:.9g} nats\nwall time .*, gone on 0 times")
        self.done(self.fit("--checkpoint", "kept"))
        seen = self.done(["info", checkpoints(self.folder / "kept")[0]]).stdout
        self.assertRegex(seen, r"stands at +the end of all fits;")
        self.assertRegex(seen, r"finished restarts +3, ")

    def test_number_0_is_there_before_the_first_update_and_two_are_kept(self):
        shutil.rmtree(self.directory)
        self.done(self.fit("--deadline", "0.001s"), code=STOPPED)
        (only,) = checkpoints(self.directory)
        self.assertEqual((only.name, place(only)), ("checkpoint-0.h5", ("k-means", 0, 0)))
        self.goes_on("k-means of restart 1/3, iteration 0")

    def test_intervals(self):
        for interval, count in ("50it", range(2, 5)), ("1h", range(2, 3)), ("1it", range(150, 400)):
            self.done(self.fit("--checkpoint", f"every-{interval}", "--checkpoint-interval", interval))
            files = checkpoints(self.folder / f"every-{interval}")
            self.assertEqual(len(files), 2)
            self.assertIn(int(re.search(r"\d+", files[0].name)[0]) + 1, self.about(interval, count))
        self.assertTrue(self.directory.exists())  # of another name: left alone

    def about(self, interval, count):
        with h5py.File(self.whole) as file:
            every = {"50it": 50, "1it": 1}.get(interval)
            fits = int(file["fit/restarts/iterations"][:].sum()) + 3
        return count if every is None else range(fits // every, (fits + 3 * 61) // every + 3)

    # Going on

    def test_run_control_is_free(self):
        found = self.goes_on(
            args=self.fit("--checkpoint-interval", "7it", "--log", "l.json", "--strict", "--deadline", "1h", "--json")
        )
        self.assertEqual(json.loads(found.stdout)["resumes"], 1)
        notes = [json.loads(line)["text"] for line in (self.folder / "l.json").read_text().splitlines() if "note" in line]
        self.assertEqual(len(notes), 1)
        self.assertIn("going on from 'model.h5.ckpt/", notes[0])

    def test_limits_and_output_are_free_and_count(self):
        limits = {"max-iterations": 20, "tolerance": 1e-3}
        self.done([*self.fit("-o", "other.h5", "--checkpoint", "model.h5.ckpt", **limits)], ranks=2)
        with h5py.File(self.folder / "other.h5") as file:
            self.assertLessEqual(file["fit/restarts/iterations"][2], 20)
            self.assertEqual(file["fit/restarts/iterations"][0], 60)
        self.assertTrue(self.directory.exists())  # a directory that was named is kept

    def test_other_data_by_the_same_content_are_the_same(self):
        shutil.copy(self.data, self.folder / "copy.h5")
        self.done(self.fit(data="copy.h5"))
        with h5py.File(self.folder / "model.h5") as file, h5py.File(self.whole) as whole:
            self.assertEqual(file["parameters/means"][:].tobytes(), whole["parameters/means"][:].tobytes())

    def test_a_finished_run_writes_its_output_again(self):
        for ranks in ALONE, 2:
            for again in False, True:
                found = self.goes_on(args=self.fit("--checkpoint", "kept"), ranks=ranks)
                self.assertEqual("all fits had ended in 'kept/" in found.stderr, again or ranks == 2)
                (self.folder / "model.h5").unlink()
        self.refused_here(self.fit("--checkpoint", "kept", components=3), CHECKPOINT, "components = '3'")

    def test_a_file_is_named(self):
        found = self.goes_on(args=self.fit("--resume", self.older, "--checkpoint", "elsewhere"))
        self.assertIn(f"going on from '{self.older}'", found.stderr)
        self.assertEqual(len(checkpoints(self.folder / "elsewhere")), 2)  # the point it went on from, and the end
        (self.folder / "model.h5").unlink()
        self.refused_here(self.fit("--resume", "absent.h5"), CHECKPOINT, "cannot open 'absent.h5'")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir() if path.is_dir()), ["elsewhere", "model.h5.ckpt"])

    def test_never(self):
        self.refused_here(self.fit("--resume", "never"), CHECKPOINT, "has checkpoints", "--resume auto")
        shutil.rmtree(self.directory)
        self.directory.mkdir()
        self.goes_on(args=self.fit("--resume", "never"))

    # Damage

    def test_a_damaged_newest_falls_back_to_the_one_before(self):
        good = self.newest.read_bytes()
        flipped = bytearray(good)
        flipped[len(good) // 2] ^= 1
        newer, older = bytearray(good), bytearray(good)
        newer[16], older[16] = 2, 0
        for damage, part, ranks in (
            (good[: len(good) // 2], "is truncated", ALONE),
            (b"", "is not a jensen model file", ALONE),
            (bytes(flipped), "SHA-256", 3),
            (bytes(newer), "format version 2 (this jensen reads version 1); use a newer jensen", ALONE),
            (bytes(older), "format version 0 (this jensen reads version 1); use an older jensen", ALONE),
            (Path(self.data).read_bytes(), "HDF5 without jensen's header", 2),
        ):
            shutil.rmtree(self.directory, ignore_errors=True)
            shutil.copytree(self.stopped / "model.h5.ckpt", self.directory)
            self.newest.write_bytes(damage)
            self.goes_on("a checkpoint is passed over", part, f"going on from 'model.h5.ckpt/{self.older.name}'", ranks=ranks)

    def test_one_that_cannot_be_read_now_is_passed_over_and_kept(self):
        self.newest.unlink()
        self.newest.symlink_to(self.newest)  # to itself: nobody can open it
        seen = self.done(["check", self.directory]).stdout
        self.assertRegex(seen, rf"passed over .*{self.newest.name}' \(Too many levels")
        self.assertRegex(seen, rf"{self.older.name}' is the newest whole one of 2 checkpoints")
        self.older.unlink()
        self.older.symlink_to(self.older)
        for ranks in ALONE, 2:
            said = self.done(self.fit(), ranks, OUTPUT).stderr
            self.assertIn("none of the 2 checkpoints in 'model.h5.ckpt' can be used now, and one may be whole", said)
            self.assertIn("make it readable", said)
            self.assertNotIn("remove the directory", said)
        self.older.unlink()
        shutil.copy(self.stopped / "model.h5.ckpt" / self.older.name, self.older)
        run = self.fit("--checkpoint", "model.h5.ckpt", "--checkpoint-interval", "1it")
        self.goes_on("a checkpoint is passed over, and kept", f"going on from 'model.h5.ckpt/{self.older.name}'", args=run)
        self.assertTrue(self.newest.is_symlink())

    def test_no_whole_one_is_refused(self):
        for file in self.newest, self.older:
            file.write_bytes(file.read_bytes()[:-1])
        for ranks in ALONE, 2:
            found = self.refused_here(self.fit(), CHECKPOINT, "none of the 2 checkpoints", "remove the directory", ranks=ranks)
            self.assertEqual(found.stderr.count("is truncated"), 2)

    def test_the_canary(self):
        def change(file):
            file["fingerprint/canary"][0] ^= 1

        edit(self.newest, change)
        self.goes_on("the numeric canary differs", "the bits of the result may differ")

    def test_the_canary_and_an_objective_of_other_rounding(self):
        """On another type of CPU the last digits may differ, and no more."""

        def change(rounding):
            def changed(file):
                file["fingerprint/canary"][0] += 1
                file["state/progress"].attrs["objective"] *= 1 + rounding

            return changed

        whole = self.newest.read_bytes()
        edit(self.newest, change(1e-3))
        self.refused_here(self.fit(), CHECKPOINT, ", on another type of CPU", "begin another fit with --start")
        self.newest.write_bytes(whole)
        edit(self.newest, change(1e-11))
        for ranks in ALONE, 2:
            shutil.rmtree(self.folder / "again", ignore_errors=True)
            shutil.copytree(self.directory, self.folder / "again")
            self.goes_on("the numeric canary differs", ranks=ranks, args=self.fit("--checkpoint", "again"))

    def test_a_start_that_has_not_been_evaluated(self):
        """As a stop in the first pass of a stage leaves it."""
        shutil.rmtree(self.directory)
        self.done(self.fit("--deadline", "0.001s"), code=STOPPED)
        (only,) = checkpoints(self.directory)

        def unevaluated(file):
            file["state/progress"].attrs["objective"] = -np.inf
            del file["fit"].attrs["objective"]
            for column, values in file["fit/trace"].items():
                kind = values.dtype
                del file[f"fit/trace/{column}"]
                file[f"fit/trace/{column}"] = np.zeros(0, kind)

        edit(only, unevaluated)
        self.assertRegex(self.done(["info", only]).stdout, r"\ninertia +not evaluated yet\n")
        seen = self.done(["check", only]).stdout
        self.assertIn("no iteration has been evaluated yet", seen)
        self.assertIn("in a pass that was broken off", seen)
        self.goes_on("k-means of restart 1/3, iteration 0")

    def test_another_objective(self):
        def change(file):
            attributes = file["state/progress"].attrs
            attributes["objective"] = np.nextafter(attributes["objective"], 0)

        edit(self.newest, change)
        for ranks in ALONE, 2:
            self.refused_here(self.fit(), CHECKPOINT, "to the last bit", "same build", ranks=ranks)

    def test_whole_files_with_other_content(self):
        def without(path):
            return lambda file: file.__delitem__(path)

        def shorter(file):
            values = file["state/means"][:-1]
            del file["state/means"]
            file["state/means"] = values

        def attribute(group, name, value):
            return lambda file: file[group].attrs.__setitem__(name, value)

        original = self.newest.read_bytes()
        for change, *parts in (
            (without("state/means"), "means"),
            (shorter, "means"),
            (without("state/progress/objectives"), "objectives"),
            (without("state/best/record/seed"), "seed"),
            (without("state/run"), "is the result of a finished fit"),
            (without("config"), "model = 'gmm' (must be absent"),
            (without("fingerprint"), "other data"),
            (attribute("state/progress", "t", 1), "at iteration 1"),
            (attribute("state/run", "restart", 7), "restart 8 of 3"),
            (attribute("state/run", "restarts", 9), "restart 2 of 9"),
            (attribute("state/run", "stage", "x"), "stage 'x'"),
        ):
            self.newest.write_bytes(original)
            edit(self.newest, change)
            with self.subTest(parts=parts):
                self.refused_here(self.fit(), CHECKPOINT, *parts)
        shutil.copy(self.whole, self.newest)
        self.refused_here(self.fit(), CHECKPOINT, "is the result of a finished fit", "--start model:", ranks=2)

    # Changed options and data

    def test_changed_results_are_refused_by_name(self):
        labels = write(self.folder / "labels.h5", labels=np.arange(3000) % 4)
        for name, value in (
            ("components", 5),
            ("restarts", 4),
            ("seed", 2),
            ("start", "kmeans++"),
            ("start", f"labels:{labels}:/labels"),
            ("weights", "/w"),
            ("block-rows", 100),
            ("standardise", "sd"),
            ("covariance", "diag"),
            ("covariance-floor", 1e-5),
            ("equal-weights", None),
        ):
            option = [f"--{name}"] + ([value] if value is not None else [])
            args = [*self.fit(), *option] if name not in ("components", "restarts") else self.fit(**{name: value})
            # A start that is given has one restart only, which is named first or second.
            part = "= '" if str(value).startswith("labels") else f"{name} = '"
            with self.subTest(option=name):
                self.refused_here(args, CHECKPOINT, part, "as in 'model.h5.ckpt/", "to begin anew")
        self.refused_here([*self.fit(), "--seed", 2], CHECKPOINT, "seed = '2' (must be '1'", ranks=3)
        spherical = self.fit("--covariance", "equal-spherical", "--fixed-variance", 1)
        self.refused_here(spherical, CHECKPOINT, "covariance = '")
        kmeans = ["fit", "kmeans", self.data, "--components", 4, "--restarts", 3, "-o", "model.h5"]
        self.refused_here(kmeans, CHECKPOINT, "model = 'kmeans' (must be 'gmm'")

    def test_other_data(self):
        other = self.records / 4
        other[1234, 1] = np.nextafter(other[1234, 1], 9)
        other = write(self.folder / "other.h5", data=other)
        for ranks in ALONE, 2:
            self.refused_here(self.fit(data=other), CHECKPOINT, "belongs to a fit of other data", "data.h5:/data", ranks=ranks)

    # Directories

    def test_two_runs_in_one_directory(self):
        shutil.rmtree(self.directory)
        with Job(self.fit("--checkpoint-interval", "1it", restarts=50), 2, self.folder, log="first.json") as job:
            job.wait_for("fit", 0, 1)
            found = self.done(self.fit("-o", "second.h5", "--checkpoint", "model.h5.ckpt", restarts=50), code=OUTPUT)
            self.assertRegex(found.sentences()[-1], r"error: another run is using .*process \d+ on .* since 20")
            self.assertIsNone(job.process.poll())  # the first goes on
            for pid in job.pids():
                os.kill(pid, signal.SIGUSR2)
            self.assertEqual(job.end().code, STOPPED)

    def test_places_that_cannot_be_used(self):
        (self.folder / "file").write_text("mine")
        (self.folder / "folder").mkdir()
        for args, code, *parts in (
            (self.fit("-o", "folder"), OUTPUT, "'folder'", "it is a directory"),
            (self.fit("--checkpoint", "file"), OUTPUT, "'file'", "it is no directory"),
            (self.fit("--checkpoint", "file/below"), OUTPUT, "'file/below'", "Not a directory"),
            (self.fit("--checkpoint", "absent/below"), OUTPUT, "'absent/below'", "No such file"),
            (self.fit("--checkpoint", "/proc/ckpt"), OUTPUT, "'/proc/ckpt'"),
            (self.fit("--log", "folder"), OUTPUT, "log 'folder'", "directory"),
            (self.fit("--resume", ""), USAGE, "resume = ''"),
            (self.fit("--resume", "folder"), CHECKPOINT, "'folder'", "directory"),
            (self.fit("--resume", self.data), CHECKPOINT, "is not a jensen model file"),
            (self.fit("--checkpoint-interval", "0it"), USAGE, "checkpoint-interval = '0it'"),
            (self.fit("--checkpoint-interval", "it"), USAGE, "checkpoint-interval"),
            (self.fit("--checkpoint-interval", "-5it"), USAGE, "checkpoint-interval"),
            (self.fit("--checkpoint-interval", "1.5it"), USAGE, "checkpoint-interval"),
            (self.fit("--checkpoint-interval", "0s"), USAGE, "must be more than 0"),
            (self.fit("--checkpoint-interval", "soon"), USAGE, "checkpoint-interval = 'soon'", "10min"),
        ):
            with self.subTest(args=args[-2:]):
                self.refused_here(args, code, *parts)
        self.assertEqual((self.folder / "file").read_text(), "mine")

    def test_a_fit_that_fails_early_leaves_no_checkpoint(self):
        shutil.rmtree(self.directory)
        args = self.fit("--covariance-floor", 0, components=900, restarts=1)
        found = self.done(args, code=support.NUMERICAL)
        self.assertEqual(os.listdir(self.folder), [], found.stderr)


class FullDisk(support.Case):
    """A file system of a few hundred KiB, or, where none may be mounted, a limit on the size of files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters(records=60_000, features=6, groups=4)
        cls.data = write(cls.inputs / "data.h5", data=records)

    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", self.disk]
        self.mounted = bool(shutil.which("mount")) and subprocess.run(command, capture_output=True).returncode == 0
        if self.mounted:
            self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=True)
        self.reason = "No space left on device" if self.mounted else "File too large"

    def fit(self, *options, checkpoint="disk/ckpt", output="model.h5"):
        start = ["--components", 5, "--restarts", 1, "--max-iterations", 80, "--tolerance", 0, "--progress", "none"]
        return ["fit", "gmm", self.data, *start, "--checkpoint", checkpoint, "-o", output, *options]

    def fill(self, pids=()):
        """No room from now on."""
        if self.mounted:
            with contextlib.suppress(OSError), open(self.disk / "other", "wb", buffering=0) as other:
                while True:
                    other.write(bytes(4096))
        for pid in pids if not self.mounted else ():
            size = checkpoints(self.disk / "ckpt")[1].stat().st_size - 1000  # the log has room
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def empty(self, pids=()):
        if self.mounted:
            (self.disk / "other").unlink()
        for pid in pids if not self.mounted else ():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def test_room_for_three_is_wanted_before_the_first_update(self):
        if not self.mounted:
            return  # a limit on files says nothing of the room that there is
        for ranks in ALONE, 2:
            (self.disk / "other").write_bytes(bytes(300 << 10))
            found = self.done(self.fit("--log", "log.json"), ranks, OUTPUT)
            self.assertIn("no room for three checkpoints in 'disk/ckpt'", found.stderr)
            self.assertIn("name another directory with --checkpoint", found.stderr)
            self.assertFalse((self.disk / "ckpt").exists())
            self.assertNotIn('"iteration":1,', (self.folder / "log.json").read_text())
            (self.disk / "other").unlink()

    def test_room_for_the_result_is_wanted_before_the_first_update(self):
        if not self.mounted:
            return
        self.fill()
        with open(self.disk / "other", "r+b") as other:  # as much as the probe takes
            other.truncate((self.disk / "other").stat().st_size - 8192)
        for ranks in ALONE, 2:
            found = self.done(self.fit("--log", "log.json", checkpoint="ckpt", output="disk/model.h5"), ranks, OUTPUT)
            self.assertRegex(found.stderr, r"no room for the result in 'disk' \(\S+ MiB are free, must be \S+ MiB\)")
            self.assertIn("name another file with --output", found.stderr)
            self.assertNotIn('"iteration":1,', (self.folder / "log.json").read_text())

    def test_the_fit_goes_on_without_new_checkpoints(self):
        self.done(self.fit(checkpoint="whole.ckpt", output="whole.h5"))
        for ranks in ALONE, 2:
            with Job(self.fit("--checkpoint-interval", "1it"), ranks, self.folder) as job:
                job.wait_for("fit", 0, 3)
                pids = job.pids()
                self.fill(pids)
                job.wait_for("fit", 0, 40)
                kept = checkpoints(self.disk / "ckpt")
                self.assertGreaterEqual(len(kept), 1)
                for file in kept:
                    self.done(["score", file, self.data])
                self.assertEqual([path for path in (self.disk / "ckpt").iterdir() if path.name.endswith(".tmp")], [])
                self.empty(pids)
                ended = job.end()
            self.assertEqual(ended.code, 0, ended.stderr)
            failed = r"jensen: warning: no checkpoint: cannot write 'disk/ckpt/checkpoint-\d+.*" + self.reason
            self.assertRegex(ended.stderr, failed)
            self.assertIn("checkpoints are written again, after", ended.stderr)
            self.assertLess(len(ended.sentences()), 6, ended.stderr)
            self.assertEqual(content(self.folder / "model.h5"), content(self.folder / "whole.h5"))
            shutil.rmtree(self.disk / "ckpt")

    def test_no_room_for_number_0(self):
        self.fill()
        limit = None if self.mounted else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        with Job(self.fit(), ALONE, self.folder, before=limit) as job:
            ended = job.end()
        self.assertEqual(ended.code, OUTPUT, ended.stderr)
        self.assertRegex(ended.stderr, f"jensen: error: cannot write 'disk/ckpt/.*{self.reason}")
        self.assertEqual(checkpoints(self.disk / "ckpt"), [])
        self.assertFalse((self.folder / "model.h5").exists())

    def test_no_room_on_a_stop(self):
        with Job(self.fit("--checkpoint-interval", "1it"), 2, self.folder) as job:
            job.wait_for("fit", 0, 3)
            pids = job.pids()
            self.fill(pids)
            job.wait_for("fit", 0, 20)
            for pid in pids:
                os.kill(pid, signal.SIGUSR1)
            ended = job.end()
        self.assertEqual(ended.code, OUTPUT, ended.stderr)
        self.assertRegex(ended.stderr, f"jensen: error: cannot write 'disk/ckpt/checkpoint-.*{self.reason}")
        self.empty()
        self.assertGreaterEqual(len(checkpoints(self.disk / "ckpt")), 1)
        self.assertEqual(self.done(self.fit(), ranks=3).stderr.count("going on from"), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
