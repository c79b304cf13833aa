#include "lifetime/finalise.hpp"

#include "caps/zombie.hpp"
#include "lifetime/deletion.hpp"
#include "objects/async_queue.hpp"
#include "objects/irq.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"

namespace lifetime {

using caps::Cap;
using caps::CapType;

Container retire_container(const Cap& cap) {
    switch (cap.type()) {
    case CapType::Tcb: {
        objects::Tcb& thread = *cap.as_tcb();
        objects::unbind_notification(thread);
        objects::suspend(thread);
        objects::release_fpu(thread);
        objects::end_user_interrupts(thread);
        objects::forget_thread(thread);
        return {thread.slots, caps::zombie_kind_tcb};
    }
    case CapType::AsyncQueue: {
        objects::AsyncQueue& queue = *cap.as_async_queue();
        objects::retire(queue);
        return {queue.slots, caps::zombie_kind_async_queue};
    }
    default: return {cap.cnode_slots(), cap.radix()};
    }
}

namespace {

bool finalise_notification(objects::Notification& notification) {
    if (notification.bound_tcb != nullptr) objects::unbind_notification(*notification.bound_tcb);
    return !objects::cancel_first(notification);
}

bool last_use(caps::Slot& slot) {
    const Cap& cap = slot.cap;
    bool done = true;
    switch (cap.type()) {
    case CapType::Endpoint: done = !objects::cancel_first(*cap.as_endpoint()); break;
    case CapType::Notification: done = finalise_notification(*cap.as_notification()); break;
    case CapType::PageTable:
        if (cap.is_mapped()) objects::unmap_page_table(cap.mapped_asid(), cap.mapped_vaddr(), cap.page_table());
        return true;
    case CapType::AsidPool: objects::delete_asid_pool(cap.asid_base(), cap.as_asid_pool()); return true;
    case CapType::IrqHandler:
        if (!try_remove_short(objects::irq_slot(cap.irq()))) return false;
        objects::deactivate_irq(cap.irq());
        return true;
    default: return true;
    }
    if (!done) slot.cap = cap.with_rights(0);
    return done;
}

} // namespace

bool finalise(caps::Slot& slot, bool is_final) {
    const Cap& cap = slot.cap;
    if (cap.is(CapType::Frame)) {
        if (cap.is_mapped()) objects::unmap_frame(cap.frame_size(), cap.mapped_asid(), cap.mapped_vaddr(), cap.paddr());
        return true;
    }
    if (cap.is(CapType::PageTable)) objects::leave_space_of(slot);
    // What was sent by right of this very capability.
    if (cap.is(CapType::Notification) && cap.made_sender() && cap.as_notification()->bound_tcb != nullptr)
        objects::remove_senders(*cap.as_notification()->bound_tcb, static_cast<u32>(cap.badge()));
    return !is_final || last_use(slot);
}

} // namespace lifetime
