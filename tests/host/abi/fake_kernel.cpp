#include "fake_kernel.hpp"

LIBSEL4_THREAD_LOCAL seL4_IPCBuffer* __sel4_ipc_buffer;

namespace abi_test {
namespace {
FakeKernel* current = nullptr;
}

FakeKernel::FakeKernel() {
    current = this;
    seL4_SetIPCBuffer(&buffer);
}
FakeKernel::~FakeKernel() {
    current = nullptr;
    seL4_SetIPCBuffer(nullptr);
}

void FakeKernel::enter(int number, sel4_Registers* registers) {
    ++calls;
    const seL4_MessageInfo_t info{{registers->a1}};
    seL4_Word* const registers_of_message[] = {&registers->a2, &registers->a3, &registers->a4, &registers->a5};
    last = {number, registers->a0, seL4_MessageInfo_get_label(info), registers->a1, {}, {}, 0};
    const seL4_Word length = seL4_MessageInfo_get_length(info);
    for (seL4_Word i = 0; i < length; ++i) {
        last.words.push_back(i < 4 ? *registers_of_message[i] : buffer.msg[i]);
    }
    for (seL4_Word i = length; i < 4; ++i) {
        last.beyond |= *registers_of_message[i];
    }
    for (seL4_Word i = 0; i < seL4_MessageInfo_get_extraCaps(info); ++i) {
        last.caps.push_back(buffer.caps_or_badges[i]);
    }
    registers->a0 = answer.badge;
    registers->a1 = seL4_MessageInfo_new(answer.label, 0, 0, answer.words.size()).words[0];
    for (std::size_t i = 0; i < answer.words.size(); ++i) {
        (i < 4 ? *registers_of_message[i] : buffer.msg[i]) = answer.words[i];
    }
}

} // namespace abi_test

extern "C" void sel4_ecall(seL4_Syscall_ID number, sel4_Registers* registers) {
    abi_test::current->enter(number, registers);
}

extern "C" seL4_Word sel4_ecall_short(seL4_Syscall_ID number, seL4_Word first, seL4_Word second) {
    sel4_Registers registers{first, second, 0, 0, 0, 0};
    abi_test::current->enter(number, &registers);
    return registers.a0;
}
