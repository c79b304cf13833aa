/* What C and C++ spell differently, attributes, and the helpers that upstream's users expect as macros. */
#pragma once

#include <sel4/config.h>

#ifdef __cplusplus
#define SEL4_STATIC_ASSERT(condition, text) static_assert(condition, text)
#define SEL4_CONSTEXPR constexpr
#elif __STDC_VERSION__ < 201112L
#define SEL4_STATIC_ASSERT(condition, text) extern int sel4_assertions[(condition) ? 1 : -1]
#define SEL4_CONSTEXPR static
#else
#define SEL4_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#define SEL4_CONSTEXPR static
#endif
/* Brings its own semicolon. */
#define SEL4_COMPILE_ASSERT(name, expr) SEL4_STATIC_ASSERT(expr, #name);
#define SEL4_SIZE_SANITY(index, entry, size) SEL4_COMPILE_ASSERT(index##_##entry##_##size, (index) + (entry) == (size))

#define LIBSEL4_BIT(n) (1ul << (n))

#ifndef CONST
#define CONST __attribute__((const))
#endif
#ifndef PURE
#define PURE __attribute__((pure))
#endif
#define SEL4_PACKED __attribute__((packed))
#define SEL4_DEPRECATED(text) __attribute__((deprecated(text)))
/* A macro cannot carry the attribute; the names of sel4/deprecated.h say it. */
#define SEL4_DEPRECATE_MACRO(x) x
/* An enumerator that makes the type of an enumeration as wide as a word. */
#define SEL4_FORCE_LONG_ENUM(type) _enum_pad_##type = __LONG_MAX__

#define LIBSEL4_UNUSED __attribute__((unused))
#define LIBSEL4_WEAK __attribute__((weak))
#define LIBSEL4_NOINLINE __attribute__((noinline))
#define LIBSEL4_INLINE static inline
#define LIBSEL4_INLINE_FUNC static inline

#ifdef CONFIG_LIB_SEL4_USE_THREAD_LOCALS
#define LIBSEL4_THREAD_LOCAL __thread
#else
#define LIBSEL4_THREAD_LOCAL
#endif
