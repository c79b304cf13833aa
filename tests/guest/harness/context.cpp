#include "tests/guest/harness/context.hpp"

#include "tests/guest/harness/answers.hpp"

#include "rootserver/machine/console.hpp"

extern "C" char __executable_start[];

namespace guest {

namespace {

constexpr Word case_untyped_bits = 26;
constexpr Word sentinel = ~0ul;

// One for all cases, so that it is the used part alone that is cleared between two of them.
constexpr Word case_untyped_slot = end_case_slot - 1;

void make_case_untyped() {
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end; ++i) {
        const seL4_UntypedDesc& region = boot_info->untypedList[i - boot_info->untyped.start];
        if (region.isDevice != 0 || region.sizeBits < case_untyped_bits + 1) continue;
        if (seL4_Untyped_Retype(i, seL4_UntypedObject, case_untyped_bits, cnode, 0, 0, case_untyped_slot, 1) ==
            seL4_NoError)
            return;
    }
}

Message to_message(const sel4_Registers& registers) {
    Message message;
    message.arrived = registers.a1 != sentinel || registers.a0 != 0;
    message.badge = registers.a0;
    message.tag = registers.a1;
    const Word first[4] = {registers.a2, registers.a3, registers.a4, registers.a5};
    for (unsigned i = 0; i < 12; ++i) message.words[i] = i < 4 ? first[i] : seL4_GetIPCBuffer()->msg[i];
    return message;
}

sel4_Registers load(Word cptr, Word message_tag, std::span<const Word> words) {
    sel4_Registers registers{cptr, message_tag, pattern(A2), pattern(A3), pattern(A4), pattern(A5)};
    Word* const first[4] = {&registers.a2, &registers.a3, &registers.a4, &registers.a5};
    for (unsigned i = 0; i < words.size(); ++i) {
        if (i < 4)
            *first[i] = words[i];
        else
            seL4_GetIPCBuffer()->msg[i] = words[i];
    }
    return registers;
}

std::span<const Word> span_of(Words words) { return {words.begin(), words.size()}; }

} // namespace

Word now() {
    Word time = 0;
    asm volatile("rdtime %0" : "=r"(time));
    return time;
}

void set_up(const seL4_BootInfo& info, bool counted) {
    boot_info = &info;
    if (counted) patience = 20 * second;
    make_case_untyped();
}

void note(std::string_view what, Word done) { machine::print("NOTE ", what, ": ", done, '\n'); }

void Context::begin() {
    *this = Context{};
    next_slot_ = first_case_slot;
    untyped_ = case_untyped_slot;
    seL4_SetCapReceivePath(0, 0, 0);
}

void Context::end() {
    static_cast<void>(seL4_CNode_Revoke(cnode, untyped_, depth));
    // From the back: copies before what they were copied from.
    for (Word i = next_slot_; i-- > first_case_slot;) static_cast<void>(seL4_CNode_Delete(cnode, i, depth));
    threads_ = 0;
}

Word Context::slot() {
    check(next_slot_ < case_untyped_slot, "no slot left for the case");
    return next_slot_++;
}

Word Context::make(Word type, Word size_bits, Word count) {
    const Word first = next_slot_;
    next_slot_ += count;
    succeeds("make an object", invoke(untyped_, UntypedRetype, {type, size_bits, 0, 0, first, count}, {cnode}));
    return first;
}

Word Context::copy(Word from, Word rights) {
    const Word to = slot();
    succeeds("copy a capability", invoke(cnode, CNodeCopy, {to, depth, from, depth, rights}, {cnode}));
    return to;
}

Word Context::mint(Word from, Word badge, Word rights) {
    const Word to = slot();
    succeeds("mint a capability", invoke(cnode, CNodeMint, {to, depth, from, depth, rights, badge}, {cnode}));
    return to;
}

void Context::remove(Word at) { succeeds("delete a capability", invoke(cnode, CNodeDelete, {at, depth})); }
void Context::revoke(Word at) { succeeds("revoke a capability", invoke(cnode, CNodeRevoke, {at, depth})); }

Word Context::address_space(Word vaddr) {
    const Word root = make(seL4_RISCV_PageTableObject);
    succeeds("assign an ASID", invoke(seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {root}));
    for (int level = 0; level < 2; ++level) {
        const Word table = make(seL4_RISCV_PageTableObject);
        succeeds("map a table", invoke(table, RISCVPageTableMap, {vaddr, 0}, {root}));
    }
    return root;
}

Word Context::image_frame(const void* address) {
    const Word start = reinterpret_cast<Word>(__executable_start) & ~(page_size - 1);
    return boot_info->userImageFrames.start + (reinterpret_cast<Word>(address) - start) / page_size;
}

Reply Context::invoke(Word cptr, Word label, Words words, Words caps) {
    return invoke_span(cptr, label, span_of(words), span_of(caps));
}

Reply Context::invoke_span(Word cptr, Word label, std::span<const Word> words, std::span<const Word> caps) {
    for (unsigned i = 0; i < caps.size(); ++i) seL4_SetCap(static_cast<int>(i), caps[i]);
    sel4_Registers registers = load(cptr, tag(label, words.size(), caps.size()), words);
    sel4_ecall(seL4_SysCall, &registers);
    return {registers.a0, registers.a1, {registers.a2, registers.a3, registers.a4, registers.a5, seL4_GetMR(4)}, label};
}

Message Context::poll(Word cptr) {
    sel4_Registers registers{cptr, sentinel, 0, 0, 0, 0};
    sel4_ecall(seL4_SysNBRecv, &registers);
    return to_message(registers);
}

Message Context::receive(Word cptr) {
    const Word end = now() + patience;
    Message message = poll(cptr);
    while (!message.arrived && now() < end) {
        seL4_Yield();
        message = poll(cptr);
    }
    return message;
}

void Context::reply(Word message_tag, Words words) {
    sel4_Registers registers = load(0, message_tag, span_of(words));
    sel4_ecall(seL4_SysReply, &registers);
}

void Context::send(Word cptr, Word message_tag, Words words) {
    sel4_Registers registers = load(cptr, message_tag, span_of(words));
    sel4_ecall(seL4_SysSend, &registers);
}

void Context::say(std::string_view text) {
    for (const char character : text) {
        if (length_ < sizeof(message_)) message_[length_++] = character;
    }
}

bool Context::check(bool condition, const char* what) {
    if (condition || failed_) return condition;
    failed_ = true;
    say(what);
    return false;
}

bool Context::equal(const char* what, Word found, Word expected) {
    if (found == expected || failed_) return found == expected;
    failed_ = true;
    say(what);
    say(": ");
    say(machine::Text(machine::Hex{found}).view());
    say(", expected ");
    say(machine::Text(machine::Hex{expected}).view());
    return false;
}

bool Context::succeeds(const char* what, const Reply& reply) {
    return equal(what, reply.label(), seL4_NoError) && equal(what, reply.a0, 0);
}

bool Context::fails(const char* what, const Reply& reply, Word error, Words details) {
    return fails_span(what, reply, error, span_of(details));
}

bool Context::fails_span(const char* what, const Reply& reply, Word error, std::span<const Word> details) {
    bool good = equal(what, reply.label(), error) && equal("badge of an error", reply.a0, 0) &&
        equal("length of the result", reply.tag & 0xfff, details.size());
    for (unsigned i = 0; i < details.size() && good; ++i) good = equal(what, reply.words[i], details[i]);
    if (good && error != seL4_NoError) answers.compared(reply.asked, error);
    return good;
}

bool Context::expect(std::initializer_list<Expected> calls) {
    bool good = true;
    for (const Expected& call : calls) {
        if (!good) break;
        good = fails(call.what, invoke(call.cptr, call.label, call.words, call.caps), call.error, call.details);
    }
    return good;
}

} // namespace guest
