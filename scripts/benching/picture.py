"""Bars and lines as SVG, with what a few of them need."""

import math
from xml.sax.saxutils import escape

from report import spread_of

WIDTH, LEFT, RIGHT, ROW = 900, 250, 90, 24
COLOURS = {"billhook": "#1b6ca8", "yardstick": "#8a8a8a", "nothing": "#c9c9c9",
           "Go": "#d98032", "PHP": "#a0522d"}


def colour(name):
    return next((c for word, c in COLOURS.items() if word in name), "#8a8a8a")


def nice(top):
    """A round number that is not less, for the end of an axis."""
    power = 10 ** math.floor(math.log10(top))
    return next(m * power for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
                if m * power >= top)


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


class Picture:
    def __init__(self, title, below):
        self.parts, self.y = [], 62
        self.text(20, 28, title, 18, bold=True)
        self.text(20, 47, below, 12, fill="#555")

    def text(self, x, y, words, size=12, anchor="start", fill="#222",
             bold=False):
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{fill}"{weight}>'
            f"{escape(words)}</text>")

    def line(self, x1, y1, x2, y2, stroke="#222", width=1.0):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{stroke}" stroke-width="{width}"/>')

    def heading(self, title):
        self.y += 30
        self.text(20, self.y, title, 14, bold=True)
        self.y += 12

    def bars(self, title, unit, rows):
        """rows: (name, [middle, least, greatest]); an axis from zero."""
        if not rows:
            return
        self.heading(f"{title}, {unit}")
        top = nice(max(values[2] for _, values in rows))
        scale = (WIDTH - LEFT - RIGHT) / top
        begin = self.y
        for name, (middle, least, greatest) in rows:
            y = self.y
            self.text(LEFT - 8, y + 15, name, 12, "end")
            self.parts.append(
                f'<rect x="{LEFT}" y="{y + 3}" width="{middle * scale:.1f}" '
                f'height="{ROW - 8}" fill="{colour(name)}"/>')
            mid = y + ROW / 2 - 1
            self.line(LEFT + least * scale, mid, LEFT + greatest * scale, mid)
            for end in (least, greatest):
                self.line(LEFT + end * scale, mid - 4, LEFT + end * scale,
                          mid + 4)
            self.text(LEFT + greatest * scale + 6, y + 15, number(middle), 12)
            self.y += ROW
        self.axis(begin, top, scale)

    def axis(self, begin, top, scale):
        self.line(LEFT, begin, LEFT, self.y)
        self.line(LEFT, self.y, LEFT + top * scale, self.y)
        for i in range(6):
            x = LEFT + top * scale * i / 5
            self.line(x, self.y, x, self.y + 4)
            self.text(x, self.y + 17, number(top * i / 5), 11, "middle",
                      "#555")
        self.y += 24

    def lines(self, title, unit, places, series):
        """series: name -> [middle, least, greatest] at each of places, which
        stand at equal distances."""
        self.heading(f"{title}, {unit}")
        height, width = 170, WIDTH - LEFT - RIGHT
        top = nice(max(v[2] for row in series.values() for v in row))
        base, scale = self.y + height, height / top
        step = width / max(1, len(places) - 1)
        for i in range(6):
            y = base - height * i / 5
            self.line(LEFT, y, LEFT + width, y, "#ddd")
            self.text(LEFT - 8, y + 4, number(top * i / 5), 11, "end", "#555")
        for i, place in enumerate(places):
            self.text(LEFT + step * i, base + 17, place, 11, "middle", "#555")
        for k, (name, row) in enumerate(series.items()):
            stroke = ("#1b6ca8", "#d98032", "#4a8f4a")[k % 3]
            points = " ".join(
                f"{LEFT + step * i:.1f},{base - v[0] * scale:.1f}"
                for i, v in enumerate(row))
            self.parts.append(f'<polyline points="{points}" fill="none" '
                              f'stroke="{stroke}" stroke-width="2"/>')
            for i, (middle, least, greatest) in enumerate(row):
                x = LEFT + step * i
                self.line(x, base - least * scale, x, base - greatest * scale,
                          stroke)
                self.parts.append(f'<circle cx="{x:.1f}" cy="'
                                  f'{base - middle * scale:.1f}" r="3.5" '
                                  f'fill="{stroke}"/>')
            self.text(20, self.y + 14 + 18 * k, f"\u25cf {name}", 12,
                      fill=stroke)
        self.y = base + 26

    def svg(self, foot):
        self.y += 16
        for words in foot:
            self.text(20, self.y, words, 11, fill="#555")
            self.y += 15
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
                f'height="{self.y + 8:.0f}" viewBox="0 0 {WIDTH} '
                f'{self.y + 8:.0f}" font-family="sans-serif">\n'
                '<rect width="100%" height="100%" fill="white"/>\n'
                + "\n".join(self.parts) + "\n</svg>\n")


def draw(about, told, grown):
    """The whole picture, as text."""
    picture = Picture(
        "billhook: events per second, CPU and latency",
        f"{about['model']}, {about['cpus']} processors, {about['system']}, "
        f"{about['date']}; one sync takes {about['sync_us']} us")
    shown = [(n, r) for n, r in told.items()
             if not n.startswith(("CGI", "slow disk", "nothing")) and
             "of 8" not in n]
    for c in (8, 32):
        rows = [(n, r) for n, r in shown if n.endswith(f"c={c}")]
        rows = [(n.rpartition(", c=")[0], r) for n, r in rows]
        picture.bars(f"Rate at {c} connections", "events/s",
                     [(n, r["events_per_second"]) for n, r in rows])
        picture.bars(f"CPU of all server processes at {c} connections",
                     "\u00b5s per event",
                     [(n, r["whole_us"]) for n, r in rows])
        picture.bars(f"99th percentile at {c} connections", "ms",
                     [(n, [v / 1e3 for v in r["p99"]]) for n, r in rows])
    for begins, title in (("CGI", "Plain CGI at 8 connections, a process for "
                           "each event"),
                          ("slow disk", "Rate at 32 connections on a disk "
                           "whose sync takes 5 ms more")):
        picture.bars(title, "events/s", [
            (n.split(", ", 1)[1].rpartition(", c=")[0],
             r["events_per_second"])
            for n, r in told.items() if n.startswith(begins)])
    if grown and len(grown["sizes"]) > 1:
        draw_growth(picture, grown)
    return picture.svg([
        "Bars and points are medians of the rounds, thin lines reach from the "
        "least to the greatest.",
        "The load is made on the same processors.  scripts/bench makes this "
        "picture; its table says more."])


def draw_growth(picture, grown):
    sizes = grown["sizes"]
    places = [f"{size:,} events" for size in sizes]
    for figure, title, unit, scale in (
            ("cpu_us", "CPU of the responders as the database grows",
             "\u00b5s per event", 1),
            ("p99", "99th percentile as the database grows", "ms", 1e3)):
        picture.lines(title, unit, places, {
            words: [[v / scale for v in spread_of(
                [r[kind][figure] for r in grown["runs"][size]])]
                for size in sizes]
            for kind, words in (("new", "new events"),
                                ("duplicates", "duplicates"))})
