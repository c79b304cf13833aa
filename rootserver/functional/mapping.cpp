// Mapping calls of the seed thesis: tables and pages made and mapped asynchronously, the memory used, what a second
// mapping says, and unmapping. The same for many pages in one request.
#include "rootserver/functional/cases.hpp"

#include <sel4async/each.hpp>

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

// --- Many in one request

constexpr std::uint64_t many = 96;     // more than one turn of the kernel
constexpr std::uint64_t at_a_time = 8; // frames of one Retype

struct ManyPages {
    seL4_CPtr untyped;
    seL4_CPtr frames;
    seL4_Word vaddr;
};

auto map_page(const ManyPages& o, std::uint64_t i) {
    return op::page_map(o.frames + i, vspace, o.vaddr + 4096 * i, rights, attributes);
}
constexpr auto next_page = op::page_map(1, 0, 4096, 0, 0);

bool ended(Context& t, const char* what, const sel4async::EachReply& reply, seL4_Error error, std::uint64_t done) {
    return t.same_error(what, reply.error(), error) && t.equal(what, reply.done(), done);
}

Task<> map_many(Context& t, ManyPages o) {
    constexpr seL4_CPtr cnode = seL4_CapInitThreadCNode;
    const auto made = co_await sel4async::each(
        many / at_a_time, op::untyped_retype(o.untyped, seL4_RISCV_4K_Page, 0, cnode, 0, 0, o.frames, at_a_time),
        op::untyped_retype(0, 0, 0, 0, 0, 0, at_a_time, 0));
    if (!ended(t, "retype all", made, seL4_NoError, many / at_a_time)) co_return;
    const auto mapped = co_await sel4async::each(many, map_page(o, 0), next_page);
    if (!ended(t, "map all", mapped, seL4_NoError, many)) co_return;
    for (std::uint64_t i = 0; i < many; ++i) word_at(o.vaddr + 4096 * i) = i;
    for (std::uint64_t i = 0; i < many; ++i) t.equal("page", word_at(o.vaddr + 4096 * i), i);
    // From the middle on, one page further: the first is mapped elsewhere.
    const auto moved =
        co_await sel4async::each(many / 2, map_page({o.untyped, o.frames, o.vaddr + 4096}, 0), next_page);
    if (!ended(t, "map elsewhere", moved, seL4_InvalidArgument, 0)) co_return;
    const auto first = co_await op::page_unmap(o.frames + many / 2);
    t.same_error("unmap one", first.error(), seL4_NoError);
    const auto deleted = co_await op::cnode_delete(cnode, o.frames + many / 2, seL4_WordBits);
    t.same_error("delete it", deleted.error(), seL4_NoError);
    const auto again = co_await sel4async::each(many, map_page(o, 0), next_page);
    if (!ended(t, "map up to the hole", again, seL4_InvalidCapability, many / 2)) co_return;
    const auto refused = co_await sel4async::each(2, op::page_get_address(o.frames), op::page_get_address(1));
    if (!ended(t, "operations with results", refused, seL4_InvalidArgument, 0)) co_return;
    const auto gone = co_await sel4async::each(many / 2, op::page_unmap(o.frames), op::page_unmap(1));
    if (!ended(t, "unmap", gone, seL4_NoError, many / 2)) co_return;
    // Mapped anew at once: no translation is left.
    const auto back = co_await op::page_map(o.frames + 1, vspace, o.vaddr, rights, attributes);
    t.same_error("map the second in place of the first", back.error(), seL4_NoError);
    t.equal("the second reads", word_at(o.vaddr), 1);
}

void mapping_many(Context& t) {
    machine::Memory& memory = t.memory();
    const ManyPages o{memory.make(seL4_UntypedObject, 19), memory.slots(many), memory.addresses(many * 4096)};
    if (!t.check(o.untyped != 0 && o.frames != 0, "no memory") ||
        !t.same_error("tables", memory.make_tables(o.vaddr, many * 4096), seL4_NoError) || !t.run(map_many(t, o)))
        return;
    t.same_error("revoke",
                 static_cast<std::uint64_t>(seL4_CNode_Revoke(seL4_CapInitThreadCNode, o.untyped, seL4_WordBits)),
                 seL4_NoError);
}

constexpr testing::Case cases[] = {{"call.mapping", mapping}, {"call.each", mapping_many}};

} // namespace

std::span<const testing::Case> mapping_cases() { return cases; }

} // namespace functional
