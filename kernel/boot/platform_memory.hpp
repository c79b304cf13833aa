// The memory of a device tree: what is RAM, and what of it is reserved. RAM that cannot be understood or held is left
// out. A reservation never is: without room, reservations next to each other become one with the gap between them, and
// of one that is malformed everything is reserved that it may mean.
#pragma once

#include "boot/platform.hpp"

namespace boot {

void take_memory(const TreeWalk& node, Platform& platform);
// A child of /reserved-memory. Without `reg` it is a wish for memory anywhere, which reserves nothing.
base::Result<base::Ok, BootError> take_reserved(const TreeWalk& node, Platform& platform);
// The reservation block of the blob.
void take_reservations(const DeviceTree& tree, Platform& platform);

} // namespace boot
