"""fit --profile: where the time went, on any number of ranks, with the same bits as without it."""

import json
import unittest

import h5py
import support
from support import ALONE, clusters

PHASES = "block features products softmax sums reduction global_step local_step files reading start other".split()


class Profile(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = support.write(cls.inputs / "x.h5", data=clusters(records=4000)[0])

    def fit(self, model, output, *more, ranks=ALONE):
        return self.done(["fit", model, self.data, "--components", 3, "--restarts", 2, "-o", output, *more], ranks).stdout

    def test_bits_are_the_same(self):
        for model, parameter in ("gmm", "covariances"), ("kmeans", "centroids"):
            self.fit(model, "without.h5")
            self.fit(model, "with.h5", "--profile", ranks=2)
            bits = []
            for file in "without.h5", "with.h5":
                with h5py.File(self.folder / file) as found:
                    bits.append(found[f"parameters/{parameter}"][:].tobytes())
            self.assertEqual(*bits)

    def test_json(self):
        found = json.loads(self.fit("gmm", "model.h5", "--profile", "--json", ranks=3))
        profile, phases = found["profile"], found["profile"]["phases"]
        self.assertEqual((profile["ranks"], list(phases)), (3, PHASES))
        self.assertGreaterEqual(profile["iterations"], found["iteration"] + 1)  # of all restarts
        self.assertAlmostEqual(sum(phase["share"] for phase in phases.values()), 1)
        for name, phase in phases.items():
            self.assertGreaterEqual(phase["slowest_seconds"], phase["seconds"])
            self.assertIn(phase["slowest_rank"], range(3))
            if "milliseconds_per_iteration" in phase:
                each = 1e3 * phase["seconds"] / profile["iterations"]
                self.assertAlmostEqual(phase["milliseconds_per_iteration"], each)
        for name in "block", "sums", "reduction", "global_step", "reading", "start":
            self.assertGreater(phases[name]["seconds"], 0, name)
        self.assertNotIn("profile", json.loads(self.fit("gmm", "model.h5", "--json")))

    def test_table(self):
        lines = self.fit("kmeans", "model.h5", "--profile").rstrip().splitlines()
        table = lines[next(i for i, line in enumerate(lines) if line.startswith("phase ")) :]
        self.assertEqual(table[0].split(), "phase seconds share ms per iteration".split())
        self.assertRegex(table[-1], r"^all +\d+\.\d{3}  100\.0%$")
        shares = [float(line.split("%")[0].split()[-1]) for line in table[1:-1]]
        self.assertAlmostEqual(sum(shares), 100, delta=1)
        self.assertNotIn("phase", self.fit("kmeans", "model.h5"))


if __name__ == "__main__":
    unittest.main()
