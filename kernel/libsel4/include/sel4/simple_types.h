/* Numbers, truth values, words and capability pointers, and how printf() spells them. Source: sel4-abi-riscv64.md 1.3.
 */
#pragma once

#include <sel4/macros.h>
#include <sel4/sizes.h>
#include <stdint.h>

typedef int8_t seL4_Int8;
typedef int16_t seL4_Int16;
typedef int32_t seL4_Int32;
typedef int64_t seL4_Int64;
typedef uint8_t seL4_Uint8;
typedef uint16_t seL4_Uint16;
typedef uint32_t seL4_Uint32;
typedef uint64_t seL4_Uint64;

typedef seL4_Int8 seL4_Bool;
#define seL4_True 1
#define seL4_False 0

#ifdef __cplusplus
#define seL4_Null 0L
#else
#define seL4_Null ((void*)0)
#endif

typedef seL4_Uint64 seL4_Word;
typedef seL4_Word seL4_CPtr;

SEL4_STATIC_ASSERT(8 * sizeof(seL4_Word) == seL4_WordBits, "word");
SEL4_STATIC_ASSERT(sizeof(seL4_Word) == 1u << seL4_WordSizeBits, "word");

#define SEL4_WORD_IS_UINT64
#define SEL4_INT64_IS_LONG /* with every compiler for LP64 that has int64_t as Linux has it */
#define SEL4_PRId64 "ld"
#define SEL4_PRIi64 "li"
#define SEL4_PRIu64 "lu"
#define SEL4_PRIx64 "lx"
#define SEL4_PRId_word SEL4_PRId64
#define SEL4_PRIi_word SEL4_PRIi64
#define SEL4_PRIu_word SEL4_PRIu64
#define SEL4_PRIx_word SEL4_PRIx64
#define SEL4_PRI_word SEL4_PRIu_word
