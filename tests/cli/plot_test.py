"""`jensen plot`: what its pages show, measured with the axes drawn on them and compared with the model file."""

import hashlib
import os
import shutil
import struct
import unittest
from pathlib import Path

import h5py
import numpy as np

import support
from page import Axis, Page, ellipse_of, of_class, points_of
from support import INPUT, OUTPUT, USAGE, write

NAMES = ["red", 'a<b> & "c"', "naïve µ²"]


def fit(folder, model, data, components, *options):
    file = str(folder / f"{model}-{components}-{len(os.listdir(folder))}.h5")
    args = ["fit", model, data, "--components", components, "--progress", "none", "-o", file, *options]
    found = support.run(args, cwd=folder)
    assert found.code == 0, found.stderr
    return file


class Plot(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, _ = support.clusters(records=300)
        cls.data = write(cls.inputs / "data.h5", data=cls.records)
        with h5py.File(cls.data, "a") as file:
            file["data"].attrs["feature_names"] = NAMES
        cls.model = fit(cls.inputs, "gmm", cls.data, 3)
        cls.kmeans = fit(cls.inputs, "kmeans", cls.data, 3, "--seed", 3)
        with h5py.File(cls.inputs / "others.h5", "w") as file:
            file["narrow"] = cls.records[:, :2]
            file["renamed"] = cls.records
            file["renamed"].attrs["feature_names"] = ["red", "green", "blue"]
            file["broken"] = np.where(np.arange(300)[:, None] == 17, np.nan, cls.records)

    def page(self, model, *options, ranks=support.ALONE):
        self.found = self.done(["plot", model, "-o", "page.html", *options], ranks)
        page = Page(self.folder / "page.html")
        self.assertEqual(page.faults, [])
        return page

    def edited(self, edit):
        """A copy of the model with another content under a right hash."""
        file = self.folder / "edited.h5"
        shutil.copy(self.model, file)
        with h5py.File(file, "a") as opened:
            edit(opened)
        content = bytearray(file.read_bytes())
        content[24:64] = struct.pack("<Q", len(content) - 512) + hashlib.sha256(content[512:]).digest()
        file.write_bytes(content)
        return str(file)

    def test_stands_alone(self):
        page = self.page(self.model)
        self.assertEqual(page.title, f"Gaussian mixture by EM, 3 components: {Path(self.model).name}")
        info = self.done(["info", self.model]).stdout
        shown = page.words()
        for line in info.splitlines():
            if not line.startswith(("component", "optimum", " ", "0", "1", "2")):  # the tables are tables
                self.assertIn(" ".join(line.split()), shown)
        cells = ["".join(cell.itertext()) for cell in page.tree.iter("td")]
        with h5py.File(self.model) as file:
            for mean in file["parameters/means"][:].ravel():
                self.assertIn(f"{mean:.5g}", cells)

    def test_same_bytes_on_any_number_of_ranks(self):
        pages = [self.page(self.model, ranks=ranks).text for ranks in (support.ALONE, 1, 3)]
        self.assertEqual(len(set(pages)), 1)
        self.assertEqual(self.found.stdout.count("written to"), 1)
        self.assertEqual(os.listdir(self.folder), ["page.html"])

    def planes(self, page):
        svg = page.drawing("components in the space")
        return svg, {(plane.get("data-x"), plane.get("data-y")): plane for plane in of_class(svg, "svg", "plane")}

    def axes_of(self, svg, plane):
        return Axis(svg, plane, "x"), Axis(svg, plane, "y")

    def test_ellipses_are_contours_of_the_marginals(self):
        with h5py.File(self.model) as file:
            means, covariances = file["parameters/means"][:], file["parameters/covariances"][:]
        svg, planes = self.planes(self.page(self.model))
        self.assertEqual(set(planes), {(NAMES[0], NAMES[1]), (NAMES[0], NAMES[2]), (NAMES[1], NAMES[2])})
        for (first, second), plane in planes.items():
            pair = [NAMES.index(first), NAMES.index(second)]
            x, y = self.axes_of(svg, plane)
            ellipses = of_class(plane, "ellipse", "line")
            self.assertEqual({int(e.get("data-component")) for e in ellipses}, {0, 1, 2})
            self.assertEqual(len(ellipses), 3)
            for element in ellipses:
                k = int(element.get("data-component"))
                centre, contour = ellipse_of(element)
                centre = [x.data(centre[0]), y.data(centre[1])]
                to_data = np.diag([1 / x.unit, 1 / y.unit])
                sigma = covariances[k][np.ix_(pair, pair)]
                sd = np.sqrt(np.diag(sigma))
                np.testing.assert_array_less(np.abs(centre - means[k][pair]), 0.01 * sd)
                error = to_data @ contour @ to_data - 4 * sigma
                np.testing.assert_array_less(np.abs(error), 0.02 * 4 * np.outer(sd, sd))

    def test_points_are_the_records_with_their_labels(self):
        self.done(["predict", self.model, self.data, "-o", "labels.h5"])
        with h5py.File(self.folder / "labels.h5") as file:
            labels = file["labels"][:]
        svg, planes = self.planes(self.page(self.model))
        for (first, second), plane in planes.items():
            x, y = self.axes_of(svg, plane)
            for k in range(3):
                (path,) = (p for p in of_class(plane, "path", "points") if p.get("data-component") == str(k))
                points = points_of(path)
                expected = self.records[labels == k][:, [NAMES.index(first), NAMES.index(second)]]
                np.testing.assert_allclose(x.data(points[:, 0]), expected[:, 0], atol=0.08 / abs(x.unit))
                np.testing.assert_allclose(y.data(points[:, 1]), expected[:, 1], atol=0.08 / abs(y.unit))

    def test_histograms_and_densities(self):
        svg, _ = self.planes(self.page(self.model))
        marginals = of_class(svg, "svg", "marginal")
        self.assertEqual([m.get("data-x") for m in marginals], NAMES)
        for marginal in marginals:
            bars = of_class(marginal, "rect", "histogram")
            bar_area = sum(float(bar.get("width")) * float(bar.get("height")) for bar in bars)
            curves = of_class(marginal, "path", "line")
            self.assertEqual(len(curves), 3)
            (total,) = of_class(marginal, "path", "total")
            for paths in curves, [total]:
                area = 0
                bottom = float(marginal.get("y")) + float(marginal.get("height"))
                for path in paths:
                    points = points_of(path)
                    heights = bottom - points[:, 1]
                    area += np.sum(np.diff(points[:, 0]) * (heights[1:] + heights[:-1]) / 2)
                self.assertAlmostEqual(area / bar_area, 1, delta=0.03)  # both are densities

    def test_sample(self):
        page = self.page(self.model, "--records", 50)
        svg, planes = self.planes(page)
        self.assertIn("50, chosen at random, of the 300 records", page.words())
        drawn = set()
        for plane in planes.values():
            self.assertEqual(sum(len(points_of(path)) for path in of_class(plane, "path", "points")), 50)
        plane = planes[NAMES[0], NAMES[1]]
        x, y = self.axes_of(svg, plane)
        points = np.vstack([points_of(path) for path in of_class(plane, "path", "points")])
        for point in np.c_[x.data(points[:, 0]), y.data(points[:, 1])]:
            distances = np.abs((self.records[:, :2] - point) * [x.unit, y.unit]).max(axis=1)
            self.assertLess(distances.min(), 0.08)
            drawn.add(int(distances.argmin()))
        self.assertGreater(len(drawn), 45)  # different ones
        self.assertGreater(max(drawn) - min(drawn), 200)  # from everywhere
        none = self.page(self.model, "--records", 0)
        self.assertEqual([p for plane in self.planes(none)[1].values() for p in of_class(plane, "path", "points")], [])
        self.assertIn("No records are drawn, as asked", none.words())
        self.assertEqual(self.found.stderr, "")

    def test_chosen_features(self):
        _, planes = self.planes(self.page(self.model, "--features", f"3,{NAMES[1]}"))
        self.assertEqual(list(planes), [(NAMES[2], NAMES[1])])

    def test_features_that_separate(self):
        random = np.random.default_rng(5)
        group = np.arange(600) % 3
        records = random.normal(size=(600, 9))
        apart = [1, 4, 6, 7]
        records[:, apart] += 5 * random.permuted(np.arange(12.0).reshape(3, 4), axis=0)[group]
        data = write(self.folder / "wide.h5", data=records)
        for model in "gmm", "kmeans":
            file = fit(self.folder, model, data, 3)
            page = self.page(file)
            svg, planes = self.planes(page)
            self.assertEqual([m.get("data-x") for m in of_class(svg, "svg", "marginal")], [f"x{d}" for d in apart])
            self.assertEqual(len(planes), 6)
            self.assertIn("Of 9 features, the 4 are shown whose variance between components", page.words())

    def test_trace(self):
        for model in self.model, self.kmeans:
            page = self.page(model)
            with h5py.File(model) as file:
                trace = {name: file["fit/trace"][name][:] for name in file["fit/trace"]}
                name = file["fit"].attrs["objective_name"]
                unit = file["fit"].attrs["units"]
            for direction in "iteration", "time":
                svg = page.drawing(f"{name} against {direction}")
                (window,) = svg.findall("{*}svg")
                x, y = self.axes_of(svg, window)
                points = points_of(of_class(window, "path", "curve")[0])
                self.assertEqual(len(points), len(trace["objective"]))
                atol = 0.02 / abs(y.unit)
                np.testing.assert_allclose(y.data(points[:, 1]), trace["objective"], atol=atol)
                if direction == "iteration":
                    np.testing.assert_allclose(x.data(points[:, 0]), trace["iteration"], atol=0.02 / x.unit)
                else:
                    seconds = {"µs": 1e-6, "ms": 1e-3, "s": 1}
                    (title,) = (t.text for t in of_class(svg, "text", "title") if t.text.startswith("time"))
                    measure = seconds[title[6:-1]]
                    drawn, atol = x.data(points[:, 0]) * measure, 0.02 / x.unit * measure
                    np.testing.assert_allclose(drawn, trace["elapsed_seconds"], atol=atol)
            svg = page.drawing("gain of each iteration")
            (window,) = svg.findall("{*}svg")
            x, y = Axis(svg, window, "x"), Axis(svg, window, "y", logarithmic=True)
            gains = trace["gain"][1:]
            points = points_of(of_class(window, "path", "curve")[0])
            np.testing.assert_allclose(y.data(points[:, 1]), gains[gains > 0], rtol=5e-3)
            np.testing.assert_allclose(x.data(points[:, 0]), trace["iteration"][1:][gains > 0], atol=0.02 / x.unit)
            marks = sum(path.get("d").count("M") for path in of_class(window, "path", "fallen"))
            self.assertEqual(marks, np.count_nonzero(gains <= 0))
            self.assertIn(f"gain per iteration ({unit})", page.words())
            if model == self.model:
                (line,) = of_class(svg, "line", "limit")
                np.testing.assert_allclose(y.data(float(line.get("y1"))), 300 * 1e-8, rtol=5e-3)

    def test_long_trace(self):
        endless = ["--tolerance", 0, "--max-iterations", 9000, "--restarts", 1]
        model = fit(self.folder, "gmm", write(self.folder / "some.h5", data=self.records[:60, :2]), 3, *endless)
        with h5py.File(model) as file:
            objectives, gains = file["fit/trace/objective"][:], file["fit/trace/gain"][1:]
        self.assertGreater(len(objectives), 4000)
        page = self.page(model)
        self.assertLess(len(page.text), 600_000)
        svg = page.drawing("log-likelihood against iteration")
        (window,) = svg.findall("{*}svg")
        x, y = self.axes_of(svg, window)
        drawn = points_of(of_class(window, "path", "curve")[0])
        self.assertLess(len(drawn), 4000)
        for value, found in (objectives[0], drawn[0]), (objectives[-1], drawn[-1]):
            self.assertAlmostEqual(y.data(found[1]), value, delta=0.02 / abs(y.unit))
        self.assertAlmostEqual(y.data(drawn[:, 1].min()), objectives.max(), delta=0.02 / abs(y.unit))
        self.assertAlmostEqual(x.data(drawn[-1, 0]), len(objectives) - 1, delta=0.02 / x.unit)
        lost = np.count_nonzero(gains <= 0)
        self.assertIn(f"{lost} iterations that gained nothing, or lost", page.words())

    def test_sizes(self):
        for model in self.model, self.kmeans:
            with h5py.File(model) as file:
                sizes = file["fit/sizes"][:]
            svg = self.page(model).drawing("sizes of the components")
            bars = of_class(svg, "rect", "bar")
            order = [int(bar.get("data-component")) for bar in bars]
            self.assertEqual(sorted(order), [0, 1, 2])
            self.assertEqual(list(sizes[order]), sorted(sizes, reverse=True))
            heights = np.array([float(bar.get("height")) for bar in bars])
            np.testing.assert_allclose(heights / heights[0], sizes[order] / sizes[order[0]], atol=2e-4)

    def test_restarts(self):
        data = write(self.folder / "four.h5", data=support.clusters(400, 2, 8, seed=2)[0])
        model = fit(self.folder, "kmeans", data, 6, "--restarts", 40, "--start", "random")
        with h5py.File(model) as file:
            objectives, best = file["fit/restarts/objective"][:], file["fit"].attrs["best_restart"]
        self.assertGreater(len(np.unique(objectives.round(3))), 2)
        page = self.page(model)
        svg = page.drawing("objectives of the restarts")
        dots = of_class(svg, "circle", "plain")
        self.assertEqual(len(dots), 40)
        heights = [float(dot.get("cy")) for dot in dots]
        self.assertEqual(heights, sorted(heights, reverse=True))  # the smallest inertia, lowest on the page, first
        (ring,) = of_class(svg, "circle", "best")
        self.assertEqual(ring.get("cy"), dots[0].get("cy"))
        place = list(np.argsort(objectives, kind="stable")).index(best)
        self.assertEqual(ring.get("cx"), dots[place].get("cx"))

        rows = [["".join(cell.itertext()) for cell in row] for row in page.tree.iter("tr")]
        header = next(i for i, row in enumerate(rows) if row[0] == "optimum")
        table = [row for row in rows[header + 1 :] if len(row) == 7 and row[4].endswith("%")]
        optima, rest = [], np.sort(objectives)
        while len(rest):
            near = np.abs(rest - rest[0]) <= 1e-6 * objectives.min()
            optima.append((float(f"{rest[0]:.9g}"), np.count_nonzero(near)))
            rest = rest[~near]
        self.assertEqual([(float(row[1]), int(row[3])) for row in table], optima[:12])
        self.assertEqual(f"Left out: {len(optima) - 12} more rows" in page.words(), len(optima) > 12)

    def test_many_restarts(self):
        data = write(self.folder / "four.h5", data=support.clusters(60, 2, 4, seed=2)[0])
        model = fit(self.folder, "kmeans", data, 4, "--restarts", 1200, "--start", "random")
        with h5py.File(model) as file:
            objectives = file["fit/restarts/objective"][:]
        svg = self.page(model).drawing("histogram of the restarts")
        counts = [int(bar.find("{*}title").text.split()[0]) for bar in of_class(svg, "rect", "plain")]
        self.assertEqual(sum(counts), 1200)
        self.assertGreater(len(counts), 1)
        (line,) = of_class(svg, "line", "best")
        bars = of_class(svg, "rect", "plain")
        left, width = (float(bars[0].get(name)) for name in ("x", "width"))
        self.assertTrue(left <= float(line.get("x1")) <= left + width)
        self.assertEqual(counts[0], np.count_nonzero(objectives < objectives.min() * (1 + 1e-6)))

    def test_small_and_large(self):
        one = fit(self.folder, "gmm", write(self.folder / "one.h5", data=self.records[:, :1]), 2)
        svg, planes = self.planes(self.page(one))
        self.assertEqual((len(of_class(svg, "svg", "marginal")), len(planes)), (1, 0))

        single = fit(self.folder, "gmm", self.data, 1, "--restarts", 1)
        svg, planes = self.planes(self.page(single))
        self.assertEqual([len(of_class(plane, "ellipse", "line")) for plane in planes.values()], [1, 1, 1])

        start = fit(self.folder, "kmeans", self.data, 2, "--max-iterations", 1, "--restarts", 1)
        self.assertIn("One start: inertia", self.page(start).words())

        random = np.random.default_rng(1)
        wide = write(self.folder / "many.h5", data=random.normal(size=(2000, 1000)))
        once = ["--covariance", "equal-spherical", "--restarts", 1, "--max-iterations", 2]
        many = fit(self.folder, "gmm", wide, 100, *once)
        page = self.page(many, "--features", "1,10,100,1000,500,50")
        svg, planes = self.planes(page)
        self.assertEqual(len(planes), 15)
        for plane in planes.values():
            self.assertEqual(len(of_class(plane, "ellipse", "line")), 100)
        self.assertEqual(len(of_class(page.drawing("sizes"), "rect", "bar")), 100)
        self.assertIn("Left out: 0 more rows, 1976 more columns", page.words())

    def test_names_are_escaped(self):
        def rename(file):
            names = [b"<script>alert(1)</script>", b"broken \xff\xfe \xed\xa0\x80 bytes", "bell \x07 & <b>".encode()]
            del file["data/feature_names"]
            file.create_dataset("data/feature_names", data=np.array(names, dtype=object), dtype=h5py.string_dtype())

        page = self.page(self.edited(rename), "--records", 0)
        svg, _ = self.planes(page)
        shown = [marginal.get("data-x") for marginal in of_class(svg, "svg", "marginal")]
        self.assertEqual(shown[0], "<script>alert(1)</script>")
        self.assertRegex(shown[1], "^broken \ufffd+ \ufffd+ bytes$")
        self.assertEqual(shown[2], "bell \ufffd & <b>")

    def test_what_a_file_lacks_is_left_out(self):
        """A checkpoint, say, knows no sizes yet."""

        def drop(*paths):
            def edit(file):
                for path in paths:
                    del file[path]

            return edit

        cases = {
            "Sizes of the components": drop("fit/sizes"),
            "Restarts": drop("fit/restarts"),
            "Convergence": drop("fit/trace"),
            "Components and records": drop("parameters"),
            "The fit": drop("config"),
        }
        for heading, edit in cases.items():
            with self.subTest(heading):
                page = self.page(self.edited(edit))
                (section,) = (s for s in page.tree.iter("section") if s.find("h2").text == heading)
                self.assertRegex(section.find("p").text, r"^Not shown: no '/\w+(/\w+)*' in .*edited\.h5 ")
                self.assertEqual(len(list(page.tree.iter("section"))), 6)
                said = r"^a page of \d sections written to page.html; \d left out, as it says\n$"
                self.assertRegex(self.found.stdout, said)

        def bare(file):
            for name in "log_likelihood", "bic", "stop_reason", "total_seconds", "converged", "total_weight":
                del file["fit"].attrs[name]
            del file["fit/sizes"], file["fit/restarts"]

        page = self.page(self.edited(bare))
        self.assertEqual(len(of_class(page.drawing("gain"), "path", "curve")), 1)
        self.assertEqual(of_class(page.drawing("gain"), "line", "limit"), [])

    def test_data_that_are_gone(self):
        data = write(self.folder / "moved.h5", data=self.records)
        model = fit(self.folder, "gmm", data, 3, "--restarts", 1)
        os.remove(data)
        page = self.page(model)
        self.assertRegex(page.words(), r"No records are drawn: .*moved\.h5.*\. The option --data names a data set\.")
        self.assertIn("jensen: note: No records are drawn", self.found.stderr)
        svg, planes = self.planes(page)
        self.assertEqual([len(of_class(plane, "ellipse", "line")) for plane in planes.values()], [3, 3, 3])
        self.assertEqual(of_class(svg, "path", "points"), [])
        page = self.page(model, "--data", f"{self.data}:/data")
        self.assertEqual(len(of_class(self.planes(page)[0], "path", "points")), 9)

    def test_data_beside_the_model_file(self):
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        shutil.copy(self.data, elsewhere / "local.h5")
        self.done(["fit", "gmm", "local.h5", "--components", 2, "-o", "m.h5", "--progress", "none"], cwd=elsewhere)
        self.assertIn("all of the 300 records of elsewhere/local.h5", self.page("elsewhere/m.h5").words())

    def test_refusals(self):
        plot, others = ["plot", self.model, "-o", "page.html"], str(self.inputs / "others.h5")
        self.refused(
            [
                (["plot", self.model], USAGE, "output is missing", "-o FILE"),
                (["plot", "-o", "page.html"], USAGE, "FILE.h5 is missing"),
                (["plot", self.model, "-o", str(self.inputs)], OUTPUT, "is a directory"),
                (["plot", self.model, "-o", "none/page.html"], OUTPUT, "no directory 'none'"),
                (["plot", self.model, "-o", self.model], USAGE, "also an input"),
                (["plot", self.model, "-o", self.data], USAGE, "also an input"),
                ([*plot, "--features", "redd"], USAGE, "'redd'", "did you mean red?"),
                ([*plot, "--features", "4"], USAGE, "'4'", "from 1 to 3"),
                ([*plot, "--features", "1,,2"], USAGE, "''", "from 1 to 3"),
                ([*plot, "--features", "1,red"], USAGE, "'red' twice"),
                ([*plot, "--features", "1,2,3,1"], USAGE, "twice"),
                ([*plot, "--records", "-1"], USAGE, "records = -1", "0 to 100000"),
                ([*plot, "--records", "100001"], USAGE, "0 to 100000"),
                ([*plot, "--data", f"{others}:/narrow"], INPUT, "2 features", "must be 3"),
                ([*plot, "--data", f"{others}:/renamed"], INPUT, "feature 2", "'green'", "a<b>"),
                ([*plot, "--data", f"{others}:/broken"], INPUT, "record 17"),
                ([*plot, "--data", "none.h5"], INPUT, "none.h5"),
                (["plot", self.data, "-o", "page.html"], INPUT, "data.h5"),
                (["plot", "none.h5", "-o", "page.html"], INPUT, "none.h5"),
            ],
            ranks=(support.ALONE, 2),
        )

    def test_more_than_six_features(self):
        data = write(self.folder / "seven.h5", data=np.random.default_rng(2).normal(size=(80, 7)))
        model = fit(self.folder, "kmeans", data, 2)
        found = self.done(["plot", model, "-o", "page.html", "--features", "1,2,3,4,5,6,7"], code=USAGE)
        self.assertIn("names 7 features (must be at most 6", found.stderr)

    def test_a_failed_run_keeps_the_earlier_page(self):
        page = self.folder / "page.html"
        page.write_text("precious")
        self.done(["plot", self.model, "-o", page, "--features", "none"], code=USAGE)
        self.assertEqual(page.read_text(), "precious")

    def test_help(self):
        found = self.done(["plot", "--help"]).stdout
        for option in "--output", "--data", "--features", "--records":
            self.assertIn(option, found)
        self.assertIn("plot FILE.h5", self.done(["--help"]).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
