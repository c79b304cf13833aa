#include "boot/root_task.hpp"

#include "arch/arch.hpp"
#include "boot/boot_info.hpp"
#include "boot/elf_image.hpp"
#include "boot/memory_plan.hpp"
#include "caps/mdb.hpp"
#include "ipc/endpoint.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/hart.hpp"
#include "vspace/vspace.hpp"

extern "C" {
extern char kernel_start[];
extern char kernel_end[];
}

namespace boot {

namespace {

using base::Paddr;
using caps::Cap;
using caps::FrameSize;
using caps::VmRights;

// Fixed slots of the root CNode (9.2).
enum InitialSlot : u64 {
    InitialTcb = 1,
    InitialCNode = 2,
    InitialVSpace = 3,
    InitialIrqControl = 4,
    InitialAsidControl = 5,
    InitialAsidPool = 6,
    InitialBootInfo = 9,
    InitialIpcBuffer = 10,
    InitialDomain = 11,
};
constexpr base::Asid root_asid = 1;

MemoryPlan plan; // too large for the boot stack

struct Builder {
    AddressSpace space;
    SlotPlan slots;
    caps::Slot* cnode = nullptr;
    u64* root = nullptr;

    void put(u64 slot, const Cap& cap) { caps::insert_root(cap, cnode[slot]); }

    void map(base::Vaddr vaddr, Paddr frame) {
        const vspace::Walk found = vspace::walk(root, vaddr, 12);
        vspace::write_entry(found.entry, arch::Pte::make_user_leaf(frame, true, true, true));
    }
    Cap frame_cap(base::Vaddr vaddr, Paddr frame) {
        return Cap::frame(frame, FrameSize::Page, VmRights::ReadWrite, false).with_mapping(root_asid, vaddr);
    }
    void map_frame(u64 slot, base::Vaddr vaddr, Paddr frame) {
        map(vaddr, frame);
        put(slot, frame_cap(vaddr, frame));
    }
};

void clear(u64 paddr, u64 size) { arch::clear(arch::to_pointer<void>(Paddr{paddr}), size); }

// Tables for the whole range the plan covers: one per GiB, then one per 2 MiB.
void create_tables(Builder& builder) {
    u64 table = plan.objects.tables;
    u64 slot = builder.slots.paging.start;
    const auto add = [&](base::Vaddr vaddr, unsigned span_bits) {
        const vspace::Walk found = vspace::walk(builder.root, vaddr, 12);
        vspace::write_entry(found.entry, arch::Pte::make_table(Paddr{table}));
        builder.put(slot++,
                    Cap::page_table(arch::to_pointer<void>(Paddr{table}))
                        .with_mapping(root_asid, base::align_down(vaddr, span_bits)));
        table += page_size;
    };
    for (unsigned bits : {30U, 21U}) {
        const Range cover = round_out(builder.space.cover, bits);
        for (u64 vaddr = cover.start; vaddr < cover.end; vaddr += base::bit(bits)) add(vaddr, bits);
    }
}

void load_image(Builder& builder, const ElfImage& image) {
    for (u64 i = 0; i < image.pages(); ++i) {
        const Paddr frame{plan.image.start + i * page_size};
        image.fill_page(i, std::span<std::byte, page_size>{arch::to_pointer<std::byte>(frame), page_size});
        builder.map_frame(builder.slots.image_frames.start + i, image.range().start + i * page_size, frame);
    }
}

void map_boot_info(Builder& builder, Bytes tree) {
    const u64 extra_bytes = extra_bytes_for(tree.size());
    auto& info = *arch::to_pointer<seL4_BootInfo>(Paddr{plan.objects.boot_info});
    fill_boot_info(info, builder.space, builder.slots, plan, extra_bytes, smp::hart_count);
    builder.map_frame(InitialBootInfo, builder.space.boot_info, Paddr{plan.objects.boot_info});
    builder.map_frame(InitialIpcBuffer, builder.space.ipc_buffer, Paddr{plan.objects.ipc_buffer});
    auto* extra = arch::to_pointer<std::byte>(Paddr{plan.objects.extra_boot_info});
    static_cast<void>(write_fdt_block({extra, builder.space.extra_pages * page_size}, tree));
    for (u64 i = 0; i < builder.space.extra_pages; ++i)
        builder.map_frame(builder.slots.extra_pages.start + i, builder.space.extra_boot_info + i * page_size,
                          Paddr{plan.objects.extra_boot_info + i * page_size});
}

void create_untypeds(Builder& builder) {
    u64 slot = builder.slots.untypeds.start;
    for (const Untyped& piece : plan.untypeds) {
        Cap cap = Cap::untyped(Paddr{piece.address}, piece.bits, piece.device, 0);
        // "Full": the first retype clears the memory (9.3).
        builder.put(slot++, cap.with_free_index(cap.untyped_max_index()));
    }
}

void create_spaces(Builder& builder) {
    builder.cnode = arch::to_pointer<caps::Slot>(Paddr{plan.objects.cnode});
    builder.root = arch::to_pointer<u64>(Paddr{plan.objects.vspace});
    auto* pool = arch::to_pointer<objects::AsidPool>(Paddr{plan.objects.asid_pool});
    vspace::set_asid_pool(0, pool);
    vspace::make_root(builder.root);
    pool->entry(root_asid) = objects::AsidEntry::make(Paddr{plan.objects.vspace});
    const unsigned radix = builder.slots.radix;
    builder.put(InitialCNode, Cap::cnode(builder.cnode, radix, 0, base::word_bits - radix));
    builder.put(InitialVSpace, Cap::page_table(builder.root).with_mapping(root_asid, 0));
    builder.put(InitialIrqControl, Cap{caps::CapType::IrqControl, 0});
    builder.put(InitialAsidControl, Cap{caps::CapType::AsidControl, 0});
    builder.put(InitialAsidPool, Cap::asid_pool(pool, 0));
    builder.put(InitialDomain, Cap{caps::CapType::Domain, 0});
}

void start_thread(Builder& builder, const ElfImage& image) {
    auto& thread = *arch::to_pointer<objects::Tcb>(Paddr{plan.objects.tcb});
    scheduler::init_thread(thread, 0, smp::this_hart().index_);
    thread.affinity = 0;
    thread.context.hart_ = &smp::harts[0];
    constexpr char name[] = "rootserver";
    __builtin_memcpy(thread.name, name, sizeof name);
    thread.priority = 255;
    thread.max_priority = 255;
    thread.ipc_buffer = builder.space.ipc_buffer;
    builder.put(InitialTcb, Cap::tcb(&thread));
    const auto install = [&](objects::TcbSlot to, u64 from) {
        caps::Slot& source = builder.cnode[from];
        const Cap cap = source.cap.is(caps::CapType::Frame) ? source.cap.without_mapping() : source.cap;
        caps::insert_derived(cap, source, thread.slot(to));
    };
    install(objects::TcbSlot::CSpace, InitialCNode);
    install(objects::TcbSlot::VSpace, InitialVSpace);
    install(objects::TcbSlot::Buffer, InitialIpcBuffer);
    ipc::ensure_reply_master(thread);
    thread.context.next_ip_ = image.entry();
    thread.context.fault_ip_ = image.entry();
    thread.context[arch::Reg::A0] = builder.space.boot_info;
    objects::set_state(thread, objects::ThreadState::Running);
    objects::enqueue(thread);
    objects::reschedule_required();
}

} // namespace

const char* create_root_task(const Platform& platform, Bytes tree, u64 tree_paddr) {
    const DeviceWindows devices = kernel_devices(platform);
    const u64 kernel = base::raw(arch::to_paddr(kernel_start));
    MemoryInput input{};
    input.memory = platform.memory.ranges();
    input.reserved = platform.reserved.ranges();
    input.devices = devices;
    input.kernel = {kernel, kernel + static_cast<u64>(kernel_end - kernel_start)};
    input.tree = {tree_paddr, tree_paddr + tree.size()};
    input.initrd = platform.initrd;
    if (platform.initrd.empty()) return "root task: none given (an initrd)";
    const auto radix = root_radix_of(platform.arguments);
    if (!radix) return message(radix.error());
    input.radix = radix.value();
    if (auto checked = check_memory(input, plan); !checked) return message(checked.error());
    auto image =
        ElfImage::open({arch::to_pointer<const std::byte>(Paddr{platform.initrd.start}), platform.initrd.size()});
    if (!image) return message(image.error());
    auto space = plan_address_space(image.value().range(), extra_bytes_for(tree.size()));
    if (!space) return message(space.error());
    input.space = space.value();
    if (auto planned = plan_memory(input, plan); !planned) return message(planned.error());
    auto slots = plan_slots(input.space, plan.untypeds.size(), input.radix);
    if (!slots) return message(slots.error());
    if (plan.untypeds_dropped != 0)
        arch::print("TaiL4: bootinfo holds {} untypeds: {} small ones are not given out\n", u64{max_untypeds},
                    u64{plan.untypeds_dropped});

    clear(plan.objects.block.start, plan.objects.block.size());
    Builder builder{input.space, slots.value()};
    create_spaces(builder);
    create_tables(builder);
    load_image(builder, image.value());
    map_boot_info(builder, tree);
    create_untypeds(builder);
    start_thread(builder, image.value());
    return nullptr;
}

} // namespace boot
