"""report.html: one file that needs no other, with tables and plots of some results."""

from html import escape
from pathlib import Path

from bench import families, losses, pages, plots, style
from bench.machines import MACHINES, WORDS, present
from bench.results import IMAGE

CSS = Path(__file__).with_name("report.css")
README_WIDTH = 880
MEASURES = ("mean", "map", "unmap", "p50", "p99", "map_p50", "map_p99", "unmap_p50", "unmap_p99", "drives", "bells",
            "wakes", "sleeps")


def style_sheet():
    text = CSS.read_text()
    for mark, value in (("LIGHT", style.variables(0)), ("DARK", style.variables(1)), ("FONT", style.FONT)):
        text = text.replace(mark, value)
    return text


def plot(draw, results, machine, published, title):
    name = f"{draw.__name__}-{machine}"
    drawn = [style.themed(plots.draw(draw, width, results, machine, published, f"{name}-{size}", escape(title)))
             for size, width in (("phone", plots.PHONE), ("desk", plots.DESK))]
    return pages.figure(*drawn)


def measures_of(points):
    names = {name for measures in points.values() for name in measures}
    return sorted(names, key=lambda name: (MEASURES.index(name) if name in MEASURES else len(MEASURES), name))


def family_table(found, head):
    """A row a point, a column a measure of each series."""
    groups = [(series, measures_of(points)) for series, points in found.items()]
    columns = [head, *(measure for _series, measures in groups for measure in measures)]
    rows = []
    for point in sorted({point for points in found.values() for point in points}):
        values = [found[series].get(point, {}).get(measure) for series, measures in groups for measure in measures]
        rows.append((point, *(value.value if value else None for value in values)))
    return pages.table(columns, rows, [(series, len(measures)) for series, measures in groups])


def family_part(results, published, name, draw, head, title, about):
    """A section with a plot and a table for each machine that has the family."""
    parts = []
    for machine, entry in present(results).items():
        found = families.family(results, machine, name)
        if not found:
            continue
        parts.append(f"<h3>{escape(entry.title)}</h3>")
        has_time = any("mean" in measures for points in found.values() for measures in points.values())
        if entry.unit and has_time:
            parts.append(plot(draw, results, machine, published, f"{title}, {entry.title}"))
        if not entry.unit:
            parts.append(pages.paragraph("No times: harts that are threads of a host share its processors.", "small"))
        parts.append(pages.details("the figures", family_table(found, head)))
    return section(name, title, about, parts)


def section(name, title, about, parts):
    if not parts:
        return ""
    return f'<section id="{name}"><h2>{escape(title)}</h2>{pages.paragraph(about)}{"".join(parts)}</section>'


def losses_part(results, published):
    found = losses.losses(results, published)
    about = (f"Generated from the figures below: {sum(map(len, found.values()))} series or rows that cost more than our own "
             "synchronous calls, or than upstream seL4. The worst first." if found else
             "Nowhere among these figures: no asynchronous series is slower than the synchronous one, no row slower than "
             "upstream's.")
    lists = "".join(f"<h3>{escape(MACHINES[machine].title)}</h3>" + pages.listed(
        f"<b>{escape(head)}</b>:{escape(tail)}" for head, _, tail in (str(loss).partition(":") for loss in lost))
        for machine, lost in found.items())
    return (f'<section id="losses"><h2>Where TaiL4 loses</h2>{pages.paragraph(about)}'
            f'<div class="losses">{lists}</div></section>')


def ipc_part(results, published):
    parts = []
    for machine, entry in present(results).items():
        rows = families.ipc(results, machine)
        if not rows or not entry.unit:
            continue
        limits = published.judged(entry.unit)
        parts += [f"<h3>{escape(entry.title)}</h3>", plot(plots.ipc, results, machine, published, f"IPC rows, {entry.title}")]
        table = []
        for row, figure in rows.items():
            other = limits.get(row)
            ratio = f"{figure.value / other:.2f}" if other else None
            kind = "lost" if other and figure.value > other else ""
            table.append((row, figure.value, other, (ratio, kind or "num")))
        parts.append(pages.details("the figures", pages.table(
            ["row", "TaiL4", "upstream seL4", "ratio"], table)))
    return section("ipc", "IPC, signals, faults, pages", "Each row beside upstream seL4's on the same machine: in cycles the "
                   "least figure of the published tables below. A row where TaiL4 is slower is red.", parts)


def wakes_part(results, published):
    parts = []
    for machine, entry in present(results).items():
        points = families.family(results, machine, "page_map").get("taic", {})
        if any(measure in plots.WAKES for measures in points.values() for measure in measures):
            parts += [f"<h3>{escape(entry.title)}</h3>",
                      plot(plots.wakes, results, machine, published, f"Wake-ups a call, {entry.title}")]
    return section("wakes", "Wake-ups a call", "Series taic of PageMap/PageUnmap: how often a call wakes the kernel, and the "
                   "user. The figures are in the tables of PageMap and PageUnmap.", parts)


def unmap_part(results):
    rows = []
    for machine, entry in present(results).items():
        for series, points in families.family(results, machine, "unmap").items():
            rows += [(entry.title, series, at, value, WORDS[entry.unit]) for at, value in families.curve(points)]
    parts = [pages.table(["machine", "calls", "pages", "a page", ""], rows)] if rows else []
    return section("unmap", "Unmapping many pages", "Pages of one space, which on two harts a thread of the other hart is "
                   "in, too.", parts)


def sizes_part(results):
    memory = {name.removeprefix("memory."): figure.value for (_machine, name), figure in results.figures().items()
              if name.startswith("memory.")}
    boot = {f"{name.removeprefix('boot.')}, {MACHINES[machine].title}": f"{figure.value:,} {WORDS[figure.unit]}"
            for (machine, name), figure in results.figures().items() if name.startswith("boot.")}
    parts = [pages.table(["memory", "bytes"], list(memory.items()))] if memory else []
    if results.images:
        columns = list(dict.fromkeys(part for sizes in results.images.values() for part in sizes))
        parts.append(pages.table([IMAGE, *columns], [(name, *(sizes.get(part) for part in columns))
                                                     for name, sizes in results.images.items()]))
    parts += [pages.table(["boot", "time"], list(boot.items()))] if boot else []
    return section("sizes", "Sizes", "Memory of a queue (of so many slots) and of a task, and the images.", parts)


def published_part(published):
    rows = []
    for family, curves in published.curves.items():
        for curve in curves:
            values = [f"{value:,} at {point}" for point, value in curve.points] or [
                f"{curve.level[0]:,}" + (f" to {curve.level[1]:,}" if curve.level[1] != curve.level[0] else "")]
            rows.append((curve.name, ", ".join(values), str(curve.harts), family, curve.source))
    sources = [f"<b>{escape(name)}</b>: {escape(source.title)}. <span class=\"small\">{escape(source.conditions)}.</span>"
               for name, source in published.sources.items()]
    ipc = [(f"{table.source} ({table.unit})", pages.table(["row", table.unit], list(table.rows.items())))
           for table in published.ipc]
    parts = [pages.listed(sources), pages.table(["series", "figure", "harts", "plot", "source"], rows),
             *(pages.details(title, table) for title, table in ipc)]
    return section("published", "Published figures and their sources", "None of these machines is quite ours. Only upstream "
                   "seL4's figures from the same simulated machine are judged against.", parts)


def conditions_part(results):
    facts = {"date": results.date, **results.revision, **results.configuration, **results.tools}
    rows = [(name, (str(value), "wrap")) for name, value in facts.items()]
    runs = [(f"{run.machine} {run.suite}", (run.arguments, "text"), len(run.figures), round(run.seconds),
             ("; ".join(run.problems) or "good", "lost" if run.problems else "text")) for run in results.runs]
    return section("conditions", "Conditions", "What was measured, on what, and how each run ended.", [
        pages.table(["what", "value"], rows),
        pages.table(["run", "arguments", "figures", "seconds of the host", "end"], runs)])


def head_part(results):
    revision = results.revision.get("commit", "")[:12] + (" and changes that are not in it" if results.revision.get("dirty") else "")
    parts = [f"<h1>TaiL4 in figures</h1><p class=\"small\">Revision {escape(revision)}, {escape(results.date)}. "
             f"{escape(results.configuration.get('compiler', ''))}. Less is better in every figure.</p>"]
    failed = results.problems()
    if failed:
        parts.append(f'<p class="lost">Some runs failed:</p>{pages.listed(map(escape, failed))}')
    return "".join(parts)


def html(results, published):
    parts = {
        "Where TaiL4 loses": losses_part(results, published),
        "PageMap": family_part(results, published, "page_map", plots.page_map, "tasks", "PageMap and PageUnmap",
                               "Mapping and unmapping a 4 KiB frame, a call, everything included from the user's call to its "
                               "result, over the tasks that do it at once; with what others published for the same work."),
        "IPC": ipc_part(results, published),
        "Messages": family_part(results, published, "message", plots.message, "in flight", "Messages between two processes",
                                "A call to another process and its answer, over the calls in flight: synchronously by an "
                                "endpoint, and over a channel with each kind of bell."),
        "Wake-ups": wakes_part(results, published),
        "Clients": family_part(results, published, "clients", plots.clients, "processes", "Several processes at once",
                               "PageMap and PageUnmap by so many processes, a call over all of them."),
        "Unmap": unmap_part(results),
        "Sizes": sizes_part(results),
        "Published": published_part(published),
        "Conditions": conditions_part(results),
    }
    links = "".join(f'<a href="#{text.split(chr(34), 2)[1]}">{name}</a>' for name, text in parts.items() if text)
    return ("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>TaiL4 in figures</title><style>{style_sheet()}</style></head><body>\n{head_part(results)}"
            f"<nav>{links}</nav>\n{chr(10).join(parts.values())}\n</body></html>\n")


def main_plots(results, published, folder):
    """The two plots of README.md, on their own paper, so that they read on light and on dark. Gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    timed = [machine for machine in ("rtl-1", "rtl-2") if families.family(results, machine, "page_map")]
    drawn = {}
    if timed:
        drawn["page_map"] = plots.draw(plots.page_maps, README_WIDTH, results, timed, published, "page_map",
                                       "PageMap and PageUnmap, cycles a call")
    if families.ipc(results, "rtl-1"):
        drawn["ipc"] = plots.draw(plots.ipc, README_WIDTH, results, "rtl-1", published, "ipc",
                                  "IPC, signals, faults and pages beside upstream seL4")
    for name, svg in drawn.items():
        (folder / f"{name}.svg").write_text(svg + "\n")
    return [folder / f"{name}.svg" for name in drawn]
