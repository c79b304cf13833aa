// Frames: made one by one from an untyped, mapped, protected, unprotected, unmapped.
#include "rootserver/bench/ipc_suites.hpp"

namespace bench {

namespace {

constexpr seL4_Word most_pages = 2048;
constexpr seL4_Word untyped_bits = 24;
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

bool measure_pages(machine::Memory& memory, Measured& measured) {
    const seL4_CPtr untyped = memory.make(seL4_UntypedObject, untyped_bits);
    Pages pages{memory.slots(most_pages), memory.addresses(most_pages * machine::Memory::page_size)};
    if (untyped == 0 || pages.frames == 0 ||
        memory.make_tables(pages.vaddr, most_pages * machine::Memory::page_size) != seL4_NoError)
        return false;
    measured.set(Row::Retype2048, pages.each(most_pages, [untyped, &pages](seL4_Word i) {
        return machine::Memory::retype(untyped, seL4_RISCV_4K_Page, 0, pages.frames + i);
    }));
    const struct {
        Row row;
        seL4_Word count;
    } maps[] = {{Row::Map1, 1}, {Row::Map512, 512}, {Row::Map2048, most_pages}};
    for (const auto& [row, count] : maps) {
        static_cast<void>(pages.map(count, seL4_AllRights)); // once unmeasured
        static_cast<void>(pages.unmap(count));
        measured.set(row, pages.map(count, seL4_AllRights));
        if (count != most_pages) static_cast<void>(pages.unmap(count));
    }
    measured.set(Row::Protect2048, pages.map(most_pages, seL4_CanRead));
    measured.set(Row::Unprotect2048, pages.map(most_pages, seL4_AllRights));
    measured.set(Row::Unmap2048, pages.unmap(most_pages));
    return pages.good;
}

} // namespace bench
