// The table of every.cpp: an operation, how to ask for it asynchronously and synchronously, arguments that succeed and
// arguments that fail. Arguments are numbers or members of Objects, so that both ways can have objects of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sel4/sel4.h>
#include <sel4async/methods.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace functional {

struct Objects {
    std::uint64_t tcb, tcb2, untyped, pool_untyped, endpoint, notification, frame, table, vspace;
    std::uint64_t s0, s1, s2, s4, s5, s6, s7, irq_handler, irq_handler2, pool; // empty slots
    std::uint64_t irq, irq2, vaddr;
};

struct Outcome {
    static constexpr std::uint32_t room = 4;
    std::uint64_t error;
    std::uint32_t count;
    std::uint64_t words[room]; // results, or the details of the error
};

inline constexpr std::size_t most_args = 11;

struct Arg {
    std::uint64_t value = 0;
    std::uint64_t Objects::*member = nullptr;
    constexpr Arg() = default;
    constexpr Arg(std::uint64_t number) : value(number) {}
    constexpr Arg(std::uint64_t Objects::*object) : member(object) {}
};

struct Row {
    const char* name;
    sel4async::Request (*build)(const std::uint64_t* args);
    Outcome (*call)(const std::uint64_t* args);
    Arg good[most_args];
    Arg bad[most_args];
    bool shared = false; // the success changes nothing: both ways use one set of objects
};

std::span<const Row> every_row();
// For the operation that has no synchronous stub in a uniprocessor's interface.
void set_harts(std::uint64_t harts);

} // namespace functional
