// User interrupts between threads, without the kernel: registration, delivery, masking, blocking, the exchange of state
// between receivers, and the end of an entry; then the doorbell of an asynchronous queue.
#include "rootserver/functional/cases.hpp"

#include <sel4async/user_interrupts.hpp>

extern "C" {
extern char __global_pointer$[]; // NOLINT(bugprone-reserved-identifier,readability-identifier-naming): the linker's
}

namespace functional {

namespace {

using sel4async::Reply;
using sel4async::Task;
using testing::Context;
namespace op = sel4async::op;

constexpr seL4_Word vector = 3;
constexpr std::uint64_t bit = 1 << vector;

// The initial thread as a receiver, with a capability to send to it. Undone at the end of the case.
class Receiver {
public:
    explicit Receiver(Context& t) {
        notification_ = t.memory().make(seL4_NotificationObject, 0);
        sender_ = t.memory().slots();
        ready_ = seL4_TCB_BindNotification(seL4_CapInitThreadTCB, notification_) == seL4_NoError &&
            interrupts.start(notification_, seL4_CapInitThreadTCB) == seL4_NoError && mint(sender_, notification_);
        t.check(ready_, "no receiver");
    }
    ~Receiver() {
        interrupts.stop();
        seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB);
    }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    explicit operator bool() const { return ready_; }
    seL4_CPtr notification() const { return notification_; }
    seL4_CPtr sender() const { return sender_; }
    // Blocks until a bit comes; returns them.
    std::uint64_t wait() {
        interrupts.mask();
        if (!interrupts.any()) seL4_Wait(notification_, nullptr);
        interrupts.unmask();
        return interrupts.take();
    }

    static bool mint(seL4_CPtr to, seL4_CPtr notification) {
        return seL4_CNode_Mint(seL4_CapInitThreadCNode, to, seL4_WordBits, seL4_CapInitThreadCNode, notification,
                               seL4_WordBits, seL4_AllRights, vector) == seL4_NoError;
    }

    sel4async::UserInterrupts interrupts;

private:
    seL4_CPtr notification_ = 0;
    seL4_CPtr sender_ = 0;
    bool ready_ = false;
};

std::uint64_t registered(Context& t, seL4_CPtr sender) {
    const auto result = seL4_TaiL4_Notification_RegisterSender(sender);
    t.same_error("registering the sender", static_cast<std::uint64_t>(result.error), seL4_NoError);
    return result.index;
}

void to_itself(Context& t) {
    Receiver receiver(t);
    if (!receiver) return;
    const std::uint64_t index = registered(t, receiver.sender());
    if (!t.equal("the same sender again", registered(t, receiver.sender()), index)) return;
    for (std::uint64_t i = 1; i <= 1000; ++i) {
        sel4async::send_user_interrupt(index);
        if (!t.equal("handler entries", receiver.interrupts.entries(), i)) return;
        if (!t.equal("bits", receiver.interrupts.take(), bit)) return;
    }
    sel4async::send_user_interrupt(index + 1);
    sel4async::send_user_interrupt(~std::uint64_t{0});
    t.equal("bits of no entry", receiver.interrupts.take(), 0);
}

void masked(Context& t) {
    Receiver receiver(t);
    if (!receiver) return;
    const std::uint64_t index = registered(t, receiver.sender());
    receiver.interrupts.mask();
    sel4async::send_user_interrupt(index);
    sel4async::send_user_interrupt(index);
    t.equal("entries while masked", receiver.interrupts.entries(), 0);
    receiver.interrupts.unmask();
    t.equal("entries afterwards", receiver.interrupts.entries(), 1);
    t.equal("bits", receiver.interrupts.take(), bit);
}

// The handler runs between two instructions and leaves every register as it was.
void registers_stay(Context& t) {
    Receiver receiver(t);
    if (!receiver) return;
    const std::uint64_t index = registered(t, receiver.sender());
    std::uint64_t changed = 0;
    asm volatile("mv a0, %1\n"
                 ".irp n, 1, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31\n"
                 " .if \\n != 3 && \\n != 4\n li x\\n, 0x1000 + \\n\n .endif\n"
                 ".endr\n"
                 ".insn r 0x7b, 6, 0, x0, a0, x0\n"
                 "li a0, 0\n"
                 ".irp n, 1, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31\n"
                 " addi x\\n, x\\n, -\\n\n srli s2, x\\n, 12\n addi s2, s2, -1\n or a0, a0, s2\n"
                 " slli x\\n, x\\n, 52\n or a0, a0, x\\n\n"
                 ".endr\n"
                 "mv %0, a0"
                 : "=&r"(changed)
                 : "r"(index)
                 : "ra", "t0", "t1", "t2", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2", "t3", "t4", "t5", "t6",
                   "memory");
    t.equal("changed register bits", changed, 0);
    t.equal("handler entries", receiver.interrupts.entries(), 1);
}

// The handler needs no stack: code may be where the stack pointer is anything (case 99 of uintr.md 8.6).
void stack_pointer_stays(Context& t) {
    Receiver receiver(t);
    if (!receiver) return;
    const std::uint64_t index = registered(t, receiver.sender());
    for (const std::uint64_t anything : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}}) {
        const std::uint64_t before = receiver.interrupts.entries();
        std::uint64_t after = 0;
        asm volatile("mv t0, sp\n"
                     "mv sp, %2\n"
                     ".insn r 0x7b, 6, 0, x0, %1, x0\n"
                     "mv %0, sp\n"
                     "mv sp, t0"
                     : "=&r"(after)
                     : "r"(index), "r"(anything)
                     : "t0", "memory");
        t.equal("stack pointer", after, anything);
        t.equal("handler entries", receiver.interrupts.entries(), before + 1);
    }
    t.equal("bits", receiver.interrupts.take(), bit);
}

// A bit that is there before the thread blocks does not let it block.
void before_blocking(Context& t) {
    Receiver receiver(t);
    if (!receiver) return;
    const std::uint64_t index = registered(t, receiver.sender());
    receiver.interrupts.mask();
    sel4async::send_user_interrupt(index);
    seL4_Wait(receiver.notification(), nullptr);
    receiver.interrupts.unmask();
    t.equal("bits", receiver.interrupts.take(), bit);
}

// Nothing arrives by a capability that is gone, or after the receiver has stopped.
void ends(Context& t) {
    Receiver receiver(t);
    if (!receiver) return;
    const std::uint64_t index = registered(t, receiver.sender());
    seL4_CNode_Delete(seL4_CapInitThreadCNode, receiver.sender(), seL4_WordBits);
    sel4async::send_user_interrupt(index);
    t.equal("bits after the deletion", receiver.interrupts.take(), 0);
    if (!t.check(Receiver::mint(receiver.sender(), receiver.notification()), "no capability")) return;
    const std::uint64_t again = registered(t, receiver.sender());
    receiver.interrupts.stop();
    sel4async::send_user_interrupt(again);
    t.equal("bits after the end", receiver.interrupts.take(), 0);
    t.same_error("a sender to nobody",
                 static_cast<std::uint64_t>(seL4_TaiL4_Notification_RegisterSender(receiver.sender()).error),
                 seL4_IllegalOperation);
}

// --- A second thread. It has no message buffer: what takes capabilities is done for it.

struct Peer {
    seL4_CPtr to_initial; // senders' capabilities
    seL4_CPtr to_itself;
    seL4_CPtr notification;
    seL4_CPtr go; // it waits here after each step
    std::uint64_t errors;
    std::uint64_t steps;
    sel4async::UserInterrupts interrupts;
};
constinit Peer peer{};
alignas(16) unsigned char peer_stack[4096];

// Each step: a bit to itself, which must be there at once, and one to the initial thread.
[[noreturn]] void peer_main() {
    peer.interrupts.install(peer.notification);
    const auto own = seL4_TaiL4_Notification_RegisterSender(peer.to_itself);
    const auto other = seL4_TaiL4_Notification_RegisterSender(peer.to_initial);
    peer.errors += own.error != seL4_NoError || other.error != seL4_NoError;
    while (true) {
        seL4_Wait(peer.go, nullptr);
        sel4async::send_user_interrupt(own.index);
        peer.errors += peer.interrupts.take() != bit;
        ++peer.steps;
        sel4async::send_user_interrupt(other.index);
    }
}

bool start_peer(Context& t, seL4_CPtr tcb, const Receiver& receiver) {
    machine::Memory& memory = t.memory();
    peer = {};
    peer.to_initial = receiver.sender();
    peer.notification = memory.make(seL4_NotificationObject, 0);
    peer.go = memory.make(seL4_NotificationObject, 0);
    peer.to_itself = memory.slots();
    seL4_UserContext registers{};
    registers.pc = reinterpret_cast<seL4_Word>(peer_main);
    registers.sp = reinterpret_cast<seL4_Word>(peer_stack + sizeof peer_stack);
    registers.gp = reinterpret_cast<seL4_Word>(__global_pointer$);
    return Receiver::mint(peer.to_itself, peer.notification) &&
        seL4_TCB_Configure(tcb, 0, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0, 0, 0) == seL4_NoError &&
        seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, 254) == seL4_NoError &&
        seL4_TCB_BindNotification(tcb, peer.notification) == seL4_NoError &&
        seL4_TaiL4_Notification_RegisterReceiver(peer.notification, tcb) == seL4_NoError &&
        seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof registers / sizeof(seL4_Word), &registers) == seL4_NoError;
}

// Both are receivers and take turns: each has its own handler state. The initial thread sleeps when its bit comes.
void between_threads(Context& t) {
    Receiver receiver(t);
    const seL4_CPtr tcb = t.memory().make(seL4_TCBObject, 0);
    if (!receiver || !t.check(start_peer(t, tcb, receiver), "no second thread")) return;
    constexpr std::uint64_t rounds = 20;
    for (std::uint64_t i = 1; i <= rounds; ++i) {
        seL4_Signal(peer.go);
        if (!t.equal("bits from the other thread", receiver.wait(), bit)) break;
        if (!t.equal("steps of the other thread", peer.steps, i)) break;
    }
    t.equal("errors of the other thread", peer.errors, 0);
    t.equal("its handler entries", peer.interrupts.entries(), peer.steps);
    // Dies while it is a receiver and a sender.
    t.same_error("deleting it",
                 static_cast<std::uint64_t>(seL4_CNode_Delete(seL4_CapInitThreadCNode, tcb, seL4_WordBits)),
                 seL4_NoError);
    const auto none = seL4_TaiL4_Notification_RegisterSender(peer.to_itself);
    t.same_error("a sender to the dead", static_cast<std::uint64_t>(none.error), seL4_IllegalOperation);
}

// --- The doorbell

constinit machine::QueuePlace place;
constinit sel4async::Queue queue;
constinit sel4async::Executor executor;
constinit sel4async::UserInterrupts doorbell;

Task<> ask(seL4_CPtr frame, seL4_Word paddr, unsigned& good) {
    for (unsigned i = 0; i < 10; ++i) {
        const Reply reply = co_await op::page_get_address(frame);
        good += reply.ok() && reply.word(0) == paddr;
    }
}

void as_doorbell(Context& t) {
    const machine::ConnectionOptions options{
        .doorbell = sel4async::DoorbellKind::Uintc, .other_harts = t.fixture().harts > 1, .interrupts = &doorbell};
    if (!t.check(machine::make_place(t.memory(), place, 16), "no memory") ||
        !t.same_error("connect", static_cast<std::uint64_t>(machine::connect(place, queue, options)), seL4_NoError) ||
        !t.check(queue.kind() == sel4async::DoorbellKind::Uintc, "another doorbell") ||
        !t.check(executor.init(queue.buffer(), queue.doorbell()), "no memory for a frame"))
        return;
    // A vector that nobody knows (case 100): counted, and one look in vain.
    const seL4_CPtr stranger = t.memory().slots();
    t.check(Receiver::mint(stranger, place.notification), "no capability");
    sel4async::send_user_interrupt(registered(t, stranger));
    t.equal("entries for a stranger", doorbell.entries(), 1);
    const seL4_CPtr frame = t.memory().frame();
    const seL4_Word paddr = seL4_RISCV_Page_GetAddress(frame).paddr;
    unsigned good = 0;
    for (unsigned i = 0; i < 32; ++i) {
        if (!t.check(sel4async::spawn(executor, ask(frame, paddr, good)), "no strand or no frame")) return;
    }
    t.check(executor.run() == sel4async::Stopped::Finished, "the executor stopped");
    t.equal("right answers", good, 320);
    // On one hart the kernel serves only while this thread sleeps: every answer came by an interrupt.
    if (t.fixture().harts == 1) t.check(doorbell.entries() > 1, "no interrupt");
    doorbell.stop();
    seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB);
}

constexpr testing::Case cases[] = {
    {"uintc.to_itself", to_itself},
    {"uintc.masked", masked},
    {"uintc.registers", registers_stay},
    {"uintc.stack_pointer", stack_pointer_stays},
    {"uintc.before_blocking", before_blocking},
    {"uintc.ends", ends},
    {"uintc.between_threads", between_threads},
    {"uintc.doorbell", as_doorbell},
};

} // namespace

std::span<const testing::Case> uintc_cases() { return cases; }

} // namespace functional
