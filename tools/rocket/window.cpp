#include "tools/rocket/window.hpp"

namespace rocket {

void WindowState::line(std::string_view text) {
    if (window_.from.empty()) return;
    if (!in_lines_)
        in_lines_ = text.find(window_.from) != text.npos;
    else
        in_lines_ = window_.to.empty() || text.find(window_.to) == text.npos;
}

void WindowState::mark(int number) {
    if (number < 0 || window_.from_mark < 0) return;
    if (!in_marks_)
        in_marks_ = number == window_.from_mark;
    else
        in_marks_ = number != window_.to_mark;
}

} // namespace rocket
