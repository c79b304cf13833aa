// Broken endpoints, notifications, reply capabilities, asynchronous queues.
#include "checks_box.hpp"

#include "async/executor.hpp"
#include "caps/mdb.hpp"
#include "ipc/endpoint.hpp"

namespace kernel::test {

namespace {

using api::Syscall;
using objects::AsyncQueue;
using objects::Endpoint;
using objects::Notification;
using objects::QueueSlot;
using objects::QueueState;
using objects::WorkerState;

// Two threads wait for a fresh endpoint or notification; its slot.
Slot& with_waiters(Checks& t, ObjectType type) {
    Tcb& first = t.machine.spawn(20);
    Tcb& second = t.machine.spawn(20);
    const u64 at = t.fresh(type);
    t.machine.syscall(first, Syscall::Recv, at);
    t.machine.syscall(second, Syscall::Recv, at);
    return t.slot(at);
}
Endpoint& endpoint(Checks& t) { return *with_waiters(t, ObjectType::Endpoint).cap.as_endpoint(); }
Notification& waited_for(Checks& t) { return *with_waiters(t, ObjectType::Notification).cap.as_notification(); }
Notification& idle(Checks& t) { return *t.boxed(ObjectType::Notification).cap.as_notification(); }

// A thread that has been called and has not answered; the caller is in BlockedOnReply.
Tcb& callee(Checks& t) {
    Tcb& server = t.machine.spawn(20);
    Tcb& client = t.machine.spawn(20);
    const u64 at = t.fresh(ObjectType::Endpoint);
    t.machine.syscall(server, Syscall::Recv, at);
    t.machine.syscall(client, Syscall::Call, at);
    EXPECT_TRUE(server.slot(TcbSlot::Caller).cap.is(CapType::Reply));
    return server;
}

AsyncQueue& unbound(Checks& t) { return *t.boxed(ObjectType::AsyncQueue, 15).cap.as_async_queue(); }
AsyncQueue& bound(Checks& t) {
    const u64 at = t.fresh(ObjectType::AsyncQueue, 15);
    const u64 ntfn = t.fresh(ObjectType::Notification);
    EXPECT_EQ(t.machine.call(at, Label::AsyncQueueBind, {TAIL4_ASYNC_BIND_NOTIFICATION}, {CN, own_vspace, ntfn}), ok());
    return *t.machine.cap(at).as_async_queue();
}
void bind_instead(Checks& t, QueueSlot which, Slot& source) {
    Slot& slot = bound(t).slots[static_cast<unsigned>(which)];
    caps::remove_slot(slot);
    caps::insert_derived(source.cap, source, slot);
}

const Break ipc[] = {
    {"endpoint.state", [](Checks& t) { endpoint(t).queue.head->state = ThreadState::Inactive; }},
    {"queue.links", [](Checks& t) { endpoint(t).queue.tail->wait_links.prev = nullptr; }},
    {"queue.state", [](Checks& t) { endpoint(t).queue.tail->state = ThreadState::BlockedOnSend; }},
    {"queue.state", [](Checks& t) { waited_for(t).queue.tail->blocked_on = nullptr; }},
    {"queue.tail",
     [](Checks& t) {
         Endpoint& where = endpoint(t);
         where.queue.tail = where.queue.head;
     }},
    {"notification.active",
     [](Checks& t) {
         Notification& where = waited_for(t);
         where.queue.head = nullptr;
     }},
    {"notification.idle-with-badge", [](Checks& t) { idle(t).badge_word = 1; }},
    {"notification.idle-with-badge", [](Checks& t) { waited_for(t).badge_word = 1; }},
    {"notification.state",
     [](Checks& t) {
         const objects::WaitQueue& queue = waited_for(t).queue;
         for (Tcb* thread = queue.head; thread != nullptr; thread = thread->wait_links.next)
             thread->state = ThreadState::BlockedOnReceive;
     }},
    {"notification.bound", [](Checks& t) { idle(t).bound_tcb = &t.machine.initial(); }},
    {"reply.master",
     [](Checks& t) {
         Slot& master = t.machine.initial().slot(TcbSlot::Reply);
         master.set_mdb(nullptr, nullptr, false, true);
     }},
    {"reply.master", [](Checks& t) { caps::insert_root(t.machine.initial().slot(TcbSlot::Reply).cap, t.empty()); }},
    {"reply.answer", [](Checks& t) { caps::insert_root(Cap::reply(&t.machine.initial(), true, false), t.empty()); }},
    {"reply.answer",
     [](Checks& t) {
         Slot& answer = callee(t).slot(TcbSlot::Caller);
         caps::insert_derived(answer.cap, answer, t.empty());
     }},
    {"reply.state", [](Checks& t) { callee(t).slot(TcbSlot::Caller).cap.reply_tcb()->state = ThreadState::Inactive; }},
};

const Break async_queues[] = {
    {"async.size", [](Checks& t) { unbound(t).size_bits = api::min_async_queue_bits - 1; }},
    {"async.control",
     [](Checks& t) {
         AsyncQueue& queue = bound(t);
         queue.control = reinterpret_cast<tail4_AsyncControl*>(reinterpret_cast<u64>(queue.control) - 4096);
     }},
    {"async.slots", [](Checks& t) { ++bound(t).slot_mask; }},
    {"async.ring",
     [](Checks& t) {
         AsyncQueue& queue = bound(t);
         queue.sq_tail = queue.sq_head + queue.slot_mask + 2;
     }},
    {"async.ring",
     [](Checks& t) {
         AsyncQueue& queue = bound(t);
         queue.sq_tail = queue.sq_head - 1;
     }},
    {"async.process", [](Checks& t) { bound(t).taic_process = 1; }},
    {"async.unbound", [](Checks& t) { unbound(t).taic_process = 1; }},
    {"async.unbound", [](Checks& t) { unbound(t).map_asid = 1; }},
    {"async.unbound", [](Checks& t) { unbound(t).in_ready_list = true; }},
    {"async.cspace", [](Checks& t) { bind_instead(t, QueueSlot::CSpace, t.slot(own_tcb)); }},
    {"async.vspace", [](Checks& t) { bind_instead(t, QueueSlot::VSpace, t.slot(own_buffer)); }},
    {"async.notification", [](Checks& t) { bind_instead(t, QueueSlot::Notification, t.boxed(ObjectType::Endpoint)); }},
    {"async.copy",
     [](Checks& t) {
         bind_instead(t, QueueSlot::Notification, t.boxed(ObjectType::Notification));
         Slot& slot = bound(t).slots[static_cast<unsigned>(QueueSlot::Notification)];
         slot.cap = slot.cap.with_made_sender(true);
     }},
    {"async.pending", [](Checks& t) { bound(t).pending_count = 1; }},
    {"async.completions", [](Checks& t) { ++bound(t).delivered; }},
    {"async.completions", [](Checks& t) { ++bound(t).executed; }},
    {"async.counts", [](Checks& t) { bound(t).rejected = 1; }},
    {"async.counts", [](Checks& t) { bound(t).cq_tail = 1; }},
    {"async.bound", [](Checks& t) { bound(t).worker = nullptr; }},
    {"async.bound", [](Checks& t) { bound(t).bound = false; }},
    {"async.worker", [](Checks& t) { bound(t).worker_state = WorkerState::Running; }},
    {"async.ready", [](Checks& t) { bound(t).worker_state = WorkerState::Ready; }},
    {"async.ready",
     [](Checks& t) {
         AsyncQueue& queue = bound(t);
         async::make_ready(queue);
         queue.worker_state = WorkerState::Asleep;
     }},
    {"async.executor",
     [](Checks& t) {
         AsyncQueue& queue = unbound(t);
         queue.state = QueueState::Dead;
         queue.bound = true;
     }},
    {"async.ready-list",
     [](Checks& t) {
         AsyncQueue& queue = bound(t);
         async::make_ready(queue);
         ++queue.ready_priority;
     }},
    {"async.ready-members",
     [](Checks& t) {
         AsyncQueue& queue = unbound(t);
         queue.state = QueueState::Dead;
         queue.in_ready_list = true;
     }},
    {"async.ready-members", // a circle
     [](Checks& t) {
         AsyncQueue& queue = bound(t);
         async::make_ready(queue);
         queue.next_ready = &queue;
     }},
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Ipc, CheckerBreaks, testing::ValuesIn(ipc));
INSTANTIATE_TEST_SUITE_P(AsyncQueues, CheckerBreaks, testing::ValuesIn(async_queues));

} // namespace kernel::test
