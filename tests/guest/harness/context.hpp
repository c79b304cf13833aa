// What a case works with: objects from an untyped that is revoked after the case, slots that are emptied after it, raw
// system calls, helper threads, and checks. The first check that fails is the result of the case; later ones are
// silent. The initial thread runs at priority `own`; helpers `above` it run at once, those `below` when it blocks or
// waits.
#pragma once

#include "tests/guest/harness/thread.hpp"

#include <initializer_list>
#include <span>
#include <string_view>

namespace guest {

using Words = std::initializer_list<Word>;

enum Priority : Word { Below = 80, Own = 100, Above = 120 };

constexpr Word cnode = seL4_CapInitThreadCNode;
constexpr Word vspace = seL4_CapInitThreadVSpace;
constexpr Word self = seL4_CapInitThreadTCB;
constexpr Word depth = seL4_WordBits;
constexpr Word all_rights = 15;
constexpr Word page_size = 4096;

// Outcome of a Call: registers as they came back, and MR4.
struct Reply {
    Word a0 = 0;
    Word tag = 0;
    Word words[5] = {};
    Word asked = 0; // label of the call
    Word label() const { return tag >> 12; }
    Word length() const { return tag & 127; }
};

struct Message {
    Word badge = 0;
    Word tag = 0;
    Word words[12] = {};
    bool arrived = false;
    Word label() const { return tag >> 12; }
    Word length() const { return tag & 127; }
    Word caps() const { return tag >> 7 & 3; }
    Word unwrapped() const { return tag >> 9 & 7; }
};

constexpr Word tag(Word label, Word length = 0, Word caps = 0) { return label << 12 | caps << 7 | length; }
inline const seL4_BootInfo* boot_info;

// A Call and its exact answer: error 0 is success, with `details` as the results.
struct Expected {
    const char* what;
    Word cptr;
    Word label;
    Words words;
    Words caps;
    Word error = seL4_NoError;
    Words details = {};
};

// A system call of a helper thread: a0..a5, the rest is a pattern.
struct Step {
    Word number;
    Words a0_to_a5;
};

class Context {
public:
    // --- Objects
    Word slot();
    Word make(Word type, Word size_bits = 0, Word count = 1);
    Word endpoint() { return make(seL4_EndpointObject); }
    Word notification() { return make(seL4_NotificationObject); }
    Word copy(Word from, Word rights = all_rights);
    Word mint(Word from, Word badge, Word rights = all_rights);
    void remove(Word slot);
    void revoke(Word slot);
    Word untyped() const { return untyped_; }
    // An address space of its own with tables for the first page at `vaddr`.
    Word address_space(Word vaddr);
    // A page of the image: its frame capability.
    static Word image_frame(const void* address);

    // --- Calls of the initial thread
    Reply invoke(Word cptr, Word label, Words words = {}, Words caps = {});
    Reply invoke_span(Word cptr, Word label, std::span<const Word> words, std::span<const Word> caps);
    // NBRecv until something comes; or once.
    Message receive(Word cptr);
    Message poll(Word cptr);
    void reply(Word message_tag, Words words = {});
    void send(Word cptr, Word message_tag, Words words = {});
    void signal(Word cptr) { seL4_Signal(cptr); }
    // One system call with every register known; all that may not change are checked.
    File probe(Word number, Words a0_to_a5, unsigned may_change = 0);

    // --- Helper threads
    Thread& thread(Word priority = Above, Word fault_endpoint = 0);
    void reuse_thread() { --threads_; }                               // the last one, after its TCB is gone
    void drop(Thread& thread) { remove(thread.tcb), reuse_thread(); } // the last one
    void start(Thread& thread, Entry entry);
    // A system call by the thread: a0..a5, the rest is a pattern.
    void issue(Thread& thread, Word number, Words a0_to_a5);
    void issue_all(Thread& thread, std::initializer_list<Step> steps);
    void snippet(Thread& thread, Word (*code)(Word, Word), Word address, Word value = 0);
    bool wait_done(Thread& thread);
    bool wait_progress(Thread& thread, Word at_least);
    // The call came back and kept ra, gp, tp, s*, t*, a6; a0..a5 are for the case to compare.
    void finished(Thread& thread);
    void unchanged(const File& file, Words a0_to_a5, Word number, unsigned may_change);

    // --- Checks
    bool check(bool condition, const char* what);
    bool equal(const char* what, Word found, Word expected);
    bool succeeds(const char* what, const Reply& reply);
    bool fails(const char* what, const Reply& reply, Word error, Words details = {});
    bool fails_span(const char* what, const Reply& reply, Word error, std::span<const Word> details);
    // Makes the calls in order; stops at the first that answers something else.
    bool expect(std::initializer_list<Expected> calls);

    bool failed() const { return failed_; }
    std::string_view message() const { return {message_, length_}; }
    void begin();
    void end();
    void forget_failure() { failed_ = false, length_ = 0; }

private:
    void say(std::string_view text);

    Word untyped_ = 0;
    Word next_slot_ = 0;
    unsigned threads_ = 0;
    bool failed_ = false;
    char message_[200] = {};
    std::size_t length_ = 0;
};

// `counted`: time is instructions.
void set_up(const seL4_BootInfo& info, bool counted);
Word now(); // 10 MHz
constexpr Word second = 10'000'000;
// How long a case waits for the next step of another thread before it fails. Harts may be threads of a busy host: a
// limit is there only to name the step that never comes, a little before the runner gives up (run_guest.py).
inline Word patience = 120 * second;
// Says how far a case is that takes more than some seconds: so many units of its work are done.
void note(std::string_view what, Word done);

struct Case {
    const char* name;
    void (*run)(Context&);
};

// Slots of the initial CNode: vectors use fixed ones, cases take theirs from a window.
constexpr Word first_vector_slot = 450;
constexpr Word first_case_slot = 1024;
constexpr Word end_case_slot = 2048;

} // namespace guest
