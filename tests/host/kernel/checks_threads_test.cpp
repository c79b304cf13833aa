// Broken threads, ready queues and harts.
#include "checks_box.hpp"

#include "caps/mdb.hpp"
#include "objects/upcalls.hpp"

namespace kernel::test {

namespace {

using api::Syscall;
using scheduler::State;

State& own() { return scheduler::own_state(); }
Tcb& stopped(Checks& t) { return t.machine.tcb(t.machine.make_thread(20)); }
// In the ready queue, behind the initial thread, which runs.
Tcb& ready(Checks& t, u8 priority = 9) { return t.machine.spawn(priority); }
objects::ReadyQueue& queue_of(const Tcb& thread) { return own().queues[thread.domain][thread.priority]; }
Tcb& waiting(Checks& t) {
    Tcb& thread = ready(t, 20);
    t.machine.syscall(thread, Syscall::Recv, t.fresh(ObjectType::Endpoint));
    EXPECT_EQ(thread.state, ThreadState::BlockedOnReceive);
    return thread;
}

// A thread without a TCB object.
Tcb& phantom() {
    alignas(base::bit(caps::tcb_bits)) static unsigned char block[base::bit(caps::tcb_bits)];
    return *reinterpret_cast<Tcb*>(block);
}

void hold_instead(Tcb& thread, TcbSlot which, Slot& source) {
    Slot& slot = thread.slot(which);
    if (!slot.empty()) caps::remove_slot(slot);
    caps::insert_derived(source.cap, source, slot);
}

const Break threads[] = {
    {"thread.list", [](Checks& t) { stopped(t).debug_next->debug_prev = nullptr; }},
    {"thread.objects", [](Checks&) { scheduler::init_thread(phantom(), 0, 0); }},
    {"thread.cspace", [](Checks& t) { hold_instead(stopped(t), TcbSlot::CSpace, t.slot(own_tcb)); }},
    {"thread.vspace", [](Checks& t) { hold_instead(stopped(t), TcbSlot::VSpace, t.slot(own_buffer)); }},
    {"thread.buffer", [](Checks& t) { hold_instead(stopped(t), TcbSlot::Buffer, t.slot(own_vspace)); }},
    {"thread.reply", [](Checks& t) { hold_instead(stopped(t), TcbSlot::Reply, t.slot(own_tcb)); }},
    {"thread.caller", [](Checks& t) { hold_instead(stopped(t), TcbSlot::Caller, t.slot(own_tcb)); }},
    {"thread.affinity", [](Checks& t) { stopped(t).affinity = 1; }},
    {"thread.domain", [](Checks& t) { stopped(t).domain = 1; }},
    {"thread.hart", [](Checks& t) { stopped(t).context.hart_ = &smp::harts[1]; }},
    {"thread.runs-elsewhere",
     [](Checks& t) {
         scheduler::state_of(1).current = &t.machine.initial();
         own().current = nullptr;
     },
     2},
    {"thread.runnable-nowhere", [](Checks& t) { stopped(t).state = ThreadState::Running; }},
    {"thread.runnable-nowhere", [](Checks&) { own().current = nullptr; }},
    {"thread.runnable-twice", [](Checks& t) { objects::append(t.machine.initial()); }},
    {"thread.stopped-but-queued", [](Checks& t) { ready(t).state = ThreadState::Inactive; }},
    {"thread.stopped-but-queued", [](Checks& t) { t.machine.initial().state = ThreadState::Inactive; }},
    {"thread.ready-links",
     [](Checks& t) {
         Tcb& thread = stopped(t);
         thread.ready_links.next = &ready(t);
     }},
    {"thread.waits-for-nothing", [](Checks& t) { stopped(t).state = ThreadState::BlockedOnSend; }},
    {"thread.wait-links",
     [](Checks& t) {
         Tcb& thread = stopped(t);
         thread.wait_links.prev = &waiting(t);
     }},
    {"thread.no-master",
     [](Checks& t) {
         Tcb& thread = stopped(t);
         ASSERT_TRUE(thread.slot(TcbSlot::Reply).empty());
         thread.state = ThreadState::BlockedOnReply;
     }},
    {"thread.receiver", [](Checks& t) { stopped(t).user_interrupts.receiver = 1; }},
    {"thread.bound",
     [](Checks& t) { stopped(t).bound_notification = t.boxed(ObjectType::Notification).cap.as_notification(); }},
    {"notification.bound-count",
     [](Checks& t) {
         static objects::Notification nobodys{};
         Tcb& thread = stopped(t);
         thread.bound_notification = &nobodys;
         nobodys.bound_tcb = &thread;
     }},
    {"queue.members",
     [](Checks& t) {
         Tcb& thread = stopped(t);
         thread.state = ThreadState::BlockedOnReceive;
         thread.blocked_on = t.boxed(ObjectType::Endpoint).cap.as_endpoint();
     }},
};

const Break harts[] = {
    {"ready.bitmap", [](Checks&) { own().ready[0][1] |= 1; }},
    {"ready.bitmap",
     [](Checks& t) {
         const unsigned rank = scheduler::priorities - 1U - ready(t).priority;
         own().ready[0][rank / 64] &= ~base::bit(rank % 64);
     }},
    {"ready.summary", [](Checks&) { own().summary[0] |= 2; }},
    {"ready.summary",
     [](Checks& t) {
         ready(t);
         own().summary[0] = 0;
     }},
    {"ready.links",
     [](Checks& t) {
         ready(t);
         Tcb& second = ready(t);
         queue_of(second).tail->ready_links.prev = nullptr;
     }},
    {"ready.place", [](Checks& t) { ++ready(t).priority; }},
    {"ready.place",
     [](Checks& t) {
         Tcb& thread = ready(t);
         thread.affinity = 1;
         thread.context.hart_ = &smp::harts[1];
     },
     2},
    {"ready.tail",
     [](Checks& t) {
         ready(t);
         objects::ReadyQueue& queue = queue_of(ready(t));
         queue.tail = queue.head;
     }},
    {"ready.members",
     [](Checks& t) {
         Tcb& thread = stopped(t);
         thread.state = ThreadState::Running;
         thread.queued = true;
     }},
    {"hart.current", [](Checks&) { scheduler::state_of(1).current = &phantom(); }, 2},
    {"hart.fpu-owner", [](Checks&) { own().fpu_owner = &phantom(); }},
    {"hart.interrupts", [](Checks& t) { own().interrupt_owner = &t.machine.initial(); }},
    {"hart.interrupts", [](Checks& t) { t.machine.initial().interrupt_id = 1; }},
    {"hart.action", [](Checks& t) { own().action = &ready(t); }},
    {"hart.action", [](Checks& t) { own().action = &t.machine.initial(); }},
    {"hart.action", [](Checks& t) { scheduler::state_of(1).action = &ready(t); }, 2},
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Threads, CheckerBreaks, testing::ValuesIn(threads));
INSTANTIATE_TEST_SUITE_P(Harts, CheckerBreaks, testing::ValuesIn(harts));

} // namespace kernel::test
