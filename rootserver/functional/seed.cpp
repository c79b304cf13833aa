// The functional tests of the seed thesis, chapter 5.2, over serial: the thirteen calls it has, each asynchronous, with
// what its figures show: the slot that carries a message, X and 11111, an address equal to the synchronous call's, the
// link between thread and notification before and after, the value written through a mapping. TEST PASS ends each.
// Source: async-design.md 1.8, 5.1.
#include "rootserver/functional/cases.hpp"

namespace functional {

namespace {

using machine::print;
using sel4async::Reply;
using sel4async::Task;
using testing::Context;
namespace op = sel4async::op;

constexpr seL4_CPtr root = seL4_CapInitThreadCNode;
constexpr seL4_CPtr vspace = seL4_CapInitThreadVSpace;
constexpr std::uint64_t value = 10'000'000;

void verdict(Context& t) { print(t.failed() ? "TEST FAIL\n" : "TEST PASS\n"); }

// A printed result that counts, too.
bool show(Context& t, const char* what, const Reply& reply, std::uint64_t expected = seL4_NoError) {
    print("  ", what, ": error ", reply.error(), '\n');
    return t.equal(what, reply.error(), expected);
}

void buffer(Context& t) {
    print("Begin Buffer Allocator Test\n");
    const auto work = [](Context& c) -> Task<> {
        static constexpr char text[] = "kernel get message: Message from userspace\n";
        const Reply reply = co_await op::debug_put_string(text, sizeof(text) - 1);
        const sel4async::Ticket& ticket = *(co_await sel4async::this_strand()).ticket;
        print("allocated and got idx ", std::uint32_t{ticket.index}, ", generation ", ticket.generation, '\n');
        c.equal("generation in the slot", ticket.slot->done, ticket.generation);
        show(c, "get reply", reply);
    };
    t.run(work(t));
    verdict(t);
}

void output(Context& t) {
    const auto work = [](Context& c, seL4_CPtr frame) -> Task<> {
        const Reply character = co_await op::debug_put_char('X');
        print('\n');
        show(c, "putchar", character);
        const Reply string = co_await op::debug_put_string("11111", 5);
        print('\n');
        show(c, "putstring", string);
        const Reply reply = co_await op::page_get_address(frame);
        const std::uint64_t address = seL4_RISCV_Page_GetAddress(frame).paddr;
        show(c, "page_get_address", reply);
        print("  asynchronous ", machine::Hex{reply.word(0)}, ", synchronous ", machine::Hex{address}, '\n');
        c.equal("address", reply.word(0), address);
    };
    const seL4_CPtr frame = t.memory().frame();
    if (t.check(frame != 0, "no memory")) t.run(work(t, frame));
    verdict(t);
}

// 1 if the thread has a notification: binding another one is refused then.
Task<std::uint64_t> bound(seL4_CPtr tcb, seL4_CPtr other) {
    const Reply reply = co_await op::tcb_bind_notification(tcb, other);
    if (reply.ok()) {
        const Reply undone = co_await op::tcb_unbind_notification(tcb);
        co_return undone.ok() ? 0 : 2;
    }
    co_return 1;
}

void notification(Context& t) {
    const auto work = [](Context& c, seL4_CPtr tcb, seL4_CPtr untyped, seL4_CPtr slot) -> Task<> {
        show(c, "untyped_retype",
             co_await op::untyped_retype(untyped, seL4_NotificationObject, 0, root, 0, 0, slot, 2));
        const std::uint64_t before = co_await bound(tcb, slot + 1);
        show(c, "tcb_bind_notification", co_await op::tcb_bind_notification(tcb, slot));
        const std::uint64_t between = co_await bound(tcb, slot + 1);
        show(c, "tcb_unbind_notification", co_await op::tcb_unbind_notification(tcb));
        const std::uint64_t after = co_await bound(tcb, slot + 1);
        print("  bound: ", before, " -> ", between, " -> ", after, '\n');
        c.equal("bound before, between and after", before * 100 + between * 10 + after, 10);
    };
    const seL4_CPtr untyped = t.memory().make(seL4_UntypedObject, 7);
    const seL4_CPtr slot = t.memory().slots(2);
    // Its own thread, unless that has a notification for its user interrupts.
    const bool own = !t.fixture().interrupts.active();
    const seL4_CPtr tcb = own ? seL4_CPtr{seL4_CapInitThreadTCB} : t.memory().make(seL4_TCBObject, 0);
    if (t.check(untyped != 0 && slot != 0 && tcb != 0, "no memory")) t.run(work(t, tcb, untyped, slot));
    verdict(t);
}

// The badge has 64 bits, and is what a receiver sees.
void capabilities(Context& t) {
    constexpr std::uint64_t badge = 0x1234'5678'9abc'def1;
    const auto work = [](Context& c, seL4_CPtr object, seL4_CPtr slot) -> Task<> {
        show(c, "cnode_copy", co_await op::cnode_copy(root, slot, 64, root, object, 64, 15));
        show(c, "cnode_copy again", co_await op::cnode_copy(root, slot, 64, root, object, 64, 15), seL4_DeleteFirst);
        show(c, "cnode_mint", co_await op::cnode_mint(root, slot + 1, 64, root, slot, 64, 15, badge));
        seL4_Signal(slot + 1);
        seL4_Word seen = 0;
        seL4_Wait(object, &seen);
        print("  badge ", machine::Hex{seen}, '\n');
        c.equal("badge", seen, badge);
        show(c, "cnode_delete", co_await op::cnode_delete(root, slot + 1, 64));
        show(c, "cnode_delete", co_await op::cnode_delete(root, slot, 64));
        show(c, "cnode_copy of nothing", co_await op::cnode_copy(root, slot, 64, root, slot + 1, 64, 15),
             seL4_FailedLookup);
    };
    const seL4_CPtr object = t.memory().make(seL4_NotificationObject, 0);
    const seL4_CPtr slot = t.memory().slots(2);
    if (t.check(object != 0 && slot != 0, "no memory")) t.run(work(t, object, slot));
    verdict(t);
}

struct Place {
    seL4_CPtr untyped, table, frame;
    seL4_Word vaddr;
};

Task<> map(Context& c, Place p) {
    show(c, "untyped_retype, a table",
         co_await op::untyped_retype(p.untyped, seL4_RISCV_PageTableObject, 0, root, 0, 0, p.table, 1));
    show(c, "untyped_retype, a frame",
         co_await op::untyped_retype(p.untyped, seL4_RISCV_4K_Page, 0, root, 0, 0, p.frame, 1));
    show(c, "pagetable_map", co_await op::page_table_map(p.table, vspace, p.vaddr, 0));
    show(c, "pagetable_map, already mapped", co_await op::page_table_map(p.table, vspace, p.vaddr, 0),
         seL4_InvalidCapability);
    if (!show(c, "page_map", co_await op::page_map(p.frame, vspace, p.vaddr, 3, seL4_RISCV_ExecuteNever))) co_return;
    auto& word = *reinterpret_cast<volatile std::uint64_t*>(p.vaddr);
    word = value;
    print("  value at ", machine::Hex{p.vaddr}, ": ", std::uint64_t{word}, '\n');
    c.equal("value", word, value);
    show(c, "page_unmap", co_await op::page_unmap(p.frame));
    show(c, "pagetable_unmap", co_await op::page_table_unmap(p.table));
    show(c, "page_map without a table", co_await op::page_map(p.frame, vspace, p.vaddr, 3, 0), seL4_FailedLookup);
}

void mapping(Context& t) {
    machine::Memory& memory = t.memory();
    const seL4_Word neighbour = memory.addresses(4096); // its tables but the lowest serve the next address, too
    const Place place{memory.make(seL4_UntypedObject, 14), memory.slots(), memory.slots(), memory.addresses(4096)};
    if (t.check(place.untyped != 0 && place.frame != 0, "no memory") &&
        t.same_error("tables", memory.make_tables(neighbour, 4096), seL4_NoError))
        t.run(map(t, place));
    verdict(t);
}

constexpr testing::Case cases[] = {{"seed.buffer", buffer},
                                   {"seed.output", output},
                                   {"seed.notification", notification},
                                   {"seed.capabilities", capabilities},
                                   {"seed.mapping", mapping}};

} // namespace

std::span<const testing::Case> seed_cases() { return cases; }

} // namespace functional
