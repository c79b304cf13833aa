"""Colours of the report and its plots, light and dark, and how matplotlib's SVG becomes text for a page."""

import io
import re

# name: (light, dark). The light ones differ from each other: they are what matplotlib draws with and what is replaced.
PALETTE = {
    "paper": ("#ffffff", "#0d1117"),
    "ink": ("#1f2328", "#e6edf3"),
    "muted": ("#59636e", "#9aa5b1"),
    "grid": ("#d8dee4", "#30363d"),
    "panel": ("#f6f8fa", "#161b22"),
    "link": ("#0858c8", "#79b8ff"),
    "lost": ("#b3182b", "#ff8f8f"),
    "sync": ("#24292e", "#e6edf4"),
    "taic": ("#0969da", "#58a6ff"),
    "taic_oneshot": ("#bc4c00", "#ffa657"),
    "vector": ("#6b7a00", "#c3d94e"),
    "uintc": ("#8250df", "#c9a2ff"),
    "ipi": ("#1a7f37", "#56d364"),
    "trap": ("#bf3989", "#ff8bc8"),
    "poll": ("#0e7c86", "#5ccfd6"),
    "others": ("#8c959f", "#7d8590"),
    "thesis": ("#9a6700", "#d9a52b"),
    "rel4": ("#6e7781", "#adb6c0"),
    "upstream": ("#cf222e", "#ff7b72"),
}
# What has no colour of its own has that of another.
SAME = {"notification": "poll", "async": "taic", "drives": "trap", "bells": "taic", "wakes": "uintc", "sleeps": "ipi",
        "taic_linux": "thesis", "unleashed": "upstream"}
MARKERS = {"sync": "s", "taic": "o", "taic_oneshot": "^", "vector": "*", "uintc": "D", "ipi": "v", "trap": "P",
           "poll": "X", "notification": "v", "async": "o", "drives": "P", "bells": "o", "wakes": "D", "sleeps": "v"}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def key(name):
    """The palette's entry for a series or a source."""
    name = SAME.get(name, "upstream" if name.startswith("upstream") else name)
    return name if name in PALETTE else "others"


def colour(name):
    return PALETTE[key(name)][0]


def variables(index):
    return "".join(f"--{name}:{pair[index]};" for name, pair in PALETTE.items())


def tidy(svg, name, title):
    """One plot as an element: names of its own, and a text for who does not see it."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r' (width|height)="([\d.]+)pt"', r' \1="\2"', svg, count=2)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r"(font: [\d.]*\s*[a-z0-9 ]*px) [^;\"]*", r"\1 FONT", svg).replace("FONT", FONT.replace('"', "'"))
    head = f'<svg role="img" aria-labelledby="{name}-title" '
    svg = svg.replace("<svg ", head, 1)
    at = svg.index(">") + 1
    return f'{svg[:at]}<title id="{name}-title">{title}</title>{re.sub(chr(10) + " +", chr(10), svg[at:])}'


def themed(svg):
    """The same with the page's variables in place of the light colours."""
    names = {pair[0]: name for name, pair in PALETTE.items()}
    return re.sub(r"#[0-9a-f]{6}", lambda match: f"var(--{names[match[0]]})" if match[0] in names else match[0], svg)


def render(figure, name, title):
    from matplotlib import rc_context

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return tidy(text.getvalue(), name, title)
