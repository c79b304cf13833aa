#include "rootserver/machine/console.hpp"

#include <sel4/sel4.h>

namespace machine {

Text::Text(std::uint64_t value, unsigned base) {
    char reversed[24];
    std::size_t count = 0;
    do {
        reversed[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) buffer_[length_++] = reversed[--count];
}

Text::Text(Thousandths number) : Text(number.value / 1000) {
    const std::uint64_t rest = number.value % 1000;
    buffer_[length_++] = '.';
    buffer_[length_++] = static_cast<char>('0' + rest / 100);
    buffer_[length_++] = static_cast<char>('0' + rest / 10 % 10);
    buffer_[length_++] = static_cast<char>('0' + rest % 10);
}

Text::Text(std::string_view text) {
    for (const char character : text) {
        if (length_ < sizeof(buffer_)) buffer_[length_++] = character;
    }
}

void put(std::string_view text) {
    for (const char character : text) seL4_DebugPutChar(character);
}

void put_right(std::string_view text, unsigned width) {
    for (std::size_t i = text.size(); i < width; ++i) seL4_DebugPutChar(' ');
    put(text);
}

} // namespace machine
