// The bell of a real machine that reaches a process wherever it waits: its notification, of which the ringer has a
// capability to signal and no more. Source: async-design.md 4.1.
#pragma once

#include <sel4/sel4.h>
#include <sel4async/bell.hpp>

namespace sel4async {

class NotificationBell final : public Bell {
public:
    constexpr NotificationBell() = default;
    explicit constexpr NotificationBell(seL4_CPtr notification) : notification_(notification) {}
    void ring() override { seL4_Signal(notification_); }

private:
    seL4_CPtr notification_ = 0;
};

} // namespace sel4async
