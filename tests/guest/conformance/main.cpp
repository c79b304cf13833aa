// conformance.elf: the kernel against sel4-abi-riscv64.md.
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/image.hpp"

#include "rootserver/machine/device_tree.hpp"

bool guest::suite(std::string_view arguments) {
    const List lists[] = {register_cases()};
    return run(lists, machine::argument(arguments, "only"));
}
