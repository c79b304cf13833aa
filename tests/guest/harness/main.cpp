// The initial thread of a guest test: takes its priority, runs the lists of its image, ends the machine.
// Command line: only=PREFIX, and what suite() reads.
#include "tests/guest/harness/image.hpp"

#include "rootserver/machine/console.hpp"
#include "rootserver/machine/device_tree.hpp"
#include "rootserver/machine/power.hpp"

extern "C" [[noreturn]] void root_main(const seL4_BootInfo* info);

namespace {

// Cases own the slots below; objects for the whole run come from those above.
seL4_BootInfo own_info;
machine::Memory memory;

} // namespace

namespace guest {

machine::Memory& whole_run_memory() { return memory; }

} // namespace guest

void root_main(const seL4_BootInfo* info) {
    seL4_SetIPCBuffer(info->ipcBuffer);
    own_info = *info;
    own_info.empty.start = guest::end_case_slot;
    memory.init(own_info);
    const machine::TreeFacts facts = machine::read_tree(*info);
    guest::set_up(*info, machine::argument(facts.arguments, "icount", 0) == 1);
    const bool power = machine::prepare_power_off(memory, facts.test_device.address);
    const bool slots = info->empty.start <= guest::first_vector_slot;
    const bool priority = seL4_TCB_SetPriority(guest::self, guest::self, guest::Own) == seL4_NoError;
    machine::print("guest test: ", std::uint64_t{info->numNodes}, " harts, '", facts.arguments, "'\n");
    if (!power || !slots || !priority) machine::print("NOTE set-up: power off, slots or priority are missing\n");
    machine::power_off(guest::suite(facts.arguments));
}
