"""tools/run --trace, tools/rtl run --trace: what becomes of events, and of QEMU's log."""

import io
import json
import sys
import tempfile
import time
import types
import unittest
from pathlib import Path
from unittest import mock

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools" / "lib"))

import images  # noqa: E402
import qemu_trace  # noqa: E402
import rtl  # noqa: E402
import trace_events  # noqa: E402
import trace_shape  # noqa: E402
from trace_events import COROUTINE, RESUMER, WORK, Range  # noqa: E402

RANGES = [Range(0x100, 0x200, COROUTINE, "task"), Range(0x200, 0x300, RESUMER, "run"), Range(0x300, 0x400, COROUTINE, "other"),
          Range(0x400, 0x500, WORK, "drive")]
HEAD = "trace 1 cycles 10 2"
INTERRUPT = "8000000000000001"


def convert(lines, most_bytes=1_000_000):
    file = io.StringIO()
    converter = trace_events.Converter(RANGES, file, most_bytes)
    converter.convert([HEAD, *lines])
    events = json.loads(file.getvalue())
    trace_shape.check(events)
    return [event for event in events if event["ph"] != "M"], converter


def spans(events, hart, track):
    return [(event["name"], event["ts"], event["dur"]) for event in events
            if event["ph"] == "X" and event["pid"] == hart + 1 and event["tid"] % 1000 == track]


class ConverterTest(unittest.TestCase):
    def modes(self, *lines):
        return spans(convert(lines)[0], 0, trace_events.MODE_TRACK)

    def runs(self, *lines):
        return spans(convert(lines)[0], 0, trace_events.RUN_TRACK)

    def test_modes_are_spans_with_their_cause(self):
        self.assertEqual(self.modes("m 100 0 0 - 40", "m 200 0 1 8 44", "m 300 0 3 9 ffff", "m 400 0 1 - ffff", "m 500 0 0 - 48",
                                    f"m 600 0 1 {INTERRUPT} 4c", "g 700"),
                         [("user", 1, 1), ("system call", 2, 1), ("firmware: firmware call", 3, 1), ("system call", 4, 1),
                          ("user", 5, 1), ("software interrupt", 6, 1)])

    def test_sleep_lies_in_the_mode(self):
        self.assertEqual(sorted(self.modes("m 100 0 1 - 0", "s 200 0 1", "s 300 0 0", "s 400 0 1", "m 500 0 3 9 0", "g 600")),
                         [("asleep", 2, 1), ("asleep", 4, 1), ("firmware: firmware call", 5, 1), ("kernel", 1, 4)])

    def test_a_coroutine_runs_until_who_resumed_it_goes_on(self):
        self.assertEqual(self.runs("m 100 0 0 - 0", "f 200 0 1 0 -", "f 300 0 0 1 abc", "f 400 0 1 0 -", "f 500 0 0 1 abc",
                                   "f 600 0 2 1 def", "f 700 0 0 0 -", "f 800 0 1 0 -", "g 900"),
                         [("task", 3, 1), ("task", 5, 1), ("other", 6, 2)])

    def test_a_trap_breaks_a_coroutine_off_and_it_goes_on_where_it_was(self):
        trap, back = "m 200 0 1 8 104", "m 300 0 0 - 108"
        self.assertEqual(self.runs("m 50 0 0 - 0", "f 100 0 0 1 abc", trap, back, "g 400"), [("task", 1, 1), ("task", 3, 1)])
        self.assertEqual(self.runs("m 50 0 0 - 0", "f 100 0 0 1 abc", trap, "m 300 0 0 - 900", "g 400"), [("task", 1, 1)])

    def test_the_kernel_serves_a_queue_with_and_without_its_worker(self):
        self.assertEqual(self.runs("m 50 0 1 8 0", "f 100 0 3 1 0", "m 200 0 0 - 0", "g 300"), [("drive", 1, 1)])
        self.assertEqual(self.runs("m 50 0 1 8 0", "f 100 0 2 1 0", "f 200 0 3 1 0", "m 300 0 0 - 0", "g 400"), [("other", 1, 2)])

    def test_the_frame_of_a_coroutine_is_told_or_the_queue(self):
        events, _ = convert(["m 50 0 0 - 0", "f 100 0 0 1 abc", "f 200 0 1 0 -", "f 300 0 3 1 def", "g 400"])
        self.assertEqual([event["args"] for event in events if event["name"] in ("task", "drive")],
                         [{"frame": "0xabc"}, {"queue": "0xdef"}])

    def arrows(self, name, *lines):
        events, _ = convert(lines)
        return [(event["ph"], event["ts"], event["pid"] - 1, event["id"]) for event in events if event["name"] == name]

    def test_an_arrow_leads_from_a_doorbell_to_its_interrupt(self):
        begin = ("m 50 0 0 - 0", "m 50 1 0 - 0", "t 100 0 send 1 0 1 500000006", "l 100 1 1")
        self.assertEqual(self.arrows("bell", *begin, f"m 200 1 1 {INTERRUPT} 0", "g 300"), [("s", 1, 0, 1), ("f", 2, 1, 1)])
        self.assertEqual(self.arrows("bell", *begin, "m 200 1 1 8000000000000005 0", "g 300"), [("s", 1, 0, 1)])

    def test_or_to_who_finds_it_by_itself(self):
        self.assertEqual(self.arrows("bell", "m 50 0 0 - 0", "m 50 1 1 - 0", "t 100 0 send 1 0 1 500000006", "l 100 1 1",
                                     "l 200 1 0", f"m 300 1 1 {INTERRUPT} 0", "g 400"), [("s", 1, 0, 1), ("f", 2, 1, 1)])

    def test_or_out_of_the_sleep_it_ends(self):
        self.assertEqual(self.arrows("bell", "m 50 0 0 - 0", "m 50 1 1 - 0", "s 60 1 1", "t 100 0 send 1 0 1 500000006", "l 100 1 1",
                                     "s 200 1 0", "g 300"), [("s", 1, 0, 1), ("f", 2, 1, 1)])

    def test_an_arrow_leads_from_a_word_to_who_takes_it(self):
        self.assertEqual(self.arrows("word", "m 50 0 1 - 0", "m 50 1 0 - 0", "t 100 0 wake 1 0 a 1", "t 200 1 dequeue 1 0 a 0",
                                     "t 300 1 dequeue 1 0 0 0", "g 400"), [("s", 1, 0, 1), ("f", 2, 1, 1)])

    def test_what_taic_does_is_told_in_words(self):
        events, _ = convert(["t 100 1 send 1 0 1 500000006", "t 200 1 dequeue 1 2 0 0", "t 300 0 whart 1 0 1 0", "g 400"])
        self.assertEqual([(event["name"], event["pid"], event["args"]) for event in events],
                         [("send", 2, {"queue": "1.0", "os": "0x1", "process": 5, "irq": 6}),
                          ("dequeue (empty)", 2, {"queue": "1.2", "word": "0x0"}),
                          ("whart", 1, {"queue": "1.0", "a": "0x1", "b": "0x0"})])

    def test_tracks_are_named_and_none_is_a_main_thread(self):
        file = io.StringIO()
        trace_events.Converter(RANGES, file, 10_000).convert([HEAD, "c 10 hello", "g 20"])
        events = json.loads(file.getvalue())
        names = [event["args"]["name"] for event in events if event["name"] == "thread_name"]
        self.assertEqual(names, ["lines"] + ["mode", "coroutines", "TAIC"] * 2)
        self.assertEqual(len({event["tid"] for event in events if event["name"] == "thread_name"}), 7)
        self.assertFalse([event for event in events if event["tid"] == event["pid"]])
        line = next(event for event in events if event["name"] == "hello")
        self.assertIn(line["tid"], [event["tid"] for event in events if event["ph"] == "M" and event["args"]["name"] == "lines"])

    def test_it_keeps_to_its_limit(self):
        lines = [f"t {100 * i} 0 send 1 0 1 500000006" for i in range(1000)]
        events, converter = convert(lines, 20_000)
        self.assertTrue(converter.cut)
        self.assertLess(converter.bytes, 20_400)
        self.assertEqual(events[-1]["name"], "the trace was cut off here")
        self.assertTrue(convert(["x 100"])[1].cut)

    def test_another_file_is_refused(self):
        with self.assertRaises(ValueError):
            trace_events.Converter([], io.StringIO(), 1000).convert(["trace 2 cycles 10 1"])


class LogTest(unittest.TestCase):
    def said(self, *log, window=None, unit="instructions"):
        return list(qemu_trace.Log(window or qemu_trace.Window(), 1, unit).lines(log))[1:]

    def test_a_mode_gets_the_cause_of_the_trap_before_it(self):
        self.assertEqual(self.said("v 0 0 77", "m 0 0 0 - 40",
                                   "riscv_cpu_do_interrupt: hart:0, async:1, cause:0000000000000005, epc:0x44, tval:0x0, desc=x",
                                   "m 70 0 1 - ffff", "m 90 0 0 - 44"),
                         ["m 0 0 0 - 40", "m 70 0 1 8000000000000005 44", "m 90 0 0 - 44"])

    def test_devices_speak_in_between(self):
        self.assertEqual(self.said("n 10", "v 10 1 78", "n 20", "taic_enqueue gq 1 lq 2 word 0x1f stored 3",
                                   "taic_dequeue gq 1 lq 2 word 0x1f from lq 4", "taic_wake gq 3 handler 0x7 stored 1",
                                   "taic_send gq 1 receiver os 0x1 process.irq 0x500000006", "taic_set_line hart 1 ssip level 1",
                                   "taic_set_line hart 1 usip level 1", "taic_write offset 0x8 size 8 value 0x1"),
                         ["t 10 1 enqueue 1 2 1f 3", "t 10 1 dequeue 1 2 1f 4", "t 10 1 wake 3 0 7 1",
                          "t 10 1 send 1 0 1 500000006", "l 10 1 1"])

    def test_with_the_hosts_clock_they_have_a_time_and_a_thread(self):
        self.assertEqual(self.said("v 5000000000 0 77", "v 5000000100 1 78", "77@5.000001:taic_wake gq 3 handler 0x7 stored 1",
                                   "78@5.000000:taic_wake gq 3 handler 0x8 stored 1", unit="host-ns"),
                         ["t 1000 0 wake 3 0 7 1", "t 1000 1 wake 3 0 8 1"])

    def test_the_window_is_of_lines_and_marks(self):
        def console(text):
            return [f"serial_write write addr 0x00 val 0x{ord(letter):02x}" for letter in text + "\r\n"]

        log = ["m 0 0 0 - 40", *console("BEGIN 1"), "f 10 0 0 1 -", "k 20 0 3", "f 30 0 0 1 -", "k 40 0 4", *console("END")]
        begun = ["m 0 0 0 - 0", "c 0 BEGIN 1"]
        self.assertEqual(self.said(*log, window=qemu_trace.Window("BEGIN", "END")), [*begun, "f 10 0 0 1 -", "f 30 0 0 1 -", "g 40"])
        self.assertEqual(self.said(*log, window=qemu_trace.Window(None, None, 3, 4)), ["m 20 0 0 - 0", "f 30 0 0 1 -", "g 40"])


class RecordingTest(unittest.TestCase):
    def record(self, name, text, limit=1):
        options = types.SimpleNamespace(trace=Path(name) / "it.json", trace_limit=limit, user=[], icount=True, harts=1, begin=None,
                                        end=None, from_mark=1, to_mark=2)
        with mock.patch.object(qemu_trace.symbols, "Image"), mock.patch.object(trace_events, "ranges_of", lambda _: RANGES):
            recording = qemu_trace.Recording(options, "kernel", "root")
        if text is not None:
            recording.pipe.write_text(text)
        recording.finish()
        self.assertFalse(recording.pipe.exists())
        return json.loads(options.trace.read_text())

    def test_the_log_is_read_while_it_is_written(self):
        with tempfile.TemporaryDirectory() as name, mock.patch.object(sys, "stderr", io.StringIO()):
            events = self.record(name, "m 0 0 0 - 40\nk 10 0 1\nf 20 0 0 1 -\nk 90 0 2\n")
            self.assertIn(("task", 0.02, 0.07), spans(events, 0, trace_events.RUN_TRACK))
            many = "m 0 0 0 - 40\nk 10 0 1\n" + "f 20 0 0 1 -\n" * 100_000  # more than the pipe holds, and than is wanted
            self.assertEqual(self.record(name, many)[-1]["name"], "the trace was cut off here")
            self.record(name, None)  # nobody came

    def test_it_ends_though_its_thread_begins_late(self):
        write = qemu_trace.Recording.write

        def late(recording):
            time.sleep(0.1)
            write(recording)

        with tempfile.TemporaryDirectory() as name, mock.patch.object(sys, "stderr", io.StringIO()), \
                mock.patch.object(qemu_trace.Recording, "write", late):
            self.record(name, None)


class RangeTest(unittest.TestCase):
    def test_coroutines_and_who_resumes_them_are_looked_at(self):
        names = ["async::worker [actor]", "async::worker [destroy]", "async::resume", "objects::drive", "plain"]
        image = types.SimpleNamespace(starts=[0x10, 0x20, 0x30, 0x40, 0x50], names=names, end=lambda start: start + 0x10)
        self.assertEqual(trace_events.ranges_of([image, image]),
                         [Range(0x10, 0x20, COROUTINE, "async::worker"), Range(0x30, 0x40, RESUMER, "async::resume"),
                          Range(0x40, 0x50, WORK, "objects::drive")])

    def test_marks_go_together(self):
        options = types.SimpleNamespace(begin=None, end=None, from_mark=1, to_mark=None)
        with self.assertRaises(images.Trouble):
            trace_events.window_of(options)


class RtlTest(unittest.TestCase):
    def test_what_the_harness_writes_becomes_json(self):
        asked = []

        def boot(_options, _kernel, _root, more):
            asked.extend(more)
            more = dict(zip(more[::2], more[1::2]))
            self.assertEqual(Path(more["--ranges"]).read_text(), "100 200\n200 300\n300 400\n400 500\n")
            Path(more["--trace"]).write_text(f"{HEAD}\nm 100 0 0 - 40\nf 200 0 0 1 abc\ng 300\n")
            return 7

        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "it.json"
            options = rtl.arguments(["run", "--trace", str(file), "--trace-limit", "3", "--from-mark", "1", "--to-mark", "2"])
            with mock.patch.object(rtl, "boot", boot), mock.patch.object(images, "find", lambda *_: (Path("k"), Path("r"))), \
                    mock.patch.object(rtl.symbols, "Image"), mock.patch.object(trace_events, "ranges_of", lambda _: RANGES):
                self.assertEqual(rtl.run(options), 7)
            self.assertEqual(asked[4:], ["--trace-limit", "3000000", "--from-mark", "1", "--to-mark", "2"])
            self.assertIn(("task", 2, 1), spans(json.loads(file.read_text()), 0, trace_events.RUN_TRACK))


class ShapeTest(unittest.TestCase):
    def test_broken_traces_are_noticed(self):
        def span(begin, length):
            return {"ph": "X", "name": "x", "ts": begin, "dur": length, "pid": 1, "tid": 1}

        trace_shape.check([span(0, 10), span(2, 8), span(10, 1)])
        for broken in ([span(0, 10), span(5, 10)], [{"ph": "X", "name": "x", "ts": 0, "pid": 1, "tid": 1}], [{"ph": "?"}],
                       [{"ph": "f", "name": "x", "ts": 0, "pid": 1, "tid": 1, "id": 1, "cat": "x", "bp": "e"}]):
            with self.assertRaises(ValueError):
                trace_shape.check(broken)


if __name__ == "__main__":
    unittest.main()
