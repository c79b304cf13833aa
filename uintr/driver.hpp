// UINTC driver: typed access to the receiver entries over a bus policy (taic/mmio_bus.hpp on RISC-V).
// Invariants: 64-bit accesses only; an index is below entries(), a hart below the number of harts: the caller checks
// both (the published hardware truncates them). Nothing here blocks, allocates or locks; every operation is one
// access and atomic, so no lock is needed. Source: shared specification of user interrupts, sections 5.3 and 6.3.
#pragma once

#include "uintr/regs.hpp"

#include <concepts>
#include <cstdint>

namespace uintr {

// How registers are reached; offsets count from the base of the window. publish: fence w,o before a store that
// announces data written to memory. acquire: fence i,r after a load that names data to be read from memory.
template <class T>
concept Bus = std::copy_constructible<T> && requires(T bus, std::uint64_t value) {
    { bus.read64(value) } -> std::same_as<std::uint64_t>;
    bus.write64(value, value);
    bus.publish();
    bus.acquire();
};

template <Bus B>
class Driver {
public:
    Driver(B bus, std::uint32_t entries) : bus_(bus), entries_(entries) {}

    std::uint32_t entries() const { return entries_; }

    // Sets one bit of a receiver, after everything written to memory so far.
    void send(std::uint32_t receiver, std::uint32_t vector) {
        bus_.publish();
        write(receiver, ReceiverRegister::Send, vector);
    }

    // The receiver's thread runs on this hart now: bits that wait raise the line at this store.
    void activate_on(std::uint32_t receiver, std::uint64_t hart) {
        write(receiver, ReceiverRegister::Low, Low::running(hart).raw);
    }

    // The thread leaves its hart: the line drops, bits are kept.
    void deactivate(std::uint32_t receiver) { write(receiver, ReceiverRegister::Active, 0); }

    // No side effect. The published hardware does not say: always false there.
    [[nodiscard]] bool active(std::uint32_t receiver) const {
        return (bus_.read64(offset_of(receiver, ReceiverRegister::Active)) & 1) != 0;
    }
    [[nodiscard]] Low low(std::uint32_t receiver) const {
        return {bus_.read64(offset_of(receiver, ReceiverRegister::Low))};
    }

    // All bits, cleared by the read.
    [[nodiscard]] std::uint64_t take(std::uint32_t receiver) {
        const std::uint64_t bits = bus_.read64(offset_of(receiver, ReceiverRegister::High));
        if (bits != 0) bus_.acquire();
        return bits;
    }

    // Puts bits back; those that arrived meanwhile stay.
    void restore(std::uint32_t receiver, std::uint64_t bits) { write(receiver, ReceiverRegister::High, bits); }

    // There is no load that leaves the bits alone: takes them and puts them back. Meant for an inactive receiver.
    [[nodiscard]] bool pending(std::uint32_t receiver) {
        const std::uint64_t bits = take(receiver);
        if (bits != 0) restore(receiver, bits);
        return bits != 0;
    }

    // Power-on state of one entry.
    void clear(std::uint32_t receiver) {
        write(receiver, ReceiverRegister::Low, 0);
        (void)take(receiver);
    }

private:
    void write(std::uint32_t receiver, ReceiverRegister reg, std::uint64_t value) {
        bus_.write64(offset_of(receiver, reg), value);
    }

    B bus_;
    std::uint32_t entries_;
};

} // namespace uintr
