#include "invariants.hpp"

#include "caps/mdb.hpp"
#include "caps/zombie.hpp"
#include "objects/async_queue.hpp"
#include "objects/irq.hpp"

#include <map>
#include <sstream>

namespace kernel::test {

namespace {

using caps::ZombieCap;

struct Object {
    Slot* slots;
    usize count;
    u64 end; // of the block its slots may be in
    unsigned caps;
    Slot* zombie;
};

bool container_of(const Cap& cap, Object& object) {
    switch (cap.type()) {
    case CapType::CNode: object = {cap.cnode_slots(), usize{1} << cap.radix(), 0, 1, nullptr}; break;
    case CapType::Tcb: object = {cap.as_tcb()->slots, caps::tcb_slot_count, 0, 1, nullptr}; break;
    case CapType::AsyncQueue:
        object = {cap.as_async_queue()->slots, caps::async_queue_slot_count, 0, 1, nullptr};
        break;
    default: return false;
    }
    object.end = reinterpret_cast<u64>(object.slots + object.count);
    return true;
}

void zombie_object(Slot& slot, Object& object) {
    Slot* slots = ZombieCap::is_held(slot.cap) ? ZombieCap::slots_of_held(slot) : ZombieCap::slots(slot.cap);
    const usize count = ZombieCap::slot_count(ZombieCap::kind(slot.cap));
    object = {slots, count, reinterpret_cast<u64>(slots + count), 0, &slot};
}

class Checker {
public:
    explicit Checker(Machine& machine) : machine_(machine) {}

    std::string run() {
        add_object({&machine_.slot(0), usize{1} << root_radix,
                    reinterpret_cast<u64>(&machine_.slot(usize{1} << root_radix)), 1, nullptr});
        Cap initial = Cap::tcb(&machine_.initial());
        Object object{};
        container_of(initial, object);
        add_object(object);
        for (u64 irq = 1; irq <= objects::last_irq(); ++irq) add_list(objects::irq_slot(irq));
        while (!todo_.empty() && problem_.str().empty()) {
            const Object next = todo_.back();
            todo_.pop_back();
            for (usize i = 0; i < next.count; ++i) add_list(next.slots[i]);
        }
        for (Slot* slot : seen_) check_home(*slot);
        for (const auto& [start, known] : objects_) check_object(known);
        return problem_.str();
    }
    const std::set<Slot*>& seen() const { return seen_; }

private:
    void add_object(const Object& object) {
        auto [place, fresh] = objects_.try_emplace(reinterpret_cast<u64>(object.slots), object);
        if (fresh) {
            todo_.push_back(object);
            return;
        }
        Object& known = place->second;
        known.caps += object.caps;
        if (object.zombie != nullptr) {
            if (known.zombie != nullptr) problem_ << "two zombies of one object; ";
            known.zombie = object.zombie;
        }
    }

    void add_list(Slot& slot) {
        if (slot.empty()) {
            if (slot.prev_ != 0 || slot.next_ != 0) problem_ << "an empty slot " << &slot << " in a list; ";
            return;
        }
        if (seen_.contains(&slot)) return;
        Slot* first = &slot;
        for (usize guard = 0; first->mdb_prev() != nullptr; first = first->mdb_prev()) {
            if (first->mdb_prev()->mdb_next() != first || ++guard > 100000) {
                problem_ << "prev of " << first << " does not lead back; ";
                return;
            }
        }
        for (Slot* at = first; at != nullptr; at = at->mdb_next()) {
            if (!seen_.insert(at).second) {
                problem_ << "a list runs in a circle; ";
                return;
            }
            add_slot(*at);
            if (at->mdb_next() != nullptr && at->mdb_next()->mdb_prev() != at) {
                problem_ << "next of " << at << " does not lead back; ";
                return;
            }
        }
    }

    void add_slot(Slot& slot) {
        Object object{};
        if (slot.empty()) {
            problem_ << "an empty slot in a list; ";
        } else if (slot.cap.is(CapType::Zombie)) {
            zombie_object(slot, object);
            add_object(object);
        } else if (container_of(slot.cap, object)) {
            add_object(object);
        }
    }

    void check_home(const Slot& slot) {
        const u64 address = reinterpret_cast<u64>(&slot);
        if (address < arena_start || address >= arena_start + arena_size) return; // an interrupt's
        auto after = objects_.upper_bound(address);
        if (after == objects_.begin() || address >= std::prev(after)->second.end)
            problem_ << "slot " << &slot << " (type " << static_cast<unsigned>(slot.cap.type())
                     << ") is in nobody's memory; ";
    }

    void check_object(const Object& object) {
        if (object.zombie == nullptr) return;
        Slot& slot = *object.zombie;
        if (object.caps != 0) problem_ << "an object is dead and has a capability; ";
        usize left =
            ZombieCap::is_held(slot.cap) ? static_cast<usize>(&slot - object.slots) : ZombieCap::count(slot.cap);
        if (left > object.count) problem_ << "a zombie counts too far; ";
        for (; left < object.count; ++left) {
            const Slot& done = object.slots[left];
            if (!done.empty() && &done != &slot) problem_ << "a slot a zombie has passed is full; ";
        }
        const Slot* next = ZombieCap::next(slot.cap);
        if (next != nullptr &&
            (!next->cap.is(CapType::Zombie) || !ZombieCap::is_held(next->cap) || ZombieCap::prev(next->cap) != &slot))
            problem_ << "the successor of a zombie does not know it; ";
        if (ZombieCap::is_held(slot.cap)) {
            const Slot* prev = ZombieCap::prev(slot.cap);
            if (reinterpret_cast<u64>(&slot) < reinterpret_cast<u64>(object.slots) ||
                reinterpret_cast<u64>(&slot) >= object.end)
                problem_ << "a held zombie stands outside its object; ";
            if (prev != nullptr && (!prev->cap.is(CapType::Zombie) || ZombieCap::next(prev->cap) != &slot))
                problem_ << "the predecessor of a zombie does not know it; ";
        }
    }

    Machine& machine_;
    std::map<u64, Object> objects_;
    std::vector<Object> todo_;
    std::set<Slot*> seen_;
    std::ostringstream problem_;
};

} // namespace

std::string broken_invariant(Machine& machine) { return Checker(machine).run(); }

std::set<Slot*> all_slots(Machine& machine) {
    Checker checker(machine);
    EXPECT_EQ(checker.run(), "");
    return checker.seen();
}

unsigned count_inside(Machine& machine, const Slot& slot) {
    unsigned count = 0;
    for (const Slot* other : all_slots(machine)) {
        if (other == &slot) continue;
        if (other->cap.is(CapType::Untyped) && other->cap.untyped_bits() > slot.cap.untyped_bits()) continue;
        const bool zombie = other->cap.is(CapType::Zombie);
        const bool covered = zombie ? caps::is_mdb_parent(slot, *other) : caps::same_region(slot.cap, other->cap);
        if (covered) ++count;
    }
    return count;
}

} // namespace kernel::test
