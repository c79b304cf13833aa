// Calls to the firmware (SBI 0.2 and later, with the legacy console). Hart masks are in hardware numbers.
#pragma once

#include "base/types.hpp"

namespace arch::sbi {

struct Return {
    i64 error;
    u64 value;
};

enum class Extension : u64 {
    LegacyPutChar = 1,
    LegacyShutdown = 8,
    Time = 0x54494D45,
    Ipi = 0x735049,
    HartState = 0x48534D,
    SystemReset = 0x53525354,
};

inline Return call(Extension extension, u64 function, u64 a = 0, u64 b = 0, u64 c = 0, u64 d = 0, u64 e = 0) {
    register u64 a0 asm("a0") = a;
    register u64 a1 asm("a1") = b;
    register u64 a2 asm("a2") = c;
    register u64 a3 asm("a3") = d;
    register u64 a4 asm("a4") = e;
    register u64 a6 asm("a6") = function;
    register u64 a7 asm("a7") = static_cast<u64>(extension);
    asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
    return {static_cast<i64>(a0), a1};
}

} // namespace arch::sbi
