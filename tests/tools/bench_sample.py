"""A results.json as a whole matrix gives, for tests: cycles of revision 02c5d0d where they are known, else made up."""

from bench.results import Figure, Results, Run

TASKS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
RTL = {"sync": [841, 840, 840, 840, 783, 769, 749, 748, 747],
       "taic": [1835, 1991, 1566, 1276, 1078, 1219, 1504, 1560, 1600],
       "taic_oneshot": [1960, 2105, 1640, 1333, 1127, 1268, 1555, 1611, 1650]}
RTL_2 = {"sync": [1010, 982, 1011, 966, 921, 915, 910, 908, 905],
         "taic": [10551, 5705, 4055, 2843, 2133, 1656, 1600, 1580, 1570],
         "taic_oneshot": [10900, 5900, 4210, 2960, 2230, 1740, 1690, 1660, 1650]}
ICOUNT = {"sync": [541, 536, 535, 533, 533, 533, 532, 532, 532], "taic": [741, 746, 590, 512, 474, 455, 450, 450, 453],
          "uintc": [4016, 2222, 1327, 881, 659, 550, 505, 485, 478]}
IPC = {"call.same": (249, 202), "call.other": (839, 212), "reply.same": (250, 203), "reply.other": (951, 213),
       "call.fpu": (997, 212), "signal.lower": (172, 148), "interrupt.other": (1191, 381), "null": (113, 95),
       "map.1": (951, 610), "unmap.64": (646, 458), "fault.round_trip": (1700, 1386)}
MESSAGE = {"notification": [3544, 2205, 1539, 1205, 1043, 968], "taic": [3544, 2207, 1537, 1206, 1043, 968],
           "uintc": [6905, 3886, 2377, 1628, 1256, 1076]}


def page_map(series, unit):
    found = {}
    for name, means in series.items():
        for tasks, mean in zip(TASKS, means):
            stem = f"page_map.{name}.c{tasks}."
            if unit:
                times = {"mean": mean, "map": mean + 70, "unmap": mean - 70, "map_p50": mean * tasks, "map_p99": mean * tasks + 9}
                found |= {stem + measure: Figure(value, unit) for measure, value in times.items()}
            if name != "sync":
                found[stem + "drives"] = Figure(round(1 / tasks, 3), "per_call")
                found |= {stem + measure: Figure(value, "per_call") for measure, value in
                          (("bells", 0.25), ("wakes", round(0.5 / tasks, 3)), ("sleeps", 0.125))}
    return found


def others(unit, scale, ipc):
    found = {f"ipc.{row}": Figure(pair[0 if unit == "cycles" else 1], unit) for row, pair in IPC.items()} if ipc else {}
    found["message.sync.c1.mean"] = Figure(483 * scale, unit)
    for name, means in MESSAGE.items():
        found |= {f"message.{name}.c{1 << i}.mean": Figure(mean * scale, unit) for i, mean in enumerate(means)}
    for count in (1, 2, 3, 4):
        found[f"clients.sync.n{count}.mean"] = Figure(530 * scale - count, unit)
        found[f"clients.async.n{count}.mean"] = Figure(515 * scale - count, unit)
    found |= {"unmap.sync.p4096": Figure(456 * scale, unit), "unmap.async.p4096": Figure(399 * scale, unit)}
    return found


def sample():
    bytes_of = {"memory.queue.s512": 262144, "memory.slot": 128, "memory.ticket": 64}
    runs = [
        Run("qemu-icount", "page_map", 1, "suite=page_map", 0, 3.2, [], page_map(ICOUNT, "insn")),
        Run("qemu-icount", "rest", 1, "suite=ipc,messages,sizes", 0, 2.1, [],
            others("insn", 1, True) | {name: Figure(value, "bytes") for name, value in bytes_of.items()}),
        Run("qemu-2", "page_map", 2, "suite=page_map", 0, 9.8, [], page_map(RTL_2, "")),
        Run("rtl-1", "page_map", 1, "suite=page_map", 0, 301.5, [], page_map(RTL, "cycles")),
        Run("rtl-1", "rest", 1, "suite=ipc,messages", 0, 250.0, [], others("cycles", 2, True)),
        Run("rtl-2", "page_map", 2, "suite=page_map", 0, 700.0, [], page_map(RTL_2, "cycles")),
        Run("rtl-2", "rest", 2, "suite=messages", 0, 650.0, [], others("cycles", 3, False))]
    return Results(
        "2026-11-30T12:00:00Z", {"commit": "0123456789abcdef0123456789abcdef01234567", "dirty": True},
        {"compiler": "riscv64-linux-gnu-g++ (Debian 12.2.0-13) 12.2.0", "preset": "release", "latency": 30,
         "flags": "-DTAIL4_DEBUG=0 -flto -march=rv64imac_zicsr_zifencei -mabi=lp64 -O2 -ffreestanding -std=c++20"},
        {"qemu": "QEMU emulator version 7.2.22", "rocket": "pythondata-cpu-rocket 0.0.post7146",
         "verilator": "Verilator 5.006 2023-01-22", "firmware": "opensbi 1.1-2"},
        {"kernel.elf": {"file": 2851792, "text": 99120, "data": 8464, "bss": 577536},
         "bench.elf": {"file": 1851792, "text": 89120, "data": 464, "bss": 177536}}, runs)
