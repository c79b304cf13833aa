#include "rootserver/functional/flight_child.hpp"

#include <sel4async/syscalls.hpp>

namespace functional {

Flight flight;

namespace {

using machine::ChildCSpace;
using machine::ChildVSpace;
using sel4async::Reply;
using sel4async::Task;
namespace op = sel4async::op;

constexpr unsigned askers = 4;
constexpr std::uint64_t largest_turn = 8; // of drives: they end within a batch, too

// The one place where the parent comes in: between any two things this side does with a request.
void step() {
    __atomic_store_n(&flight.steps, flight.steps + 1, __ATOMIC_RELAXED);
    if (__atomic_load_n(&flight.due, __ATOMIC_ACQUIRE) != 0 || flight.steps < flight.stop_at) return;
    __atomic_store_n(&flight.due, 1U, __ATOMIC_RELEASE);
    seL4_Signal(machine::ChildDone);
}

// The queue's own doorbell, in steps.
class Stepping final : public sel4async::Doorbell {
public:
    bool drives() const override { return inner().drives(); }
    bool other_harts() const override { return inner().other_harts(); }
    bool drive(std::uint64_t budget) override {
        step();
        const std::uint64_t most = 1 + flight.steps % largest_turn;
        const bool alive = inner().drive(budget < most ? budget : most);
        step();
        return alive;
    }
    std::uint64_t execute(std::uint32_t slot) override {
        step();
        return inner().execute(slot);
    }
    void ring() override {
        step(); // published and announced
        inner().ring();
        step();
    }
    std::uint64_t poll() override { return inner().poll(); }
    void arm(std::uint32_t vector, std::uint64_t handler) override {
        step();
        inner().arm(vector, handler);
    }
    void wait() override {
        step(); // BLOCKED
        inner().wait();
        step(); // NOTIFIED
    }
    std::uint64_t now() override { return inner().now(); }
    void idle() override { inner().idle(); }

private:
    static sel4async::KernelDoorbell& inner() { return child_runtime.queue.doorbell(); }
};
Stepping doorbell;

// What a request may be told when something it needs has gone.
bool may_be_refused(std::uint64_t error) {
    return __atomic_load_n(&flight.ending, __ATOMIC_ACQUIRE) &&
        (error == seL4_FailedLookup || error == seL4_InvalidCapability);
}

// False: no more.
bool judge(const Reply& reply, bool right = true) {
    step();
    if (reply.error() == sel4async::queue_dead) return false;
    if (reply.ok() && right) {
        __atomic_store_n(&flight.good, flight.good + 1, __ATOMIC_RELAXED);
    } else if (!reply.ok() && may_be_refused(reply.error())) {
        __atomic_store_n(&flight.refused, flight.refused + 1, __ATOMIC_RELAXED);
    } else {
        ++flight.wrong;
        flight.error = reply.error();
    }
    return !__atomic_load_n(&flight.stop, __ATOMIC_RELAXED);
}

Task<> ask(unsigned number) {
    while (true) {
        const Reply reply = co_await op::page_get_address(FlightFrame + number);
        if (!judge(reply, reply.word(0) == flight.addresses[number])) break;
    }
}

// What was written is still there the next time.
void touch(std::uint64_t vaddr, std::uint64_t turn) {
    auto& word = *reinterpret_cast<volatile std::uint64_t*>(vaddr);
    if (word != turn) ++flight.wrong;
    word = turn + 1;
}

Task<> map(unsigned number) {
    const std::uint64_t vaddr = flight_pages + number * machine::Memory::page_size;
    for (std::uint64_t turn = 0;; ++turn) {
        const Reply mapped =
            co_await op::page_map(FlightFrame + number, ChildVSpace, vaddr, 3, seL4_RISCV_ExecuteNever);
        if (!judge(mapped)) break;
        if (mapped.ok() && flight.touches) touch(vaddr, turn);
        if (!judge(co_await op::page_unmap(FlightFrame + number))) break;
    }
}

Task<> copy() {
    while (true) {
        const Reply copied = co_await op::cnode_copy(ChildCSpace, FlightCopy, seL4_WordBits, ChildCSpace, FlightFrame,
                                                     seL4_WordBits, seL4_AllRights.words[0]);
        if (!judge(copied)) break;
        if (!judge(co_await op::cnode_delete(ChildCSpace, FlightCopy, seL4_WordBits))) break;
    }
}

// Requests of many steps: the memory is cleared each time.
Task<> remake() {
    while (true) {
        const Reply made = co_await op::untyped_retype(FlightUntyped, seL4_UntypedObject, flight_untyped_bits - 1,
                                                       ChildCSpace, 0, 0, FlightObject, 1);
        if (!judge(made)) break;
        if (!judge(co_await op::cnode_revoke(ChildCSpace, FlightUntyped, seL4_WordBits))) break;
    }
}

Task<> burst() {
    for (std::uint32_t i = 0; i < burst_answers / askers; ++i) {
        if (!judge(co_await op::nop())) break;
    }
}

bool connect() {
    if (!connect_child(flight.other_harts, flight.doorbell)) return false;
    flight.kind = static_cast<std::uint32_t>(child_runtime.queue.kind()) + 1;
    return child_runtime.executor.init(child_runtime.queue.buffer(), doorbell, flight.registration);
}

bool spawn_all() {
    sel4async::Executor& executor = child_runtime.executor;
    for (unsigned i = 0; i < askers; ++i) {
        if (!spawn(executor, ask(i % flight_frames))) return false;
    }
    for (unsigned i = 0; i < flight_frames; ++i) {
        if (!spawn(executor, map(i))) return false;
    }
    return spawn(executor, copy()) && spawn(executor, remake());
}

bool answer_burst() {
    for (unsigned i = 0; i < askers; ++i) {
        if (!spawn(child_runtime.executor, burst())) return false;
    }
    return child_runtime.executor.run() == sel4async::Stopped::Finished;
}

} // namespace

void flight_main() {
    if (connect() && spawn_all())
        flight.stopped = static_cast<std::uint32_t>(child_runtime.executor.run()) + 1;
    else
        ++flight.wrong;
    finish_child(flight.done);
}

void bystander_main() {
    if (!connect()) {
        ++flight.wrong;
        finish_child(flight.done);
    }
    while (true) {
        while (__atomic_load_n(&flight.go, __ATOMIC_ACQUIRE) == flight.served)
            seL4_Wait(machine::ChildNotification, nullptr);
        if (!answer_burst()) ++flight.wrong;
        __atomic_store_n(&flight.served, flight.served + 1, __ATOMIC_RELEASE);
        seL4_Signal(machine::ChildDone);
    }
}

} // namespace functional
