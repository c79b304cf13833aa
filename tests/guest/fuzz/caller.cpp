#include "tests/guest/fuzz/caller.hpp"

namespace guest::fuzz {

namespace {

constexpr Word radix = 6;
constexpr Word slot_count = 1ul << radix;
constexpr Word own_untyped_bits = 18;
constexpr Word own_slot = 1; // the CNode itself, with a guard that makes 64 bits of it
constexpr Word first_label = 0, label_count = nInvocationLabels + 4;

struct Filled {
    Word type, bits;
};
constexpr Filled objects[] = {
    {seL4_TCBObject, 0},
    {seL4_TCBObject, 0},
    {seL4_EndpointObject, 0},
    {seL4_EndpointObject, 0},
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
    {seL4_UntypedObject, 14},
};

// Values near the edges that kernels get wrong.
Word odd_word(Random& random) {
    switch (random.below(12)) {
    case 0: return 0;
    case 1: return ~0ul;
    case 2: return 1ul << random.below(64);
    case 3: return (1ul << random.below(64)) - 1;
    case 4: return random.next();
    case 5: return 64;
    case 6: return random.below(512) << 12;
    case 7: return 0x3f'ffff'f000 - (random.below(3) << 12);
    case 8: return 0x1000'0000 + (random.below(1024) << 12);
    case 9: return random.below(300);
    default: return random.below(slot_count);
    }
}

Word cptr_of(Random& random) { return random.below(16) == 0 ? odd_word(random) : random.below(slot_count); }

Word label_of(Random& random) {
    return random.below(24) == 0 ? odd_word(random) : first_label + random.below(label_count);
}

// Not Suspend on the only thread that would resume it, nor a stop for good by a blocking call on most rounds.
Word number_of(Random& random) {
    const Word choice = random.below(64);
    if (choice < 44) return Word(seL4_SysCall);
    if (choice < 50) return Word(seL4_SysNBSend);
    if (choice < 55) return Word(seL4_SysNBRecv);
    if (choice < 58) return Word(seL4_SysYield);
    if (choice < 60) return Word(seL4_SysReply);
    if (choice < 61) return Word(seL4_SysDebugCapIdentify);
    return Word(seL4_SysSend);
}

void fuzz_thread(Thread& thread) {
    Random random(thread.in[0]);
    for (Word i = 0; i < thread.in[1]; ++i) {
        for (unsigned word = 4; word < 12; ++word) thread.buffer->msg[word] = odd_word(random);
        for (Word& cap : thread.buffer->caps_or_badges) cap = cptr_of(random);
        thread.buffer->receiveCNode = cptr_of(random);
        thread.buffer->receiveIndex = odd_word(random);
        thread.buffer->receiveDepth = random.below(2) == 0 ? depth : odd_word(random);
        const Word number = number_of(random);
        const Word length = random.below(3) == 0 ? random.below(128) : random.below(9);
        sel4_Registers registers{cptr_of(random),  tag(label_of(random), length, random.below(4)),
                                 odd_word(random), odd_word(random),
                                 odd_word(random), odd_word(random)};
        sel4_ecall(static_cast<seL4_Syscall_ID>(number), &registers);
        thread.progress.fetch_add(1);
    }
}

bool put(Context& t, Word cnode_cap, Word to, Word from) {
    return t.succeeds("fill", t.invoke(cnode_cap, CNodeCopy, {to, radix, from, depth, all_rights}, {cnode}));
}

} // namespace

bool prepare(Context& t, Caller& caller, Word priority) {
    const Word plain = t.make(seL4_CapTableObject, radix);
    caller.cspace = t.mint(plain, depth - radix); // guard of zeros
    const Word memory = t.make(seL4_UntypedObject, own_untyped_bits);
    Word next = own_slot;
    put(t, plain, next++, caller.cspace);
    for (const Filled& object : objects) {
        t.succeeds("fill", t.invoke(memory, UntypedRetype, {object.type, object.bits, 0, 0, next, 1}, {plain}));
        ++next;
    }
    for (const Word shared : {Word{seL4_CapASIDControl}, Word{seL4_CapInitThreadASIDPool}, Word{seL4_CapDomain}})
        put(t, plain, next++, shared);
    caller.thread = &t.thread(priority);
    caller.thread->in[1] = caller.calls;
    put(t, plain, next++, t.make(seL4_UntypedObject, 16));
    t.succeeds("CSpace", t.invoke(caller.thread->tcb, TCBSetSpace, {0, 0, 0}, {caller.cspace, vspace}));
    return !t.failed();
}

void move_to(Context& t, Caller& caller, Word hart) {
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    t.succeeds("affinity", t.invoke(caller.thread->tcb, TCBSetAffinity, {hart}));
#else
    static_cast<void>(t);
    static_cast<void>(caller);
    static_cast<void>(hart);
#endif
}

void start(Context& t, Caller& caller, Word round) {
    caller.thread->in[0] = caller.seed + (round << 32);
    t.start(*caller.thread, fuzz_thread);
}

} // namespace guest::fuzz
