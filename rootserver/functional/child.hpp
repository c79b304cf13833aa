// What child processes of the suite have in common. A child's variables are its own copies; the parent never touches
// them, so each child finds them fresh.
#pragma once

#include "rootserver/functional/cases.hpp"
#include "rootserver/machine/process.hpp"

#include <sel4async/queue.hpp>
#include <sel4async/task.hpp>

namespace functional {

// --- The child's side.
struct ChildRuntime {
    sel4async::Queue queue;
    sel4async::Executor executor;
    sel4async::UserInterrupts interrupts;
};
extern ChildRuntime child_runtime;

// Connects the queue, with that doorbell if there is one; for Uintc the parent has made the child a receiver. False:
// something is missing.
[[nodiscard]] bool connect_child(bool other_harts, sel4async::DoorbellKind doorbell = sel4async::DoorbellKind::Taic);
[[nodiscard]] bool
start_executor(sel4async::Registration registration = sel4async::Registration::Persistent); // false: no memory
// The last thing of a child: its parent wakes up, and finds `done` set.
[[noreturn]] void finish_child(std::uint32_t& done);

// --- The parent's.
machine::Nursery& nursery();
seL4_CPtr finished(); // what children signal at their end
// All earlier children are gone. The first call decides how many there is room for.
[[nodiscard]] bool ready_for_children(testing::Context& t, unsigned most = machine::Nursery::max_children);

} // namespace functional
