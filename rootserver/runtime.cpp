// What the compiler and libsel4 expect of a program without a library: one thread uses the IPC buffer, so its pointer
// is a plain variable.
#include <cstddef>
#include <sel4/sel4.h>

seL4_IPCBuffer* __sel4_ipc_buffer;

extern "C" void __cxa_pure_virtual(); // NOLINT(bugprone-reserved-identifier): the C++ ABI names it
extern "C" std::size_t strlen(const char* text);
extern "C" const void* memchr(const void* memory, int value, std::size_t size);
extern "C" void __cxa_pure_virtual() {
    while (true) seL4_Yield();
}

std::size_t strlen(const char* text) {
    std::size_t length = 0;
    while (text[length] != 0) ++length;
    return length;
}

const void* memchr(const void* memory, int value, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(memory);
    for (std::size_t i = 0; i < size; ++i) {
        if (bytes[i] == static_cast<unsigned char>(value)) return bytes + i;
    }
    return nullptr;
}
