// An Sv39 page-table entry as a value. A and D are always set beforehand: not every core updates them (axu15eg.md 3.5).
#pragma once

#include "base/field.hpp"

namespace arch {

enum class Access : u8 { Fetch, Load, Store };

class Pte {
public:
    constexpr Pte() = default;

    static constexpr Pte make_table(base::Paddr table) { return Pte{number(table) | valid_bit}; }
    static constexpr Pte make_user_leaf(base::Paddr frame, bool readable, bool writable, bool executable) {
        return Pte{number(frame) | valid_bit | user_bit | accessed_bit | dirty_bit | (readable ? read_bit : 0) |
                   (writable ? write_bit : 0) | (executable ? execute_bit : 0)};
    }

    constexpr u64 raw() const { return word_; }
    constexpr bool valid() const { return (word_ & valid_bit) != 0; }
    constexpr bool is_leaf() const { return valid() && (word_ & (read_bit | write_bit | execute_bit)) != 0; }
    constexpr bool is_table() const { return (word_ & (valid_bit | read_bit | write_bit | execute_bit)) == valid_bit; }
    // No page fault comes of a user's access (Privileged specification, 10.3.2: a page is never writable alone).
    constexpr bool allows(Access access) const {
        const bool sound = (word_ & (valid_bit | user_bit | accessed_bit)) == (valid_bit | user_bit | accessed_bit) &&
            (word_ & (read_bit | write_bit)) != write_bit;
        switch (access) {
        case Access::Fetch: return sound && (word_ & execute_bit) != 0;
        case Access::Load: return sound && (word_ & read_bit) != 0;
        case Access::Store: return sound && (word_ & write_bit) != 0 && (word_ & dirty_bit) != 0;
        }
        return false;
    }
    constexpr bool executable() const { return (word_ & execute_bit) != 0; }
    constexpr base::Paddr paddr() const { return base::Paddr{Number::get(word_) << 12}; }

private:
    using Number = base::Field<10, 44>;
    static constexpr u64 valid_bit = 1, read_bit = 2, write_bit = 4, execute_bit = 8, user_bit = 16;
    static constexpr u64 accessed_bit = 64, dirty_bit = 128;

    constexpr explicit Pte(u64 word) : word_(word) {}
    static constexpr u64 number(base::Paddr address) { return Number::make(base::raw(address) >> 12); }

    u64 word_ = 0;
};
static_assert(sizeof(Pte) == 8);

inline constexpr u64 satp_sv39 = u64{8} << 60;
// What a hart loads to translate through a root table: made once, loaded at every switch.
struct AddressSpace {
    u64 satp;        // 0: none
    u64 shares_asid; // 1: others have the same ASID, as far as the harts compare it; a switch flushes

    u64 asid() const { return satp << 4 >> 48; } // as far as the harts compare it
};

inline constexpr u64 satp_word(base::Paddr root, u64 asid) { return satp_sv39 | asid << 44 | base::raw(root) >> 12; }

} // namespace arch
