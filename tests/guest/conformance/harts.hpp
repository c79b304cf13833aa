// Helpers on other harts, for the cases of smp*.cpp. The initial thread stays on hart 0, and watches them without a
// system call, so that nothing but another hart can run them.
#pragma once

#include "tests/guest/harness/context.hpp"

namespace guest {

inline Word last_hart() { return boot_info->numNodes - 1; }

inline void pause(Word time) {
    const Word end = now() + time;
    while (now() < end) {
    }
}

#ifdef CONFIG_ENABLE_SMP_SUPPORT
inline void move(Context& t, Word tcb, Word hart) {
    t.expect({{"set affinity", tcb, TCBSetAffinity, {hart}, {}}});
    t.equal("affinity", seL4_DebugGetThreadAffinity(tcb), hart);
}
inline void move(Context& t, const Thread& thread, Word hart) { move(t, thread.tcb, hart); }
#endif

inline void count(Thread& thread) {
    while (thread.in[0] == 0) thread.progress.fetch_add(1);
}

inline bool moves_on(const Thread& thread) {
    const Word seen = thread.progress.load();
    const Word end = now() + patience;
    while (thread.progress.load() == seen && now() < end) {
    }
    return thread.progress.load() != seen;
}

inline bool stands_still(const Thread& thread) {
    const Word seen = thread.progress.load();
    pause(second / 50);
    return thread.progress.load() == seen;
}

} // namespace guest
