// Functions that GCC calls without being asked: block copies (a structure assignment becomes memcpy)
// and, as rv64imac has no Zbb, the bit counts behind <bit>.
// Source: GCC manual, "Standards" (freestanding) and GCC internals, "Integer library routines".
// Names and types are GCC's; nothing else belongs here.
#pragma once

#include <cstddef>

extern "C" {
void* memcpy(void* to, const void* from, std::size_t size);
void* memmove(void* to, const void* from, std::size_t size);
void* memset(void* to, int value, std::size_t size);
int memcmp(const void* left, const void* right, std::size_t size);

int __clzdi2(unsigned long value);
int __ctzdi2(unsigned long value);
int __popcountdi2(unsigned long value);
unsigned int __bswapsi2(unsigned int value);
unsigned long __bswapdi2(unsigned long value);
}
