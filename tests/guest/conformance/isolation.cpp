// What a user may do to the kernel: nothing. Memory of the kernel can be neither read, written nor executed, by the
// thread itself or by the kernel on its behalf; every system call with garbage in every register and message word
// answers with an error or faults its caller (7.3, 4.9; traps 35, 38).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word user_top = 0x3f'ffff'f000;
constexpr Word physical_window = 0xffff'ffc0'0000'0000;
constexpr Word image = 0xffff'ffff'8020'0000;
constexpr Word memory_start = 0x8000'0000;
constexpr Word uart = 0x1000'0000, clint = 0x200'0000, plic = 0xc00'0000;

// Where the kernel's half begins and ends, its image, memory and devices through its window, and what Sv39 cannot
// translate at all.
constexpr Word forbidden[] = {
    physical_window,
    physical_window + 8,
    physical_window + clint,
    physical_window + plic,
    physical_window + uart,
    physical_window + memory_start,
    physical_window + memory_start + 0x20'0000,
    physical_window + memory_start + 0x1f00'0000,
    physical_window + 0x3f'8000'0000 - 8,
    0xffff'ffff'0000'0000,
    image - 0x20'0000,
    image,
    image + 0x1000,
    image + 0x10'0000,
    image + 0x40'0000,
    0xffff'ffff'ffff'f000,
    0xffff'ffff'ffff'fff8,
    user_top,
    0x3f'ffff'fff8,
    0x40'0000'0000,
    0x80'0000'0000,
    1ul << 63,
    0xffff'ffbf'ffff'fff8,
};

struct Access {
    const char* name;
    Word (*code)(Word, Word);
    Word status; // of the fault; 0: QEMU calls the fault of a read-modify-write a load's, hardware a store's
};
constexpr Access loads[] = {{"load", snippet_load, 5}};
constexpr Access stores[] = {{"store", snippet_store, 7}, {"read-modify-write", snippet_amo, 0}};
constexpr Access jumps[] = {{"jump", snippet_jump, 1}};

// The access faults, with its own address, and does nothing. One thread serves for all addresses.
void expect_faults(Context& t, std::span<const Access> kinds, std::span<const Word> addresses, Word offset = 0) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    for (const Access& kind : kinds) {
        for (const Word base : addresses) {
            const Word address = base + offset;
            t.snippet(thread, kind.code, address, 0x0123'4567'89ab'cdef);
            const Message message = t.receive(ep);
            t.check(message.arrived, kind.name);
            t.equal("a VM fault", message.label(), seL4_Fault_VMFault);
            t.equal("its address", message.words[1], address);
            if (kind.status != 0) t.equal("its kind", message.words[3], kind.status);
            t.succeeds("stop it", t.invoke(thread.tcb, TCBSuspend));
            t.equal("the access did not happen", thread.done.load(), 0);
            if (t.failed()) return;
        }
    }
}

void kernel_loads(Context& t) { expect_faults(t, loads, forbidden); }
void kernel_stores(Context& t) { expect_faults(t, stores, forbidden); }
void kernel_jumps(Context& t) { expect_faults(t, jumps, forbidden); }

// Half of the word is the user's page, or nothing; the other half is not.
void unaligned(Context& t) {
    const Word edges[] = {physical_window, image, user_top};
    const Word ep = t.endpoint();
    for (const Word edge : edges) {
        for (const Access* kind : {&loads[0], &stores[0]}) {
            for (const Word offset : {1ul, 3ul, 7ul}) {
                Thread& thread = t.thread(Above, ep);
                t.snippet(thread, kind->code, edge - offset, ~0ul);
                const Message message = t.receive(ep);
                t.check(message.arrived, kind->name);
                t.check(message.label() == Word{seL4_Fault_VMFault} ||
                            message.label() == Word{seL4_Fault_UserException},
                        "a fault");
                t.equal("not done", thread.done.load(), 0);
                t.remove(thread.tcb);
                t.reuse_thread();
                if (t.failed()) return;
            }
        }
    }
}

// TAIC's pages and the other devices have no mapping until somebody grants one.
void devices_are_not_there(Context& t) {
    const Word addresses[] = {0x100'0000, clint, plic, uart, 0x10'1000, memory_start, memory_start + 0x20'0000};
    expect_faults(t, loads, addresses);
    expect_faults(t, stores, addresses);
}

// An address handed to the kernel is a number: it never becomes a pointer.
void kernel_addresses_as_arguments(Context& t) {
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word mega = t.make(seL4_RISCV_Mega_Page);
    const Word tcb = t.make(seL4_TCBObject);
    for (const Word address : forbidden) {
        const Word page = address & ~(page_size - 1);
        t.check(t.invoke(frame, RISCVPageMap, {page, 3, 0}, {vspace}).label() != seL4_NoError, "a page there");
        t.check(t.invoke(mega, RISCVPageMap, {page & ~((1ul << 21) - 1), 3, 0}, {vspace}).label() != seL4_NoError,
                "a large page there");
        if (page >= user_top)
            t.check(t.invoke(table, RISCVPageTableMap, {page, 0}, {vspace}).label() != seL4_NoError, "a table there");
        // The buffer's address is an offset into its frame, and nothing else.
        t.succeeds("a buffer", t.invoke(tcb, TCBSetIPCBuffer, {page}, {frame}));
        if (t.failed()) return;
    }
}

// A message longer than the registers goes through the frame, wherever the thread says its buffer is.
void buffer_stays_in_its_frame(Context& t) {
    const Word ep = t.endpoint();
    for (const Word address : forbidden) {
        Thread& sender = t.thread();
        const Word at = address & ~Word{1023};
        const Word offset = (at & (page_size - 1)) / sizeof(Word);
        auto* page = reinterpret_cast<volatile Word*>(sender.buffer);
        t.succeeds("move the buffer",
                   t.invoke(sender.tcb, TCBSetIPCBuffer, {at}, {Context::image_frame(sender.buffer)}));
        page[offset + 1 + 4] = 0x77;
        t.issue(sender, Word(seL4_SysSend), {ep, tag(3, 5), 1, 2, 3, 4});
        const Message message = t.receive(ep);
        t.equal("length", message.length(), 5);
        t.equal("the word in the frame", message.words[4], 0x77);
        t.finished(sender);
        t.remove(sender.tcb);
        t.reuse_thread();
        if (t.failed()) return;
    }
}

// A page table the user has filled by itself cannot be had: frames and tables are other objects, and none may be both.
void no_frame_is_a_table(Context& t) {
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    t.fails("a frame as address space", t.invoke(seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {frame}),
            seL4_InvalidCapability, {1});
    t.check(t.invoke(table, RISCVPageMap, {0x3000'0000, 3, 0}, {vspace}).label() != seL4_NoError, "a table as a page");
    t.check(t.invoke(frame, RISCVPageTableMap, {0x3000'0000, 0}, {vspace}).label() != seL4_NoError,
            "a page as a table");
}

// The kernel's half is the same in every address space, and closed in every one.
void fresh_space_is_closed(Context& t) {
    const Word ep = t.endpoint();
    const Word space = t.address_space(0x3000'0000);
    Thread& thread = t.thread(Above, ep);
    t.succeeds("move it", t.invoke(thread.tcb, TCBSetSpace, {ep, 0, 0}, {cnode, space}));
    for (const Word address : {image, physical_window + memory_start}) {
        t.snippet(thread, snippet_load, address);
        // Nothing is mapped there: the first fetch faults, in user mode.
        const Message message = t.receive(ep);
        t.equal("a fault", message.label(), seL4_Fault_VMFault);
        t.equal("a fetch", message.words[3], 1);
        t.succeeds("stop it", t.invoke(thread.tcb, TCBSuspend));
        // And with the program counter in the kernel.
        Word words[34] = {1, 1, address};
        t.succeeds("jump", t.invoke_span(thread.tcb, TCBWriteRegisters, {words, 3}, {}));
        const Message there = t.receive(ep);
        t.equal("a fault there", there.label(), seL4_Fault_VMFault);
        t.equal("its address", there.words[1], address);
        t.succeeds("stop it", t.invoke(thread.tcb, TCBSuspend));
    }
}

void privileged_registers(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_privileged, 0);
    const Message message = t.receive(ep);
    t.equal("a fault", message.label(), seL4_Fault_UserException);
    t.equal("illegal instruction", message.words[2], 2);
}

// Garbage in all registers and message words, for every system call there is and some there are not. Whatever happens
// to the thread (an answer, a fault, it waits), the kernel goes on and so does everybody else.
constexpr Word garbage[] = {0,
                            1,
                            63,
                            0x7fff'ffff,
                            ~0ul,
                            1ul << 63,
                            user_top,
                            physical_window,
                            physical_window + memory_start,
                            image,
                            0x5555'5555'5555'5555,
                            0xaaaa'aaaa'aaaa'aaab};

// Blocks for good, or stops the machine: never with garbage alone.
bool is_excluded(long number) {
    return number == seL4_SysDebugHalt || number == seL4_SysDebugPutChar || number == seL4_SysDebugDumpScheduler ||
        number == seL4_SysDebugSnapshot;
}

void garbage_in_every_register(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    for (long number = -48; number <= 8; ++number) {
        if (is_excluded(number)) continue;
        for (const Word value : garbage) {
            for (unsigned i = 0; i < 120; ++i) thread.buffer->msg[i] = value;
            for (Word& cap : thread.buffer->caps_or_badges) cap = value;
            t.issue(thread, static_cast<Word>(number), {value, value, value, value, value, value});
            Message message = t.poll(ep); // a fault, if it was one
            if (message.arrived) t.check(message.label() != 0 && message.label() <= 5, "a fault message");
            t.succeeds("stop it", t.invoke(thread.tcb, TCBSuspend));
            if (t.failed()) return;
        }
    }
    t.equal("the initial thread goes on", seL4_DebugCapIdentify(cnode), 10);
}

// The same through valid capabilities of every kind, with every label: an error, or a success that hurts nobody.
void garbage_through_capabilities(Context& t) {
    const Word queue = t.make(seL4_TaiL4_AsyncQueueObject, 15);
    const Word objects[] = {
        t.make(seL4_TCBObject),     t.make(seL4_CapTableObject, 3),     t.make(seL4_UntypedObject, 12),
        t.make(seL4_RISCV_4K_Page), t.make(seL4_RISCV_PageTableObject), queue,
        Word{seL4_CapIRQControl},   Word{seL4_CapASIDControl},          Word{seL4_CapInitThreadASIDPool},
        Word{seL4_CapDomain}};
    Word errors = 0;
    const auto call = [&](Word object, Word label, Word value) {
        Word words[8];
        for (Word& word : words) word = value;
        const Word cap = value < 8192 ? value : object; // one that is not there would be the caller's fault
        const Word caps[3] = {cap, cap, cap};
        for (const std::size_t extra : {0ul, 3ul}) {
            const Reply reply = t.invoke_span(object, label, words, {caps, extra});
            t.check(reply.label() <= Word{seL4_NotEnoughMemory}, "an answer");
            errors += reply.label() != seL4_NoError ? 1u : 0u;
        }
    };
    for (const Word object : objects) {
        for (const Word value : garbage) {
            // Capabilities of the initial thread are no garbage: their slots are.
            if (value > 0 && value < 16) continue;
            for (Word label = 0; label <= nInvocationLabels && !t.failed(); ++label) call(object, label, value);
            for (Word label = AsyncQueueBind; label <= AsyncQueueWake + 1 && !t.failed(); ++label)
                call(object, label, value);
        }
    }
    t.check(errors > 1000, "errors");
    t.equal("the initial thread goes on", seL4_DebugCapIdentify(cnode), 10);
}

constexpr Case cases[] = {
    {"kernel_loads", kernel_loads},
    {"kernel_stores", kernel_stores},
    {"kernel_jumps", kernel_jumps},
    {"unaligned", unaligned},
    {"devices_are_not_there", devices_are_not_there},
    {"kernel_addresses_as_arguments", kernel_addresses_as_arguments},
    {"buffer_stays_in_its_frame", buffer_stays_in_its_frame},
    {"no_frame_is_a_table", no_frame_is_a_table},
    {"fresh_space_is_closed", fresh_space_is_closed},
    {"privileged_registers", privileged_registers},
    {"garbage_in_every_register", garbage_in_every_register},
    {"garbage_through_capabilities", garbage_through_capabilities},
};

} // namespace

List isolation_cases() { return list_of<cases>("isolation"); }

} // namespace guest
