// Long operations are cut by interrupts and made again (2.7, 4.13; trap 7): an alarm in the middle of each, a thread
// that it wakes, and what that thread may do to the operation meanwhile.
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/alarm.hpp"

namespace guest {

namespace {

constexpr unsigned attempts = 60;
constexpr Word shortest = 1000; // nanoseconds
constexpr Word node_bits = 12;
constexpr Word node_size = 1ul << node_bits;

std::atomic<Word> phase; // of the operation: 0 before, 1 within, 2 after
enum Phase : Word { Before, Within, After };

// A slot moved to itself says whether it is empty.
bool in_use(seL4_IPCBuffer& buffer, Word node, Word index) {
    buffer.caps_or_badges[0] = node;
    sel4_Registers registers{node, tag(CNodeMove, 4, 1), index, node_bits, index, node_bits};
    sel4_ecall(seL4_SysCall, &registers);
    return registers.a1 >> 12 == seL4_DeleteFirst;
}

// How the woken thread sees that an operation on the CNode in in[2] is half done.
using Look = bool (*)(Thread& thread);
bool one_end_is_empty(Thread& thread) {
    return in_use(*thread.buffer, thread.in[2], 0) != in_use(*thread.buffer, thread.in[2], node_size - 1);
}
bool is_zombie(Thread& thread) { return seL4_DebugCapIdentify(thread.in[2]) == 18; }
bool cannot_tell(Thread&) { return true; }

// in[0]: the notification, in[1]: a slot to delete when the alarm rings within the operation, or 0.
void wait_for_the_alarm(Thread& thread) {
    sel4_Registers registers{thread.in[0], 0, 0, 0, 0, 0};
    sel4_ecall(seL4_SysRecv, &registers);
    thread.out[0] = phase.load();
    if (thread.out[0] != Within) return;
    const auto look = reinterpret_cast<Look>(thread.in[3]);
    thread.out[1] = look(thread) ? 1ul : 0ul;
    if (thread.in[1] == 0 || thread.out[1] == 0) return;
    registers = {cnode, tag(CNodeDelete, 2), thread.in[1], depth, 0, 0};
    sel4_ecall(seL4_SysCall, &registers);
}

struct Alarm {
    Word notification;
    Word handler;
};

struct Subject {
    Alarm alarm;
    Word node;
    Look look;
    Word victim = 0;
};

Alarm make_alarm(Context& t) {
    t.check(map_alarm(), "the clock device");
    const Alarm alarm{t.notification(), t.slot()};
    t.expect({{"get", seL4_CapIRQControl, IRQIssueIRQHandler, {alarm_irq, alarm.handler, depth}, {cnode}},
              {"set", alarm.handler, IRQSetIRQHandler, {}, {alarm.notification}}});
    return alarm;
}

// The alarm is set and the operation made, until the two meet. How long it takes is not known, so the alarm's delay is
// searched for: a waiter that was woken too early asks for more, one that was woken too late for less.
template <class Prepare, class Operation>
bool interrupted(Context& t, const Subject& subject, Prepare prepare, Operation operation) {
    Word low = shortest, high = 100'000'000;
    Thread& waiter = t.thread(Above);
    for (unsigned i = 0; i < attempts && !t.failed(); ++i) {
        if (high - low < 2 * shortest) low = shortest, high = 100'000'000;
        const Word delay = i % 8 == 7 ? shortest : (low + high) / 2;
        prepare();
        phase = Before;
        waiter.out[1] = 0;
        waiter.in[0] = subject.alarm.notification;
        waiter.in[1] = subject.victim;
        waiter.in[2] = subject.node;
        waiter.in[3] = reinterpret_cast<Word>(subject.look);
        t.start(waiter, wait_for_the_alarm);
        set_alarm(delay);
        phase = Within;
        operation();
        phase = After;
        t.check(t.wait_done(waiter), "the alarm");
        silence_alarm();
        t.expect({{"ack", subject.alarm.handler, IRQAckIRQ, {}, {}}});
        t.poll(subject.alarm.notification);
        if (waiter.out[1] != 0) return true;
        (waiter.out[0] == Before ? low : high) = delay;
    }
    return t.check(false, "the alarm never rang within the operation");
}

void fill(Context& t, Word node) {
    for (Word at = 0; at < node_size; at += 256)
        t.expect({{"fill", t.untyped(), UntypedRetype, {seL4_EndpointObject, 0, node, depth, at, 256}, {cnode}}});
}

Word slots_in_use(Word node) {
    Word used = 0;
    for (Word i = 0; i < node_size; ++i) used += in_use(*seL4_GetIPCBuffer(), node, i) ? 1ul : 0ul;
    return used;
}

void revoke(Context& t) {
    const Alarm alarm = make_alarm(t);
    const Word node = t.make(seL4_CapTableObject, node_bits);
    const Word ep = t.endpoint();
    const auto prepare = [&] {
        for (Word i = 0; i < node_size; ++i)
            t.expect({{"copy", node, CNodeCopy, {i, node_bits, ep, depth, 15}, {cnode}}});
    };
    interrupted(t, {alarm, node, one_end_is_empty}, prepare, [&] { t.revoke(ep); });
    t.equal("all copies are gone", slots_in_use(node), 0);
    t.equal("the original is not", seL4_DebugCapIdentify(ep), 4);
}

void delete_cnode(Context& t) {
    const Alarm alarm = make_alarm(t);
    const Word untyped = t.make(seL4_UntypedObject, node_bits + 6);
    const Word node = t.slot();
    const auto prepare = [&] {
        t.revoke(untyped);
        t.expect({{"CNode", untyped, UntypedRetype, {seL4_CapTableObject, node_bits, 0, 0, node, 1}, {cnode}}});
        for (Word at = 0; at < node_size; at += 256) {
            t.expect({{"fill", untyped, UntypedRetype, {seL4_EndpointObject, 0, node, depth, at, 256}, {cnode}}});
        }
    };
    interrupted(t, {alarm, node, is_zombie}, prepare, [&] { t.remove(node); });
    t.equal("the slot is empty", seL4_DebugCapIdentify(node), 0);
    t.expect(
        {{"all memory is back", untyped, UntypedRetype, {seL4_UntypedObject, node_bits + 6, 0, 0, node, 1}, {cnode}}});
}

void retype(Context& t) {
    const Alarm alarm = make_alarm(t);
    constexpr Word bits = 24;
    const Word untyped = t.make(seL4_UntypedObject, bits);
    const Word all = t.slot();
    const Word object = t.slot();
    const auto prepare = [&] {
        t.revoke(untyped);
        t.expect({{"use all of it", untyped, UntypedRetype, {seL4_UntypedObject, bits, 0, 0, all, 1}, {cnode}}});
        t.remove(all);
    };
    const auto operation = [&] {
        t.expect({{"retype", untyped, UntypedRetype, {seL4_EndpointObject, 0, 0, 0, object, 1}, {cnode}}});
    };
    interrupted(t, {alarm, 0, cannot_tell}, prepare, operation);
    t.equal("made once", seL4_DebugCapIdentify(object), 4);
    t.expect({{"at the start",
               untyped,
               UntypedRetype,
               {seL4_UntypedObject, bits, 0, 0, all, 1},
               {cnode},
               seL4_NotEnoughMemory,
               {(1ul << bits) - 16}}});
}

// The call is decoded anew: what the woken thread has taken away is not there any more.
void victim_is_gone(Context& t) {
    const Alarm alarm = make_alarm(t);
    const Word node = t.make(seL4_CapTableObject, node_bits);
    const Word through = t.slot();
    const Word ep = t.endpoint();
    Reply reply;
    const auto prepare = [&] {
        for (Word i = 0; i < node_size; ++i)
            t.expect({{"copy", node, CNodeCopy, {i, node_bits, ep, depth, 15}, {cnode}}});
        t.expect({{"delete", cnode, CNodeDelete, {through, depth}, {}},
                  {"a way in", cnode, CNodeCopy, {through, depth, cnode, depth, 15}, {cnode}}});
    };
    const auto operation = [&] { reply = t.invoke(through, CNodeRevoke, {ep, depth}); };
    if (!interrupted(t, {alarm, node, one_end_is_empty, through}, prepare, operation)) return;
    t.fails("made again, without its CNode", reply, seL4_InvalidCapability, {0});
    t.check(slots_in_use(node) != 0, "it was not finished");
    t.revoke(ep);
    t.equal("finished now", slots_in_use(node), 0);
}

// Without an alarm: what all slots of a large CNode hold goes in one call.
void revoke_whole_untyped(Context& t) {
    const Word node = t.make(seL4_CapTableObject, node_bits);
    fill(t, node);
    t.equal("full", slots_in_use(node), node_size);
    t.revoke(t.untyped());
    t.equal("the CNode, too", seL4_DebugCapIdentify(node), 0);
}

constexpr Case cases[] = {
    {"revoke", revoke},
    {"delete_cnode", delete_cnode},
    {"retype", retype},
    {"victim_is_gone", victim_is_gone},
    {"revoke_whole_untyped", revoke_whole_untyped},
};

} // namespace

List preemption_cases() { return list_of<cases>("preemption"); }

} // namespace guest
