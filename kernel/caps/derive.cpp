#include "caps/derive.hpp"

namespace caps {

Result<Cap> derive(const Slot& source, const Cap& cap) {
    switch (cap.type()) {
    case CapType::Null:
    case CapType::Zombie:
    case CapType::Reply:
    case CapType::IrqControl: return Cap{};
    case CapType::Untyped:
        if (has_children(source)) return fail(SyscallError::revoke_first());
        return cap;
    case CapType::PageTable:
        if (!cap.is_mapped()) return fail(SyscallError::illegal_operation());
        return cap;
    default: return cap;
    }
}

Cap mask_rights(const Cap& cap, Rights rights) {
    switch (cap.type()) {
    case CapType::Endpoint: return cap.with_rights(cap.rights().word_ & rights.word_);
    case CapType::Notification: return cap.with_rights(cap.rights().word_ & rights.word_ & 3);
    case CapType::Frame: return cap.with_vm_rights(mask_vm_rights(cap.vm_rights(), rights));
    default: return cap;
    }
}

Cap apply_data(const Cap& cap, u64 data, bool preserve) {
    switch (cap.type()) {
    case CapType::Endpoint:
    case CapType::Notification: return preserve || cap.badge() != 0 ? Cap{} : cap.with_badge(data);
    case CapType::CNode: {
        const unsigned guard_size = static_cast<unsigned>(data & 63);
        if (guard_size + cap.radix() > base::word_bits) return Cap{};
        return cap.with_guard(data >> 6, guard_size);
    }
    default: return cap;
    }
}

} // namespace caps
