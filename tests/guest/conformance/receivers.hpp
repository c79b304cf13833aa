// Helpers that receive user interrupts, for the cases of user_interrupts*.cpp. Numbers are those of uintr.md 8.5. On a
// machine without UINTC a registration is refused, and that is all (case 96).
#pragma once

#include "rootserver/testing/random.hpp"
#include "tests/guest/harness/context.hpp"
#include "uintr/regs.hpp"

#include <sel4async/user_interrupts.hpp>

namespace guest {

using sel4async::UserInterrupts;
using uintr::Csr;

inline UserInterrupts areas[max_threads];         // of helpers, by their index
inline std::atomic<bool> over;                    // ends the helpers' loops
enum Result : unsigned { Bits, Wrong, Shortest }; // of Thread::out

template <Csr csr>
Word read() {
    Word value = 0;
    asm volatile("csrr %0, %1" : "=r"(value) : "i"(csr) : "memory");
    return value;
}

// A helper that receives bit `vector`; who may send has a copy of `sender`.
struct Receiver {
    Thread* thread = nullptr;
    Word notification = 0;
    Word sender = 0;
    Word bit = 0;
};

inline bool mint_sender(Context& t, Receiver& receiver, Word vector) {
    receiver.sender = t.mint(receiver.notification, vector);
    receiver.bit = Word{1} << vector;
    return !t.failed();
}

// False: there is nothing to test here, or no receiver could be made.
inline bool make(Context& t, Receiver& receiver, Word priority, Word vector) {
    receiver.thread = &t.thread(priority);
    receiver.notification = t.notification();
    t.expect({{"bind", receiver.thread->tcb, TCBBindNotification, {}, {receiver.notification}}});
    const auto error = seL4_TaiL4_Notification_RegisterReceiver(receiver.notification, receiver.thread->tcb);
    if (!mint_sender(t, receiver, vector)) return false;
    receiver.thread->in[0] = receiver.notification;
    if (error == seL4_NoError) return true;
    t.equal("a receiver without UINTC", error, seL4_IllegalOperation);
    t.equal("a sender without UINTC", Word(seL4_TaiL4_Notification_RegisterSender(receiver.sender).error),
            seL4_IllegalOperation);
    return false;
}

inline void let_run(Word time) {
    const Word end = now() + time;
    while (now() < end) seL4_Yield();
}

inline bool wait_until(Context& t, const std::atomic<Word>& word, Word at_least, const char* what) {
    const Word end = now() + patience;
    while (word.load() < at_least && now() < end) seL4_Yield();
    return t.check(word.load() >= at_least, what);
}

} // namespace guest
