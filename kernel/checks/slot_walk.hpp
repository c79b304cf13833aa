// Finds every slot that holds a capability, without memory of its own. Starting points: the interrupts' slots, the
// initial CNode, whose memory is never anything else, and the slots of all threads. From a slot to its whole derivation
// list; from a list to the CNodes, threads and queues (and zombies of them) it holds; from these to their slots, and so
// on.
//
// While a walk is alive, the free low bits of Slot::next_ hold its marks and the lists' heads are chained through
// prev_, which is null in a head otherwise; use next_of() and prev_of(). finish() puts everything back. Nobody else
// looks at slots meanwhile: kernel lock held.
#pragma once

#include "caps/mdb.hpp"
#include "checks/report.hpp"

namespace checks {

using caps::Slot;

inline Slot* next_of(const Slot& slot) {
    return reinterpret_cast<Slot*>(base::align_down(slot.next_, caps::slot_bits));
}
inline Slot* prev_of(const Slot& slot) {
    constexpr u64 head_mark = 1;
    return (slot.prev_ & head_mark) != 0 ? nullptr : reinterpret_cast<Slot*>(slot.prev_);
}
// Of several capabilities to one object, which stand side by side, the first stands for the object.
inline bool first_of_object(const Slot& slot) {
    const Slot* prev = prev_of(slot);
    return prev == nullptr || !caps::same_object(prev->cap, slot.cap);
}

// The slots of an object that has some. False: the capability is to no such object.
struct Container {
    Slot* slots;
    usize count;
};
bool container_of(Slot& slot, Container& container);

// The initial CNode; set once.
void set_root(const Container& root);

class SlotWalk {
public:
    explicit SlotWalk(Report& report) : report_(report) {}
    ~SlotWalk() { finish(); }
    SlotWalk(const SlotWalk&) = delete;
    SlotWalk& operator=(const SlotWalk&) = delete;

    void find_all();
    void finish();

    template <class Visit>
    void each_list(Visit visit) const {
        for (Slot* head = first_; head != nullptr && report_.ok(); head = chained(*head)) visit(*head);
    }
    template <class Visit>
    void each_slot(Visit visit) const {
        each_list([this, visit](Slot& head) {
            for (Slot* slot = &head; slot != nullptr && report_.ok(); slot = next_of(*slot)) visit(*slot);
        });
    }

private:
    static Slot* chained(const Slot& head) {
        return reinterpret_cast<Slot*>(base::align_down(head.prev_, caps::slot_bits));
    }
    void find_list(Slot& slot);
    Slot* head_of(Slot& slot);
    void scan(const Container& container);
    void home(Slot& slot);
    void append(Slot& head);

    Report& report_;
    Slot* first_ = nullptr;
    Slot* last_ = nullptr;
};

} // namespace checks
