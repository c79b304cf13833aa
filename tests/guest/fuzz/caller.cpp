#include "tests/guest/fuzz/caller.hpp"

#include "tests/guest/fuzz/calls.hpp"

#include <sel4/async_abi.h>

namespace guest::fuzz {

namespace {

constexpr Word own_untyped_bits = 19;
constexpr Word queue_bits = 15;
constexpr Word queue_areas = 0x6000'0000; // of the callers, one after the other; below: two levels of tables
constexpr Word first_irq = 40;            // no device of the machine has these
constexpr unsigned irqs_each = 2;

struct Filled {
    Word type, bits;
};
constexpr Filled objects[] = {{seL4_EndpointObject, 0},
                              {seL4_EndpointObject, 0},
                              {seL4_TCBObject, 0},
                              {seL4_TCBObject, 0},
                              {seL4_NotificationObject, 0},
                              {seL4_NotificationObject, 0},
                              {seL4_CapTableObject, 3},
                              {seL4_CapTableObject, 4},
                              {seL4_RISCV_4K_Page, 0},
                              {seL4_RISCV_4K_Page, 0},
                              {seL4_RISCV_PageTableObject, 0},
                              {seL4_RISCV_PageTableObject, 0},
                              {seL4_RISCV_PageTableObject, 0},
                              {seL4_UntypedObject, 12},
                              {seL4_UntypedObject, 16},
                              {seL4_TaiL4_AsyncQueueObject, 15}};
constexpr Word fault_slot = own_slot + 1; // the first of them

// The next free slot of each caller's CNode while it is filled.
Word next_slot[max_threads];

void put(Context& t, const Caller& caller, Word from) {
    t.succeeds("fill",
               t.invoke(caller.plain, CNodeCopy, {next_slot[caller.thread->index]++, radix, from, depth, all_rights},
                        {cnode}));
}
void put_badged(Context& t, const Caller& caller, Word from, Word badge) {
    t.succeeds("fill",
               t.invoke(caller.plain, CNodeMint,
                        {next_slot[caller.thread->index]++, radix, from, depth, all_rights, badge}, {cnode}));
}

// seed..: words of the thread, set by revive(); in[2]: the shared area or 0; in[3]..: calls.hpp; out[1]: it is just
// using that.
void fuzz_thread(Thread& thread) {
    Random random(thread.in[0]);
    while (thread.progress.load() < thread.in[1]) {
        if (thread.in[2] != 0 && random.one_in(3)) {
            thread.out[1] = 1;
            if (random.one_in(8))
                random_batch(thread, thread.in[2], random);
            else
                random_sharing(thread.in[2], random);
            thread.out[1] = 0;
        }
        random_call(thread, random);
        thread.progress.fetch_add(1);
    }
}

// The queue is bound and mapped for the caller; without it the caller goes on, too.
void give_queue(Context& t, Caller& caller, const Shared& shared) {
    constexpr Word kinds[] = {0, TAIL4_ASYNC_BIND_TAIC, TAIL4_ASYNC_BIND_POLL, 0};
    const Word queue = t.make(seL4_TaiL4_AsyncQueueObject, queue_bits);
    const Word table = t.make(seL4_RISCV_PageTableObject, 0, 2);
    const Word area = queue_areas + (Word{caller.thread->index} << 21);
    const Word kind = kinds[caller.thread->index % 4];
    // The upper table is there already but for the first caller.
    for (Word i = 0; i < 2; ++i) static_cast<void>(t.invoke(table + i, RISCVPageTableMap, {area, 0}, {vspace}));
    const Reply bound = t.invoke(queue, AsyncQueueBind, {kind | TAIL4_ASYNC_BIND_NOTIFICATION},
                                 {caller.cspace, vspace, shared.notification});
    const Reply mapped = t.invoke(queue, AsyncQueueMap, {area}, {vspace});
    caller.thread->in[2] = bound.label() == 0 && mapped.label() == 0 ? area : 0;
    caller.thread->in[3] = next_slot[caller.thread->index];
    put(t, caller, queue);
}

} // namespace

bool make_shared(Context& t, Shared& shared) {
    for (Word& endpoint : shared.endpoints) endpoint = t.endpoint();
    shared.notification = t.notification();
    return !t.failed();
}

bool prepare(Context& t, Caller& caller, const Shared& shared, const Options& options) {
    caller.plain = t.make(seL4_CapTableObject, radix);
    caller.cspace = t.mint(caller.plain, depth - radix); // guard of zeros
    caller.thread = &t.thread(Own);
    caller.thread->in[1] = caller.calls;
    Word& next = next_slot[caller.thread->index];
    next = own_slot;
    put(t, caller, caller.cspace);
    const Word memory = t.make(seL4_UntypedObject, own_untyped_bits);
    for (const Filled& object : objects)
        t.succeeds("fill",
                   t.invoke(memory, UntypedRetype, {object.type, object.bits, 0, 0, next++, 1}, {caller.plain}));
    for (const Word common : {Word{seL4_CapASIDControl}, Word{seL4_CapInitThreadASIDPool}, vspace})
        put(t, caller, common);
    if (!options.domains) put(t, caller, seL4_CapDomain);
    for (const Word endpoint : shared.endpoints) put_badged(t, caller, endpoint, caller.thread->index + 1);
    put_badged(t, caller, shared.notification, 1ul << caller.thread->index);
    for (Word i = 0; i < irqs_each; ++i)
        t.succeeds("interrupt",
                   t.invoke(seL4_CapIRQControl, IRQIssueIRQHandler,
                            {first_irq + caller.thread->index * irqs_each + i, next++, radix}, {caller.plain}));
    give_queue(t, caller, shared);
    return !t.failed();
}

void introduce(Context& t, Caller& caller, const Caller* all, const Options& options) {
    caller.thread->in[4] = next_slot[caller.thread->index];
    caller.thread->in[5] = options.threads;
    for (unsigned i = 0; i < options.threads; ++i) put(t, caller, all[i].thread->tcb);
    put(t, caller, all[(caller.thread->index + 1) % options.threads].cspace);
}

void revive(Context& t, Caller& caller, const Options& options, Random& random) {
    Thread& thread = *caller.thread;
    if (thread.out[1] != 0) thread.in[2] = 0; // its queue's memory is gone
    thread.out[1] = 0;
    thread.in[0] = caller.seed + (caller.round++ << 32);
    const auto attempt = [&](Word label, Words words, Words caps = {}) {
        static_cast<void>(t.invoke(thread.tcb, label, words, caps));
    };
    attempt(TCBConfigure, {fault_slot, 0, 0, reinterpret_cast<Word>(thread.buffer)},
            {caller.cspace, vspace, Context::image_frame(thread.buffer)});
    attempt(TCBSetSchedParams, {Own, Own}, {self});
    // Each revival costs the run some calls: what is seldom needed comes seldom.
    if (random.one_in(4)) attempt(TCBSuspend, {});
    if (random.one_in(4)) attempt(TCBSetFlags, {1, 0});
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    if (random.one_in(4)) attempt(TCBSetAffinity, {random.below(boot_info->numNodes)});
#endif
    if (options.domains && random.one_in(4))
        static_cast<void>(t.invoke(seL4_CapDomain, DomainSetSet, {random.below(3)}, {thread.tcb}));
    t.start(thread, fuzz_thread);
}

} // namespace guest::fuzz
