// What the root server wants of the device tree in its boot info: the kernel's command line, where the device is that
// ends the machine, a clock that interrupts, and what the kernel must have found. Bounded: a malformed tree reads as an
// empty one.
#pragma once

#include <cstdint>
#include <sel4/bootinfo.h>
#include <string_view>

namespace machine {

struct Device {
    std::uint64_t address = 0; // physical, 0: none
    std::uint32_t interrupt = 0;
};

struct TreeFacts {
    std::string_view arguments;
    Device test_device;
    Device clock; // Goldfish
    Device taic;
    Device uintc;
};

TreeFacts read_tree(const unsigned char* blob, std::uint64_t size);
TreeFacts read_tree(const seL4_BootInfo& info);

// `name=` of a list of words, or empty; a number of it, or `otherwise`.
std::string_view argument(std::string_view arguments, std::string_view name);
std::uint64_t argument(std::string_view arguments, std::string_view name, std::uint64_t otherwise);
// Is the word in a list with commas?
bool lists(std::string_view list, std::string_view word);

} // namespace machine
