// Object types as Untyped_Retype numbers them, and their sizes. The numbers come from the interface table (kernel/api).
// Source: sel4-abi-riscv64.md 7.1, 7.2.
#pragma once

#include "api/labels.hpp"
#include "caps/cap.hpp"
#include "caps/zombie.hpp"

namespace objects {

using api::ObjectType;

// True for the types seL4 knows and ours.
constexpr bool known_type(u64 type) {
    return type < api::sel4_object_types || type == static_cast<u64>(ObjectType::AsyncQueue);
}

// log2 of an object's size; `size_bits` is the user's argument, meaningful for untypeds, CNodes and async queues.
constexpr u64 object_bits(ObjectType type, u64 size_bits) {
    switch (type) {
    case ObjectType::Untyped:
    case ObjectType::AsyncQueue: return size_bits;
    case ObjectType::CapTable: return size_bits + api::slot_bits;
    case ObjectType::Tcb: return api::tcb_bits;
    case ObjectType::Endpoint: return api::endpoint_bits;
    case ObjectType::Notification: return api::notification_bits;
    case ObjectType::GigaPage: return frame_bits(caps::FrameSize::Giga);
    case ObjectType::MegaPage: return frame_bits(caps::FrameSize::Mega);
    case ObjectType::Page: return frame_bits(caps::FrameSize::Page);
    case ObjectType::PageTable: return api::page_table_bits;
    }
    return 0;
}

constexpr bool is_frame(ObjectType type) {
    return type == ObjectType::GigaPage || type == ObjectType::MegaPage || type == ObjectType::Page;
}
constexpr caps::FrameSize frame_size(ObjectType type) {
    return type == ObjectType::Page    ? caps::FrameSize::Page
        : type == ObjectType::MegaPage ? caps::FrameSize::Mega
                                       : caps::FrameSize::Giga;
}

} // namespace objects
