"""The names of figures taken apart: page_map.taic.c8.mean is of family page_map, series taic, point 8, measure mean."""

import re

NAME = re.compile(r"(?P<family>[a-z_]+)\.(?P<series>\w+)\.[a-z](?P<point>\d+)(?:\.(?P<measure>\w+))?")
IPC = "ipc."
# In this order in legends and tables; whatever else the guest names comes behind.
ORDER = ("sync", "taic", "taic_oneshot", "vector", "uintc", "ipi", "trap", "poll", "notification", "async")


def rank(series):
    return ORDER.index(series) if series in ORDER else len(ORDER), series


def family(results, machine, name):
    """{series: {point: {measure: figure}}}, all in their order; a figure without a measure has that of mean."""
    found = {}
    for (where, full), figure in results.figures().items():
        match = NAME.fullmatch(full)
        if where == machine and match and match["family"] == name:
            points = found.setdefault(match["series"], {})
            points.setdefault(int(match["point"]), {})[match["measure"] or "mean"] = figure
    return {series: dict(sorted(found[series].items())) for series in sorted(found, key=rank)}


def curve(points, measure="mean"):
    """[(point, value)] of one series of a family."""
    return [(point, measures[measure].value) for point, measures in points.items() if measure in measures]


def ipc(results, machine):
    """{row: figure} in the guest's order."""
    return {name.removeprefix(IPC): figure for (where, name), figure in results.figures().items()
            if where == machine and name.startswith(IPC)}
