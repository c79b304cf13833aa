#include "lifetime/finalise.hpp"

#include "caps/zombie.hpp"
#include "lifetime/deletion.hpp"
#include "objects/async_queue.hpp"
#include "objects/irq.hpp"
#include "objects/upcalls.hpp"

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

void finalise(const Cap& cap, bool is_final) {
    switch (cap.type()) {
    case CapType::Frame:
        if (cap.is_mapped()) objects::unmap_frame(cap.frame_size(), cap.mapped_asid(), cap.mapped_vaddr(), cap.paddr());
        return;
    case CapType::Endpoint:
        if (is_final) objects::cancel_all_ipc(*cap.as_endpoint());
        return;
    case CapType::Notification:
        if (is_final) {
            objects::Notification& notification = *cap.as_notification();
            if (notification.bound_tcb != nullptr) objects::unbind_notification(*notification.bound_tcb);
            objects::cancel_all_signals(notification);
        }
        return;
    case CapType::PageTable:
        if (is_final && cap.is_mapped())
            objects::unmap_page_table(cap.mapped_asid(), cap.mapped_vaddr(), cap.page_table());
        return;
    case CapType::AsidPool:
        if (is_final) objects::delete_asid_pool(cap.asid_base(), cap.as_asid_pool());
        return;
    case CapType::IrqHandler:
        if (is_final) {
            remove_short(objects::irq_slot(cap.irq()));
            objects::deactivate_irq(cap.irq());
        }
        return;
    default: return;
    }
}

} // namespace lifetime
