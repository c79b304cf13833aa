// The part of a run that counts.
#pragma once

#include <string>
#include <string_view>

namespace rocket {

// Between two lines of the console, between two marks (mark.hpp) of any hart, or where both say so. The same mark twice
// ends what it began. Nothing given: always.
struct Window {
    std::string from{}, to{};
    int from_mark = -1, to_mark = -1;
};

class WindowState {
public:
    explicit WindowState(Window window)
        : window_(std::move(window)), in_lines_(window_.from.empty()), in_marks_(window_.from_mark < 0) {}
    void line(std::string_view text);
    void mark(int number);
    bool open() const { return in_lines_ && in_marks_; }

private:
    Window window_;
    bool in_lines_, in_marks_;
};

} // namespace rocket
