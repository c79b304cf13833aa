// The kernel's console: characters through the firmware, and a small printer: print("hart {} at {}\n", 3, hex(x)).
#pragma once

#include "base/types.hpp"

#include <string_view>

namespace arch {

void put(char character);
// Kernel lock held: whoever else prints, the next character begins a line.
bool at_line_start();

struct Hex {
    u64 value;
};
inline Hex hex(u64 value) { return {value}; }

void print_value(std::string_view text);
void print_value(const char* text);
void print_value(u64 value);
void print_value(Hex value);

inline void print(std::string_view text) { print_value(text); }

// Prints up to the first hole "{}" and returns what is behind it.
std::string_view print_to_hole(std::string_view format);

template <class First, class... Rest>
void print(std::string_view format, const First& first, const Rest&... rest) {
    const std::string_view behind = print_to_hole(format);
    print_value(first);
    print(behind, rest...);
}

} // namespace arch
