#include "checks/slot_walk.hpp"

#include "caps/zombie.hpp"
#include "objects/async_queue.hpp"
#include "objects/irq.hpp"
#include "scheduler/scheduler.hpp"

namespace checks {

using caps::CapType;
using caps::ZombieCap;

namespace {

// In next_, beside the two flags of the list.
constexpr u64 listed_mark = 4; // found through its list
constexpr u64 homed_mark = 8;  // found in the memory of a living or dying object

Container root{};

// Could this be the address of a slot at all?
bool plausible(const Slot* slot) {
    const u64 address = reinterpret_cast<u64>(slot);
    return base::is_aligned(address, caps::slot_bits) && address >= arch::physical_window;
}

} // namespace

void set_root(const Container& container) { root = container; }

bool container_of(Slot& slot, Container& container) {
    const caps::Cap& cap = slot.cap;
    switch (cap.type()) {
    case CapType::CNode: container = {cap.cnode_slots(), usize{1} << cap.radix()}; return true;
    case CapType::Tcb: container = {cap.as_tcb()->slots, caps::tcb_slot_count}; return true;
    case CapType::AsyncQueue: container = {cap.as_async_queue()->slots, caps::async_queue_slot_count}; return true;
    case CapType::Zombie:
        container.slots = ZombieCap::is_held(cap) ? ZombieCap::slots_of_held(slot) : ZombieCap::slots(cap);
        container.count = ZombieCap::slot_count(ZombieCap::kind(cap));
        return true;
    default: return false;
    }
}

void SlotWalk::append(Slot& head) {
    head.prev_ = 1;
    if (last_ == nullptr)
        first_ = &head;
    else
        last_->prev_ = reinterpret_cast<u64>(&head) | 1;
    last_ = &head;
}

// Null: the way there is broken.
Slot* SlotWalk::head_of(Slot& slot) {
    Slot* head = &slot;
    while (Slot* prev = prev_of(*head)) {
        if (!report_.expect(plausible(prev) && next_of(*prev) == head, "mdb.prev", head, reinterpret_cast<u64>(prev)) ||
            !report_.expect(prev != &slot, "mdb.circle", head))
            return nullptr;
        head = prev;
    }
    return head;
}

void SlotWalk::find_list(Slot& slot) {
    if ((slot.next_ & listed_mark) != 0) return;
    Slot* head = head_of(slot);
    if (head == nullptr) return;
    // Each slot leads back to the one before, and the head to none: so this ends.
    for (Slot* at = head; at != nullptr; at = next_of(*at)) {
        ++report_.cost.slots;
        at->next_ |= listed_mark;
        const Slot* next = next_of(*at);
        if (!report_.expect(!at->empty(), "mdb.empty", at) ||
            !report_.expect(next == nullptr || (plausible(next) && prev_of(*next) == at), "mdb.next", at,
                            reinterpret_cast<u64>(next)))
            return;
    }
    append(*head);
}

void SlotWalk::scan(const Container& container) {
    report_.cost.scanned += container.count;
    const Slot* end = container.slots + container.count;
    for (Slot* slot = container.slots; slot != end; ++slot) {
        if ((slot->cap.word0() | slot->next_) == 0) continue; // most are
        home(*slot);
        if (!report_.ok()) return;
    }
}

void SlotWalk::home(Slot& slot) {
    // An object whose capabilities do not stand side by side is found twice.
    if (!report_.expect(!slot.empty(), "slot.empty-in-list", &slot) ||
        !report_.expect((slot.next_ & homed_mark) == 0, "slot.two-homes", &slot))
        return;
    slot.next_ |= homed_mark;
    find_list(slot);
}

void SlotWalk::find_all() {
    scan({&objects::irq_slot(0), objects::last_irq() + 1});
    scan(root);
    objects::Tcb* before = nullptr;
    for (objects::Tcb* thread = scheduler::first_thread(); thread != nullptr; thread = thread->debug_next) {
        if (!report_.expect(plausible(thread->slots) && thread->debug_prev == before, "thread.list", thread)) return;
        before = thread;
        for (usize i = 0; i < caps::tcb_slot_count && report_.ok(); ++i) {
            if (!thread->slots[i].empty()) find_list(thread->slots[i]);
        }
    }
    // Lists found here are appended, and so visited as well.
    each_slot([this](Slot& slot) {
        Container container{};
        if (!first_of_object(slot) || !container_of(slot, container) || container.slots == root.slots) return;
        if (report_.expect(plausible(container.slots), "slot.container", &slot)) scan(container);
    });
}

void SlotWalk::finish() {
    while (first_ != nullptr) {
        Slot* head = first_;
        first_ = chained(*head);
        head->prev_ = 0;
        for (Slot* slot = head; slot != nullptr; slot = next_of(*slot)) {
            report_.expect((slot->next_ & homed_mark) != 0, "slot.homeless", slot, static_cast<u64>(slot->cap.type()));
            slot->next_ &= ~(listed_mark | homed_mark);
        }
    }
    last_ = nullptr;
}

} // namespace checks
