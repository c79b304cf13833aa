// How the kernel wakes the user's side of a queue: a kind of doorbell per queue, chosen at Bind. The protocol above it
// (ring.hpp) decides whether anybody has to be woken, and rings at most once per sleep. Each kind is a type that
// satisfies Doorbell; with_doorbell() turns the queue's run-time choice into one of them.
//
// The other direction needs no table: a TAIC word (executor.hpp), AsyncQueueWake, AsyncQueueDrive, or polling.
// Source: async-design.md 8.2.
#pragma once

#include "async/taic_device.hpp"
#include "objects/async_queue.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"

#include <concepts>

namespace async {

using objects::AsyncQueue;
using objects::DoorbellKind;
using objects::QueueSlot;

template <class D>
concept Doorbell = requires(AsyncQueue& queue, u32 vector) {
    // A completion may wake its task by the slot's vector, instead of going through the dispatcher.
    { D::direct } -> std::convertible_to<bool>;
    // The executor runs no task and looks for the doorbell.
    { D::ring(queue, vector) } -> std::same_as<void>;
    // The executor's thread sleeps in the kernel.
    { D::rouse(queue) } -> std::same_as<void>;
};

// The user looks at the completion ring by itself and never sleeps.
struct NoDoorbell {
    static constexpr bool direct = false;
    static void ring(AsyncQueue&, u32) {}
    static void rouse(AsyncQueue&) {}
};

// A polling executor sees the ring; a sleeping one waits for the queue's notification.
struct NotificationDoorbell {
    static constexpr bool direct = false;
    static void ring(AsyncQueue&, u32) {}
    static void rouse(AsyncQueue& queue) {
        const caps::Cap& cap = queue.slots[static_cast<unsigned>(QueueSlot::Notification)].cap;
        if (cap.is(caps::CapType::Notification)) objects::signal(*cap.as_notification(), cap.badge());
    }
};

// A word into the process' hardware queue.
struct TaicDoorbell {
    static constexpr bool direct = true;
    static void ring(AsyncQueue& queue, u32 vector) { send(queue.taic_process, vector); }
    static void rouse(AsyncQueue& queue) {
        if (queue.slots[static_cast<unsigned>(QueueSlot::Notification)].empty())
            ring(queue, TAIL4_ASYNC_DISPATCHER);
        else
            NotificationDoorbell::rouse(queue);
    }
};

// A user interrupt: the notification's badge is the vector, its thread the receiver. The thread may sleep as well.
// Without a receiver (any more) a signal has to do.
struct UintcDoorbell {
    static constexpr bool direct = false;
    static void ring(AsyncQueue& queue, u32) { rouse(queue); }
    static void rouse(AsyncQueue& queue) {
        const caps::Cap& cap = queue.slots[static_cast<unsigned>(QueueSlot::Notification)].cap;
        if (!cap.is(caps::CapType::Notification)) return;
        objects::Tcb* receiver = cap.as_notification()->bound_tcb;
        if (receiver == nullptr || !objects::send_user_interrupt(*receiver, static_cast<u32>(cap.badge())))
            NotificationDoorbell::rouse(queue);
    }
};

static_assert(Doorbell<NoDoorbell> && Doorbell<NotificationDoorbell> && Doorbell<TaicDoorbell> &&
              Doorbell<UintcDoorbell>);

template <class Use>
[[gnu::always_inline]] inline auto with_doorbell(const AsyncQueue& queue, Use use) {
    switch (queue.doorbell) {
    case DoorbellKind::Taic: return use(TaicDoorbell{});
    case DoorbellKind::Notification: return use(NotificationDoorbell{});
    case DoorbellKind::Uintc: return use(UintcDoorbell{});
    default: return use(NoDoorbell{});
    }
}

} // namespace async
