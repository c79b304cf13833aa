"""Changes to Rocket's generated Verilog, as text: what the harness needs, and what makes the simulation quicker."""

import re

TILES = {1: "FullD", 2: "Full4D"}  # by real harts: the configuration of the package, and its tiles
TILE_COUNT = {1: 1, 2: 4}
PROBE_ANSWER = 3  # cycles until an idle tile answers a probe


class Changed(Exception):
    """The text is not what was expected: another version of the package."""


def replace_once(text, old, new):
    if text.count(old) != 1:
        raise Changed(f"{text.count(old)} times instead of once: {old[:60]}")
    return text.replace(old, new)


def change_module(text, name, change):
    """Applies `change` to the text of one module."""
    begin = text.index(f"module {name}(")
    end = text.index("endmodule", begin)
    return text[:begin] + change(text[begin:end]) + text[end:]


def add_supervisor_line(module):
    """TAIC's line is or-ed into SSIP as it is read; the harness writes the register."""
    old = "wire [7:0] read_mip_lo = {io_interrupts_mtip,1'h0,reg_mip_stip,1'h0,io_interrupts_msip,1'h0,reg_mip_ssip,1'h0};"
    new = "reg taic_ssip /*verilator public_flat_rw*/;\n  " + old.replace("reg_mip_ssip", "reg_mip_ssip | taic_ssip")
    return replace_once(module, old, new)


def count_cycles_in_wfi(module):
    """Rocket's cycle counter stands still in wfi, so that a hart that sleeps would cost nothing."""
    names = re.findall(r"wire  (x\d+) = ~io_csr_stall;", module)
    if len(names) != 1:
        raise Changed(f"{len(names)} wires that hold the cycle counter")
    return replace_once(module, f"wire  {names[0]} = ~io_csr_stall;", f"wire  {names[0]} = 1'h1;")


def empty_monitors(text):
    """The checkers of the bus protocol have inputs only; they are a third of the text."""
    def empty(match):
        head = match[0][: match[0].index(");") + 2]
        return match[0] if "output" in head else head + "\nendmodule\n"

    return re.sub(r"^module TLMonitor\w*\(.*?^endmodule$", empty, text, flags=re.M | re.S)


def keep_wide_shifts(text):
    """Verilator would shift once more for each bit that is looked at, some hundred times in a cycle; a public wire is
    computed once. That is a quarter of the time."""
    def keep(match):
        return f"wire [{match[1]}:0] {match[2]} /*verilator public_flat_rd*/ = " if int(match[1]) >= 64 else match[0]

    return re.sub(r"wire \[(\d+):0\] (\w+) = (?=[^;\n]*(?:<<|>>))", keep, text)


def idle_tile(ports):
    """A tile that holds no line: it acknowledges every probe with NtoN, and does nothing else."""
    master = "auto_tl_master_clock_xing_out_"
    driven = {"b_ready": "state == 0", "c_valid": f"state == {PROBE_ANSWER}", "c_bits_opcode": "3'h4", "c_bits_param": "3'h5",
              "c_bits_size": "4'h6", "c_bits_source": "source", "c_bits_address": "address", "d_ready": "1'h1"}
    driven = {master + name: value for name, value in driven.items()}
    outputs = re.findall(r"output\s+(?:\[\d+:0\]\s+)?(\w+)", ports)
    missing = set(driven) - set(outputs)
    if missing:
        raise Changed(f"a tile without {', '.join(sorted(missing))}")
    assigned = "".join(f"  assign {name} = {driven.get(name, 0)};\n" for name in outputs)
    return f"""{ports}
  reg [3:0] state; reg [1:0] source; reg [31:0] address;
{assigned}  always @(posedge auto_tap_clock_in_clock) begin
    if (auto_tap_clock_in_reset) state <= 4'h0;
    else if (state == 0) begin
      if ({master}b_valid) begin
        state <= 4'h1; source <= {master}b_bits_source; address <= {master}b_bits_address;
      end
    end else if (state != {PROBE_ANSWER}) state <= state + 4'h1;
    else if ({master}c_ready) state <= 4'h0;
  end
endmodule
"""


def replace_idle_tiles(text, real):
    for number in range(real, 4):
        old = f"  TilePRCIDomain tile_prci_domain_{number} ("
        text = replace_once(text, old, old.replace("TilePRCIDomain ", "TilePRCIDomainIdle "))
    begin = text.index("module TilePRCIDomain(")
    ports = text[begin : text.index(");", begin) + 2]
    return text[:begin] + idle_tile(ports.replace("TilePRCIDomain(", "TilePRCIDomainIdle(")) + text[begin:]


def changed(text, harts, whole=False):
    """`whole`: the tiles without a hart of ours stay what they are."""
    text = change_module(text, "CSRFile", add_supervisor_line)
    text = change_module(text, "CSRFile", count_cycles_in_wfi)
    text = keep_wide_shifts(empty_monitors(text))
    return replace_idle_tiles(text, harts) if TILE_COUNT[harts] > harts and not whole else text
