// conformance.elf: the kernel against sel4-abi-riscv64.md.
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/image.hpp"
#include "tests/guest/vectors/vector.hpp"

#include "rootserver/machine/device_tree.hpp"

bool guest::suite(std::string_view arguments) {
    const std::string_view only = machine::argument(arguments, "only");
    const List rare[] = {large_memory_cases(), domain_cases(), domain_smp_cases(), no_fpu_cases()};
    for (const List& list : rare) {
        if (only == list.prefix) return run({&list, 1}, only);
    }
    const List lists[] = {
        boot_cases(), // before anything is used
        vectors::untyped(),
        vectors::cnode_section(),
        vectors::tcb_section(),
        vectors::irq(),
        vectors::domain(),
        vectors::vspace_section(),
        vectors::misc(),
        register_cases(),
        ipc_cases(),
        fast_path_cases(),
        reply_cases(),
        fault_cases(),
        notification_cases(),
        scheduling_cases(),
        machine_cases(),
        cnode_error_cases(),
        tcb_error_cases(),
        vspace_error_cases(),
        system_error_cases(),
        interrupt_cases(machine::argument(arguments, "plic") == "level"),
        cspace_cases(),
        derivation_cases(),
        lifetime_cases(),
        memory_cases(),
        mapping_cases(),
        buffer_cases(),
        preemption_cases(),
        message_cases(),
        smp_cases(),
        smp_thread_cases(),
        isolation_cases(),
        user_interrupt_cases(),
        user_interrupt_device_cases(),
        user_interrupt_smp_cases(),
        user_interrupt_storm_cases(machine::argument(arguments, "steps", 0)),
        coverage_cases(),
    };
    return run(lists, only);
}
