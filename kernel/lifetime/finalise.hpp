// What ends with a capability, and what with an object's last one (sel4-abi-riscv64.md 7.7).
#pragma once

#include "caps/slot.hpp"

namespace lifetime {

struct Container {
    caps::Slot* slots;
    unsigned kind; // of the zombie
};

// The object of a container's last capability stops working; its slots are still full.
Container retire_container(const caps::Cap& cap);

// The effects of deleting the slot's capability, which is no container's last one. False: threads wait for its object
// still, one less than before; the capability has lost its rights, so that no more will come.
[[nodiscard]] bool finalise(caps::Slot& slot, bool is_final);

} // namespace lifetime
