// What surrounds the simulated harts: memory, ROM, devices, and the addresses of all of them. The SoC itself has CLINT
// and PLIC. A machine boots in two stages: the firmware's next address is a trampoline that asks the test device where
// to go, and until that question the machine is the same whatever is run on it; so a snapshot is taken there.
// Addresses: the Litex configurations of Rocket (memory, ROM, MMIO window); the rest is free there.
#pragma once

#include "taic/model/taic_model.h"
#include "tools/rocket/axi_port.hpp"
#include "tools/rocket/devices.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace rocket {

constexpr u64 memory_base = 0x8000'0000, memory_size = 256ull << 20;
constexpr u64 rom_base = 0x1000'0000, rom_size = 0x1'0000;
constexpr u64 test_base = 0x1010'0000, clock_base = 0x1011'0000, taic_base = 0x1100'0000, uart_base = 0x6000'1000;
constexpr u64 taic_window = 0x100'0000;
constexpr u64 nanoseconds_per_cycle = 10; // 100 MHz, as on the board
constexpr unsigned most_harts = 4;

// Cycles until the first beat, or the answer.
struct Latencies {
    u64 read = 30, write = 10; // of memory
    u64 device = 1;
    // Of TAIC, as measured on its Verilog (shared TAIC specification, 5.1): the service of a queue's store, and of a
    // register. One access at a time.
    u64 taic_queue = 6, taic_register = 2;
};

// Where the trampoline goes; entry 0: it waits.
struct Next {
    u64 tree = 0, entry = 0;
};

class Machine {
public:
    Machine(unsigned harts, unsigned memory_bus_bytes);
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // The code of reset.S, the firmware where it sends every hart, and the firmware's device tree. False: one does not
    // fit.
    bool place_firmware(std::span<const u8> reset, std::span<const u8> firmware, std::span<const u8> tree);
    // False: there is no such memory.
    bool place(std::span<const u8> bytes, u64 address);
    // Segments at their physical addresses, of an ELF64 file; the entry, or 0 if it is none that fits.
    u64 place_elf(std::span<const u8> file);
    void set_next(const Next& next) { next_ = next; }
    bool set_taic(std::string_view kind); // thesis, rtl

    AxiPort& memory_port() { return memory_port_; }
    AxiPort& device_port() { return device_port_; }
    AxiTarget& memory() { return memory_; }
    AxiTarget& devices() { return devices_; }
    // At the end of each cycle.
    void advance();

    u64 cycle() const { return cycle_; }
    unsigned interrupt_lines() const { return (uart_.line() ? 1u : 0u) | (clock_.line() ? 2u : 0u); }
    bool supervisor_line(unsigned hart) const { return supervisor_lines_[hart]; }
    // The trampoline asks where to go, again and again until there is an answer.
    bool asked() const { return asked_; }
    // Status with which the guest powered off; below 0: it has not.
    int status() const { return status_; }

    Latencies latencies;
    std::function<void(char)> on_character;
    std::function<void(const std::string&)> on_complaint;
    // What an access to TAIC does (taic_model.h); before the lines that it changes.
    std::function<void(TaicEvent event, unsigned global, unsigned local, u64 a, u64 b)> on_taic;
    std::function<void(unsigned hart, bool level)> on_supervisor_line;

    // All that is not in the SoC. The same number of harts, and TAIC unused, on both sides.
    void save(std::FILE* file);
    bool load(std::FILE* file);

private:
    class MemoryTarget final : public AxiTarget {
    public:
        explicit MemoryTarget(Machine& machine) : machine_(machine) {}
        void read(u64 address, unsigned size, u8* lanes) override;
        void write(u64 address, unsigned size, const u8* lanes, u64 strobe) override;
        u64 latency(u64 address, bool writes) const override;

    private:
        Machine& machine_;
    };
    class DeviceTarget final : public AxiTarget {
    public:
        explicit DeviceTarget(Machine& machine) : machine_(machine) {}
        void read(u64 address, unsigned size, u8* lanes) override;
        void write(u64 address, unsigned size, const u8* lanes, u64 strobe) override;
        u64 latency(u64 address, bool writes) const override;

    private:
        Machine& machine_;
    };

    void set_supervisor_line(unsigned hart, bool level);
    u64 read_device(u64 address, unsigned bytes);
    void write_device(u64 address, unsigned bytes, u64 value);
    u64 read_test_device(u64 offset);
    void write_test_device(u64 value);
    void complain(const char* what, u64 a, u64 b = 0);

    unsigned harts_, bus_bytes_;
    std::unique_ptr<u8[], void (*)(u8*)> bytes_;
    std::unique_ptr<u8[]> rom_;
    MemoryTarget memory_{*this};
    DeviceTarget devices_{*this};
    AxiPort memory_port_, device_port_;
    Uart uart_{};
    Clock clock_{};
    std::unique_ptr<u64[]> taic_storage_;
    TaicModel* taic_ = nullptr;
    std::array<bool, most_harts> supervisor_lines_{};
    Next next_;
    u64 cycle_ = 0;
    bool asked_ = false;
    int status_ = -1;
};

} // namespace rocket
