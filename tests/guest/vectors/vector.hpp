// Appendix D.1 as data: each row is one Call of the initial thread and its exact answer, measured on upstream's kernel.
// Rows of a section build on each other, so a section runs as a whole. Slots have fixed numbers, the appendix's where
// it names one.
#pragma once

#include "tests/guest/harness/suite.hpp"

#include <array>

namespace guest::vectors {

enum FixedSlot : Word {
    cn = cnode,
    ep = 460,
    ntfn,
    tcb,
    pt,
    pt2,
    pt3,
    fr,
    fr2,
    mega,
    u12,
    u13,
    cn4,
    vs,
    ro,
    ut24,
    ut13,
    devut
};

#ifdef CONFIG_ENABLE_SMP_SUPPORT
constexpr Word max_irq = 98;
#else
constexpr Word max_irq = 96;
#endif
constexpr Word any_word = 0x616e'7920'776f'7264; // a detail that is not compared

struct Vector {
    const char* name;
    Word cap;
    Word label;
    std::size_t length;
    Word words[8];
    std::size_t cap_count;
    Word caps[3];
    seL4_Error error;
    std::size_t detail_count;
    Word details[5];
};

template <std::size_t m, std::size_t n>
constexpr std::array<Vector, m + n> join(const Vector (&first)[m], const Vector (&second)[n]) {
    std::array<Vector, m + n> all{};
    for (std::size_t i = 0; i < m; ++i) all[i] = first[i];
    for (std::size_t i = 0; i < n; ++i) all[m + i] = second[i];
    return all;
}

void run_row(Context& t, std::span<const Vector> rows, std::size_t index);

template <const auto& rows>
constexpr List list_of_vectors(const char* prefix) {
    return {prefix, std::size(rows), [](std::size_t i) { return rows[i].name; },
            [](Context& t, std::size_t i) { run_row(t, rows, i); }, true};
}

List untyped();
List cnode_section();
List tcb_section();
List irq();
List domain();
List vspace_section();
List misc();

} // namespace guest::vectors
