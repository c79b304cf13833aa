#include "rootserver/functional/child.hpp"

namespace functional {

ChildRuntime child_runtime;

namespace {

constexpr std::size_t arena_size = std::size_t{64} * 1024;
alignas(64) unsigned char arena[arena_size];

machine::Nursery the_nursery;
seL4_CPtr the_end = 0;

} // namespace

bool connect_child(bool other_harts, sel4async::DoorbellKind doorbell) {
    sel4async::frame_pool.use(arena, sizeof(arena));
    if (doorbell == sel4async::DoorbellKind::Uintc) child_runtime.interrupts.install(machine::ChildNotification);
    return machine::connect_child(
               child_runtime.queue,
               {.doorbell = doorbell, .other_harts = other_harts, .interrupts = &child_runtime.interrupts}) ==
        seL4_NoError;
}

bool start_executor(sel4async::Registration registration) {
    return child_runtime.executor.init(child_runtime.queue.buffer(), child_runtime.queue.doorbell(), registration);
}

void finish_child(std::uint32_t& done) {
    __atomic_store_n(&done, 1U, __ATOMIC_RELEASE);
    seL4_Signal(machine::ChildDone);
    while (true) static_cast<void>(seL4_TCB_Suspend(machine::ChildTcb));
}

machine::Nursery& nursery() { return the_nursery; }
seL4_CPtr finished() { return the_end; }

bool ready_for_children(testing::Context& t, unsigned most) {
    if (the_end == 0) {
        the_end = t.memory().make(seL4_NotificationObject, 0);
        if (!t.check(the_end != 0 && the_nursery.init(t.memory(), most), "no memory for processes")) return false;
    }
    return t.check(the_nursery.clear(), "the last children did not go");
}

} // namespace functional
