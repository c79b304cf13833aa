/* Assertions that end in __assert_fail(), which the program or its C library provides. */
#pragma once

#include <sel4/macros.h>

#ifdef __cplusplus
extern "C" {
#endif
void __assert_fail(const char* text, const char* file, int line, const char* function);
#ifdef __cplusplus
}
#endif

#define seL4_Fail(text) __assert_fail(text, __FILE__, __LINE__, __func__)
#define seL4_Assert(expr)                                                                                              \
    do {                                                                                                               \
        if (!(expr)) {                                                                                                 \
            seL4_Fail(#expr);                                                                                          \
        }                                                                                                              \
    } while (0)
#define seL4_CompileTimeAssert(expr) SEL4_COMPILE_ASSERT(expr, expr)
