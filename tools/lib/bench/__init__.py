"""tools/bench: the matrix of benchmark runs, its results as JSON and CSV, comparisons, and the report.

A results.json, schema 1 (a reader refuses any other; a new field that old readers may pass over keeps the number):

  schema         1
  date           UTC, ISO 8601: when the matrix began
  revision       commit (git's name of it), dirty (the tree had changes that are not in it)
  configuration  compiler, flags (of the kernel), preset, latency (cycles to the first beat of a memory read, RTL)
  tools          qemu, firmware, rocket (package and version of the Verilog), verilator: what the machines were made of
  images         file name -> file (bytes), text, data, bss
  runs           a list; each has
    machine      qemu-icount, qemu-2, rtl-1, rtl-2: see machines.py
    suite        the row of the matrix
    harts, arguments      as booted
    status       exit status; problems: what was wrong, in words; a run is good when it has none
    seconds      of the host
    figures      name -> value, unit

Names and units of figures are the guest's (`BENCHMARK name value unit`): insn, cycles, per_call, bytes, calls; less is
better in all of them. (machine, name) is unique in a file. results.csv has one figure a line: revision, machine, suite,
name, value, unit; the images' sizes are there as figures of a machine called image.
"""
