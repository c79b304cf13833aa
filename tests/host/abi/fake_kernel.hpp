// Records what the stubs of libsel4 put in registers and in the IPC buffer, and answers as told.
// Source: sel4-abi-riscv64.md 1.1, 1.2. (Not namespace abi: the C++ library has that one.)
#pragma once

#include <sel4/sel4.h>

#include <vector>

namespace abi_test {

struct Call {
    int number = 0;
    seL4_CPtr cptr = 0;
    seL4_Word label = 0;
    seL4_Word tag = 0;
    std::vector<seL4_Word> words; // as many as the tag says, registers first
    std::vector<seL4_CPtr> caps;
    seL4_Word beyond = 0; // the registers behind the length, ORed: must be zero
};

struct Answer {
    seL4_Word badge = 0;
    seL4_Word label = 0;
    std::vector<seL4_Word> words; // fewer than four leave the other registers as they were
};

class FakeKernel {
public:
    FakeKernel();
    ~FakeKernel();
    FakeKernel(const FakeKernel&) = delete;
    FakeKernel& operator=(const FakeKernel&) = delete;

    void enter(int number, sel4_Registers* registers);

    Call last;
    Answer answer;
    unsigned calls = 0;
    seL4_IPCBuffer buffer{};
};

} // namespace abi_test
