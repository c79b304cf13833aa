// What the initial thread is given: slots, regions, pages, boot info and untyped memory (9.1 - 9.4; traps 72a, 72c,
// 73-79).
#include "tests/guest/conformance/lists.hpp"

#include "rootserver/machine/device_tree.hpp"

extern "C" char __executable_start[];

namespace guest {

namespace {

constexpr Word null = 0, frame = 1, untyped = 2, table = 3;
constexpr Word mapping = 0x3000'0000;
constexpr Word fdt_block = 6;
constexpr std::uint32_t fdt_magic = 0xedfe0dd0; // big-endian

Word root_bits() { // unless the command line says more
    const std::string_view arguments = machine::read_tree(*boot_info).arguments;
    return machine::argument(arguments, "cnode", CONFIG_ROOT_CNODE_SIZE_BITS);
}
Word root_slots() { return Word{1} << root_bits(); }

Word image_start() { return reinterpret_cast<Word>(__executable_start) & ~(page_size - 1); }
Word round_up(Word value, Word unit) { return (value + unit - 1) / unit * unit; }

// A mapped frame can be mapped again where it is, and nowhere else: so it is there.
void mapped_at(Context& t, Word cap, Word vaddr) {
    t.expect(
        {{"is mapped elsewhere", cap, RISCVPageMap, {vaddr ^ page_size, 3, 0}, {vspace}, seL4_InvalidArgument, {0}},
         {"is mapped there", cap, RISCVPageMap, {vaddr, 3, 0}, {vspace}}});
}

void fixed_slots(Context& t) {
    constexpr Word types[] = {null, 12, 10, table, 14, 11, 13, null, null, frame, frame, 20, null, null, null, null};
    for (Word i = 0; i < std::size(types); ++i) t.equal("type", seL4_DebugCapIdentify(i), types[i]);
    t.equal("the next is the first of the dynamic ones", boot_info->userImagePaging.start, std::size(types));
}

void regions(Context& t) {
    const seL4_BootInfo& info = *boot_info;
    const seL4_SlotRegion in_order[] = {info.userImagePaging, info.extraBIPages, info.userImageFrames, info.untyped,
                                        info.empty};
    const Word types[] = {table, frame, frame, untyped, null};
    Word next = seL4_NumInitialCaps;
    for (Word i = 0; i < std::size(types); ++i) {
        t.equal("start", in_order[i].start, next);
        t.check(in_order[i].start < in_order[i].end, "not empty");
        next = in_order[i].end;
        // Of the empty ones those that no case and nothing before it can have used.
        const Word end = types[i] == null ? first_vector_slot : next;
        for (Word slot = in_order[i].start; slot < end; ++slot) t.equal("type", seL4_DebugCapIdentify(slot), types[i]);
    }
    t.equal("end", next, root_slots());
    for (const seL4_SlotRegion& none : {info.sharedFrames, info.ioSpaceCaps}) t.equal("none", none.start | none.end, 0);
}

void root_cnode(Context& t) {
    const Word slots = root_slots();
    const Word guard_size = 64 - root_bits();
    t.equal("bits", boot_info->initThreadCNodeSizeBits, root_bits());
    t.expect({{"its last slot", cnode, CNodeDelete, {slots - 1, depth}, {}},
              {"behind it", cnode, CNodeDelete, {slots, depth}, {}, seL4_FailedLookup, {0, 4, 64, 0, guard_size}}});
}

void numbers(Context& t) {
    t.equal("node", boot_info->nodeID, 0);
    t.check(boot_info->numNodes >= 1, "nodes");
    t.equal("no IO page tables", boot_info->numIOPTLevels, 0);
    t.equal("domain", boot_info->initThreadDomain, 0);
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    t.equal("core", seL4_DebugGetThreadAffinity(self), 0);
#endif
    const auto* words = reinterpret_cast<const Word*>(boot_info);
    for (Word i = sizeof(seL4_BootInfo) / 8; i < page_size / 8; ++i) t.equal("behind the structure", words[i], 0);
}

void authority(Context& t) {
    t.expect({{"all priorities", self, TCBSetPriority, {255}, {self}},
              {"no more", self, TCBSetPriority, {256}, {self}, seL4_RangeError, {0, 255}},
              {"back", self, TCBSetPriority, {Own}, {self}},
              {"no notification", self, TCBUnbindNotification, {}, {}, seL4_IllegalOperation},
              {"no flag", self, TCBSetFlags, {0, 0}, {}, seL4_NoError, {0}}});
}

void image_frames(Context& t) {
    const seL4_SlotRegion& caps = boot_info->userImageFrames;
    const Word end = reinterpret_cast<Word>(boot_info->ipcBuffer);
    t.equal("one for each page", caps.end - caps.start, (end - image_start()) / page_size);
    for (Word i = 0; i < caps.end - caps.start; ++i) mapped_at(t, caps.start + i, image_start() + i * page_size);
}

void pages_behind_the_image(Context& t) {
    const Word buffer = reinterpret_cast<Word>(boot_info->ipcBuffer);
    const Word info = reinterpret_cast<Word>(boot_info);
    t.equal("boot info behind the buffer", info, buffer + page_size);
    mapped_at(t, seL4_CapInitThreadIPCBuffer, buffer);
    mapped_at(t, seL4_CapBootInfoFrame, info);
    const seL4_SlotRegion& extra = boot_info->extraBIPages;
    t.equal("extra pages", extra.end - extra.start, round_up(boot_info->extraLen, page_size) / page_size);
    for (Word i = 0; i < extra.end - extra.start; ++i) mapped_at(t, extra.start + i, info + (1 + i) * page_size);
    t.expect(
        {{"the buffer's cap is the thread's own", self, TCBSetIPCBuffer, {buffer}, {seL4_CapInitThreadIPCBuffer}}});
}

// One for each GiB, then one for each 2 MiB; all are in use.
void tables(Context& t) {
    const seL4_SlotRegion& caps = boot_info->userImagePaging;
    for (Word i = caps.start; i < caps.end; ++i)
        t.expect({{"mapped", i, RISCVPageTableMap, {mapping, 0}, {vspace}, seL4_InvalidCapability, {0}}});
    const Word end = reinterpret_cast<Word>(boot_info) + page_size + round_up(boot_info->extraLen, page_size);
    const auto spans = [&](Word bits) { return ((end - 1) >> bits) - (image_start() >> bits) + 1; };
    t.check(caps.end - caps.start >= spans(30) + spans(21), "enough for all pages");
    t.expect({{"the root is a root", vspace, RISCVPageTableUnmap, {}, {}, seL4_RevokeFirst}});
}

void device_tree(Context& t) {
    const Word at = reinterpret_cast<Word>(boot_info) + page_size;
    const auto* header = reinterpret_cast<const Word*>(at);
    t.equal("kind", header[0], fdt_block);
    t.equal("length", header[1], boot_info->extraLen);
    const auto* tree = reinterpret_cast<const std::uint32_t*>(at + 16);
    t.equal("magic", tree[0], fdt_magic);
    t.equal("size", __builtin_bswap32(tree[1]), boot_info->extraLen - 16);
}

// --- Untyped memory

const seL4_UntypedDesc& region_of(Word cap) { return boot_info->untypedList[cap - boot_info->untyped.start]; }

void untyped_list(Context& t) {
    const seL4_SlotRegion& caps = boot_info->untyped;
    bool memory = false;
    Word device_end = 0;
    for (Word i = caps.start; i < caps.end; ++i) {
        const seL4_UntypedDesc& region = region_of(i);
        t.check(region.sizeBits >= seL4_MinUntypedBits && region.sizeBits <= seL4_MaxUntypedBits, "size");
        const Word size = 1ul << region.sizeBits;
        t.equal("aligned", region.paddr & (size - 1), 0);
        t.check(!memory || region.isDevice == 0, "devices come first");
        memory = memory || region.isDevice == 0;
        for (Word j = caps.start; j < i; ++j) {
            const seL4_UntypedDesc& other = region_of(j);
            t.check(region.paddr + size <= other.paddr || other.paddr + (1ul << other.sizeBits) <= region.paddr,
                    "two overlap");
        }
        if (region.isDevice == 0) continue;
        t.check(region.paddr >= device_end, "ascending");
        device_end = region.paddr + size;
    }
    t.check(memory, "memory");
    for (Word i = caps.end - caps.start; i < CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS; ++i) {
        const seL4_UntypedDesc& none = boot_info->untypedList[i];
        t.equal("behind the last", none.paddr | none.sizeBits | none.isDevice, 0);
    }
}

bool has_device(Word paddr) {
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end; ++i) {
        const seL4_UntypedDesc& region = region_of(i);
        if (region.isDevice != 0 && paddr >= region.paddr && paddr - region.paddr < 1ul << region.sizeBits) return true;
    }
    return false;
}

// What the kernel drives itself nobody else has; the firmware's memory is a device.
void devices(Context& t) {
    for (const Word own : {0x200'0000ul, 0x21f'fffful, 0xc00'0000ul, 0xc5f'fffful})
        t.check(!has_device(own), "the kernel's");
    for (const Word free : {0x1000'0000ul, 0x8000'0000ul, 0x7f'ffff'f000ul}) t.check(has_device(free), "for users");
}

// As a test driver wants it (trap 74).
void large_piece(Context& t) {
    Word largest = 0;
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end; ++i) {
        const seL4_UntypedDesc& region = region_of(i);
        if (region.isDevice == 0 && region.sizeBits > largest) largest = region.sizeBits;
    }
    t.check(largest >= 26, "a piece of 64 MiB");
}

void device_addresses(Context& t) {
    const Word to = t.slot();
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end; ++i) {
        const seL4_UntypedDesc& region = region_of(i);
        // A device of the image's own is in use.
        if (region.isDevice == 0 || region.sizeBits < seL4_PageBits || region.paddr < 0x4000'0000) continue;
        t.expect({{"make", i, UntypedRetype, {seL4_RISCV_4K_Page, 0, 0, 0, to, 1}, {cnode}},
                  {"address", to, RISCVPageGetAddress, {}, {}, seL4_NoError, {region.paddr}}});
        t.revoke(i);
    }
}

// Its set-up has taken some.
bool in_use(Context& t, Word piece) {
    const Word to = t.slot();
    const Reply reply = t.invoke(cnode, CNodeCopy, {to, depth, piece, depth, all_rights}, {cnode});
    if (reply.label() != seL4_NoError) return true;
    t.remove(to);
    return false;
}

// Small pieces were the kernel's own at boot, or lie beside what it loaded: all that they give is zero.
void small_pieces_are_zero(Context& t) {
    const Word level = t.make(seL4_RISCV_PageTableObject);
    const Word to = t.slot();
    t.expect({{"table", level, RISCVPageTableMap, {mapping, 0}, {vspace}}});
    Word pages = 0;
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end && !t.failed(); ++i) {
        const seL4_UntypedDesc& region = region_of(i);
        if (region.isDevice != 0 || region.sizeBits < seL4_PageBits || region.sizeBits > 16 || in_use(t, i)) continue;
        for (Word at = 0; at < 1ul << region.sizeBits && !t.failed(); at += page_size, ++pages) {
            t.expect({{"make", i, UntypedRetype, {seL4_RISCV_4K_Page, 0, 0, 0, to, 1}, {cnode}},
                      {"address", to, RISCVPageGetAddress, {}, {}, seL4_NoError, {region.paddr + at}},
                      {"map", to, RISCVPageMap, {mapping, 3, 1}, {vspace}}});
            auto* words = reinterpret_cast<volatile Word*>(mapping);
            for (Word word = 0; word < page_size / 8 && !t.failed(); ++word) t.equal("word", words[word], 0);
            // The next page, not the same again: this one's capability must go, but something of the piece must stay.
            if (at == 0) t.copy(to);
            t.remove(to);
        }
        t.revoke(i);
    }
    t.check(pages != 0, "such a piece");
}

constexpr Case cases[] = {
    {"fixed_slots", fixed_slots},
    {"regions", regions},
    {"root_cnode", root_cnode},
    {"numbers", numbers},
    {"authority", authority},
    {"image_frames", image_frames},
    {"pages_behind_the_image", pages_behind_the_image},
    {"tables", tables},
    {"device_tree", device_tree},
    {"untyped_list", untyped_list},
    {"devices", devices},
    {"large_piece", large_piece},
    {"device_addresses", device_addresses},
    {"small_pieces_are_zero", small_pieces_are_zero},
};

} // namespace

List boot_cases() { return list_of<cases>("boot"); }

} // namespace guest
