/* What C and C++ spell differently, and the helper that upstream's users expect as a macro. */
#pragma once

#ifdef __cplusplus
#define SEL4_STATIC_ASSERT(condition, text) static_assert(condition, text)
#define SEL4_CONSTEXPR constexpr
#else
#define SEL4_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#define SEL4_CONSTEXPR static
#endif

#define LIBSEL4_BIT(n) (1ul << (n))
