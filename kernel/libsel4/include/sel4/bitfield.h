/* Accessors of fields of words, under the names that upstream's generator gives them: for a value X_get_f and X_set_f,
 * through a pointer X_ptr_get_f and X_ptr_set_f. What does not fit in the field is cut off. */
#pragma once

#include <sel4/simple_types.h>

#define SEL4_FIELD_MASK(bits) (~(seL4_Word)0 >> (seL4_WordBits - (bits)))

/* The field of type `prefix`_t that starts at bit `shift` of words[index]. */
#define SEL4_FIELD(prefix, field, index, shift, bits) SEL4_FIELD_OF(prefix##_t, prefix, field, index, shift, bits)

#define SEL4_FIELD_OF(type, prefix, field, index, shift, bits)                                                         \
    static inline seL4_Word prefix##_ptr_get_##field(const type* p) {                                                  \
        return p->words[index] >> (shift)&SEL4_FIELD_MASK(bits);                                                       \
    }                                                                                                                  \
    static inline void prefix##_ptr_set_##field(type* p, seL4_Word value) {                                            \
        p->words[index] &= ~(SEL4_FIELD_MASK(bits) << (shift));                                                        \
        p->words[index] |= (value & SEL4_FIELD_MASK(bits)) << (shift);                                                 \
    }                                                                                                                  \
    static inline seL4_Word prefix##_get_##field(type x) { return prefix##_ptr_get_##field(&x); }                      \
    static inline type prefix##_set_##field(type x, seL4_Word value) {                                                 \
        prefix##_ptr_set_##field(&x, value);                                                                           \
        return x;                                                                                                      \
    }
