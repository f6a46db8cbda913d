"""Reads a page of `jensen plot`: its drawings as trees, and its axes as maps between pixels and data."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta"}


class Checker(HTMLParser):
    """Every element that is opened is closed, in order; nothing is fetched or run."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.title = [], [], ""
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            fetches = name in ("src", "href", "xlink:href", "srcset", "data") or name.startswith("on")
            if fetches or "url(" in value or "javascript:" in value:
                self.faults.append(f'<{tag} {name}="{value}">')
        if tag in ("script", "link", "iframe", "object", "img", "base"):
            self.faults.append(f"<{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        if self.open == ["html", "head", "title"]:
            self.title += data
        if self.open[-1:] == ["style"] and ("@import" in data or "url(" in data):
            self.faults.append("the style fetches something")


class Page:
    def __init__(self, file):
        self.text = file.read_text(encoding="utf-8")
        checker = Checker(self.text)
        self.faults, self.title = checker.faults, checker.title
        self.tree = ElementTree.fromstring(self.text.removeprefix("<!DOCTYPE html>\n"))  # the page is XML too

    def words(self):
        return " ".join(" ".join(self.tree.itertext()).split())

    def drawings(self):
        """Outer <svg> elements by their label."""
        return {svg.get("aria-label"): svg for svg in self.tree.iter(f"{SVG}svg") if svg.get("role") == "img"}

    def drawing(self, begin):
        found = [svg for label, svg in self.drawings().items() if label.startswith(begin)]
        assert len(found) == 1, f"{len(found)} drawings '{begin}': {list(self.drawings())}"
        return found[0]


def of_class(svg, tag, name):
    return [element for element in svg.iter(SVG + tag) if name in (element.get("class") or "").split()]


def box(window):
    return [float(window.get(name)) for name in ("x", "y", "width", "height")]


class Axis:
    """Data = (pixel - origin) / unit, told by the ticks that lie beside the window."""

    def __init__(self, svg, window, direction, logarithmic=False):
        left, top, width, height = box(window)
        low, high = (left, left + width) if direction == "x" else (top, top + height)
        self.logarithmic = logarithmic
        ticks = {}
        for group in svg.iter(f"{SVG}g"):
            if group.get("class") != f"tick {direction}":
                continue
            pixel = float(group.find(f"{SVG}line").get(f"{direction}1"))
            if low - 0.01 <= pixel <= high + 0.01:
                value = float(group.get("data-value"))
                ticks[pixel] = np.log10(value) if logarithmic else value
        pixels, values = np.array(list(ticks)), np.array(list(ticks.values()))
        assert len(pixels) >= 2, "an axis needs two ticks"
        self.unit, self.origin = np.polyfit(values - values[0], pixels, 1)
        self.origin -= self.unit * values[0]
        residual = np.abs(self.origin + self.unit * values - pixels).max()
        assert residual < 0.02, f"ticks are not evenly spaced: {residual}"

    def data(self, pixels):
        values = (np.asarray(pixels) - self.origin) / self.unit
        return 10**values if self.logarithmic else values


def points_of(path):
    """The points of a path of M, L and h0 commands."""
    numbers = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d"))
    return np.array(numbers, dtype=float).reshape(-1, 2)


def ellipse_of(element):
    """Centre and the 2 x 2 matrix whose unit contour the ellipse is, in pixels."""
    cx, cy, rx, ry = (float(element.get(name)) for name in ("cx", "cy", "rx", "ry"))
    angle = np.radians(float(re.match(r"rotate\((-?[\d.]+) ", element.get("transform"))[1]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.array([cx, cy]), turn @ np.diag([rx**2, ry**2]) @ turn.T
