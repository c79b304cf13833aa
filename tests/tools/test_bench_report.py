"""tools/bench: the published figures, where TaiL4 loses, and the report as a browser shows it."""

import re
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools" / "lib"))

import bench_sample  # noqa: E402
import browser  # noqa: E402
from bench import families, losses, plots, published, report, results  # noqa: E402
from bench.results import Figure, Results, Run  # noqa: E402

# What is wrong with the page, in words, and how many plots are to be seen.
PROBE = """(() => {
  const wrong = [], numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = color => numbers(color).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const color = getComputedStyle(element).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  document.querySelectorAll('details').forEach(one => one.open = true);
  if (document.documentElement.scrollWidth > innerWidth) wrong.push('overflow ' + document.documentElement.scrollWidth);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, text = texts.currentNode.data.trim();
    if (!text || !element.getClientRects().length || element.tagName === 'title') continue;
    const style = getComputedStyle(element), inside = element instanceof SVGElement;
    const pair = [light(inside ? style.fill : style.color), light(ground(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    seen += 1;
    if (ratio < 4.5) wrong.push('contrast ' + ratio.toFixed(1) + ' of ' + text);
    const svg = element.closest('svg');
    const size = parseFloat(style.fontSize) * (svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1);
    if (size < 9) wrong.push('size ' + size.toFixed(1) + ' of ' + text);
  }
  let plots = 0;
  for (const figure of document.querySelectorAll('figure')) {
    const shown = [...figure.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect()).filter(box => box.width > 0);
    if (shown.length !== 1) wrong.push(shown.length + ' plots in a figure');
    else if (shown[0].width < 300 || shown[0].height < 100 || shown[0].right > innerWidth) wrong.push('plot of ' + shown[0].width);
    else plots += 1;
  }
  return {wrong, plots, seen, width: innerWidth, dark: matchMedia('(prefers-color-scheme: dark)').matches,
          paper: getComputedStyle(document.body).backgroundColor};
})()"""
BROKEN = """<!DOCTYPE html><meta name="viewport" content="width=device-width"><body style="background:#fff">
<p style="color:#999">pale</p><p style="font-size:7px">small</p><div style="width:2000px">wide</div><figure></figure>
<script>console.error("no"); fetch_nothing();</script>"""


class PublishedTest(unittest.TestCase):
    def test_it_is_what_the_benchmark_says_of_upstream(self):
        text = (SOURCE / "rootserver/bench/ipc_rows.hpp").read_text()
        rows = {name: int(count) for name, count in re.findall(r'\{Row::\w+, "([\w.]+)", "[^"]*", (\d+), \d+\}', text)}
        self.assertGreater(len(rows), 30)
        self.assertEqual(published.read().judged("insn"), {row: count for row, count in rows.items() if count})
        for table in published.read().ipc:
            self.assertLessEqual(set(table.rows), set(rows))

    def test_the_level_of_upstream_is_the_mean_of_its_rows(self):
        found = published.read()
        rows = next(table.rows for table in found.ipc if table.source == "upstream_rocket")
        level = next(curve.level for curve in found.of("page_map", 1) if curve.judged)
        self.assertEqual(level, [(rows["map.64"] + rows["unmap.64"]) // 2] * 2)

    def test_the_least_judged_figure_counts(self):
        self.assertEqual(published.read().judged("cycles")["interrupt.other"], 1099)  # 1117 in the other table
        self.assertEqual(published.read().judged("cycles")["call.other"], 677)  # 460 is not judged

    def test_mistakes_are_refused(self):
        text = published.PATH.read_text()
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "published.toml"
            for old, new in (('source = "rel4"', 'source = "rel5"'), ("points = [[1, 7500]]", ""),
                             ("points = [[1, 7500]]", "points = [[1, 7500]]\nlevel = [1, 2]"), ("harts = 1\n", "cores = 1\n"),
                             ("[[wakes]]", "[[sleeps]]"), ("[source.thesis]", "[source.seed]")):
                self.assertIn(old, text)
                path.write_text(text.replace(old, new))
                with self.assertRaises(published.Wrong, msg=new):
                    published.read(path)


class LossesTest(unittest.TestCase):
    def losses(self, machine="rtl-1", **figures):
        unit = "insn" if machine == "qemu-icount" else "cycles"
        run = Run(machine, "x", figures={name.replace("__", "."): Figure(value, unit) for name, value in figures.items()})
        return [str(loss) for loss in losses.losses(Results(runs=[run]), published.read()).get(machine, [])]

    def test_a_series_slower_than_the_synchronous_one(self):
        found = self.losses(page_map__sync__c1__mean=800, page_map__sync__c2__mean=800, page_map__sync__c4__mean=700,
                            page_map__taic__c1__mean=1000, page_map__taic__c2__mean=800, page_map__taic__c4__mean=1050)
        self.assertEqual(found, ["1.50 times our synchronous calls: PageMap/PageUnmap by taic, at 1, 4 tasks at once, the most "
                                 "at 4: 1,050 against 700 cycles"])

    def test_all_points_or_a_single_one(self):
        names = {"message__sync__c1__mean": 400, "message__taic__c1__mean": 900, "message__taic__c2__mean": 500}
        self.assertEqual(self.losses(**names), ["2.25 times our synchronous calls: a message by taic, at 1 to 2 in flight, all "
                                                "that were measured, the most at 1: 900 against 400 cycles"])
        names["message__taic__c2__mean"] = 400
        self.assertEqual(self.losses(**names), ["2.25 times our synchronous calls: a message by taic, at 1 in flight: 900 "
                                                "against 400 cycles"])

    def test_a_figure_of_one_point_and_no_measure(self):
        self.assertEqual(self.losses("rtl-2", unmap__sync__p4096=400, unmap__async__p4096=500), [
            "1.25 times our synchronous calls: PageUnmap of many pages, async, at 4,096 pages: 500 against 400 cycles"])

    def test_rows_slower_than_upstream(self):
        self.assertEqual(self.losses(ipc__call__other=839, ipc__call__same=249, ipc__interrupt__other=1100, ipc__unknown=9999), [
            "1.24 times upstream seL4: ipc.call.other, 839 against 677 cycles",
            "1.00 times upstream seL4: ipc.interrupt.other, 1,100 against 1,099 cycles"])
        self.assertEqual(self.losses("qemu-icount", ipc__call__other=250), [
            "1.00 times upstream seL4: ipc.call.other, 250 against 249 instructions"])
        self.assertEqual(self.losses("rtl-2", ipc__call__other=9999), [])  # upstream's has one hart

    def test_page_map_slower_than_upstreams(self):
        self.assertEqual(self.losses(page_map__sync__c1__mean=1115, page_map__sync__c2__mean=1338), [
            "1.20 times upstream seL4, synchronous: PageMap/PageUnmap by sync, at 2 tasks at once: 1,338 against 1,115 cycles"])

    def test_nothing_lost(self):
        self.assertEqual(self.losses(page_map__sync__c1__mean=800, page_map__taic__c1__mean=800, ipc__null=160), [])
        self.assertEqual(self.losses("qemu-2", page_map__sync__c1__drives=1, page_map__taic__c1__drives=2), [])


class FamiliesTest(unittest.TestCase):
    def test_series_in_their_order_points_by_number(self):
        found = families.family(bench_sample.sample(), "qemu-icount", "page_map")
        self.assertEqual(list(found), ["sync", "taic", "uintc"])
        self.assertEqual(list(found["taic"]), bench_sample.TASKS)
        self.assertEqual(families.curve(found["taic"])[:2], [(1, 741), (2, 746)])


class ReportTest(unittest.TestCase):
    """One browser for all."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.page = cls.folder / "report.html"
        cls.page.write_text(report.html(bench_sample.sample(), published.read()))
        cls.browser = cls.enterClassContext(browser.Browser())

    def look(self, page, width, scheme):
        self.browser.open(page.as_uri(), width, 800, scheme)
        return self.browser.evaluate(PROBE)

    def test_it_reads_on_a_phone_and_on_a_desk_in_light_and_dark(self):
        for width in (360, 1280):
            for scheme in ("light", "dark"):
                with self.subTest(width=width, scheme=scheme):
                    seen = self.look(self.page, width, scheme)
                    self.assertEqual(seen["wrong"], [])
                    self.assertEqual(self.browser.complaints(), [])
                    self.assertEqual((seen["width"], seen["dark"]), (width, scheme == "dark"))
                    self.assertEqual(seen["paper"], "rgb(255, 255, 255)" if scheme == "light" else "rgb(13, 17, 23)")
                    self.assertEqual(seen["plots"], 15)
                    self.assertGreater(seen["seen"], 1000)

    def test_the_look_finds_what_is_wrong(self):
        broken = self.folder / "broken.html"
        broken.write_text(BROKEN)
        seen = self.look(broken, 360, "light")
        for pattern in ("overflow 2", "contrast 2.8 of pale", "size 7.0 of small", "0 plots in a figure"):
            self.assertRegex("\n".join(seen["wrong"]), pattern)
        self.assertEqual(len(self.browser.complaints()), 2)

    def test_it_needs_no_other_file(self):
        text = self.page.read_text()
        self.assertEqual(re.findall(r"<(?:script|link|img|iframe|object)\b|@import|src=|url\((?!#)", text), [])
        self.assertEqual(set(re.findall(r'href="([^#"][^"]*)"', text)), set())
        names = re.findall(r'\bid="([^"]+)"', text)
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(set(re.findall(r'(?:url\(|href=")#([^")]+)', text)), set(names))

    def test_it_says_where_tail4_loses_and_what_failed(self):
        text = self.page.read_text()
        self.assertIn("Where TaiL4 loses", text)
        self.assertIn("<b>10.45 times our synchronous calls</b>: PageMap/PageUnmap by taic, at 1 to 256", text)
        self.assertIn("<b>1.24 times upstream seL4</b>: ipc.call.other", text)
        self.assertNotIn("Some runs failed", text)
        failed = bench_sample.sample()
        failed.runs[0].problems = ["the console ends <before> END"]
        self.assertIn("qemu-icount page_map: the console ends &lt;before&gt; END", report.html(failed, published.read()))

    def test_what_is_not_there_is_left_out(self):
        text = report.html(Results(runs=[Run("qemu-icount", "ipc", figures={"ipc.null": Figure(95, "insn")})]), published.read())
        self.assertIn("Nowhere among these figures", text)
        self.assertEqual(text.count("<figure>"), 1)
        self.assertEqual(report.html(Results(), published.read()).count("<figure>"), 0)

    def test_the_plots_of_the_readme(self):
        paths = report.main_plots(bench_sample.sample(), published.read(), self.folder / "plots")
        self.assertEqual([path.name for path in paths], ["page_map.svg", "ipc.svg"])
        for path in paths:
            text = path.read_text()
            self.assertNotIn("var(", text)
            self.assertRegex(text, r'<svg [^>]*width="880"')
            self.assertIn("fill: #ffffff", text)  # its own paper
            self.browser.open(path.as_uri(), 900, 800, "dark")
            self.assertEqual(self.browser.complaints(), [])
            self.assertGreater(self.browser.evaluate("document.querySelectorAll('text').length"), 20)
        self.assertEqual(report.main_plots(Results(), published.read(), self.folder / "none"), [])

    def test_the_same_results_give_the_same_plots(self):
        one, two = (report.plot(plots.ipc, bench_sample.sample(), "rtl-1", published.read(), "x") for _ in range(2))
        self.assertEqual(one, two)


class SampleTest(unittest.TestCase):
    def test_no_figure_twice(self):
        found = bench_sample.sample()
        results.refuse_twice(found)
        self.assertEqual(found.problems(), [])


if __name__ == "__main__":
    unittest.main()
