// Mapping calls of the seed thesis: tables and pages made and mapped asynchronously, the memory used, what a second
// mapping says, and unmapping.
#include "rootserver/functional/cases.hpp"

namespace functional {

namespace {

using sel4async::Reply;
using sel4async::Task;
using testing::Context;
namespace op = sel4async::op;

constexpr std::uint64_t pattern = 10'000'000;
constexpr seL4_CPtr vspace = seL4_CapInitThreadVSpace;
constexpr std::uint64_t rights = 3; // read and write
constexpr std::uint64_t attributes = seL4_RISCV_ExecuteNever;

struct Objects {
    seL4_CPtr untyped;
    seL4_CPtr table;
    seL4_CPtr frame;
    seL4_Word vaddr;
};

volatile std::uint64_t& word_at(seL4_Word vaddr) { return *reinterpret_cast<volatile std::uint64_t*>(vaddr); }

Task<> map_and_use(Context& t, Objects o) {
    const Reply table = co_await op::untyped_retype(o.untyped, seL4_RISCV_PageTableObject, 0, seL4_CapInitThreadCNode,
                                                    0, 0, o.table, 1);
    t.same_error("retype a table", table.error(), seL4_NoError);
    const Reply frame =
        co_await op::untyped_retype(o.untyped, seL4_RISCV_4K_Page, 0, seL4_CapInitThreadCNode, 0, 0, o.frame, 1);
    t.same_error("retype a frame", frame.error(), seL4_NoError);
    const Reply early = co_await op::page_map(o.frame, vspace, o.vaddr, rights, attributes);
    t.same_error("map without a table", early.error(), seL4_FailedLookup);
    const Reply mapped_table = co_await op::page_table_map(o.table, vspace, o.vaddr, 0);
    t.same_error("map the table", mapped_table.error(), seL4_NoError);
    const Reply mapped = co_await op::page_map(o.frame, vspace, o.vaddr, rights, attributes);
    if (!t.same_error("map the page", mapped.error(), seL4_NoError)) co_return;
    word_at(o.vaddr) = pattern;
    t.equal("value read back", word_at(o.vaddr), pattern);
}

Task<> map_twice(Context& t, Objects o, seL4_CPtr other) {
    const Reply table = co_await op::page_table_map(o.table, vspace, o.vaddr, 0);
    t.same_error("a mapped table again", table.error(), seL4_RISCV_PageTable_Map(o.table, vspace, o.vaddr, {}));
    t.check(!table.ok(), "a mapped table was mapped again");
    const Reply page = co_await op::page_map(other, vspace, o.vaddr, rights, attributes);
    t.same_error("an address in use", page.error(),
                 seL4_RISCV_Page_Map(other, vspace, o.vaddr, seL4_ReadWrite, seL4_RISCV_ExecuteNever));
    t.same_error("an address in use", page.error(), seL4_DeleteFirst);
    const Reply elsewhere = co_await op::page_map(o.frame, vspace, o.vaddr + 4096, rights, attributes);
    t.same_error("a mapped frame elsewhere", elsewhere.error(),
                 seL4_RISCV_Page_Map(o.frame, vspace, o.vaddr + 4096, seL4_ReadWrite, seL4_RISCV_ExecuteNever));
    t.check(!elsewhere.ok(), "a mapped frame was mapped at a second address");
}

Task<> unmap(Context& t, Objects o, seL4_CPtr other) {
    word_at(o.vaddr) = pattern;
    const Reply unmapped = co_await op::page_unmap(o.frame);
    t.same_error("unmap the page", unmapped.error(), seL4_NoError);
    const Reply again = co_await op::page_unmap(o.frame);
    t.same_error("unmap it again", again.error(), seL4_RISCV_Page_Unmap(o.frame));
    // Another frame at the same address must be seen at once: no translation is left.
    const Reply mapped = co_await op::page_map(other, vspace, o.vaddr, rights, attributes);
    t.same_error("map another page there", mapped.error(), seL4_NoError);
    t.equal("a fresh frame reads", word_at(o.vaddr), 0);
    const Reply gone = co_await op::page_unmap(other);
    t.same_error("unmap the other page", gone.error(), seL4_NoError);
    const Reply table = co_await op::page_table_unmap(o.table);
    t.same_error("unmap the table", table.error(), seL4_NoError);
    const Reply late = co_await op::page_map(o.frame, vspace, o.vaddr, rights, attributes);
    t.same_error("map after the table is gone", late.error(), seL4_FailedLookup);
}

void mapping(Context& t) {
    machine::Memory& memory = t.memory();
    Objects o{};
    // 2 MiB behind another range, so that the upper table is there and the lower one is not.
    const seL4_Word neighbour = memory.addresses(4096);
    o.vaddr = memory.addresses(4096);
    o.untyped = memory.make(seL4_UntypedObject, 14);
    o.table = memory.slots();
    o.frame = memory.slots();
    const seL4_CPtr other = memory.frame();
    if (!t.check(o.untyped != 0 && other != 0, "no memory") ||
        !t.same_error("tables", memory.make_tables(neighbour, 4096), seL4_NoError))
        return;
    if (t.run(map_and_use(t, o)) && t.run(map_twice(t, o, other))) t.run(unmap(t, o, other));
}

constexpr testing::Case cases[] = {{"call.mapping", mapping}};

} // namespace

std::span<const testing::Case> mapping_cases() { return cases; }

} // namespace functional
