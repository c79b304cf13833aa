#include "world.hpp"

#include "failure.hpp"
#include "harts.hpp"
#include "processor.hpp"

#include "caps/zombie.hpp"
#include "checks/checks.hpp"
#include "checks/slot_walk.hpp"
#include "objects/endpoint.hpp"
#include "tests/host/kernel/machine.hpp"
#include "trap/trap.hpp"

#include <iostream>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

extern "C" char fuzz_state_start[], fuzz_state_end[];

namespace fuzz {

namespace {

using kernel::test::arena_size;
using kernel::test::arena_start;
using kernel::test::Label;
using kernel::test::Machine;
using kernel::test::ok;
using kernel::test::Words;
using objects::ObjectType;
using objects::Tcb;

// The machine's slots beside the initial ones; the checker looks at so many.
constexpr u64 first_own_slot = 64;
constexpr u64 root_slots = 160;
constexpr u64 memory_start = arena_start + 0x80'0000; // of the machine's untyped
constexpr usize most_memory = usize{1} << 20;
constexpr u64 objects_start = arena_start + 0x4'0000; // the initial ones, behind the root CNode
constexpr usize objects_size = 0x8000;

struct Part {
    char* start;
    usize size;
};
struct Parts {
    Part parts[4];
};
// What has been retyped of the machine's memory; nobody but the machine can take more.
usize memory_size = most_memory;
Parts all_parts(usize memory) {
    return {{{fuzz_state_start, static_cast<usize>(fuzz_state_end - fuzz_state_start)},
             {reinterpret_cast<char*>(arena_start), root_slots * sizeof(caps::Slot)},
             {reinterpret_cast<char*>(objects_start), objects_size},
             {reinterpret_cast<char*>(memory_start), memory}}};
}

// Neither the compiler nor the sanitizer shall know: what lies between two variables is poisoned.
void copy_bytes(void* to, const void* from, usize size) {
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

// The machine as it is now, in memory of its own: its size, then its parts.
char* new_image() {
    constexpr usize header = 64;
    usize size = header;
    for (const Part& part : all_parts(memory_size).parts) size += part.size;
    void* image = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *static_cast<usize*>(image) = memory_size;
    char* to = static_cast<char*>(image) + header;
    for (const Part& part : all_parts(memory_size).parts) {
        copy_bytes(to, part.start, part.size);
        to += part.size;
    }
    return static_cast<char*>(image);
}
void put_back(const char* image) {
    const usize memory = *reinterpret_cast<const usize*>(image);
    image += 64;
    for (const Part& part : all_parts(memory).parts) {
        copy_bytes(part.start, image, part.size);
        image += part.size;
    }
}

// Set last, so that no image has them.
char** images = nullptr;

caps::Slot* cspace = nullptr;
Tcb* initial = nullptr;

class Boot {
public:
    explicit Boot(const Kind& kind) : machine_(kind.harts, kind.domains, true) {
        machine_.give_back(first_own_slot);
        init_devices();
        trap::init_timer(1'000'000);
        make_cspace();
        for (unsigned i = 0; i < thread_count; ++i) make_thread(i);
        make_objects();
        for (unsigned i = 0; i < queue_count; ++i) make_queue(i);
        if (kind.domains > 1) set_domains();
        for (u32 hart = 1; hart < kind.harts; ++hart) move_thread(hart, hart);
        for (unsigned i = 0; i < thread_count; ++i) call(machine_slot(threads + i), Label::TCBResume);
        settle();
    }

private:
    void call(u64 cptr, Label label, const Words& words = {}, const Words& extra = {}) {
        const kernel::test::Reply reply = machine_.call(cptr, label, words, extra);
        if (reply == ok()) return;
        std::cerr << "label " << static_cast<u64>(label) << " on " << cptr << ": " << reply << '\n';
        fail("a call at boot");
    }
    // Where the machine's own CSpace has what is in the fuzzed one.
    u64 machine_slot(u64 index) const { return copies_[index]; }
    // Moves are not enough: the machine needs its own capability for later.
    void give(u64 index, u64 from, u64 rights = 15) {
        call(node_, Label::CNodeCopy, {index, cspace_radix, from, 64, rights}, {kernel::test::CN});
        copies_[index] = from;
    }
    void give_badged(u64 index, u64 from, u64 badge, u64 rights = 15) {
        call(node_, Label::CNodeMint, {index, cspace_radix, from, 64, rights, badge}, {kernel::test::CN});
    }
    void move(u64 index, u64 from) {
        call(node_, Label::CNodeMove, {index, cspace_radix, from, 64}, {kernel::test::CN});
    }
    // Right into the fuzzed CSpace: the only capability.
    void retype(u64 untyped, ObjectType type, u64 bits, u64 index, u64 count = 1) {
        call(untyped, Label::UntypedRetype, {static_cast<u64>(type), bits, 0, 0, index, count}, {node_});
    }

    void make_cspace() {
        namespace t = kernel::test;
        node_ = machine_.make(ObjectType::CapTable, cspace_radix);
        view_ = machine_.mint(node_, 64 - cspace_radix); // a guard of zeros
        give(self, view_);
        give(space, t::own_vspace);
        other_ = machine_.make(ObjectType::PageTable);
        call(t::own_pool, Label::RISCVASIDPoolAssign, {}, {other_});
        give(other_space, other_);
        give(pool, t::own_pool);
        for (const auto& [index, from] :
             {std::pair<u64, u64>{asid_control, t::asid_control}, {domain_control, t::domain_cap}})
            move(index, from);
        call(t::irq_control, Label::IRQIssueIRQHandler, {first_source, handlers, cspace_radix}, {node_});
        call(t::irq_control, Label::IRQIssueIRQHandler, {first_source + 1, handlers + 1, cspace_radix}, {node_});
        move(irq_control, t::irq_control);
        cspace = machine_.cap(node_).cnode_slots();
    }
    // The last two come out of an untyped of the fuzzed CSpace, which can take their memory back.
    void make_thread(unsigned i) {
        constexpr u8 priority[thread_count] = {3, 4, 2, 5, 3, 4};
        constexpr u64 most = 7;
        const u64 frame = machine_.make(ObjectType::Page);
        u64 tcb = 0;
        if (i >= 4) {
            if (i == 4) make_untypeds();
            tcb = machine_.free_slot();
            retype(machine_slot(untypeds), ObjectType::Tcb, 0, threads + i);
            call(kernel::test::CN, Label::CNodeCopy, {tcb, 64, threads + i, cspace_radix, 15}, {node_});
            copies_[threads + i] = tcb;
        } else {
            tcb = machine_.make(ObjectType::Tcb);
            give(threads + i, tcb);
        }
        const u64 where = i % 2 == 0 ? u64{kernel::test::own_vspace} : other_;
        call(tcb, Label::TCBConfigure, {i == 3 ? u64{0} : u64{endpoints}, 0, 0, 0x1000}, {view_, where, frame});
        call(tcb, Label::TCBSetSchedParams, {most, priority[i]}, {kernel::test::own_tcb});
    }
    void make_untypeds() {
        constexpr u64 bits[] = {15, 13, 12, 17};
        for (u64 i = 0; i < std::size(bits); ++i) copies_[untypeds + i] = machine_.make(ObjectType::Untyped, bits[i]);
    }
    void make_objects() {
        for (u64 i = 0; i < 2; ++i) give(endpoints + i, machine_.make(ObjectType::Endpoint));
        give(notifications, machine_.make(ObjectType::Notification));
        give(notifications + 1, machine_.make(ObjectType::Notification));
        retype(machine_slot(untypeds), ObjectType::Notification, 0, notifications + 2);
        retype(machine_slot(untypeds), ObjectType::CapTable, 2, last_node);
        give_badged(badged_endpoints, machine_slot(endpoints), 1);
        give_badged(badged_endpoints + 1, machine_slot(endpoints), 2, 11);
        give_badged(badged_notifications, machine_slot(notifications), 4);
        give_badged(badged_notifications + 1, machine_slot(notifications), 5);
        give_badged(badged_notifications + 2, machine_slot(notifications + 1), 8);
        give(small_node, machine_.make(ObjectType::CapTable, 3));
        for (u64 i = 0; i < 4; ++i) give(frames + i, machine_.make(ObjectType::Page));
        for (u64 i = 0; i < 3; ++i) move(tables + i, machine_.make(ObjectType::PageTable));
        call(machine_slot(threads), Label::TCBBindNotification, {}, {machine_slot(notifications)});
    }
    // Of all doorbells. The last one's memory can be taken back.
    void make_queue(unsigned i) {
        constexpr u64 flags[queue_count] = {TAIL4_ASYNC_BIND_TAIC | TAIL4_ASYNC_BIND_NOTIFICATION,
                                            TAIL4_ASYNC_BIND_POLL, TAIL4_ASYNC_BIND_NOTIFICATION};
        constexpr u64 bits = TAIL4_ASYNC_MIN_SIZE_BITS;
        u64 queue = machine_.free_slot();
        if (i == 2) {
            retype(machine_slot(untypeds + 3), ObjectType::AsyncQueue, bits, queues + i);
            call(kernel::test::CN, Label::CNodeCopy, {queue, 64, queues + i, cspace_radix, 15}, {node_});
        } else {
            queue = machine_.make(ObjectType::AsyncQueue, bits);
            give(queues + i, queue);
        }
        call(queue, Label::AsyncQueueBind, {flags[i]},
             {view_, kernel::test::own_vspace, machine_slot(notifications + i % 2)});
        if (i == 2) drop(queue);
    }
    void drop(u64 at) { call(kernel::test::CN, Label::CNodeDelete, {at, 64}); }

    void set_domains() {
        constexpr u64 ticks = 3;
        const auto invoke = [this](Label label, const Words& words, const Words& extra = {}) {
            call(domain_in_node(), label, words, extra);
        };
        invoke(Label::DomainScheduleConfigure, {1, 1, ticks});
        invoke(Label::DomainScheduleConfigure, {0, 0, ticks});
        for (u64 i = 4; i < thread_count; ++i) invoke(Label::DomainSetSet, {1}, {machine_slot(threads + i)});
    }
    u64 domain_in_node() {
        if (domain_ != 0) return domain_;
        domain_ = machine_.free_slot();
        call(kernel::test::CN, Label::CNodeCopy, {domain_, 64, domain_control, cspace_radix, 15}, {node_});
        return domain_;
    }
    void move_thread(u64 i, u64 hart) { call(machine_slot(threads + i), Label::TCBSetAffinity, {hart}); }

    // The initial thread gets the fuzzed CSpace; the machine keeps what the last capabilities shall not be.
    void settle() {
        for (u64 i = 4; i < thread_count; ++i) drop(copies_[threads + i]);
        for (u64 i = 0; i < 4; ++i) move(untypeds + i, copies_[untypeds + i]);
        if (domain_ != 0) drop(domain_);
        initial = &machine_.initial();
        call(kernel::test::own_tcb, Label::TCBSetSpace, {0, 0, 0}, {view_, kernel::test::own_vspace});
        scheduler::set_priority(*initial, 1);
        scheduler::schedule();
        require(!testing::UnitTest::GetInstance()->Failed(), "the boot");
        memory_size = machine_.cap(kernel::test::memory).untyped_free_index() << 4;
        require(memory_size < most_memory, "the machine's memory");
        checks::set_root({&machine_.slot(0), root_slots});
    }

    Machine machine_;
    u64 node_ = 0, view_ = 0, other_ = 0, domain_ = 0;
    u64 copies_[slot_count] = {};
};

// What is in use.
struct Range {
    u64 start, size;
};
constexpr usize most_ranges = 1024;
Range ranges[most_ranges];
usize range_count = 0;
void add_range(u64 start, u64 size) {
    if (start < memory_start || start >= memory_start + memory_size) return;
    require(range_count < most_ranges, "the fuzzer's own table");
    ranges[range_count++] = {start, size};
}

// A hart that spins may look at the submission tail of a queue that has ended (executor.cpp, Sight).
constexpr usize most_tails = 64;
u64 tails[most_tails];
usize tail_count = 0;
void note_tail(const objects::AsyncQueue& queue) {
    const u64 tail = reinterpret_cast<u64>(&queue.control->sq_tail);
    for (usize i = 0; i < tail_count; ++i) {
        if (tails[i] == tail) return;
    }
    if (tail_count < most_tails) tails[tail_count++] = tail;
}

// The memory of the capability's object; of an untyped one what was never given out.
void add_object(caps::Slot& slot) {
    using caps::CapType;
    const caps::Cap& cap = slot.cap;
    const u64 start = base::raw(arch::to_paddr(cap.object<void>()));
    switch (cap.type()) {
    case CapType::Untyped: {
        const u64 used = cap.untyped_free_index() << 4;
        add_range(base::raw(cap.paddr()) + used, base::bit(cap.untyped_bits()) - used);
        break;
    }
    case CapType::Endpoint: add_range(start, sizeof(objects::Endpoint)); break;
    case CapType::Notification: add_range(start, base::bit(api::notification_bits)); break;
    case CapType::CNode: add_range(start, base::bit(cap.radix() + api::slot_bits)); break;
    case CapType::Tcb: add_range(start, base::bit(api::tcb_bits)); break;
    case CapType::Frame: add_range(base::raw(cap.paddr()), base::bit(frame_bits(cap.frame_size()))); break;
    case CapType::PageTable:
    case CapType::AsidPool: add_range(start, base::bit(api::page_table_bits)); break;
    case CapType::AsyncQueue:
        add_range(start, base::bit(cap.as_async_queue()->size_bits));
        note_tail(*cap.as_async_queue());
        break;
    case CapType::Zombie: {
        const auto kind = caps::ZombieCap::kind(cap);
        checks::Container block{};
        require(checks::container_of(slot, block), "a zombie's slots");
        add_range(reinterpret_cast<u64>(block.slots), base::bit(caps::ZombieCap::block_bits(kind)));
        break;
    }
    default: break;
    }
}

// What belongs to no object is nobody's to look at. New objects come out of memory that was never used, or that was
// cleared before (arch::clear).
void poison_free_memory() {
    range_count = 0;
    {
        checks::Report report;
        checks::SlotWalk walk(report);
        walk.find_all();
        walk.each_slot([](caps::Slot& slot) {
            if (checks::first_of_object(slot)) add_object(slot);
        });
    }
    for (usize i = 0; i < tail_count; ++i) add_range(tails[i], sizeof(u64));
    __asan_poison_memory_region(reinterpret_cast<void*>(memory_start), memory_size);
    for (usize i = 0; i < range_count; ++i)
        __asan_unpoison_memory_region(reinterpret_cast<void*>(ranges[i].start), ranges[i].size);
}

} // namespace

void boot_all() {
    auto** booted = new char*[kind_count];
    const usize state_size = all_parts(0).parts[0].size;
    char* before =
        static_cast<char*>(mmap(nullptr, state_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    copy_bytes(before, fuzz_state_start, state_size);
    for (unsigned i = 0; i < kind_count; ++i) {
        if (i != 0) {
            copy_bytes(fuzz_state_start, before, state_size);
            munmap(reinterpret_cast<void*>(arena_start), arena_size);
        }
        { const Boot boot(kinds[i]); }
        reset_harts(kinds[i].harts);
        booted[i] = new_image();
    }
    images = booted;
}

void start_over(unsigned kind) {
    char** kept = images;
    __asan_unpoison_memory_region(reinterpret_cast<void*>(memory_start), most_memory);
    put_back(kept[kind]);
    images = kept;
    reset_harts(kinds[kind].harts);
}

caps::Slot& slot_at(u64 index) { return cspace[index % slot_count]; }

objects::AsyncQueue* queue_at(u64 index) {
    const caps::Cap& cap = slot_at(index).cap;
    return cap.is(caps::CapType::AsyncQueue) ? cap.as_async_queue() : nullptr;
}

bool is_initial(const Tcb& thread) { return &thread == initial; }

void check_world() {
    const checks::Finding finding = checks::check_everything().finding;
    if (finding.name != nullptr) fail("invariant broken", finding.name);
    poison_free_memory();
}

} // namespace fuzz
