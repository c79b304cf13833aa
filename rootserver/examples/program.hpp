// The frame around each example: boots as the initial thread, makes a queue and an executor, runs program() as the
// first task, says how it ended, and turns the machine off.
#pragma once

#include "rootserver/machine/connection.hpp"
#include "rootserver/machine/console.hpp"

#include <sel4async/batch.hpp>
#include <sel4async/timeout.hpp>
#include <sel4async/when.hpp>

namespace example {

struct Program {
    machine::Memory memory; // capabilities and addresses, from the boot info
    sel4async::Queue queue;
    sel4async::Executor executor;
};

// What an example defines. False: it failed.
sel4async::Task<bool> program(Program& p);

} // namespace example
