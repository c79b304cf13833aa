// Child processes: own VSpace, CSpace, notification and IPC buffer, and a private copy of the whole image as it is at
// that moment, so a child runs any function of it on data of its own. The parent sees a child's data through a second
// mapping: at(). All objects of all children come from untypeds of its own, and go with clear().
#pragma once

#include "rootserver/machine/memory.hpp"

namespace machine {

// Slots of a child's CSpace.
enum ChildSlot : seL4_CPtr {
    ChildTcb = 1,
    ChildCSpace,
    ChildVSpace,
    ChildNotification,
    ChildDone,
    ChildQueue,
    ChildBell
};

// Addresses in a child, below them its image.
inline constexpr seL4_Word child_buffer = 0x40'0000;
inline constexpr seL4_Word child_shared = 0x41'0000; // page tables reach to 0x60'0000
inline constexpr seL4_Word child_queue = 0x60'0000;  // and to 0x80'0000
inline constexpr seL4_Word child_taic = 0x70'0000;

struct Process {
    seL4_CPtr tcb = 0;
    seL4_CPtr cnode = 0; // what `cspace` is derived from
    seL4_CPtr cspace = 0;
    seL4_CPtr vspace = 0;
    seL4_CPtr notification = 0;
    seL4_CPtr queue = 0;
    seL4_Word window = 0; // of the parent, onto the image

    template <class T>
    volatile T& at(T& object) const {
        return *reinterpret_cast<volatile T*>(window + reinterpret_cast<seL4_Word>(&object));
    }
};

class Nursery {
public:
    static constexpr unsigned max_children = 7;

    // For up to `children` at once.
    [[nodiscard]] bool init(Memory& memory, unsigned children = max_children);
    // Ends all children and gives back what they had.
    [[nodiscard]] bool clear();

    // A child that start() lets run `entry`. `done` is put into its CSpace. False: something is used up.
    [[nodiscard]] bool make(Process& process, void (*entry)(), seL4_CPtr done);
    [[nodiscard]] bool make_queue(Process& process, seL4_Word size_bits);
    // A capability of the parent, for the child.
    [[nodiscard]] static bool give(const Process& process, seL4_CPtr slot, seL4_CPtr cap, seL4_CapRights_t rights);
    // One to a notification, with a badge.
    [[nodiscard]] static bool give_badged(const Process& process, seL4_CPtr slot, seL4_CPtr notification,
                                          seL4_CapRights_t rights, seL4_Word badge);
    // Makes the child, which has not started, a receiver of user interrupts; its own notification capability has the
    // vector of the kernel (kernel_vector). seL4_IllegalOperation: the machine has none.
    [[nodiscard]] static seL4_Error make_receiver(const Process& process);
    // Nothing is left of the child's thread.
    [[nodiscard]] static bool kill(const Process& process);
    // Fresh zeroed pages at the given addresses; the parent's address is the result, 0: failed.
    [[nodiscard]] seL4_Word share(const Process& a, seL4_Word at_a, const Process& b, seL4_Word at_b, seL4_Word pages);
    [[nodiscard]] static bool start(const Process& process) { return seL4_TCB_Resume(process.tcb) == seL4_NoError; }

private:
    seL4_CPtr object(seL4_Word type, seL4_Word size_bits = 0);
    seL4_CPtr copy_of(seL4_CPtr cap);
    bool make_space(Process& process);
    bool make_cspace(Process& process, seL4_CPtr done);

    Memory* memory_ = nullptr;
    seL4_CPtr untyped_ = 0;
    seL4_CPtr images_ = 0;
    seL4_CPtr first_slot_ = 0;
    seL4_CPtr next_slot_ = 0;
    seL4_CPtr end_slot_ = 0;
    seL4_Word windows_ = 0;
    seL4_Word shared_ = 0;
    seL4_Word next_shared_ = 0;
    unsigned children_ = 0;
    unsigned room_ = 0;
};

} // namespace machine
