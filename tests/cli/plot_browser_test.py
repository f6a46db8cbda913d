"""Pages of `jensen plot` in a browser without a window: they show something, and no text is cut or covered."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path

import h5py
import numpy as np

import support
from support import DATA, write

LIMIT = 60  # seconds for one start of the browser

# Runs in the browser: what lies outside its drawing, and which texts of a drawing overlap.
MEASURE = """<script>
window.faults = [];
window.onerror = message => { window.faults.push("error: " + message); };
window.addEventListener("load", () => {
  const faults = window.faults, name = text => JSON.stringify(text.textContent.slice(0, 40));
  const box = element => {  // of the letters: without the room above and below them
    const b = element.getBoundingClientRect(), turned = b.height > 20 && element.hasAttribute("transform");
    const dx = turned ? 2.5 : 0.5, dy = turned ? 0.5 : 2.5;
    return {left: b.left + dx, right: b.right - dx, top: b.top + dy, bottom: b.bottom - dy};
  };
  let texts = 0;
  for (const svg of document.querySelectorAll("body svg:not(svg svg)")) {
    const boxes = [];
    for (const text of svg.querySelectorAll("text")) {
      ++texts;
      const b = box(text);
      for (let outer = text.ownerSVGElement; outer; outer = outer.ownerSVGElement) {
        const o = outer.getBoundingClientRect();
        if (b.left < o.left - 1 || b.right > o.right + 1 || b.top < o.top - 1 || b.bottom > o.bottom + 1)
          faults.push("cut: " + name(text) + " in " + svg.getAttribute("aria-label"));
      }
      for (const [other, o] of boxes)
        if (b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom)
          faults.push("overlap: " + name(text) + " and " + name(other) + " in " + svg.getAttribute("aria-label"));
      boxes.push([text, b]);
    }
  }
  if (document.documentElement.scrollWidth > window.innerWidth) faults.push("the page is wider than the window");
  const drawn = document.querySelectorAll("body svg path, body svg ellipse, body svg rect");
  const seen = [...drawn].filter(e => { const b = e.getBBox(); return b.width + b.height > 0; }).length;
  const report = document.createElement("pre");
  report.id = "measured";
  report.textContent = btoa(unescape(encodeURIComponent(JSON.stringify({faults, texts, seen}))));
  document.body.append(report);
});
</script>"""


def pixels(png):
    """Decodes a PNG of 8 bits a channel: height x width x 3."""
    data, place, header = b"", 8, None
    while place < len(png):
        length, kind = int.from_bytes(png[place : place + 4], "big"), png[place + 4 : place + 8]
        body = png[place + 8 : place + 8 + length]
        header = body if kind == b"IHDR" else header
        data += body if kind == b"IDAT" else b""
        place += 12 + length
    width, height, channels = *np.frombuffer(header[:8], ">u4"), {2: 3, 6: 4}[header[9]]
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
    image = np.zeros((height, width, channels), np.uint8)
    above = np.zeros((width, channels), np.uint8)
    for y in range(height):
        line = lines[y, 1:].reshape(width, channels)
        above = image[y] = unfiltered(lines[y, 0], line, above)
    return image[:, :, :3]


def unfiltered(kind, line, above):
    """One line of a PNG from its differences (PNG specification, section 9)."""
    if kind == 0:
        return line
    if kind == 1:
        return np.cumsum(line, axis=0, dtype=np.uint8)
    if kind == 2:
        return line + above
    out, left, corner = line.astype(int), np.zeros(line.shape[1], int), np.zeros(line.shape[1], int)
    for x, up in enumerate(above.astype(int)):
        if kind == 3:
            guess = (left + up) // 2
        else:
            distances = np.abs([up - corner, left - corner, left + up - 2 * corner])
            guess = np.choose(distances.argmin(axis=0), [left, up, corner])
        left = out[x] = (out[x] + guess) & 255
        corner = up
    return out.astype(np.uint8)


class Browser(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = shutil.which("chromium")
        assert cls.browser, "chromium is missing; scripts/install-dependencies --tests installs it"
        random = np.random.default_rng(3)
        cls.sets = {}
        for name in "gvhd_pos", "iris", "faithful":
            cls.sets[name] = str(cls.inputs / f"{name}.h5")
            found = support.run(["import", DATA / f"{name}.csv", "-o", cls.sets[name]])
            assert found.code == 0, found.stderr
        group = random.integers(0, 60, 3000)
        centres = random.normal(size=(60, 6)) * [1, 1e-9, 1e8, 3, 2, 1] * 5 + [0, 0, 0, 1e7, -1e5, 5]
        spread = random.normal(size=(3000, 6)) * [1, 1e-9, 1e8, 3, 2, 1]
        cls.sets["sizes"] = write(cls.inputs / "sizes.h5", data=centres[group] + spread)
        with h5py.File(cls.sets["sizes"], "a") as file:
            file["data"].attrs["feature_names"] = ["<a>", "b & c", "long " * 30, "d", "e", "f"]
        cls.sets["one"] = write(cls.inputs / "one.h5", data=random.normal(size=(500, 1)) + 1e6)

    def start(self, page, *options):
        """Runs the browser, never longer than a limit; returns what it prints."""
        with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as home:
            command = [self.browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            command += ["--no-first-run", "--disable-extensions", "--hide-scrollbars", "--force-device-scale-factor=1"]
            command += [f"--user-data-dir={home}", "--enable-logging=stderr", "--virtual-time-budget=5000"]
            command += [*options, page.as_uri()]
            environment = os.environ | {"HOME": home, "XDG_RUNTIME_DIR": home}
            with subprocess.Popen(
                command,
                env=environment,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            ) as process:
                try:
                    stdout, stderr = process.communicate(timeout=LIMIT)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, 9)
                    process.communicate()
                    self.fail(f"the browser did not end within {LIMIT} s")
            self.assertEqual(process.returncode, 0, stderr)
            console = [line for line in stderr.splitlines() if "CONSOLE" in line]
            self.assertEqual(console, [])
            return stdout

    def plot(self, model, data, components, *options, plot=()):
        file = self.folder / f"{model}.h5"
        args = ["fit", model, self.sets[data], "--components", components, "--progress", "none", "-o", file]
        self.done([*args, *options])
        self.done(["plot", file, "-o", "page.html", *plot])
        return self.folder / "page.html"

    def measured(self, page, *options):
        text = page.read_text()
        measured = self.folder / "measured.html"
        measured.write_text(text.replace("</head>", MEASURE + "</head>"))
        dom = self.start(measured, "--dump-dom", *options)
        found = re.search(r'<pre id="measured">([\w+/=]*)</pre>', dom)
        self.assertIsNotNone(found, dom[-500:])
        result = json.loads(base64.b64decode(found[1]))
        self.assertEqual(result["faults"], [])
        return result

    def test_the_measurement_finds_faults(self):
        page = self.folder / "bad.html"
        texts = '<text x="10" y="20">one</text><text x="15" y="22">two</text><text x="95" y="80">three</text>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" aria-label="bad">{texts}</svg>'
        page.write_text(f"<!DOCTYPE html><html><head></head><body>{svg}</body></html>")
        with self.assertRaises(AssertionError) as raised:
            self.measured(page)
        self.assertIn('overlap: "two" and "one"'.replace('"', '\\"'), str(raised.exception).replace('"', '\\"'))
        self.assertIn("cut:", str(raised.exception))

    def test_no_text_is_cut_or_covered(self):
        cases = {
            "gvhd": (("gmm", "gvhd_pos", 6), 100),
            "iris": (("gmm", "iris", 3), 60),
            "faithful": (("gmm", "faithful", 2), 60),
            "kmeans": (("kmeans", "gvhd_pos", 5), 60),
            "one component": (("gmm", "faithful", 1), 20),
            "one feature": (("gmm", "one", 2), 20),
            "one iteration": (("gmm", "iris", 3, "--max-iterations", 1, "--restarts", 1), 40),
            "sixty components": (("gmm", "sizes", 60, "--covariance", "diag", "--max-iterations", 20), 150),
        }
        for name, (case, least_texts) in cases.items():
            with self.subTest(name):
                plot = ["--features", "1,2,3,4,5,6"] if case[1] == "sizes" else []
                result = self.measured(self.plot(*case, plot=plot), "--window-size=1100,1000")
                self.assertGreater(result["texts"], least_texts)
                self.assertGreater(result["seen"], 5)

    def test_narrow_windows(self):
        page = self.plot("gmm", "iris", 3)
        self.measured(page, "--window-size=500,900")

    def test_it_is_painted(self):
        page = self.plot("gmm", "gvhd_pos", 6)
        file = self.folder / "page.png"
        for scheme, dark in ("1", False), ("0", True):
            with self.subTest(dark=dark):
                scheme_option = f"--blink-settings=preferredColorScheme={scheme}"
                small = "--force-device-scale-factor=0.5"  # a quarter of the pixels to decode
                self.start(page, f"--screenshot={file}", "--window-size=1000,2600", scheme_option, small)
                image = pixels(file.read_bytes())
                self.assertEqual(image.shape, (1300, 500, 3))
                paper = image[3, 3].astype(int)
                self.assertEqual(paper.max() < 60, dark)
                inked = np.abs(image.astype(int) - paper).max(axis=2) > 40
                self.assertGreater(inked.mean(), 0.02)
                bands = inked[:1250].reshape(10, 125, 500)
                self.assertGreater(bands.mean(axis=(1, 2)).min(), 0.002)  # something everywhere
                saturated = (image.max(axis=2).astype(int) - image.min(axis=2)) > 90
                self.assertGreater(saturated.mean(), 0.005)  # and colours


if __name__ == "__main__":
    unittest.main(verbosity=2)
