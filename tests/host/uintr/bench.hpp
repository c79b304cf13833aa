// Test bench of the UINTC model: a device with recorded lines and the vocabulary of the conformance list.
// Invariants, checked for every test: a line changes only when reported, a report is a change, and every access the
// model refuses is one the test asked for. Source: shared specification of user interrupts, section 8 (notation).
#pragma once

#include "uintr/model/uintc_model.h"
#include "uintr/regs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace uintr::test {

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

class Bench {
public:
    explicit Bench(std::uint32_t entries = 512, std::uint32_t harts = 4)
        : config_{entries, harts}, storage_(uintc_model_size(&config_) / 8 + 2, 0xdead'beef'dead'beef), lines_(harts) {
        const UintcHost host{this, on_line, on_error};
        model = uintc_model_init(storage_.data(), &config_, &host);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    ~Bench() {
        for (unsigned hart = 0; hart < config_.harts; ++hart) {
            EXPECT_EQ(lines_[hart], uintc_model_line(model, hart)) << "hart " << hart;
        }
        EXPECT_EQ(errors_, 0U);
    }

    std::uint64_t read(std::uint32_t receiver, ReceiverRegister reg) {
        std::uint64_t value = all_ones;
        EXPECT_TRUE(uintc_model_read(model, offset_of(receiver, reg), 8, &value));
        return value;
    }
    void write(std::uint32_t receiver, ReceiverRegister reg, std::uint64_t value) {
        EXPECT_TRUE(uintc_model_write(model, offset_of(receiver, reg), value, 8));
    }
    void send(std::uint32_t receiver, std::uint64_t vector) { write(receiver, ReceiverRegister::Send, vector); }
    void low(std::uint32_t receiver, std::uint64_t value) { write(receiver, ReceiverRegister::Low, value); }
    std::uint64_t low(std::uint32_t receiver) { return read(receiver, ReceiverRegister::Low); }
    void high(std::uint32_t receiver, std::uint64_t bits) { write(receiver, ReceiverRegister::High, bits); }
    std::uint64_t high(std::uint32_t receiver) { return read(receiver, ReceiverRegister::High); }
    void act(std::uint32_t receiver, std::uint64_t value) { write(receiver, ReceiverRegister::Active, value); }
    std::uint64_t act(std::uint32_t receiver) { return read(receiver, ReceiverRegister::Active); }

    const UintcConfig& config() const { return config_; }
    bool line(unsigned hart) const { return lines_[hart]; }
    unsigned lines_up() const {
        unsigned count = 0;
        for (const bool level : lines_) count += level ? 1 : 0;
        return count;
    }
    unsigned transitions() const { return transitions_; }
    unsigned drop_errors() { return std::exchange(errors_, 0U); }
    // After a snapshot every line is driven anew.
    void allow_repeated_levels() { repeats_allowed_ = true; }

    UintcModel* model;

private:
    static void on_line(void* opaque, unsigned hart, bool level) {
        auto& bench = *static_cast<Bench*>(opaque);
        EXPECT_TRUE(bench.repeats_allowed_ || bench.lines_.at(hart) != level);
        bench.lines_.at(hart) = level;
        ++bench.transitions_;
    }
    static void on_error(void* opaque, const char*, std::uint64_t, std::uint64_t) {
        ++static_cast<Bench*>(opaque)->errors_;
    }

    UintcConfig config_;
    std::vector<std::uint64_t> storage_;
    std::vector<bool> lines_;
    unsigned transitions_ = 0, errors_ = 0;
    bool repeats_allowed_ = false;
};

} // namespace uintr::test
