// Frames: made one by one from an untyped, mapped, protected, unprotected, unmapped.
#include "rootserver/bench/ipc_suites.hpp"

namespace bench {

namespace {

struct Rows {
    seL4_Word pages, untyped_bits;
    Row retype, map, protect, unprotect, unmap;
};
constexpr Rows many{2048, 23, Row::Retype2048, Row::Map2048, Row::Protect2048, Row::Unprotect2048, Row::Unmap2048};
constexpr Rows some{64, 18, Row::Retype64, Row::Map64, Row::Protect64, Row::Unprotect64, Row::Unmap64};
constexpr seL4_CPtr vspace = seL4_CapInitThreadVSpace;

struct Pages {
    seL4_CPtr frames;
    seL4_Word vaddr;
    bool good = true;

    template <class Call>
    std::uint64_t each(seL4_Word count, Call call) {
        const std::uint64_t before = machine::now();
        for (seL4_Word i = 0; i < count; ++i) good = good && call(i) == seL4_NoError;
        return (machine::now() - before) / count;
    }
    std::uint64_t map(seL4_Word count, seL4_CapRights_t rights) {
        return each(count, [this, rights](seL4_Word i) {
            return seL4_RISCV_Page_Map(frames + i, vspace, vaddr + machine::Memory::page_size * i, rights,
                                       seL4_RISCV_Default_VMAttributes);
        });
    }
    std::uint64_t unmap(seL4_Word count) {
        return each(count, [this](seL4_Word i) { return seL4_RISCV_Page_Unmap(frames + i); });
    }
};

} // namespace

bool measure_pages(machine::Memory& memory, bool few, Measured& measured) {
    const Rows& rows = few ? some : many;
    const seL4_CPtr untyped = memory.make(seL4_UntypedObject, rows.untyped_bits);
    Pages pages{memory.slots(rows.pages), memory.addresses(rows.pages * machine::Memory::page_size)};
    if (untyped == 0 || pages.frames == 0 ||
        memory.make_tables(pages.vaddr, rows.pages * machine::Memory::page_size) != seL4_NoError)
        return false;
    measured.set(rows.retype, pages.each(rows.pages, [untyped, &pages](seL4_Word i) {
        return machine::Memory::retype(untyped, seL4_RISCV_4K_Page, 0, pages.frames + i);
    }));
    const struct {
        Row row;
        seL4_Word count;
    } maps[] = {{Row::Map1, 1}, {Row::Map512, 512}, {rows.map, rows.pages}};
    for (const auto& [row, count] : maps) {
        if (count > rows.pages) continue;
        static_cast<void>(pages.map(count, seL4_AllRights)); // once unmeasured
        static_cast<void>(pages.unmap(count));
        measured.set(row, pages.map(count, seL4_AllRights));
        if (count != rows.pages) static_cast<void>(pages.unmap(count));
    }
    measured.set(rows.protect, pages.map(rows.pages, seL4_CanRead));
    measured.set(rows.unprotect, pages.map(rows.pages, seL4_AllRights));
    measured.set(rows.unmap, pages.unmap(rows.pages));
    return pages.good;
}

} // namespace bench
