// latency.elf: the operations that could keep interrupts waiting longest, each with the stretch of instructions that a
// debug kernel measures (kernel/smp/latency.hpp). Only under --icount, but for "only=locking", on several harts.
// Bounds: kernel/README.md has the same table.
#include "tests/guest/latency/operations.hpp"

#include "rootserver/machine/console.hpp"
#include "rootserver/machine/device_tree.hpp"
#include "tests/guest/harness/image.hpp"

namespace guest {

namespace latency {

void begin() {
    sel4_Registers registers{};
    sel4_ecall(seL4_SysDebugLongestStretch, &registers);
}

void judge(Context& t, const char* what, Word bound) {
    sel4_Registers registers{};
    sel4_ecall(seL4_SysDebugLongestStretch, &registers);
    const auto label = registers.a3 >> 12;
    machine::print("NOTE ", what, ": ", registers.a0, " instructions, cause ", registers.a1, ", call ",
                   machine::Hex{registers.a2}, ", label ", label, '\n');
    t.check(registers.a0 != 0, "nothing was measured");
    t.check(registers.a0 <= bound, what);
}

} // namespace latency

bool suite(std::string_view arguments) {
    if (machine::argument(arguments, "only") == "locking") {
        const List lists[] = {latency::locking_cases()};
        return run(lists, "");
    }
    const List lists[] = {latency::memory_cases(), latency::ending_cases(), latency::waiting_cases(),
                          latency::driving_cases(), latency::user_interrupt_cases()};
    return run(lists, "");
}

} // namespace guest
