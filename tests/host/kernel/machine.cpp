#include "machine.hpp"

#include "caps/mdb.hpp"
#include "ipc/endpoint.hpp"
#include "objects/irq.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"
#include "syscalls/handle.hpp"
#include "vspace/vspace.hpp"

#include <cstdlib>
#include <sys/mman.h>

namespace kernel::test {

namespace {

// The arena, from its start on: root CNode, initial objects, then the untypeds.
constexpr u64 tcb_at = arena_start + (u64{1} << (root_radix + caps::slot_bits));
constexpr u64 vspace_at = tcb_at + 0x1000;
constexpr u64 table_at = tcb_at + 0x2000;
constexpr u64 buffer_at = tcb_at + 0x3000;
constexpr u64 pool_at = tcb_at + 0x4000;
constexpr u64 small_at = arena_start + 0x70'0000;
constexpr u64 memory_at = arena_start + 0x80'0000;
constexpr u64 big_at = arena_start + 0x100'0000;
constexpr u64 device_at = 0x4000'0000;
constexpr base::Asid root_asid = 1;

void* map_arena() {
    void* wanted = reinterpret_cast<void*>(arena_start);
    void* got = mmap(wanted, arena_size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);
    if (got != wanted) std::abort();
    return got;
}

arch::Plic plic;

void init_harts(u32 harts) {
    smp::hart_count = harts;
    for (u32 i = 0; i < harts; ++i) {
        smp::harts[i].index_ = i;
        smp::harts[i].hart_id_ = i + 1;
        smp::harts[i].scheduler_ = &scheduler::state_of(i);
    }
}

Cap full_untyped(u64 start, unsigned bits) {
    return Cap::untyped(base::Paddr{start}, bits, false, u64{1} << (bits - 4));
}

} // namespace

std::ostream& operator<<(std::ostream& out, const Reply& reply) {
    out << "code " << reply.code << " [";
    for (const u64 word : reply.words) out << std::hex << " 0x" << word << std::dec;
    return out << " ]";
}

u64 info_word(u64 label, u64 length, u64 extra) { return ipc::MessageInfo::make(label, 0, extra, length).word; }

u64 wire_label(Label label) {
    if (static_cast<u64>(label) >= api::first_fixed_label) return static_cast<u64>(label);
    for (u64 wire = 0; wire < 64; ++wire) {
        if (api::label_of(syscalls::smp_interface(), wire) == label) return wire;
    }
    ADD_FAILURE() << "no such label in this interface";
    return 0;
}

Machine::Machine(u32 harts, unsigned domains, bool smp_interface) {
    map_arena();
    init_harts(harts);
    scheduler::init(domains);
    syscalls::select_interface(smp_interface);
    const u32 contexts[base::max_harts] = {0, 1, 2, 3};
    plic.init(base::Paddr{}, static_cast<u32>(plic_sources), contexts, harts);
    objects::init_irqs(&plic, plic_sources, smp_interface ? 3 : 1);

    root_ = reinterpret_cast<Slot*>(arena_start);
    initial_ = reinterpret_cast<Tcb*>(tcb_at);
    auto* space = reinterpret_cast<u64*>(vspace_at);
    auto* pool = reinterpret_cast<objects::AsidPool*>(pool_at);
    vspace::make_root(space);
    vspace::set_asid_pool(0, pool);
    pool->entry(root_asid) = objects::AsidEntry::make(base::Paddr{vspace_at});
    // One table for the first GiB; below it nothing is mapped.
    vspace::write_entry(reinterpret_cast<arch::Pte*>(space), arch::Pte::make_table(base::Paddr{table_at}));

    put(CN, Cap::cnode(root_, root_radix, 0, root_guard));
    put(own_vspace, Cap::page_table(space).with_mapping(root_asid, 0));
    put(own_table, Cap::page_table(reinterpret_cast<void*>(table_at)).with_mapping(root_asid, 0));
    put(irq_control, Cap{CapType::IrqControl, 0});
    put(asid_control, Cap{CapType::AsidControl, 0});
    put(own_pool, Cap::asid_pool(pool, 0));
    put(domain_cap, Cap{CapType::Domain, 0});
    put(own_buffer, Cap::frame(base::Paddr{buffer_at}, caps::FrameSize::Page, caps::VmRights::ReadWrite, false));
    put(memory, Cap::untyped(base::Paddr{memory_at}, 23, false, 0));
    put(UT24, full_untyped(big_at, 24));
    put(UT13, full_untyped(small_at, 13));
    put(DEVUT, Cap::untyped(base::Paddr{device_at}, 30, true, 0));

    scheduler::init_thread(*initial_, 0, 0);
    initial_->priority = 255;
    initial_->max_priority = 255;
    put(own_tcb, Cap::tcb(initial_));
    caps::insert_derived(cap(CN), slot(CN), initial_->slot(TcbSlot::CSpace));
    caps::insert_derived(cap(own_vspace), slot(own_vspace), initial_->slot(TcbSlot::VSpace));
    caps::insert_derived(cap(own_buffer), slot(own_buffer), initial_->slot(TcbSlot::Buffer));
    ipc::ensure_reply_master(*initial_);
    initial_->state = ThreadState::Running;
    scheduler::own_state().current = initial_;
    objects::activate_vspace(initial_);
}

void Machine::put(u64 index, const Cap& cap) { caps::insert_root(cap, slot(index)); }

ipc::Buffer& Machine::buffer(const Tcb& thread) {
    const Cap& frame = thread.slot(TcbSlot::Buffer).cap;
    const u64 offset = thread.ipc_buffer & base::mask(frame_bits(frame.frame_size()));
    return *reinterpret_cast<ipc::Buffer*>(base::raw(frame.paddr()) + offset);
}

void Machine::run(Tcb& thread) {
    scheduler::State& state = scheduler::own_state();
    if (state.current == &thread) return;
    if (state.current != nullptr && state.current->runnable()) objects::enqueue(*state.current);
    objects::dequeue(thread);
    state.current = &thread;
    scheduler::activate(thread);
    objects::exchange_user_interrupts(&thread);
    objects::activate_vspace(&thread);
}

void Machine::syscall(Tcb& thread, api::Syscall number, u64 cptr, u64 label, const Words& words, const Words& extra) {
    constexpr u64 ecall_at = 0x10000;
    run(thread);
    arch::Context& context = thread.context;
    context[arch::Reg::A0] = cptr;
    context[arch::Reg::A1] = info_word(label, words.size(), extra.size());
    for (unsigned i = 0; i < words.size(); ++i) {
        if (i < ipc::register_words)
            ipc::message_register(thread, i) = words[i];
        else
            buffer(thread).msg[i] = words[i];
    }
    for (unsigned i = 0; i < extra.size(); ++i) buffer(thread).caps_or_badges[i] = extra[i];
    context.fault_ip_ = ecall_at;
    context.next_ip_ = ecall_at + 4;
    syscalls::handle(thread, static_cast<i64>(number));
    scheduler::schedule();
}

bool Machine::call_once(u64 cptr, Label label, const Words& words, const Words& extra, Reply& reply) {
    Tcb& thread = *current();
    syscall(thread, api::Syscall::Call, cptr, wire_label(label), words, extra);
    if (thread.state == ThreadState::Restart) {
        scheduler::activate(thread);
        return false;
    }
    const ipc::MessageInfo info{thread.context[arch::Reg::A1]};
    reply.code = info.label();
    reply.words.clear();
    for (unsigned i = 0; i < info.length(); ++i)
        reply.words.push_back(i < 4 ? ipc::message_register(thread, i) : buffer(thread).msg[i]);
    return true;
}

Reply Machine::call(u64 cptr, Label label, const Words& words, const Words& extra) {
    Reply reply;
    for (unsigned tries = 0; tries < 100000; ++tries) {
        if (call_once(cptr, label, words, extra, reply)) return reply;
    }
    ADD_FAILURE() << "a call never ends";
    return reply;
}

u64 Machine::free_slot(u64 count) {
    const u64 first = next_free_;
    next_free_ += count;
    return first;
}

u64 Machine::make(ObjectType type, u64 size_bits, u64 count) {
    const u64 first = free_slot(count);
    EXPECT_EQ(call(memory, Label::UntypedRetype, {static_cast<u64>(type), size_bits, 0, 0, first, count}, {CN}), ok());
    return first;
}

u64 Machine::copy(u64 source, u64 rights) {
    const u64 dest = free_slot();
    EXPECT_EQ(call(CN, Label::CNodeCopy, {dest, 64, source, 64, rights}, {CN}), ok());
    return dest;
}

u64 Machine::mint(u64 source, u64 data, u64 rights) {
    const u64 dest = free_slot();
    EXPECT_EQ(call(CN, Label::CNodeMint, {dest, 64, source, 64, rights, data}, {CN}), ok());
    return dest;
}

u64 Machine::make_thread(u8 priority) {
    constexpr u64 buffer_address = 0x1000;
    const u64 frame = make(ObjectType::Page);
    const u64 thread = make(ObjectType::Tcb);
    EXPECT_EQ(call(thread, Label::TCBConfigure, {0, 0, 0, buffer_address}, {CN, own_vspace, frame}), ok());
    EXPECT_EQ(call(thread, Label::TCBSetSchedParams, {255, priority}, {own_tcb}), ok());
    return thread;
}

void Machine::start(Tcb& thread) {
    ipc::ensure_reply_master(thread);
    objects::set_state(thread, ThreadState::Running);
    objects::append(thread);
}

Tcb& Machine::spawn(u8 priority) {
    Tcb& thread = tcb(make_thread(priority));
    start(thread);
    return thread;
}

} // namespace kernel::test
