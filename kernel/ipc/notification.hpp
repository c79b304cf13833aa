// Waiting for and polling notifications; signalling is objects::signal. Source: sel4-abi-riscv64.md 5.7.
#pragma once

#include "objects/endpoint.hpp"

namespace ipc {

void wait(objects::Tcb& thread, objects::Notification& notification, bool blocking);
void bind(objects::Tcb& thread, objects::Notification& notification);

} // namespace ipc
