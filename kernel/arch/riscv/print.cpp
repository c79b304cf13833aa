#include "arch/riscv/print.hpp"

namespace arch {

void print_value(std::string_view text) {
    for (const char character : text) put(character);
}

std::string_view print_to_hole(std::string_view format) {
    usize i = 0;
    for (; i < format.size(); ++i) {
        if (format[i] == '{' && i + 1 < format.size() && format[i + 1] == '}')
            return {format.data() + i + 2, format.size() - i - 2};
        put(format[i]);
    }
    return {};
}

void print_value(const char* text) {
    for (; *text != '\0'; ++text) put(*text);
}

void print_value(u64 value) {
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = static_cast<char>('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (count != 0) put(digits[--count]);
}

void print_value(Hex value) {
    print_value(std::string_view("0x"));
    int shift = 60;
    while (shift > 0 && value.value >> shift == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) put("0123456789abcdef"[value.value >> shift & 15]);
}

} // namespace arch
