// The lists of a suite and its run under the line protocol: BEGIN n, CASE, SUCCESS or FAIL, END.
// A list is an array of cases, or rows of data behind two functions: begin() before its first row, end() after the
// last.
#pragma once

#include "tests/guest/harness/context.hpp"

namespace guest {

struct List {
    const char* prefix;
    std::size_t count;
    const char* (*name)(std::size_t index);
    void (*run)(Context& context, std::size_t index);
    bool keeps_state; // between its rows
};

template <const auto& cases>
constexpr List list_of(const char* prefix) {
    return {prefix, std::size(cases), [](std::size_t i) { return cases[i].name; },
            [](Context& context, std::size_t i) { cases[i].run(context); }, false};
}

bool run(std::span<const List> lists, std::string_view only);

} // namespace guest
