// A capability: a 16-byte tagged value. word 0 holds the type, the small fields and the object's address; word 1 what
// the type needs besides (badge, guard, mapping). Equality of two words is equality of capabilities.
// The tags are those of DebugCapIdentify (sel4-abi-riscv64.md 2.5). Objects are reached through the typed accessors of
// the views below only; each view asserts its type.
#pragma once

#include "base/field.hpp"
#include "base/panic.hpp"
#include "base/types.hpp"

namespace objects {
struct Tcb;
struct Endpoint;
struct Notification;
struct AsyncQueue;
struct AsidPool;
} // namespace objects

namespace caps {

struct Slot;

enum class CapType : u8 {
    Null = 0,
    Frame = 1,
    Untyped = 2,
    PageTable = 3,
    Endpoint = 4,
    Notification = 6,
    Reply = 8,
    CNode = 10,
    AsidControl = 11,
    Tcb = 12,
    AsidPool = 13,
    IrqControl = 14,
    IrqHandler = 16,
    Zombie = 18,
    Domain = 20,
    AsyncQueue = 26,
};

enum class FrameSize : u8 { Page = 0, Mega = 1, Giga = 2 };
inline constexpr unsigned frame_bits(FrameSize size) { return 12 + 9 * static_cast<unsigned>(size); }

// VM rights of a frame capability. There is no write-only.
enum class VmRights : u8 { KernelOnly = 1, ReadOnly = 2, ReadWrite = 3 };

// The user's rights word (sel4-abi-riscv64.md 1.5).
struct Rights {
    u64 word_;
    bool write() const { return (word_ & 1) != 0; }
    bool read() const { return (word_ & 2) != 0; }
    bool grant() const { return (word_ & 4) != 0; }
    bool grant_reply() const { return (word_ & 8) != 0; }
};
inline constexpr u64 all_rights = 0xf;

class Cap {
public:
    using Type = base::Field<59, 5>;

    constexpr Cap() = default;
    constexpr Cap(CapType type, u64 low, u64 word1 = 0) : w0_(Type::make(static_cast<u64>(type)) | low), w1_(word1) {}

    constexpr CapType type() const { return static_cast<CapType>(Type::get(w0_)); }
    constexpr bool is(CapType type) const { return this->type() == type; }
    constexpr bool is_null() const { return w0_ == 0; }
    constexpr u64 word0() const { return w0_; }
    constexpr u64 word1() const { return w1_; }
    constexpr bool operator==(const Cap&) const = default;

    template <class T>
    T* object() const {
        return base::PointerField::get<T>(w0_);
    }

    // --- Endpoint and Notification: rights in word 0 bits 48..51, badge in word 1.
    static Cap endpoint(objects::Endpoint* object, u64 badge, u64 rights) {
        return {CapType::Endpoint, base::PointerField::make(object) | RightsField::make(rights), badge};
    }
    static Cap notification(objects::Notification* object, u64 badge, u64 rights) {
        return {CapType::Notification, base::PointerField::make(object) | RightsField::make(rights), badge};
    }
    objects::Endpoint* as_endpoint() const { return typed<objects::Endpoint>(CapType::Endpoint); }
    objects::Notification* as_notification() const { return typed<objects::Notification>(CapType::Notification); }
    // Notification only: a thread registered as a sender of user interrupts by this very capability. Copies have it
    // not.
    bool made_sender() const { return SenderField::get(w0_) != 0; }
    Cap with_made_sender(bool value) const {
        Cap copy = *this;
        SenderField::set(copy.w0_, value);
        return copy;
    }
    u64 badge() const { return w1_; }
    Rights rights() const { return Rights{RightsField::get(w0_)}; }
    Cap with_badge(u64 badge) const { return from_words(w0_, badge); }
    Cap with_rights(u64 rights) const {
        Cap copy = *this;
        RightsField::set(copy.w0_, rights);
        return copy;
    }

    // --- CNode: radix in word 0; word 1 is the guard in the user's cap data format (size in 5:0, value above).
    static Cap cnode(Slot* slots, unsigned radix, u64 guard_value, unsigned guard_size) {
        return {CapType::CNode, base::PointerField::make(slots) | SmallField::make(radix),
                guard_value << 6 | guard_size};
    }
    Slot* cnode_slots() const { return typed<Slot>(CapType::CNode); }
    unsigned radix() const { return static_cast<unsigned>(SmallField::get(w0_)); }
    unsigned guard_size() const { return static_cast<unsigned>(w1_ & 63); }
    u64 guard() const { return w1_ >> 6; }
    Cap with_guard(u64 value, unsigned size) const { return from_words(w0_, (value & base::mask(size)) << 6 | size); }

    // --- Untyped: physical base, size and device flag in word 0; word 1 is the watermark in 16-byte units.
    static Cap untyped(base::Paddr start, unsigned size_bits, bool device, u64 free_index) {
        return {CapType::Untyped, base::raw(start) | SmallField::make(size_bits) | DeviceField::make(device),
                free_index};
    }
    unsigned untyped_bits() const { return static_cast<unsigned>(SmallField::get(w0_)); }
    u64 untyped_free_index() const { return w1_; }
    u64 untyped_max_index() const { return u64{1} << (untyped_bits() - 4); }
    u64 untyped_free_bytes() const { return base::bit(untyped_bits()) - (w1_ << 4); }
    Cap with_free_index(u64 index) const { return from_words(w0_, index); }

    // --- Frame: physical base, size, VM rights, device flag in word 0; mapping {asid, vaddr} in word 1 (asid 0: none).
    static Cap frame(base::Paddr start, FrameSize size, VmRights rights, bool device) {
        return {CapType::Frame,
                base::raw(start) | FrameSizeField::make(static_cast<u64>(size)) |
                    VmRightsField::make(static_cast<u64>(rights)) | DeviceField::make(device)};
    }
    FrameSize frame_size() const { return static_cast<FrameSize>(FrameSizeField::get(w0_)); }
    VmRights vm_rights() const { return static_cast<VmRights>(VmRightsField::get(w0_)); }
    bool is_device() const { return DeviceField::get(w0_) != 0; } // Frame and Untyped
    base::Paddr paddr() const { return base::Paddr{PaddrField::get(w0_)}; }
    Cap with_vm_rights(VmRights rights) const {
        Cap copy = *this;
        VmRightsField::set(copy.w0_, static_cast<u64>(rights));
        return copy;
    }

    // --- Frame and PageTable: where the object is mapped. A page table that is a VSpace root has vaddr 0.
    static base::Asid mapped_asid_of(u64 word1) { return static_cast<base::Asid>(AsidField::get(word1)); }
    base::Asid mapped_asid() const { return mapped_asid_of(w1_); }
    base::Vaddr mapped_vaddr() const { return VaddrField::get(w1_); }
    bool is_mapped() const { return mapped_asid() != 0; }
    Cap with_mapping(base::Asid asid, base::Vaddr vaddr) const {
        return from_words(w0_, AsidField::make(asid) | VaddrField::make(vaddr));
    }
    Cap without_mapping() const { return from_words(w0_, 0); }

    static Cap page_table(void* table) { return {CapType::PageTable, base::PointerField::make(table)}; }
    u64* page_table() const { return typed<u64>(CapType::PageTable); }

    static Cap tcb(objects::Tcb* tcb) { return {CapType::Tcb, base::PointerField::make(tcb)}; }
    objects::Tcb* as_tcb() const { return typed<objects::Tcb>(CapType::Tcb); }

    static Cap asid_pool(objects::AsidPool* pool, u64 asid_base) {
        return {CapType::AsidPool, base::PointerField::make(pool), asid_base};
    }
    objects::AsidPool* as_asid_pool() const { return typed<objects::AsidPool>(CapType::AsidPool); }
    u64 asid_base() const { return w1_; }

    static Cap irq_handler(u64 irq) { return {CapType::IrqHandler, 0, irq}; }
    u64 irq() const { return w1_; }

    // --- Reply: the thread that waits; the master copy lives in that thread's own TCB.
    static Cap reply(objects::Tcb* tcb, bool can_grant, bool master) {
        return {CapType::Reply,
                base::PointerField::make(tcb) | RightsField::make(can_grant ? 4 : 0) | DeviceField::make(master)};
    }
    objects::Tcb* reply_tcb() const { return typed<objects::Tcb>(CapType::Reply); }
    bool reply_master() const { return DeviceField::get(w0_) != 0; }

    static Cap async_queue(objects::AsyncQueue* queue) {
        return {CapType::AsyncQueue, base::PointerField::make(queue)};
    }
    objects::AsyncQueue* as_async_queue() const { return typed<objects::AsyncQueue>(CapType::AsyncQueue); }

private:
    using PaddrField = base::Field<0, 48>;
    using RightsField = base::Field<48, 4>;
    using SenderField = base::Field<52, 1>;
    using SmallField = base::Field<48, 6>; // radix, untyped size
    using FrameSizeField = base::Field<48, 2>;
    using VmRightsField = base::Field<50, 2>;
    using DeviceField = base::Field<58, 1>; // device memory; for Reply: master
    using AsidField = base::Field<48, 16>;
    using VaddrField = base::Field<0, 48>;

    static Cap from_words(u64 w0, u64 w1) {
        Cap cap;
        cap.w0_ = w0;
        cap.w1_ = w1;
        return cap;
    }
    template <class T>
    T* typed(CapType type) const {
        ASSERT(is(type));
        static_cast<void>(type);
        return object<T>();
    }

    friend class ZombieCap;

    u64 w0_ = 0;
    u64 w1_ = 0;
};
static_assert(sizeof(Cap) == 16);

} // namespace caps
