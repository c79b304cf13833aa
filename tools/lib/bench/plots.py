"""The plots, by matplotlib, each for a width in points: the report has one of a phone and one of a desk of every plot."""

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from bench import families, style
from bench.machines import MACHINES, WORDS

PHONE, DESK = 336, 760
POINT = 72  # of matplotlib's inch, and one pixel of the SVG's own
TICKS = [100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10000, 15000, 20000, 30000, 50000, 100000]
SETTINGS = {"font.size": 11, "axes.edgecolor": style.colour("muted"), "text.color": style.colour("ink"),
            "axes.labelcolor": style.colour("ink"), "xtick.color": style.colour("muted"),
            "ytick.color": style.colour("muted"), "xtick.labelcolor": style.colour("ink"),
            "ytick.labelcolor": style.colour("ink"), "grid.color": style.colour("grid"), "axes.grid": True,
            "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False, "grid.linewidth": 0.8,
            "lines.linewidth": 2, "lines.markersize": 6, "figure.facecolor": style.colour("paper"),
            "axes.facecolor": style.colour("paper"), "legend.frameon": False}


def canvas(width, height):
    figure = Figure(figsize=(width / POINT, height / POINT))
    return figure, figure.subplots()


def thousands(value, _position=None):
    return f"{value:,.0f}"


def put_legend(figure, width):
    """Below the axes, in a figure that grows by what it takes."""
    entries = {}
    for axes in figure.axes:
        entries |= dict(zip(*axes.get_legend_handles_labels()[::-1]))
    columns = 1 if width < 500 else 2
    rows = -(-len(entries) // columns)
    before = figure.get_figheight()
    legend = rows * 16.5 / POINT + 0.05
    figure.set_figheight(before + legend)
    figure.legend(entries.values(), entries.keys(), loc="lower center", ncols=columns, handlelength=2.6, labelspacing=0.35,
                  borderaxespad=0.1)
    figure.tight_layout(pad=0.4, w_pad=1.5, rect=(0, legend / (before + legend), 1, 1))


def put_published(axes, curves):
    for curve in curves:
        look = {"color": style.colour(curve.look or curve.source), "label": curve.name, "zorder": 1.5}
        if curve.points:
            axes.plot(*zip(*curve.points), linestyle="none", marker=curve.marker, markersize=10, markerfacecolor="none",
                      markeredgewidth=1.5, **look)
        elif curve.level[0] == curve.level[1]:
            dashes = (0, (5, 3)) if curve.judged else (0, (2, 2))
            axes.axhline(curve.level[0], linewidth=1.5, linestyle=dashes, **look)
        else:
            axes.axhspan(*curve.level, alpha=0.35, linewidth=0, **look)


def put_series(axes, found):
    for place, (series, points) in enumerate(found.items()):
        curve = families.curve(points)
        look = {"label": f"TaiL4 {series}", "color": style.colour(series), "zorder": 3 - place / 10}  # the first on top
        if len(curve) == 1:  # there is only one, so it is so everywhere
            axes.axhline(curve[0][1], linestyle=(0, (1, 1)), **look)
        elif curve:
            axes.plot(*zip(*curve), marker=style.MARKERS.get(series, "o"), markeredgewidth=0, **look)


def powers_of_two(axes, most, narrow):
    axes.set_xscale("log", base=2)
    ticks = [1 << i for i in range(10) if 1 << i <= most]
    axes.xaxis.set_major_locator(FixedLocator(ticks[::2] if narrow and len(ticks) > 8 else ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(thousands))
    axes.xaxis.set_minor_locator(NullLocator())


def log_ticks(axes):
    axes.set_yscale("log")
    axes.margins(y=0.08)
    low, high = axes.get_ylim()
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes.yaxis.set_major_locator(FixedLocator(ticks if len(ticks) < 12 else ticks[::2]))
    axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_locator(NullLocator())


def put_curves(axes, results, machine, published, name, narrow):
    """Time over a power of two: of tasks, of messages in flight."""
    entry = MACHINES[machine]
    found = families.family(results, machine, name)
    others = published.of(name, entry.harts) if entry.unit == "cycles" else []
    put_series(axes, found)
    put_published(axes, others)
    points = {point for series in found.values() for point in series} | {
        point for curve in others for point, _value in curve.points}
    powers_of_two(axes, max(points), narrow)
    log_ticks(axes)
    axes.set_ylabel(f"{WORDS[entry.unit]} a call")


def curves(width, results, machine, published, name, label):
    figure, axes = canvas(width, 250 if width < 500 else 340)
    put_curves(axes, results, machine, published, name, width < 500)
    axes.set_xlabel(label)
    put_legend(figure, width)
    return figure


def page_map(width, results, machine, published):
    return curves(width, results, machine, published, "page_map", "tasks at once")


def message(width, results, machine, published):
    return curves(width, results, machine, published, "message", "messages in flight")


def page_maps(width, results, machines, published):
    """Several machines side by side."""
    figure = Figure(figsize=(width / POINT, 380 / POINT))
    for machine, axes in zip(machines, figure.subplots(1, len(machines), sharey=True, squeeze=False)[0]):
        put_curves(axes, results, machine, published, "page_map", len(machines) > 1)
        axes.set_title(MACHINES[machine].title, fontsize=12)
        axes.set_xlabel("tasks at once")
    for axes in figure.axes[1:]:
        axes.set_ylabel("")
    put_legend(figure, width)
    return figure


def clients(width, results, machine, _published):
    figure, axes = canvas(width, 210 if width < 500 else 260)
    put_series(axes, families.family(results, machine, "clients"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    axes.set_ylim(0, 1.1 * axes.get_ylim()[1])
    axes.set_xlabel("processes")
    axes.set_ylabel(f"{WORDS[MACHINES[machine].unit]} a call")
    put_legend(figure, width)
    return figure


WAKES = {"drives": "traps to the kernel", "bells": "doorbells to the kernel", "wakes": "doorbells to the user",
         "sleeps": "signals: the user slept"}


def wakes(width, results, machine, published):
    """Of the series taic: how often a call wakes either side."""
    figure, axes = canvas(width, 220 if width < 500 else 260)
    points = families.family(results, machine, "page_map")["taic"]
    for measure, label in WAKES.items():
        curve = families.curve(points, measure)
        if curve:
            axes.plot(*zip(*curve), label=label, color=style.colour(measure), marker=style.MARKERS[measure],
                      markeredgewidth=0)
    put_published(axes, published.of("wakes", MACHINES[machine].harts))
    powers_of_two(axes, max(points), width < 500)
    axes.set_ylim(bottom=-0.02)
    axes.set_xlabel("tasks at once")
    axes.set_ylabel("a call")
    put_legend(figure, width)
    return figure


def ipc(width, results, machine, published):
    """A bar a row, upstream's as a line across it; what is slower is red and says so."""
    unit = MACHINES[machine].unit
    rows = families.ipc(results, machine)
    others = published.judged(unit)
    sheet, axes = canvas(width, 60 + 23 * len(rows))
    places = range(len(rows))
    lost = [figure.value > others.get(row, figure.value) for row, figure in rows.items()]
    axes.barh(places, [figure.value for figure in rows.values()], height=0.62,
              color=[style.colour("upstream" if worse else "taic") for worse in lost])
    known = [(place, others[row]) for place, row in zip(places, rows) if row in others]
    if known:
        axes.scatter([value for _place, value in known], [place for place, _value in known], marker="|", s=190,
                     linewidths=3, color=style.colour("ink"), zorder=3)
    most = max([figure.value for figure in rows.values()] + [value for _place, value in known])
    for place, (row, figure), worse in zip(places, rows.items(), lost):
        other = others.get(row)
        text = f"{figure.value / other:.2f}×" + (" slower" if worse else "") if other else ""
        axes.text(max(figure.value, other or 0) + most / 60, place, text, va="center", fontsize=10,
                  fontweight="bold" if worse else "normal", color=style.colour("lost" if worse else "muted"))
    axes.set_yticks(places, list(rows))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, most * (1.3 if width < 500 else 1.12))
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_locator(MaxNLocator(4 if width < 500 else 8))
    axes.xaxis.set_major_formatter(FuncFormatter(thousands))
    axes.set_xlabel(f"{WORDS[unit]}; line: upstream seL4")
    sheet.tight_layout(pad=0.4)
    return sheet


def draw(plot, width, results, machine, published, name, title):
    with matplotlib.rc_context(SETTINGS):
        return style.render(plot(width, results, machine, published), name, title)
