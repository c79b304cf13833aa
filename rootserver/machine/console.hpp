// Output over the kernel's debug console. print() takes strings, numbers, and the shapes below, and adds nothing.
#pragma once

#include <cstdint>
#include <string_view>

namespace machine {

struct Hex {
    std::uint64_t value;
};
// value / 1000 with three digits after the point
struct Thousandths {
    std::uint64_t value;
};
// Right-aligned in `width` columns.
template <class T>
struct Right {
    T value;
    unsigned width;
};

// Text of a number, in a buffer of its own.
class Text {
public:
    explicit Text(std::uint64_t value, unsigned base = 10);
    explicit Text(Hex hex) : Text(hex.value, 16) {}
    explicit Text(Thousandths number);
    explicit Text(std::string_view text);
    std::string_view view() const { return {buffer_, length_}; }

private:
    char buffer_[40] = {};
    std::size_t length_ = 0;
};

void put(std::string_view text);
void put_right(std::string_view text, unsigned width);

inline void print_one(std::string_view text) { put(text); }
inline void print_one(const char* text) { put(text); }
inline void print_one(char character) { put({&character, 1}); }
inline void print_one(std::uint64_t value) { put(Text(value).view()); }
inline void print_one(std::uint32_t value) { put(Text(std::uint64_t{value}).view()); }
inline void print_one(Hex value) {
    put("0x");
    put(Text(value).view());
}
inline void print_one(Thousandths value) { put(Text(value).view()); }
template <class T>
void print_one(Right<T> value) {
    put_right(Text(value.value).view(), value.width);
}

template <class... Args>
void print(const Args&... args) {
    (print_one(args), ...);
}

} // namespace machine
