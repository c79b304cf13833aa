// Every invocation, asynchronously and synchronously: a table with one success and one error for each operation. Both
// ways work on objects of their own, made alike and used in the same order, and must say the same: error code, detail
// words of the error, results. The table is complete: each number from 1 to the last operation of sel4.toml occurs.
#include "rootserver/functional/every.hpp"

#include "rootserver/functional/cases.hpp"

namespace functional {

namespace {

using sel4async::Reply;
using sel4async::Request;
using sel4async::Task;
using testing::Context;

// One set for each way.
Objects sets[2];

bool make_objects(Context& t, Objects& o, unsigned number) {
    machine::Memory& memory = t.memory();
    o.tcb = memory.make(seL4_TCBObject, 0);
    o.tcb2 = memory.make(seL4_TCBObject, 0);
    o.untyped = memory.make(seL4_UntypedObject, 12);
    o.pool_untyped = memory.make(seL4_UntypedObject, seL4_ASIDPoolBits);
    o.endpoint = memory.make(seL4_EndpointObject, 0);
    o.notification = memory.make(seL4_NotificationObject, 0);
    o.frame = memory.frame();
    o.table = memory.make(seL4_RISCV_PageTableObject, 0);
    o.vspace = memory.make(seL4_RISCV_PageTableObject, 0);
    for (std::uint64_t* slot :
         {&o.s0, &o.s1, &o.s2, &o.s4, &o.s5, &o.s6, &o.s7, &o.irq_handler, &o.irq_handler2, &o.pool})
        *slot = memory.slots();
    o.irq = 90 + 2 * number; // behind all devices of the machine
    o.irq2 = o.irq + 1;
    o.vaddr = memory.addresses(4096);
    return t.check(o.pool != 0 && o.vspace != 0, "no memory");
}

void resolve(const Objects& objects, const Arg (&args)[most_args], std::uint64_t (&values)[most_args]) {
    for (std::size_t i = 0; i < most_args; ++i)
        values[i] = args[i].member != nullptr ? objects.*args[i].member : args[i].value;
}

Task<> compare(Context& t, const char* name, Request request, const Outcome& expected) {
    const Reply reply = co_await request;
    if (!t.equal(name, reply.error(), expected.error)) co_return;
    const std::uint32_t words = expected.error == seL4_NoError ? expected.count : reply.count();
    t.equal(name, reply.count() >= words, 1);
    for (std::uint32_t i = 0; i < words && i < Outcome::room; ++i) t.equal(name, reply.word(i), expected.words[i]);
}

bool run_row(Context& t, const Row& row, const Arg (&args)[most_args], bool shared, bool succeeds) {
    std::uint64_t mine[most_args];
    std::uint64_t other[most_args];
    resolve(sets[0], args, mine);
    resolve(sets[shared ? 0 : 1], args, other);
    const Outcome expected = row.call(mine);
    return t.check((expected.error == seL4_NoError) == succeeds, row.name) &&
        t.run(compare(t, row.name, row.build(other), expected));
}

void every_operation(Context& t) {
    // The upper table of all addresses below is there, the lower ones are not.
    const seL4_Word neighbour = t.memory().addresses(4096);
    if (!t.same_error("tables", t.memory().make_tables(neighbour, 4096), seL4_NoError)) return;
    set_harts(t.fixture().harts);
    if (!make_objects(t, sets[0], 0) || !make_objects(t, sets[1], 1)) return;
    std::uint64_t covered = 0;
    for (const Row& row : every_row()) {
        std::uint64_t values[most_args];
        resolve(sets[0], row.good, values);
        covered |= std::uint64_t{1} << row.build(values).op;
        if (!run_row(t, row, row.good, row.shared, true) || !run_row(t, row, row.bad, true, false)) return;
    }
    constexpr std::uint64_t last = TAIL4_OP_RISCVIRQIssueIRQHandlerTrigger;
    t.equal("operations", covered, (std::uint64_t{2} << last) - 2);
    machine::print("every.operation: ", last, " operations, each with a success and an error, alike both ways\n");
}

constexpr testing::Case cases[] = {{"every.operation", every_operation}};

} // namespace

std::span<const testing::Case> every_cases() { return cases; }

} // namespace functional
