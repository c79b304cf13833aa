// The message: its info word, the IPC buffer's layout, and the extra capabilities that travel with it.
// Source: sel4-abi-riscv64.md 1.3, 1.6.
#pragma once

#include "base/field.hpp"
#include "caps/errors.hpp"
#include "objects/tcb.hpp"

namespace ipc {

inline constexpr unsigned max_length = 120;
inline constexpr unsigned register_words = 4; // MR0..MR3 travel in a2..a5
inline constexpr unsigned max_extra_caps = 3;

struct MessageInfo {
    u64 word = 0;

    using Length = base::Field<0, 7>;
    using ExtraCaps = base::Field<7, 2>;
    using Unwrapped = base::Field<9, 3>;
    using Label = base::Field<12, 52>;

    static MessageInfo make(u64 label, u64 unwrapped, u64 extra_caps, u64 length) {
        return {Label::make(label) | Unwrapped::make(unwrapped) | ExtraCaps::make(extra_caps) | Length::make(length)};
    }
    u64 label() const { return Label::get(word); }
    unsigned extra_caps() const { return static_cast<unsigned>(ExtraCaps::get(word)); }
    // A length above the maximum counts as the maximum.
    unsigned length() const {
        const auto stated = static_cast<unsigned>(Length::get(word));
        return stated > max_length ? max_length : stated;
    }
};

struct Buffer {
    u64 tag;
    u64 msg[max_length];
    u64 user_data;
    u64 caps_or_badges[max_extra_caps];
    u64 receive_cnode;
    u64 receive_index;
    u64 receive_depth;
};
static_assert(sizeof(Buffer) == 1024);
static_assert(offsetof(Buffer, caps_or_badges) == 0x3d0 && offsetof(Buffer, receive_depth) == 0x3f8);

struct ExtraCaps {
    unsigned count = 0;
    caps::Slot* slots[max_extra_caps]; // the first `count` are set
};

// The thread's IPC buffer, or null when it has none the kernel may use. The user writes it at any time: read a word
// once, decide on the copy.
const volatile Buffer* send_buffer(const objects::Tcb& thread);
volatile Buffer* receive_buffer(const objects::Tcb& thread);

// Resolves the extra capabilities of the message `info` in the sender's CSpace; the error is the one that is not there.
base::Result<base::Ok, base::Cptr> lookup_extra_caps(const objects::Tcb& sender, const volatile Buffer& buffer,
                                                     MessageInfo info, ExtraCaps& extra);

inline u64& message_register(objects::Tcb& thread, unsigned index) {
    return thread.context.x_[static_cast<unsigned>(arch::Reg::A2) + index];
}

// Message word `index` of a sender (register or buffer; 0 when there is no buffer for it).
inline u64 message_word(objects::Tcb& thread, const volatile Buffer* buffer, unsigned index) {
    if (index < register_words) return message_register(thread, index);
    return buffer == nullptr ? 0 : buffer->msg[index];
}
// Writes message word `index` of a receiver; false when it has no room for it.
inline bool set_message_word(objects::Tcb& thread, volatile Buffer* buffer, unsigned index, u64 value) {
    if (index < register_words)
        message_register(thread, index) = value;
    else if (buffer != nullptr)
        buffer->msg[index] = value;
    else
        return false;
    return true;
}

} // namespace ipc
