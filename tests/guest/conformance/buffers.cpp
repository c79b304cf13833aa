// Message buffers: which frames serve, for what, and where in them (1.6, 5.4; trap 29). The initial thread sees the
// frame at an address of its own, the helper has a capability to it.
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word mapping = 0x3000'0000;
constexpr Word mega = 1ul << 21;
constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_send = Word(seL4_SysSend);
constexpr Word sys_recv = Word(seL4_SysRecv);
constexpr Word type_notification = 6;

seL4_IPCBuffer& buffer_at(Word offset) { return *reinterpret_cast<seL4_IPCBuffer*>(mapping + offset); }

// A frame mapped at `mapping`, and a copy of its capability with those rights.
Word mapped_frame(Context& t, Word type, Word copy_rights, Word map_rights = 3) {
    const Word frame = t.make(type);
    if (type == seL4_RISCV_4K_Page) {
        const Word table = t.make(seL4_RISCV_PageTableObject);
        t.expect({{"table", table, RISCVPageTableMap, {mapping, 0}, {vspace}}});
    }
    t.expect({{"map", frame, RISCVPageMap, {mapping, map_rights, 1}, {vspace}}});
    return t.copy(frame, copy_rights);
}

Thread& thread_with_buffer(Context& t, Word frame, Word address) {
    Thread& thread = t.thread();
    t.expect({{"buffer", thread.tcb, TCBSetIPCBuffer, {address}, {frame}}});
    return thread;
}

void fill(seL4_IPCBuffer& buffer, Word base) {
    for (Word i = 4; i < 120; ++i) buffer.msg[i] = base + i;
}

// Six words and a capability from `buffer`; a sender without one has four words and none.
void sends(Context& t, Thread& thread, seL4_IPCBuffer& buffer, bool usable) {
    const Word ep = t.endpoint();
    const Word to = t.slot();
    fill(buffer, 100);
    buffer.caps_or_badges[0] = t.notification();
    seL4_SetCapReceivePath(cnode, to, depth);
    t.issue(thread, sys_send, {ep, tag(5, 6, 1), 1, 2, 3, 4});
    const Message message = t.receive(ep);
    t.equal("tag", message.tag, usable ? tag(5, 6, 1) : tag(5, 4));
    t.equal("capability", seL4_DebugCapIdentify(to), usable ? type_notification : 0);
    t.equal("MR3", message.words[3], 4);
    for (Word i = 4; usable && i < 6; ++i) t.equal("word of the buffer", message.words[i], 100 + i);
    t.finished(thread);
}

// Six words and a capability to unwrap into `buffer`.
void receives(Context& t, Thread& thread, seL4_IPCBuffer& buffer, bool usable) {
    const Word ep = t.endpoint();
    fill(buffer, 200);
    buffer.caps_or_badges[0] = 0x55;
    t.issue(thread, sys_recv, {ep, 0, 0, 0, 0, 0});
    seL4_SetCap(0, t.mint(ep, 0xb1));
    t.send(ep, tag(5, 6, 1), {1, 2, 3, 4, 305, 306});
    t.finished(thread);
    t.equal("tag", thread.file.x[A1], usable ? tag(5, 6, 1) | 1ul << 9 : tag(5, 4));
    t.equal("MR3", thread.file.x[A5], 4);
    t.equal("MR4", buffer.msg[4], usable ? 305 : 204);
    t.equal("MR5", buffer.msg[5], usable ? 306 : 205);
    t.equal("behind the message", buffer.msg[6], 206);
    t.equal("badge", buffer.caps_or_badges[0], usable ? 0xb1 : 0x55);
}

// Six registers of another thread.
void takes_results(Context& t, Thread& thread, seL4_IPCBuffer& buffer, bool usable) {
    const Word other = t.make(seL4_TCBObject);
    t.expect({{"write", other, TCBWriteRegisters, {0, 6, 31, 32, 33, 34, 35, 36}, {}}});
    fill(buffer, 400);
    t.issue(thread, sys_call, {other, tag(TCBReadRegisters, 2), 0, 6, 0, 0});
    t.finished(thread);
    t.unchanged(thread.file, {0, tag(0, usable ? 6 : 4), 31, 32, 33, 34}, sys_call, 0);
    t.equal("MR4", buffer.msg[4], usable ? 35 : 404);
    t.equal("MR5", buffer.msg[5], usable ? 36 : 405);
}

void rights(Context& t, Word copy_rights, bool can_send, bool can_receive) {
    const Word offset = 0x800;
    const Word frame = mapped_frame(t, seL4_RISCV_4K_Page, copy_rights);
    Thread& thread = thread_with_buffer(t, frame, mapping + offset);
    sends(t, thread, buffer_at(offset), can_send);
    receives(t, thread, buffer_at(offset), can_receive);
    takes_results(t, thread, buffer_at(offset), can_receive);
}

void read_and_write(Context& t) { rights(t, all_rights, true, true); }
void read_only(Context& t) { rights(t, 2, true, false); }
void write_only(Context& t) { rights(t, 1, false, false); } // which means: nothing
void no_right(Context& t) { rights(t, 0, false, false); }

// A long invocation's words come from a buffer that may only be read.
void read_only_invokes(Context& t) {
    const Word frame = mapped_frame(t, seL4_RISCV_4K_Page, 2);
    Thread& thread = thread_with_buffer(t, frame, mapping);
    const Word to = t.slot();
    buffer_at(0).msg[4] = to; // the offset
    buffer_at(0).msg[5] = 1;  // one object
    buffer_at(0).caps_or_badges[0] = cnode;
    t.issue(thread, sys_call, {t.untyped(), tag(UntypedRetype, 6, 1), seL4_NotificationObject, 0, 0, 0});
    t.finished(thread);
    t.equal("tag", thread.file.x[A1], 0);
    t.equal("made", seL4_DebugCapIdentify(to), type_notification);
}

// Two megabytes: the address's place in the frame is what counts, whether or not the frame is mapped there.
void in_a_mega_frame(Context& t) {
    const Word frame = mapped_frame(t, seL4_RISCV_Mega_Page, all_rights);
    for (const Word offset : {Word{0}, Word{0x400}, Word{0x1f'e800}, mega - 0x400}) {
        for (const Word base : {mapping, Word{0x12'0000'0000}}) {
            Thread& thread = thread_with_buffer(t, frame, base + offset);
            sends(t, thread, buffer_at(offset), true);
            receives(t, thread, buffer_at(offset), true);
            takes_results(t, thread, buffer_at(offset), true);
            t.drop(thread);
        }
    }
}

void all_120_words_in_a_mega_frame(Context& t) {
    const Word offset = mega - sizeof(seL4_IPCBuffer);
    const Word frame = mapped_frame(t, seL4_RISCV_Mega_Page, all_rights);
    Thread& thread = thread_with_buffer(t, frame, offset);
    const Word ep = t.endpoint();
    fill(buffer_at(offset), 1000);
    t.issue(thread, sys_send, {ep, tag(5, 120), 1, 2, 3, 4});
    t.equal("tag", t.receive(ep).tag, tag(5, 120));
    for (int i = 4; i < 120; ++i) t.equal("word", seL4_GetMR(i), 1000ul + static_cast<Word>(i));
    t.issue(thread, sys_recv, {ep, 0, 0, 0, 0, 0});
    for (int i = 4; i < 120; ++i) seL4_SetMR(i, 2000ul + static_cast<Word>(i));
    t.send(ep, tag(6, 120), {1, 2, 3, 4});
    t.finished(thread);
    t.equal("tag", thread.file.x[A1], tag(6, 120));
    for (Word i = 4; i < 120; ++i) t.equal("word", buffer_at(offset).msg[i], 2000 + i);
}

// The rights of a mapping are the thread's, those of the capability the kernel's.
void mapped_read_only(Context& t) {
    const Word frame = mapped_frame(t, seL4_RISCV_4K_Page, all_rights, 2);
    Thread& thread = thread_with_buffer(t, frame, mapping);
    const Word ep = t.endpoint();
    t.issue(thread, sys_recv, {ep, 0, 0, 0, 0, 0});
    t.send(ep, tag(5, 5), {1, 2, 3, 4, 305});
    t.finished(thread);
    t.equal("tag", thread.file.x[A1], tag(5, 5));
    t.equal("MR4", buffer_at(0).msg[4], 305);
}

void frame_revoked(Context& t) {
    const Word frame = mapped_frame(t, seL4_RISCV_4K_Page, all_rights);
    const Word original = t.make(seL4_RISCV_4K_Page);
    Thread& thread = thread_with_buffer(t, original, mapping);
    t.revoke(original);
    const Word ep = t.endpoint();
    t.issue(thread, sys_send, {ep, tag(5, 6), 1, 2, 3, 4});
    t.equal("four words", t.receive(ep).tag, tag(5, 4));
    t.expect({{"another", thread.tcb, TCBSetIPCBuffer, {mapping}, {frame}}});
    sends(t, thread, buffer_at(0), true);
}

constexpr Case cases[] = {
    {"read_and_write", read_and_write},
    {"read_only", read_only},
    {"write_only", write_only},
    {"no_right", no_right},
    {"read_only_invokes", read_only_invokes},
    {"in_a_mega_frame", in_a_mega_frame},
    {"all_120_words_in_a_mega_frame", all_120_words_in_a_mega_frame},
    {"mapped_read_only", mapped_read_only},
    {"frame_revoked", frame_revoked},
};

} // namespace

List buffer_cases() { return list_of<cases>("buffers"); }

} // namespace guest
