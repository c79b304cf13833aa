#include "rootserver/machine/process.hpp"

#include "rootserver/machine/connection.hpp"

#include <bit>
#include <initializer_list>

extern "C" {
extern char __global_pointer$[];  // NOLINT(bugprone-reserved-identifier,readability-identifier-naming): the linker's
extern char __executable_start[]; // NOLINT(bugprone-reserved-identifier,readability-identifier-naming)
}

namespace machine {

namespace {

constexpr seL4_Word large_page_bits = 21;
constexpr seL4_Word untyped_bits = 19; // of a child's small objects and its share of the pages between children
constexpr seL4_Word slots_per_child = 72;
constexpr seL4_Word large_page = 1ul << large_page_bits;
constexpr seL4_Word radix = 5;
constexpr seL4_Word stack_size = 16384;

alignas(16) unsigned char child_stack[stack_size]; // each child uses its own copy

bool good(seL4_Error error) { return error == seL4_NoError; }

} // namespace

bool Nursery::init(Memory& memory, unsigned children) {
    memory_ = &memory;
    room_ = children;
    const auto share = static_cast<seL4_Word>(std::bit_width(children - 1));
    untyped_ = memory.make(seL4_UntypedObject, untyped_bits + share);
    images_ = memory.make(seL4_UntypedObject, large_page_bits + share); // apart, as images are large and aligned
    first_slot_ = next_slot_ = memory.slots(slots_per_child * children);
    end_slot_ = first_slot_ + slots_per_child * children;
    windows_ = memory.addresses(children * large_page);
    shared_ = next_shared_ = memory.addresses(large_page);
    return untyped_ != 0 && images_ != 0 && first_slot_ != 0 && good(memory.make_tables(shared_, large_page));
}

bool Nursery::clear() {
    next_slot_ = first_slot_;
    next_shared_ = shared_;
    children_ = 0;
    return good(seL4_CNode_Revoke(seL4_CapInitThreadCNode, untyped_, seL4_WordBits)) &&
        good(seL4_CNode_Revoke(seL4_CapInitThreadCNode, images_, seL4_WordBits));
}

seL4_CPtr Nursery::object(seL4_Word type, seL4_Word size_bits) {
    if (next_slot_ == end_slot_ || !good(Memory::retype(untyped_, type, size_bits, next_slot_))) return 0;
    return next_slot_++;
}

seL4_CPtr Nursery::copy_of(seL4_CPtr cap) {
    if (next_slot_ == end_slot_ || !good(Memory::copy(cap, next_slot_))) return 0;
    return next_slot_++;
}

// One large page holds the whole image at its own addresses.
bool Nursery::make_space(Process& process) {
    const seL4_CPtr image = next_slot_++;
    if (!good(Memory::retype(images_, seL4_RISCV_Mega_Page, 0, image))) return false;
    const seL4_CPtr mirror = copy_of(image);
    process.window = windows_ + children_ * large_page;
    process.vspace = object(seL4_RISCV_PageTableObject);
    const seL4_SlotRegion frames = memory_->info().userImageFrames;
    const auto start = reinterpret_cast<seL4_Word>(__executable_start) & ~(Memory::page_size - 1);
    const seL4_Word size = (frames.end - frames.start) * Memory::page_size;
    if (mirror == 0 || process.vspace == 0 || start + size > large_page ||
        !good(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, process.vspace)) ||
        !good(memory_->map(mirror, process.window)))
        return false;
    const auto* from = reinterpret_cast<const volatile seL4_Word*>(start);
    auto* to = reinterpret_cast<volatile seL4_Word*>(process.window + start);
    for (seL4_Word i = 0; i < size / sizeof(seL4_Word); ++i) to[i] = from[i];
    for (const seL4_Word vaddr : {seL4_Word{0}, child_buffer, child_queue}) {
        const seL4_CPtr table = object(seL4_RISCV_PageTableObject);
        if (!good(seL4_RISCV_PageTable_Map(table, process.vspace, vaddr, seL4_RISCV_Default_VMAttributes)))
            return false;
    }
    return good(seL4_RISCV_Page_Map(image, process.vspace, 0, seL4_ReadWrite, seL4_RISCV_Default_VMAttributes));
}

bool Nursery::make_cspace(Process& process, seL4_CPtr done) {
    process.cnode = object(seL4_CapTableObject, radix);
    process.cspace = next_slot_++;
    const seL4_Word guard = seL4_CNode_CapData_new(0, seL4_WordBits - radix).words[0];
    return process.cnode != 0 &&
        good(seL4_CNode_Mint(seL4_CapInitThreadCNode, process.cspace, seL4_WordBits, seL4_CapInitThreadCNode,
                             process.cnode, seL4_WordBits, seL4_AllRights, guard)) &&
        give(process, ChildTcb, process.tcb, seL4_AllRights) &&
        give(process, ChildCSpace, process.cspace, seL4_AllRights) &&
        give(process, ChildVSpace, process.vspace, seL4_AllRights) &&
        give_badged(process, ChildNotification, process.notification, seL4_AllRights, kernel_vector) &&
        give(process, ChildDone, done, seL4_CanWrite);
}

bool Nursery::make(Process& process, void (*entry)(), seL4_CPtr done) {
    if (children_ == room_ || !make_space(process)) return false;
    ++children_;
    const seL4_CPtr buffer = object(seL4_RISCV_4K_Page);
    process.tcb = object(seL4_TCBObject);
    process.notification = object(seL4_NotificationObject);
    seL4_UserContext registers{};
    registers.pc = reinterpret_cast<seL4_Word>(entry);
    registers.sp = reinterpret_cast<seL4_Word>(child_stack + stack_size);
    registers.gp = reinterpret_cast<seL4_Word>(__global_pointer$);
    return buffer != 0 && process.tcb != 0 && process.notification != 0 && make_cspace(process, done) &&
        good(seL4_RISCV_Page_Map(buffer, process.vspace, child_buffer, seL4_ReadWrite, seL4_RISCV_ExecuteNever)) &&
        good(seL4_TCB_Configure(process.tcb, 0, process.cspace, 0, process.vspace, 0, child_buffer, buffer)) &&
        good(seL4_TCB_WriteRegisters(process.tcb, 0, 0, sizeof(registers) / sizeof(seL4_Word), &registers)) &&
        good(seL4_TCB_SetPriority(process.tcb, seL4_CapInitThreadTCB, seL4_MaxPrio));
}

bool Nursery::make_queue(Process& process, seL4_Word size_bits) {
    process.queue = object(seL4_TaiL4_AsyncQueueObject, size_bits);
    return process.queue != 0 && give(process, ChildQueue, process.queue, seL4_AllRights);
}

bool Nursery::give(const Process& process, seL4_CPtr slot, seL4_CPtr cap, seL4_CapRights_t rights) {
    return good(
        seL4_CNode_Copy(process.cspace, slot, seL4_WordBits, seL4_CapInitThreadCNode, cap, seL4_WordBits, rights));
}

bool Nursery::give_badged(const Process& process, seL4_CPtr slot, seL4_CPtr notification, seL4_CapRights_t rights,
                          seL4_Word badge) {
    return good(seL4_CNode_Mint(process.cspace, slot, seL4_WordBits, seL4_CapInitThreadCNode, notification,
                                seL4_WordBits, rights, badge));
}

seL4_Error Nursery::make_receiver(const Process& process) {
    const seL4_Error bound = seL4_TCB_BindNotification(process.tcb, process.notification);
    return bound == seL4_NoError ? seL4_TaiL4_Notification_RegisterReceiver(process.notification, process.tcb) : bound;
}

bool Nursery::kill(const Process& process) {
    return good(seL4_CNode_Revoke(seL4_CapInitThreadCNode, process.tcb, seL4_WordBits)) &&
        good(seL4_CNode_Delete(seL4_CapInitThreadCNode, process.tcb, seL4_WordBits));
}

seL4_Word Nursery::share(const Process& a, seL4_Word at_a, const Process& b, seL4_Word at_b, seL4_Word pages) {
    const seL4_Word own = next_shared_;
    for (seL4_Word i = 0; i < pages; ++i, next_shared_ += Memory::page_size) {
        const seL4_Word offset = i * Memory::page_size;
        const seL4_CPtr frame = object(seL4_RISCV_4K_Page);
        const seL4_CPtr for_a = copy_of(frame);
        const seL4_CPtr for_b = copy_of(frame);
        if (for_b == 0 || !good(memory_->map(frame, own + offset)) ||
            !good(seL4_RISCV_Page_Map(for_a, a.vspace, at_a + offset, seL4_ReadWrite, seL4_RISCV_ExecuteNever)) ||
            !good(seL4_RISCV_Page_Map(for_b, b.vspace, at_b + offset, seL4_ReadWrite, seL4_RISCV_ExecuteNever)))
            return 0;
    }
    return own;
}

} // namespace machine
