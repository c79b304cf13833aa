// The kernel's books of UINTC against the device, which is the model (uintr/model): an entry that nobody has is in its
// power-on state, and one that is given out begins so, whatever the last owner or a late sender has left.
#include "box.hpp"

#include "async/uintc_device.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"
#include "uintr/model/uintc_model.h"

#include <random>

namespace kernel::test {

namespace {

class UintcModelDevice {
public:
    static constexpr u64 start = 0x3000'0000'0000;

    explicit UintcModelDevice(u32 entries) : config_{entries, 8} {
        storage_.resize(uintc_model_size(&config_) / sizeof(Chunk) + 1);
        const UintcHost host{nullptr, nullptr, nullptr};
        model = uintc_model_init(storage_.data(), &config_, &host);
        fake::cpu.windows.push_back(
            {start, u64{entries} * uintr::entry_size,
             [this](u64 offset) {
                 u64 value = 0;
                 EXPECT_TRUE(uintc_model_read(model, offset, 8, &value));
                 return value;
             },
             [this](u64 offset, u64 value) { EXPECT_TRUE(uintc_model_write(model, offset, value, 8)); }});
    }
    UintcModelDevice(const UintcModelDevice&) = delete;
    UintcModelDevice& operator=(const UintcModelDevice&) = delete;
    ~UintcModelDevice() { fake::cpu.windows.clear(); }

    void write(u32 entry, uintr::ReceiverRegister reg, u64 value) {
        EXPECT_TRUE(uintc_model_write(model, uintr::offset_of(entry, reg), value, 8));
    }
    u64 read(u32 entry, uintr::ReceiverRegister reg) {
        u64 value = 0;
        EXPECT_TRUE(uintc_model_read(model, uintr::offset_of(entry, reg), 8, &value));
        return value;
    }
    bool clean(u32 entry) {
        return uintc_model_pending(model, entry) == 0 && read(entry, uintr::ReceiverRegister::Low) == 0;
    }
    u32 entries() const { return config_.entries; }

    UintcModel* model = nullptr;

private:
    struct alignas(16) Chunk {
        unsigned char bytes[16];
    };
    UintcConfig config_;
    std::vector<Chunk> storage_;
};

class UintcBooks : public BoxTest {
protected:
    explicit UintcBooks(u32 entries = 6) : BoxTest(2), device(entries) {
        for (u32 entry = 0; entry < entries; ++entry) { // a machine that was started again
            device.write(entry, uintr::ReceiverRegister::Low, uintr::Low::running(1).raw);
            device.write(entry, uintr::ReceiverRegister::Send, entry % 64);
        }
        async::init_uintc({base::Paddr{UintcModelDevice::start}, entries});
    }

    struct Owner {
        u64 room, tcb, ntfn;
    };
    // A thread that is a receiver; in memory of its own.
    Owner come() {
        const Owner owner{fresh(ObjectType::Untyped, 13), machine.free_slot(), machine.free_slot()};
        make(owner.room, ObjectType::Tcb, owner.tcb);
        make(owner.room, ObjectType::Notification, owner.ntfn);
        EXPECT_EQ(machine.call(owner.tcb, Label::TCBBindNotification, {}, {owner.ntfn}), ok());
        return owner;
    }
    void make(u64 room, ObjectType type, u64 at) {
        EXPECT_EQ(machine.call(room, Label::UntypedRetype, {static_cast<u64>(type), 0, 0, 0, at, 1}, {CN}), ok());
    }
    Reply enlist(const Owner& owner) {
        return machine.call(owner.ntfn, Label::NotificationRegisterReceiver, {}, {owner.tcb});
    }
    u32 entry_of(const Owner& owner) { return machine.tcb(owner.tcb).user_interrupts.receiver - 1U; }

    void expect_books() {
        bool left = false;
        for (u32 entry = 0; entry < device.entries(); ++entry) {
            const bool has_one =
                entry < objects::max_receivers && objects::user_interrupt_view().receivers[entry] != nullptr;
            if (entry < objects::max_receivers) {
                EXPECT_EQ(async::entry_used(entry), has_one) << "entry " << entry;
                left = left || !has_one;
            }
            if (!has_one) {
                EXPECT_TRUE(device.clean(entry)) << "entry " << entry;
            } else {
                EXPECT_LT(entry, async::entries_touched());
            }
        }
        EXPECT_EQ(async::entry_available(), left);
    }

    UintcModelDevice device;
};

TEST_F(UintcBooks, RestartClearsAll) { expect_books(); }

class ManyEntries : public UintcBooks {
protected:
    ManyEntries() : UintcBooks(objects::max_receivers + 8) {}
};

// Those that the kernel does not use would raise a line for ever.
TEST_F(ManyEntries, RestartClearsThoseBeyondItsOwn) {
    expect_books();
    for (u32 hart = 0; hart < 8; ++hart) EXPECT_FALSE(uintc_model_line(device.model, hart));
}

// A sender that had read its entry before it was taken away.
TEST_F(UintcBooks, LateSendReachesNoNewOwner) {
    const Owner first = come();
    EXPECT_EQ(enlist(first), ok());
    const u32 entry = entry_of(first);
    delete_slot(first.tcb);
    expect_books();
    device.write(entry, uintr::ReceiverRegister::Send, 9);
    const Owner second = come();
    EXPECT_EQ(enlist(second), ok());
    EXPECT_EQ(entry_of(second), entry);
    EXPECT_TRUE(device.clean(entry));
}

TEST_F(UintcBooks, BooksAgreeAfterEveryStep) {
    std::mt19937 random(3);
    std::vector<Owner> owners;
    std::vector<bool> enlisted;
    for (u32 i = 0; i < 8; ++i) {
        owners.push_back(come());
        enlisted.push_back(false);
    }
    for (unsigned step = 0; step < 2000; ++step) {
        const u32 which = static_cast<u32>(random() % owners.size());
        const Owner& owner = owners[which];
        switch (random() % 5) {
        case 0: {
            const bool room = async::entry_available() || enlisted[which];
            EXPECT_EQ(enlist(owner).code == 0, room);
            enlisted[which] = room;
            break;
        }
        case 1:
            EXPECT_EQ(machine.call(owner.ntfn, Label::NotificationUnregisterReceiver, {}, {owner.tcb}).code == 0,
                      enlisted[which]);
            enlisted[which] = false;
            break;
        case 2: objects::send_user_interrupt(machine.tcb(owner.tcb), random() % 64); break;
        case 3:
            machine.run(machine.tcb(owner.tcb));
            if (enlisted[which]) {
                EXPECT_TRUE(async::entry_active(entry_of(owner)));
                EXPECT_EQ(async::entry_hart(entry_of(owner)), smp::this_hart().hart_id_);
            }
            machine.run(machine.initial());
            break;
        default: { // with its memory
            const Owner gone = owner;
            revoke_slot(gone.room);
            make(gone.room, ObjectType::Tcb, gone.tcb);
            make(gone.room, ObjectType::Notification, gone.ntfn);
            EXPECT_EQ(machine.call(gone.tcb, Label::TCBBindNotification, {}, {gone.ntfn}), ok());
            enlisted[which] = false;
            break;
        }
        }
        expect_books();
        EXPECT_EQ(broken_invariant(machine), "");
        if (HasFailure()) FAIL() << "step " << step;
    }
}

} // namespace

} // namespace kernel::test
