// Registration for user interrupts, on notification capabilities, checked. Errors and their order: shared specification
// of user interrupts, section 6.5.
#pragma once

#include "objects/user_interrupts.hpp"
#include "syscalls/invocation.hpp"

namespace syscalls {

// Other labels on a notification are signals, or no invocation.
constexpr bool is_registration(u64 label) {
    return label - static_cast<u64>(api::Label::NotificationRegisterReceiver) <=
        static_cast<u64>(api::Label::NotificationUnregisterSender) -
        static_cast<u64>(api::Label::NotificationRegisterReceiver);
}

struct RegistrationOp {
    enum class Kind : u8 { RegisterReceiver, RegisterSender, UnregisterReceiver, UnregisterSender };
    Kind kind;
    objects::Tcb* receiver = nullptr;
    u32 vector = 0;             // the senders' operations
    u32 entry = 0;              // in the caller's sender table
    caps::Slot* made = nullptr; // the capability that makes the entry
};

Result<RegistrationOp> decode_registration(const Invocation& call);

} // namespace syscalls
