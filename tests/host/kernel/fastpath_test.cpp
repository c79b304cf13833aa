// The fast paths against the slow path: random threads make random system calls; each is made twice from the same
// state, once with the fast paths and once without, through the kernel's own entry and exit, and must leave the same
// memory, the same scheduler and the same processor behind.
#include "invariants.hpp"

#include "objects/upcalls.hpp"
#include "smp/kernel_lock.hpp"
#include "syscalls/handle.hpp"
#include "trap/fastpath.hpp"

#include <algorithm>
#include <cstring>
#include <random>

extern "C" arch::Context* trap_ecall(arch::Context* context);

namespace kernel::test {

namespace {

using api::Syscall;
using arch::Reg;

constexpr u64 ecall_at = 0x10000;

// Everything a system call of this test can change: memory with objects, what the kernel keeps per hart, the processor.
class Image {
public:
    void take() {
        for (usize i = 0; i < std::size(ranges); ++i)
            std::memcpy(memory_[i].data(), reinterpret_cast<void*>(ranges[i].start), ranges[i].size);
        for (u32 hart = 0; hart < smp::hart_count; ++hart) {
            states_[hart] = scheduler::state_of(hart);
            harts_[hart] = smp::harts[hart];
        }
        cpu_ = fake::cpu;
    }
    void put_back() const {
        for (usize i = 0; i < std::size(ranges); ++i)
            std::memcpy(reinterpret_cast<void*>(ranges[i].start), memory_[i].data(), ranges[i].size);
        for (u32 hart = 0; hart < smp::hart_count; ++hart) {
            scheduler::state_of(hart) = states_[hart];
            smp::harts[hart] = harts_[hart];
        }
        fake::cpu = cpu_;
    }
    // Empty, or what differs.
    std::string difference(const Image& other) const {
        for (usize i = 0; i < std::size(ranges); ++i) {
            if (memory_[i] == other.memory_[i]) continue;
            const auto differs = std::mismatch(memory_[i].begin(), memory_[i].end(), other.memory_[i].begin());
            const auto at = static_cast<u64>(differs.first - memory_[i].begin());
            return "memory at arena + " + std::to_string(ranges[i].start + at - arena_start);
        }
        for (u32 hart = 0; hart < smp::hart_count; ++hart) {
            if (std::memcmp(&states_[hart], &other.states_[hart], sizeof(scheduler::State)) != 0) return "scheduler";
            if (std::memcmp(&harts_[hart], &other.harts_[hart], sizeof(smp::Hart)) != 0) return "hart";
            if (cpu_.space[hart].root != other.cpu_.space[hart].root ||
                cpu_.space[hart].asid != other.cpu_.space[hart].asid)
                return "address space";
        }
        if (cpu_.fences != other.cpu_.fences) return "fences";
        if (cpu_.ipis != other.cpu_.ipis) return "interrupts to other harts";
        if (cpu_.pending != other.cpu_.pending) return "pending interrupts";
        if (cpu_.reservation_dropped_for != other.cpu_.reservation_dropped_for) return "reservation";
        if (cpu_.fpu_loads != other.cpu_.fpu_loads || cpu_.fpu_saves != other.cpu_.fpu_saves) return "FPU";
        return "";
    }

private:
    struct Range {
        u64 start, size;
    };
    // The root CNode and the initial objects, and the first objects made of the untyped.
    static constexpr Range ranges[] = {{arena_start, 0x4'6000}, {arena_start + 0x80'0000, 0x4'0000}};

    std::vector<char> memory_[2] = {std::vector<char>(ranges[0].size), std::vector<char>(ranges[1].size)};
    scheduler::State states_[base::max_harts]{};
    smp::Hart harts_[base::max_harts]{};
    fake::Processor cpu_;
};

struct Scene {
    unsigned seed;
    u32 harts;
    friend std::ostream& operator<<(std::ostream& out, const Scene& scene) {
        return out << "seed " << scene.seed << ", harts " << scene.harts;
    }
};

// What the fast path is for; all others are there to be told from them.
struct Taken {
    unsigned calls = 0, replies = 0, signals = 0, waits = 0, others = 0;
    unsigned& of(Syscall number) {
        switch (number) {
        case Syscall::Call: return calls;
        case Syscall::ReplyRecv: return replies;
        case Syscall::Send: return signals;
        case Syscall::Recv: return waits;
        default: return others;
        }
    }
};

} // namespace

unsigned slow_entries = 0;

namespace {

class FastPath : public testing::TestWithParam<Scene> {
protected:
    static constexpr unsigned threads = 6;

    FastPath() : machine(GetParam().harts, 1, true) {
        make_spaces();
        for (u32 hart = 0; hart < GetParam().harts; ++hart) idlers[hart] = make_thread(1, hart, own_vspace, CN);
        for (u64& ep : endpoints) ep = machine.make(ObjectType::Endpoint);
        for (u64& ntfn : notifications) ntfn = machine.make(ObjectType::Notification);
        for (u64 i = 0; i < std::size(endpoints); ++i) make_capabilities(endpoints[i], notifications[i]);
        for (unsigned i = 0; i < threads; ++i) {
            const u64 space = random(2) == 0 ? own_vspace : other_space;
            tcbs[i] = make_thread(random(3) + 2, random(4) == 0 ? GetParam().harts - 1 : 0, space,
                                  random(3) == 0 ? deep_cnode : CN);
        }
        EXPECT_EQ(machine.call(tcbs[0], Label::TCBBindNotification, {}, {notifications[0]}), ok());
        EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {0}, {own_tcb}), ok());
        objects::suspend(machine.initial());
        scheduler::schedule();
        for (u32 hart = 1; hart < GetParam().harts; ++hart) {
            fake::cpu.hart = hart;
            scheduler::schedule();
        }
        fake::cpu.hart = 0;
    }

    u64 random(u64 below) { return std::uniform_int_distribution<u64>(0, below - 1)(generator); }
    template <class T, usize n>
    T& any(T (&list)[n]) {
        return list[random(n)];
    }

    void make_spaces() {
        other_space = machine.make(ObjectType::PageTable);
        EXPECT_EQ(machine.call(own_pool, Label::RISCVASIDPoolAssign, {}, {other_space}), ok());
        // Two levels: the root CNode below one of two slots.
        const u64 node = machine.make(ObjectType::CapTable, 1);
        EXPECT_EQ(machine.call(node, Label::CNodeMint, {0, 1, CN, 64, 15, root_guard - 6}, {CN}), ok());
        deep_cnode = machine.mint(node, 5);
    }
    void make_capabilities(u64 ep, u64 ntfn) {
        for (const u64 rights : {15U, 7U, 3U, 10U, 2U, 1U}) {
            caps.push_back(machine.mint(ep, 1 + random(100), rights));
            endpoint_caps.push_back(caps.back());
        }
        caps.push_back(ep);
        endpoint_caps.push_back(ep);
        for (const u64 rights : {3U, 2U, 1U}) caps.push_back(machine.mint(ntfn, 1 + random(100), rights));
        caps.push_back(ntfn);
    }
    u64 make_thread(u64 priority, u32 hart, u64 space, u64 cspace) {
        const u64 frame = machine.make(ObjectType::Page);
        const u64 at = machine.make(ObjectType::Tcb);
        const u64 handler = random(2) == 0 ? endpoints[0] : 0;
        EXPECT_EQ(machine.call(at, Label::TCBConfigure, {handler, 0, 0, 0x1000}, {cspace, space, frame}), ok());
        EXPECT_EQ(machine.call(at, Label::TCBSetSchedParams, {255, priority}, {own_tcb}), ok());
        if (hart != 0) {
            EXPECT_EQ(machine.call(at, Label::TCBSetAffinity, {hart}), ok());
        }
        EXPECT_EQ(machine.call(at, Label::TCBResume), ok());
        return at;
    }

    bool is_idler(const Tcb& thread) {
        return &thread == &machine.tcb(idlers[0]) || (GetParam().harts > 1 && &thread == &machine.tcb(idlers[1]));
    }

    // Servers answer and receive, clients call: most of the time.
    Syscall choose_number(const Tcb& thread) {
        static constexpr Syscall clients[] = {Syscall::Call, Syscall::Call,   Syscall::Call,  Syscall::Send,
                                              Syscall::Send, Syscall::NBSend, Syscall::NBRecv};
        static constexpr Syscall servers[] = {Syscall::ReplyRecv, Syscall::ReplyRecv, Syscall::ReplyRecv,
                                              Syscall::Recv,      Syscall::Send,      Syscall::Reply};
        const bool serves = !thread.slot(TcbSlot::Caller).empty() || random(3) == 0;
        return serves ? any(servers) : any(clients);
    }
    // The registers of a system call of the thread that runs.
    Syscall choose(Tcb& thread) {
        Syscall number = choose_number(thread);
        u64 cptr = ep();
        if (random(number == Syscall::Send || number == Syscall::Recv ? 2 : 8) == 0) cptr = caps[random(caps.size())];
        if (random(60) == 0) cptr = random(3000);
        u64 info = info_word(random(4), random(8) == 0 ? 4 + random(4) : random(5), random(12) == 0 ? random(3) : 0);
        if (random(30) == 0) info |= random(8) << 9;
        for (const Reg reg : {Reg::A2, Reg::A3, Reg::A4, Reg::A5, Reg::T0, Reg::S0}) thread.context[reg] = random(1000);
        u64 extra = ep();
        if (is_idler(thread) || random(15) == 0) {
            number = Syscall::Call;
            cptr = revive(info);
            extra = own_tcb;
            thread.context[Reg::A2] = 2 + random(3); // a priority
        }
        thread.context[Reg::A0] = cptr;
        thread.context[Reg::A1] = info;
        machine.buffer(thread).caps_or_badges[0] = extra;
        return number;
    }
    u64 ep() { return endpoint_caps[random(endpoint_caps.size())]; }
    static u64 set_priority_info() { return info_word(wire_label(Label::TCBSetPriority), 1, 1); }
    // A thread that perhaps waits goes on, stops, or becomes more or less important. One that runs on the other hart
    // would have to be stopped there, by a hart that this test has not.
    u64 revive(u64& info) {
        u64 target = any(tcbs);
        info = info_word(wire_label(random(8) == 0 ? Label::TCBSuspend : Label::TCBResume), 0);
        if (random(5) == 0) info = set_priority_info();
        if (runs(machine.tcb(target))) {
            target = idlers[fake::cpu.hart];
            info = info_word(wire_label(Label::TCBResume), 0);
        }
        return target;
    }
    bool runs(const Tcb& thread) {
        for (u32 hart = 0; hart < GetParam().harts; ++hart) {
            if (scheduler::state_of(hart).current == &thread) return true;
        }
        return false;
    }

    arch::Context* enter(Tcb& thread, bool fast) {
        trap::fastpath_enabled = fast;
        return trap_ecall(&thread.context);
    }
    static void blank_padding(objects::Fault& fault) {
        const objects::Fault copy = fault;
        std::memset(static_cast<void*>(&fault), 0, sizeof fault);
        fault.kind = copy.kind;
        std::copy(std::begin(copy.words), std::end(copy.words), fault.words);
        fault.lookup.kind = copy.lookup.kind;
        fault.lookup.words_ = copy.lookup.words_;
        std::copy(std::begin(copy.lookup.words), std::end(copy.lookup.words), fault.lookup.words);
    }
    // What a thread that waits for nothing has once waited for means nothing.
    void forget_the_past() {
        for (const u64 at : tcbs) {
            Tcb& thread = machine.tcb(at);
            blank_padding(thread.fault);
            const bool sends = thread.state == ThreadState::BlockedOnSend;
            if (sends) continue;
            thread.blocked_badge = 0;
            thread.blocked_is_call = thread.blocked_can_grant_reply = false;
            if (thread.state == ThreadState::BlockedOnReceive) continue;
            thread.blocked_can_grant = false;
            if (thread.state != ThreadState::BlockedOnNotification) thread.blocked_on = nullptr;
        }
    }
    void between_calls() {
        if (random(10) == 0 && !is_idler(*machine.current())) scheduler::fpu_trap();
        if (random(8) != 0) return;
        smp::lock_kernel();
        scheduler::timer_tick();
        scheduler::schedule();
        smp::unlock_kernel();
    }

    void step() {
        fake::cpu.hart = static_cast<u32>(random(GetParam().harts));
        fake::cpu.fences.clear();
        fake::cpu.ipis.clear();
        smp::lock_kernel(); // an interrupt, if another hart has asked for one
        scheduler::schedule();
        smp::unlock_kernel();
        between_calls();
        scheduler::activate(*machine.current());
        Tcb& thread = *machine.current();
        const Syscall number = choose(thread);
        thread.context[Reg::A7] = static_cast<u64>(static_cast<i64>(number));
        thread.context.fault_ip_ = ecall_at;
        thread.context.next_ip_ = ecall_at + 4;
        fake::cpu.reservation_dropped_for = nullptr;

        before.take();
        const arch::Context* slow_next = enter(thread, false);
        forget_the_past();
        after_slow.take();
        before.put_back();
        slow_entries = 0;
        const arch::Context* fast_next = enter(thread, true);
        forget_the_past();
        after_fast.take();
        EXPECT_EQ(fast_next, slow_next);
        EXPECT_EQ(after_fast.difference(after_slow), "") << "system call " << static_cast<i64>(number);
        ++(slow_entries != 0 ? taken.others : taken.of(number));
    }

    Machine machine;
    std::mt19937_64 generator{GetParam().seed};
    u64 idlers[2] = {}, tcbs[threads] = {}, endpoints[2] = {}, notifications[2] = {};
    u64 other_space = 0, deep_cnode = 0;
    Words caps, endpoint_caps;
    Image before, after_slow, after_fast;
    Taken taken;
};

TEST_P(FastPath, LeavesWhatTheSlowPathLeaves) {
    constexpr unsigned steps = 10000;
    constexpr unsigned least = 10;
    ASSERT_EQ(broken_invariant(machine), "");
    for (unsigned i = 0; i < steps; ++i) {
        step();
        if (i % 256 == 0) {
            ASSERT_EQ(broken_invariant(machine), "");
        }
        ASSERT_FALSE(HasFailure()) << "step " << i;
    }
    // The comparison is worth something only if all of them come.
    EXPECT_GT(taken.calls, least);
    EXPECT_GT(taken.replies, least);
    EXPECT_GT(taken.signals, least);
    EXPECT_GT(taken.waits, least);
    EXPECT_GT(taken.others, steps / 10);
}

constexpr Scene scenes[] = {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 2}, {6, 2}, {7, 2}, {8, 2}};
INSTANTIATE_TEST_SUITE_P(Scenes, FastPath, testing::ValuesIn(scenes));

} // namespace

} // namespace kernel::test

// The slow ways out of the fast path, counted: the linker puts these in between (--wrap, see CMakeLists.txt).
extern "C" {
arch::Context* __real__ZN4trap10slow_ecallERN7objects3TcbEl(objects::Tcb& thread, i64 number);
arch::Context* __wrap__ZN4trap10slow_ecallERN7objects3TcbEl(objects::Tcb& thread, i64 number);
arch::Context* __real__ZN4trap9slow_callERN7objects3TcbERN4caps4SlotE(objects::Tcb& thread, caps::Slot& slot);
arch::Context* __wrap__ZN4trap9slow_callERN7objects3TcbERN4caps4SlotE(objects::Tcb& thread, caps::Slot& slot);
}

arch::Context* __wrap__ZN4trap10slow_ecallERN7objects3TcbEl(objects::Tcb& thread, i64 number) {
    ++kernel::test::slow_entries;
    return __real__ZN4trap10slow_ecallERN7objects3TcbEl(thread, number);
}
arch::Context* __wrap__ZN4trap9slow_callERN7objects3TcbERN4caps4SlotE(objects::Tcb& thread, caps::Slot& slot) {
    ++kernel::test::slow_entries;
    return __real__ZN4trap9slow_callERN7objects3TcbERN4caps4SlotE(thread, slot);
}
