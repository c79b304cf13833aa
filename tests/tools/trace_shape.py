"""Whether events are what the Trace Event Format wants: known phases with their fields, spans of a track that nest, flows
that begin before they end.
"""

NEEDED = {"X": {"name", "ts", "dur", "pid", "tid"}, "i": {"name", "ts", "pid", "tid", "s"}, "M": {"name", "pid", "args"},
          "s": {"name", "ts", "pid", "tid", "id", "cat"}, "f": {"name", "ts", "pid", "tid", "id", "cat", "bp"}}
ROUNDING = 0.0015  # of two numbers of three decimals


def check_nesting(events):
    tracks = {}
    for event in events:
        if event["ph"] == "X":
            tracks.setdefault((event["pid"], event["tid"]), []).append((event["ts"], -event["dur"], event["name"]))
    for track, spans in tracks.items():
        open_ends = []
        for begin, length, name in sorted(spans):
            while open_ends and open_ends[-1] <= begin + ROUNDING:
                open_ends.pop()
            if open_ends and begin - length > open_ends[-1] + ROUNDING:
                raise ValueError(f"{name} at {begin} on track {track} outlasts what it is in")
            open_ends.append(begin - length)


def check(events):
    begun = {}
    for event in events:
        missing = NEEDED.get(event["ph"], {"a known phase"}) - event.keys()
        if missing:
            raise ValueError(f"{event}: no {', '.join(sorted(missing))}")
        if event.get("dur", 0) < 0 or event.get("ts", 0) < 0:
            raise ValueError(f"{event}: before the beginning")
        if event["ph"] == "s":
            begun[event["cat"], event["id"]] = event["ts"]
        if event["ph"] == "f" and begun.pop((event["cat"], event["id"]), float("inf")) > event["ts"]:
            raise ValueError(f"{event}: a flow that has not begun")
    check_nesting(events)
