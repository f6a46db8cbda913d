"""Programs outside jensen: installs it, builds the project of this folder on it, and fits models of their own,
judged by numpy. They die, are stopped and go on as fits of jensen's own models do.

usage: BUILD=... CMAKE=... JENSEN=... MPIEXEC=... outside_test.py
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
import support  # noqa: E402
from support import ALONE, INPUT, JENSEN, MPIEXEC, SOURCE, USAGE, write  # noqa: E402

BUILD, CMAKE = os.environ["BUILD"], os.environ.get("CMAKE", "cmake")
HERE = Path(__file__).resolve().parent
LIMIT = 120  # seconds for one program
REFUSED, STOPPED = 5, 75
COMPONENTS = 3
FEATURES, LATENT = 12, 3
STRICT = "-Wall -Wextra -Wconversion -Wshadow -Werror -Wno-maybe-uninitialized"  # gcc 12: false alarms in itself


def shell(*command):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def configure(prefix, folder, source=HERE, flags=STRICT):
    return shell(CMAKE, "-S", source, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_FLAGS={flags}")


def must(*command):
    code, text = shell(*command)
    if code != 0:
        raise RuntimeError(f"{command} ended with {code}:\n{text}")


def counts():
    random = np.random.default_rng(1)
    rates = random.gamma(20, 0.4, size=(COMPONENTS, 5))
    return random.poisson(rates[random.choice(COMPONENTS, size=60000, p=[0.5, 0.3, 0.2])])


def records():
    random = np.random.default_rng(2)
    loadings = random.normal(size=(FEATURES, LATENT)) * [2, 1.5, 1]
    latent = random.normal(size=(100000, LATENT))
    return latent @ loadings.T + 5 * random.normal(size=FEATURES) + random.normal(size=(100000, FEATURES))


def poisson_em(x, iterations):
    """Weights, rates and log-likelihood after these steps of EM, from even parts of the largest counts."""
    weights = np.full(COMPONENTS, 1 / COMPONENTS)
    rates = np.linspace(0, 1, COMPONENTS + 2)[1:-1, None] * x.max(axis=0)
    for t in range(iterations + 1):
        joint = np.log(weights) + x @ np.log(rates).T - rates.sum(axis=1)
        largest = joint.max(axis=1, keepdims=True)
        r = np.exp(joint - largest)
        total = r.sum(axis=1, keepdims=True)
        log_density = np.sum(largest + np.log(total))
        if t < iterations:
            r /= total
            weights, rates = r.mean(axis=0), r.T @ x / r.sum(axis=0)[:, None]
    log_factorials = np.concatenate([[0], np.cumsum(np.log(np.arange(1, x.max() + 1)))])
    return weights, rates, log_density - log_factorials[x].sum()


class Job:
    """A program that runs, alone or on ranks, in a folder."""

    def __init__(self, command, ranks, folder):
        launcher = [MPIEXEC, "--oversubscribe", "-n", str(ranks)] if ranks else []
        self.own = tempfile.TemporaryDirectory(prefix="mpi-")  # jobs at the same time quarrel over a shared one
        self.ranks = ranks
        self.process = subprocess.Popen(
            [*launcher, *map(str, command)], cwd=folder, env=os.environ | {"TMPDIR": self.own.name}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def running(self):
        return self.process.poll() is None

    def kill_one(self):
        """SIGKILL to the program, or to one of its ranks."""
        victim = self.process.pid
        if self.ranks:
            victim = int(Path(f"/proc/{victim}/task/{victim}/children").read_text().split()[-1])
        os.kill(victim, signal.SIGKILL)

    def end(self):
        try:
            stdout, stderr = self.process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        finally:
            self.own.cleanup()
        return support.Run(self.process.returncode, stdout, stderr)


class Outside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.all = Path(tempfile.mkdtemp(prefix="jensen-outside-"))
        cls.addClassCleanup(shutil.rmtree, cls.all)
        cls.prefix, cls.programs = cls.all / "prefix", cls.all / "build"
        must(CMAKE, "--install", BUILD, "--prefix", cls.prefix)
        code, text = configure(cls.prefix, cls.programs)
        if code != 0:
            raise RuntimeError(text)
        must(CMAKE, "--build", cls.programs, "-j2")
        cls.x, cls.y = counts(), records()
        cls.counts = write(cls.all / "counts.h5", counts=cls.x)
        cls.records = write(cls.all / "records.h5", records=cls.y)
        cls.poisson = [cls.programs / "poisson_mixture", cls.counts, COMPONENTS]
        cls.ppca = [cls.programs / "ppca", cls.records, LATENT, "ppca.h5"]

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=self.all))

    def run_it(self, command, ranks=ALONE, code=0, folder=None):
        found = Job(command, ranks, folder or self.folder).end()
        self.assertEqual(found.code, code, f"{command} on {ranks} ranks:\n{found.stdout}{found.stderr}")
        return found

    def start_until(self, command, ranks, ready):
        job = Job(command, ranks, self.folder)
        while job.running() and not ready():
            time.sleep(0.005)
        return job

    def checkpoint(self, folder, sequence):
        """Whether this checkpoint, or a later one, is there."""
        return any(int(file.stem.split("-")[1]) >= sequence for file in (self.folder / folder).glob("checkpoint-*.h5"))

    def test_readme_shows_the_shorter_program(self):
        listings = re.findall(r"```cpp\n(.*?)```", (SOURCE / "README.md").read_text(), re.S)
        self.assertIn((HERE / "poisson_mixture.cpp").read_text(), listings)
        projects = re.findall(r"```cmake\n(.*?)```", (SOURCE / "README.md").read_text(), re.S)
        self.assertTrue(projects)
        (self.folder / "CMakeLists.txt").write_text(projects[0])
        shutil.copy(HERE / "poisson_mixture.cpp", self.folder)
        code, text = configure(self.prefix, self.folder / "build", self.folder)
        self.assertEqual(code, 0, text)

    def test_the_installed_program_runs(self):
        code, text = shell(self.prefix / "bin" / "jensen", "--help")
        self.assertEqual(code, 0, text)

    def test_poisson_mixture_is_that_of_numpy_on_any_number_of_ranks(self):
        found = self.run_it(self.poisson)
        log_likelihood, iterations = re.match(r"log-likelihood (\S+) after (\d+) iterations", found.stdout).groups()
        rows = re.findall(r"weight (\S+), rates (.*)", found.stdout)
        weights, rates, expected = poisson_em(self.x, int(iterations))
        np.testing.assert_allclose([float(weight) for weight, _ in rows], weights, rtol=1e-10)
        np.testing.assert_allclose([np.fromstring(text, sep=" ") for _, text in rows], rates, rtol=1e-10)
        self.assertAlmostEqual(float(log_likelihood) / expected, 1, delta=1e-12)
        self.assertEqual(self.run_it(self.poisson, 3).stdout, found.stdout)  # shortest digits tell all bits
        self.assertEqual(os.listdir(self.folder), [])

    def test_poisson_mixture_stops_dies_and_goes_on_to_the_same_bits(self):
        whole = self.run_it(self.poisson).stdout
        job = self.start_until(self.poisson, ALONE, lambda: self.checkpoint("poisson.ckpt", 0))
        time.sleep(0.1)
        job.process.send_signal(signal.SIGUSR1)
        stopped = job.end()
        self.assertEqual((stopped.code, stopped.stdout), (STOPPED, ""), stopped.stderr)
        place = r"'poisson.ckpt/checkpoint-1.h5'"
        self.assertEqual(stopped.stderr, f"jensen: stopped by SIGUSR1; the same command goes on from {place}\n")
        checkpoint = self.folder / "poisson.ckpt" / "checkpoint-1.h5"
        before = checkpoint.read_bytes()
        going_on = Job(self.poisson, 3, self.folder)
        self.assertIn("going on from", going_on.process.stderr.readline())
        going_on.kill_one()
        killed = going_on.end()
        self.assertEqual(killed.code, 128 + signal.SIGKILL, killed.stdout + killed.stderr)
        self.assertEqual(checkpoint.read_bytes(), before)
        resumed = self.run_it(self.poisson, 2)
        self.assertRegex(resumed.stderr, f"going on from {place}: fit, iteration [1-9]")
        self.assertEqual(resumed.stdout, whole)
        self.assertEqual(os.listdir(self.folder), [])

    def result(self, folder=None):
        with h5py.File((folder or self.folder) / "ppca.h5") as file:
            parameters = file["parameters"]
            bits = [parameters["W"][:], parameters["mu"][:], parameters.attrs["sigma2"], file["fit/trace/objective"][:]]
            return *bits, dict(file["fit"].attrs)

    def test_ppca_reaches_the_closed_form(self):
        self.run_it(self.ppca)
        w, mu, sigma2, objectives, fit = self.result()
        self.assertEqual(fit["stop_reason"], "parameter_tolerance")
        self.assertGreaterEqual(np.diff(objectives).min(), -1e-12 * abs(objectives[-1]))
        # Tipping and Bishop 1999, equations 7 and 8
        covariance = np.cov(self.y.T, bias=True)
        values, vectors = np.linalg.eigh(covariance)
        expected_sigma2, kept = values[:-LATENT].mean(), vectors[:, -LATENT:]
        expected_ww = (kept * (values[-LATENT:] - expected_sigma2)) @ kept.T
        expected_c = expected_ww + expected_sigma2 * np.eye(FEATURES)
        constant = FEATURES * np.log(2 * np.pi) + np.linalg.slogdet(expected_c)[1]
        best = -len(self.y) / 2 * (constant + np.trace(np.linalg.solve(expected_c, covariance)))
        self.assertAlmostEqual(sigma2 / expected_sigma2, 1, delta=1e-9)
        self.assertLess(abs(w @ w.T - expected_ww).max(), 1e-7 * abs(expected_ww).max())
        np.testing.assert_allclose(mu.ravel(), self.y.mean(axis=0), rtol=1e-10)
        self.assertAlmostEqual(fit["objective"] / best, 1, delta=1e-12)

    def test_ppca_dies_and_goes_on_to_the_same_bits(self):
        whole = Path(tempfile.mkdtemp(dir=self.all))
        self.run_it(self.ppca, 3, folder=whole)
        job = self.start_until(self.ppca, ALONE, lambda: self.checkpoint("ppca.h5.ckpt", 3))
        job.kill_one()
        self.assertEqual(job.end().code, -signal.SIGKILL)
        self.assertFalse((self.folder / "ppca.h5").exists())
        resumed = self.run_it(self.ppca, 2)
        self.assertRegex(resumed.stderr, r"going on from 'ppca.h5.ckpt/checkpoint-\d+.h5': fit, iteration [1-9]\d\d")
        for found, expected in zip(self.result()[:4], self.result(whole)[:4]):
            np.testing.assert_array_equal(found, expected)
        self.assertEqual(os.listdir(self.folder), ["ppca.h5"])

    def test_a_target_of_ones_own_is_fitted_on_any_number_of_ranks(self):
        random = np.random.default_rng(3)
        x, beta, shape = random.normal(size=(4000, 2)), np.array([0.7, -0.3]), 1.8
        times = np.exp(0.5 + x @ beta) * random.weibull(shape, 4000)
        data = write(self.folder / "times.h5", times=np.c_[times, x])
        command = [self.programs / "weibull", data]
        found = self.run_it(command).stdout
        rows = {line.split()[0]: list(map(float, line.split()[1:])) for line in found.splitlines()[:-1]}
        for name, truth in [("intercept", 0.5), ("coefficients[0]", 0.7), ("coefficients[1]", -0.3), ("shape", shape)]:
            mean, sd = rows[name]
            self.assertLess(abs(mean - truth), 4 * sd, name)
            self.assertLess(sd, 0.05, name)
        self.assertLess(float(found.split()[-1]), 0.7)
        self.assertEqual(self.run_it(command, 3).stdout, found)
        self.assertEqual(os.listdir(self.folder), ["times.h5"])
        bad = write(self.folder / "bad.h5", times=np.c_[-times, x])
        [sentence] = self.run_it([command[0], bad], 2, INPUT).sentences()
        self.assertEqual(sentence, "jensen: error: there are times that are not positive")

    def stopped_poisson(self):
        job = self.start_until(self.poisson, ALONE, lambda: self.checkpoint("poisson.ckpt", 0))
        job.process.send_signal(signal.SIGTERM)
        self.assertEqual(job.end().code, STOPPED)
        return self.folder / "poisson.ckpt" / "checkpoint-1.h5"

    def test_a_checkpoint_of_another_model_or_of_other_data_is_refused(self):
        self.stopped_poisson()
        more = self.run_it([*self.poisson[:2], COMPONENTS + 1], 2, REFUSED).sentences()
        self.assertEqual(len(more), 2, more)
        self.assertRegex(more[0], "going on from 'poisson.ckpt/checkpoint-1.h5'")
        self.assertRegex(
            more[1],
            "^jensen: error: 'poisson.ckpt/checkpoint-1.h5' is a checkpoint of another model: "
            "'weights' in the saved state has 3 values .must be 4.; .*another directory to begin anew$",
        )
        other = write(self.folder / "other.h5", counts=self.x[1:])
        [sentence] = self.run_it([self.poisson[0], other, COMPONENTS], code=REFUSED).sentences()
        self.assertRegex(sentence, "belongs to a fit of other data .*name another directory")
        [sentence] = self.run_it([self.poisson[0], self.records, COMPONENTS], 2, INPUT).sentences()
        self.assertEqual(sentence, "jensen: error: there are negative counts (must be 0 or more)")
        [sentence] = self.run_it([self.poisson[0], other], code=USAGE).sentences()
        self.assertEqual(sentence, "jensen: error: usage: poisson_mixture COUNTS.h5 COMPONENTS")

    def test_jensen_says_what_can_be_done_with_models_that_it_does_not_know(self):
        checkpoint = self.stopped_poisson()
        self.run_it(self.ppca)
        for file, why in [(checkpoint, "no attribute 'model' on '/'"), ("ppca.h5", "model = 'ppca'")]:
            for command in [["info", file], ["check", file], ["predict", file, self.records, "-o", "labels.h5"]]:
                with self.subTest(command=command):
                    [sentence] = self.run_it([JENSEN, *command], code=INPUT).sentences()
                    self.assertIn(why, sentence)
                    self.assertRegex(sentence, "use the program that wrote the file, .*'jensen info --json'$")
            told = self.run_it([JENSEN, "info", "--json", file]).stdout
            self.assertIn('"records"', told)

    def refused_package(self, prefix, languages):
        (self.folder / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.25)\nproject(refused LANGUAGES {languages})\n"
            "find_package(jensen REQUIRED)\n"
        )
        code, text = configure(prefix, self.folder / "build", self.folder)
        self.assertNotEqual(code, 0, text)
        return " ".join(text.split())

    def test_the_package_says_what_it_needs(self):
        self.assertIn("jensen needs both languages", self.refused_package(self.prefix, "CXX"))

    def test_the_package_refuses_another_type_of_cpu(self):
        other = self.folder / "prefix"
        shutil.copytree(self.prefix / "lib" / "cmake", other / "lib" / "cmake")
        config = other / "lib" / "cmake" / "jensen" / "jensenConfig.cmake"
        text = config.read_text()
        [sets] = set(re.findall(r'STREQUAL "([^"]*)"', text))
        for quoted in '"{}"', "'{}'":
            text = text.replace(quoted.format(sets), quoted.format("AVX9"))
        config.write_text(text)
        found = self.refused_package(other, "C CXX")
        self.assertIn(f"this jensen was compiled for the instruction sets 'AVX9', and the compiler here uses '{sets}'", found)


if __name__ == "__main__":
    unittest.main()
