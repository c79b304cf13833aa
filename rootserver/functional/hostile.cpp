// 100,000 asynchronous calls while another thread scribbles over the shared area of their queue. The kernel must not
// stop, the queue may die (then a new one takes its place) or go on, and the suite's own queue must not notice.
// The victim's requests look capabilities up in a CNode with nothing in it but one frame, so forged requests find
// nothing to harm. Source: async-design.md 10.
#include "rootserver/functional/cases.hpp"
#include "rootserver/testing/random.hpp"

extern "C" char __global_pointer$[]; // NOLINT(bugprone-reserved-identifier,readability-identifier-naming): the linker's

namespace functional {

namespace {

using sel4async::Reply;
using sel4async::Task;
using testing::Context;

constexpr unsigned batch = 32;
constexpr unsigned check_every = 64; // batches between two looks at the other queue
constexpr seL4_Word radix = 4;
constexpr seL4_CPtr frame_inside = 1; // of the victim's CNode
constexpr seL4_Word stack_size = 4096;
constexpr seL4_Word burst = 200;
constexpr unsigned all_every = 16;  // batches between two of which every word is fair game
constexpr unsigned note_every = 64; // batches

// What the writer is told. It runs for ever; the owner suspends it.
struct Orders {
    volatile std::uint64_t* area;
    volatile std::uint64_t words;
    volatile std::uint64_t first; // word: 0 for all, the slots for those only
    volatile std::uint64_t bursts;
    bool yields;
};
Orders orders;
alignas(16) unsigned char writer_stack[stack_size];

machine::QueuePlace place;
sel4async::Queue queue;
seL4_CPtr writer = 0;

[[noreturn]] void scribble() {
    testing::Random random(1);
    while (true) {
        const std::uint64_t first = orders.first; // once: it changes beside us
        for (seL4_Word i = 0; i < burst; ++i) {
            const std::uint64_t where = random.next();
            const std::uint64_t what = random.next();
            // Small numbers are the likelier to mean something; none of them is an operation that prints.
            orders.area[first + where % (orders.words - first)] = (where >> 60) < 8 ? what : what & 0xff;
        }
        orders.bursts = orders.bursts + 1;
        if (orders.yields) seL4_Yield();
    }
}

seL4_CPtr make_cspace(machine::Memory& memory, seL4_CPtr frame) {
    const seL4_CPtr plain = memory.make(seL4_CapTableObject, radix);
    const seL4_CPtr guarded = memory.slots();
    const seL4_Word data = seL4_CNode_CapData_new(0, seL4_WordBits - radix).words[0];
    if (plain == 0 || guarded == 0 ||
        seL4_CNode_Mint(seL4_CapInitThreadCNode, guarded, seL4_WordBits, seL4_CapInitThreadCNode, plain, seL4_WordBits,
                        seL4_AllRights, data) != seL4_NoError ||
        seL4_CNode_Copy(guarded, frame_inside, seL4_WordBits, seL4_CapInitThreadCNode, frame, seL4_WordBits,
                        seL4_AllRights) != seL4_NoError)
        return 0;
    return guarded;
}

bool make_writer(Context& t) {
    const bool alone = t.fixture().harts == 1;
    orders.yields = alone;
    writer = t.memory().make(seL4_TCBObject, 0);
    if (!t.check(writer != 0, "no memory for a thread")) return false;
    seL4_UserContext registers{};
    registers.pc = reinterpret_cast<seL4_Word>(&scribble);
    registers.sp = reinterpret_cast<seL4_Word>(writer_stack + stack_size);
    registers.gp = reinterpret_cast<seL4_Word>(__global_pointer$);
    // Beside us on a hart of its own it is less important than the queues; alone it shares our time.
    return t.same_error("configure",
                        seL4_TCB_Configure(writer, 0, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0, 0, 0),
                        seL4_NoError) &&
        t.same_error("registers", seL4_TCB_WriteRegisters(writer, 0, 0, 32, &registers), seL4_NoError) &&
        t.same_error("priority", seL4_TCB_SetPriority(writer, seL4_CapInitThreadTCB, alone ? seL4_MaxPrio : 1),
                     seL4_NoError);
}

bool renew(Context& t, seL4_CPtr cspace) {
    if (!t.same_error("suspend", seL4_TCB_Suspend(writer), seL4_NoError) ||
        !t.same_error("connect", machine::connect(place, queue, {.cspace = cspace}), seL4_NoError))
        return false;
    orders.area = reinterpret_cast<volatile std::uint64_t*>(place.vaddr);
    orders.words = tail4_async_shared_size(static_cast<std::uint32_t>(place.size_bits)) / 8;
    return t.same_error("resume", seL4_TCB_Resume(writer), seL4_NoError);
}

// One batch of requests by hand: nothing that comes back is believed. False: the queue is dead.
bool submit() {
    std::uint32_t used[batch];
    sel4async::SlotBuffer& buffer = queue.buffer();
    for (std::uint32_t& index : used) {
        index = buffer.allocate();
        const sel4async::Request request =
            index % 2 == 0 ? sel4async::page_get_address(frame_inside) : sel4async::nop();
        sel4async::fill(&buffer.slot(index), request, 0, buffer.begin(index, &queue), 0);
        buffer.push(index);
    }
    buffer.publish();
    if (orders.yields) seL4_Yield(); // the worst moment: published, not yet taken
    const bool alive = queue.doorbell().drive(batch);
    static_cast<void>(buffer.drain([](sel4async::Ticket&, sel4async::Waiter) {}));
    for (const std::uint32_t index : used) {
        buffer.abandon(index);
        buffer.release(index);
    }
    return alive;
}

// On a hart of its own the writer may be slow: the calls go on only once it has scribbled since it was told to.
bool has_scribbled(Context& t) {
    if (orders.yields) return true; // each batch gives it a turn
    const std::uint64_t before = orders.bursts;
    const std::uint64_t end = t.executor().now() + testing::patience;
    while (orders.bursts < before + 2 && t.executor().now() < end) {
    }
    return t.check(orders.bursts >= before + 2, "the writer does not run");
}

Task<> ask(Context& t, seL4_CPtr frame, seL4_Word paddr) {
    const Reply reply = co_await sel4async::op::page_get_address(frame);
    t.same_error("the other queue", reply.error(), seL4_NoError);
    t.equal("the other queue's answer", reply.word(0), paddr);
}

bool other_queue_works(Context& t, seL4_CPtr frame, seL4_Word paddr) {
    for (unsigned i = 0; i < batch; ++i) {
        if (!t.check(sel4async::spawn(t.executor(), ask(t, frame, paddr)), "no strand")) return false;
    }
    return t.equal("the other executor", static_cast<std::uint64_t>(t.executor().run()), 0) && !t.failed();
}

bool start_writer(Context& t, seL4_CPtr cspace) {
    if (!t.check(cspace != 0, "no CSpace for the victim") || !make_writer(t) || !renew(t, cspace)) return false;
    if (t.fixture().harts == 1) return true;
    // By the asynchronous operation: its number does not depend on the kernel's interface.
    const auto move = [](Context& c) -> Task<> {
        const Reply reply = co_await sel4async::op::tcb_set_affinity(writer, 1);
        c.same_error("affinity", reply.error(), seL4_NoError);
    };
    return t.run(move(t));
}

void hostile_writer(Context& t) {
    machine::Memory& memory = t.memory();
    const seL4_CPtr frame = memory.frame();
    if (!t.check(frame != 0 && machine::make_place(memory, place, 15), "no memory")) return;
    const seL4_Word paddr = seL4_RISCV_Page_GetAddress(frame).paddr;
    const seL4_CPtr copy = memory.slots();
    if (!t.same_error("copy", machine::Memory::copy(frame, copy), seL4_NoError)) return;
    const seL4_CPtr cspace = make_cspace(memory, copy);
    if (!start_writer(t, cspace)) return;
    std::uint64_t deaths = 0;
    const std::uint64_t slots = orders.words / 2;
    for (std::uint64_t done = 0; done < t.fixture().hostile_calls && !t.failed(); done += batch) {
        const std::uint64_t number = done / batch;
        const bool all = number % all_every == 0; // mostly the slots, so that it also lives on
        orders.first = all ? 0 : slots;
        if (all && !has_scribbled(t)) break;
        if (!submit()) {
            ++deaths;
            renew(t, cspace);
        }
        if (number % check_every == 0) other_queue_works(t, frame, paddr);
        if (number % note_every == 0) testing::note("calls beside the writer", done);
    }
    t.same_error("suspend", seL4_TCB_Suspend(writer), seL4_NoError);
    t.check(orders.bursts != 0, "the writer never ran");
    t.equal("queue with the victim's frame", seL4_RISCV_Page_GetAddress(copy).paddr, paddr);
    machine::print("hostile.writer: ", deaths, " queues died, ", std::uint64_t{orders.bursts * burst},
                   " words scribbled\n");
}

constexpr testing::Case cases[] = {{"hostile.writer", hostile_writer}};

} // namespace

std::span<const testing::Case> hostile_cases() { return cases; }

} // namespace functional
