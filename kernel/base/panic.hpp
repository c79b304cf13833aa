// The kernel's last words. panic() is for broken kernel invariants only: nothing a user program or a boot image
// does may lead here (those get a seL4 error or boot::fail()).
#pragma once

namespace base {

// Prints "TaiL4: panic: <message>" and stops the machine. Provided by arch (kernel) or the test harness (host).
[[noreturn]] void panic(const char* message, const char* file, int line);

} // namespace base

// Checked in debug builds; in release builds the condition is not evaluated.
#if TAIL4_DEBUG
#define ASSERT(condition)                                                                                              \
    ((condition) ? static_cast<void>(0) : base::panic("assertion: " #condition, __FILE_NAME__, __LINE__))
#else
#define ASSERT(condition) static_cast<void>(sizeof((condition) ? 1 : 0))
#endif
