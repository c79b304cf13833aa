// Buffer round trip, output and notification calls of the seed thesis.
#include "rootserver/functional/cases.hpp"

namespace functional {

namespace {

using sel4async::Reply;
using sel4async::Task;
using testing::Context;
namespace op = sel4async::op;

// A slot goes to the kernel and comes back: same index, the generation in `done`, status of the operation.
void buffer_round_trip(Context& t) {
    const auto work = [](Context& c) -> Task<> {
        const std::uint64_t before = c.executor().outstanding();
        const Reply reply = co_await op::nop();
        c.same_error("Nop", reply.error(), seL4_NoError);
        c.equal("words of a Nop", reply.count(), 0);
        c.equal("outstanding", c.executor().outstanding(), before);
        static constexpr char greeting[] =
            "Message from userspace, longer than one slot can hold: it takes a wide one\n";
        const Reply said = co_await op::debug_put_string(greeting, sizeof(greeting) - 1);
        c.same_error("a wide DebugPutString", said.error(), seL4_NoError);
    };
    t.run(work(t));
}

void unknown_operation(Context& t) {
    const auto work = [](Context& c) -> Task<> {
        const sel4async::Request request{.op = 0x7777};
        const Reply reply = co_await request;
        c.same_error("an unknown operation", reply.error(), seL4_InvalidArgument);
        const sel4async::Request flagged{.op = TAIL4_OP_Nop, .flags = 1u << 31};
        const Reply second = co_await flagged;
        c.same_error("an unknown flag", second.error(), seL4_InvalidArgument);
    };
    t.run(work(t));
}

void output(Context& t) {
    const seL4_CPtr frame = t.memory().frame();
    const auto work = [](Context& c, seL4_CPtr page) -> Task<> {
        const Reply one = co_await op::debug_put_char('X');
        c.same_error("PutChar", one.error(), seL4_NoError);
        const Reply line = co_await op::debug_put_string("\n11111\n", 7);
        c.same_error("PutString", line.error(), seL4_NoError);
        const Reply address = co_await op::page_get_address(page);
        c.same_error("PageGetAddress", address.error(), seL4_NoError);
        c.equal("result words", address.count(), 1);
        c.equal("physical address", address.word(0), seL4_RISCV_Page_GetAddress(page).paddr);
    };
    t.run(work(t, frame));
}

void notification(Context& t) {
    const auto work = [](Context& c, seL4_CPtr untyped, seL4_CPtr slot, seL4_CPtr tcb) -> Task<> {
        const Reply made =
            co_await op::untyped_retype(untyped, seL4_NotificationObject, 0, seL4_CapInitThreadCNode, 0, 0, slot, 2);
        c.same_error("retype", made.error(), seL4_NoError);
        const Reply bound = co_await op::tcb_bind_notification(tcb, slot);
        c.same_error("bind", bound.error(), seL4_NoError);
        const Reply again = co_await op::tcb_bind_notification(tcb, slot + 1);
        c.same_error("bind a second one", again.error(), seL4_TCB_BindNotification(tcb, slot + 1));
        c.check(!again.ok(), "a second notification was bound");
        const Reply unbound = co_await op::tcb_unbind_notification(tcb);
        c.same_error("unbind", unbound.error(), seL4_NoError);
        const Reply nothing = co_await op::tcb_unbind_notification(tcb);
        c.same_error("unbind nothing", nothing.error(), seL4_TCB_UnbindNotification(tcb));
    };
    const seL4_CPtr untyped = t.memory().make(seL4_UntypedObject, 7);
    const seL4_CPtr slot = t.memory().slots(2);
    const seL4_CPtr tcb = t.memory().make(seL4_TCBObject, 0);
    if (t.check(untyped != 0 && slot != 0 && tcb != 0, "no memory")) t.run(work(t, untyped, slot, tcb));
}

// Joins, yields, and a queue that is asked for more than it can hold.
Task<std::uint64_t> add(std::uint64_t a, std::uint64_t b) {
    co_await sel4async::yield();
    co_return a + b;
}

void tasks(Context& t) {
    const auto work = [](Context& c) -> Task<> {
        const std::uint64_t inside = co_await add(1, 2);
        c.equal("an awaited task", inside, 3);
        Task<std::uint64_t> other = add(20, 22);
        c.check(other.start(c.executor()), "no strand");
        const std::uint64_t joined = co_await other;
        c.equal("a joined task", joined, 42);
    };
    t.run(work(t));
}

constexpr testing::Case cases[] = {
    {"buffer.round_trip", buffer_round_trip},
    {"buffer.unknown_operation", unknown_operation},
    {"call.output", output},
    {"call.notification", notification},
    {"task.join", tasks},
};

} // namespace

std::span<const testing::Case> call_cases() { return cases; }

} // namespace functional
