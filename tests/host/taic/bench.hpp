// Test bench of the TAIC model: a device with recorded outputs and the vocabulary of the conformance list.
// Invariants, checked for every test: lines change only when reported, the state stays consistent, and every
// guest error is one the test asked for. Source: shared TAIC specification, section 8 (notation).
#pragma once

#include "taic/model/taic_model.h"
#include "taic/regs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace taic::test {

constexpr std::uint32_t hart_count = 8;
constexpr std::uint64_t none = all_ones;

// The published geometry, so that the capacity cases hold with the quirks off as well.
inline TaicConfig conformance_config(bool quirks) {
    TaicConfig config{};
    EXPECT_TRUE(taic_config_rtl(&config, hart_count));
    config.rtl_quirks = quirks;
    return config;
}

class Bench {
public:
    explicit Bench(bool quirks) : Bench(conformance_config(quirks)) {}
    explicit Bench(const TaicConfig& config)
        : config_(config), storage_(taic_model_size(&config) / 16 + 1), lines_(config.harts * 2) {
        const TaicHost host{this, on_line, on_error, on_trace};
        model = taic_model_init(storage_.data(), &config, &host);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    ~Bench() {
        EXPECT_TRUE(taic_model_consistent(model));
        EXPECT_EQ(errors_.size(), 0U) << errors_.front();
    }

    // The two queues of "two GQs".
    static constexpr Index k{0, 0};
    static constexpr Index u{1, 0};
    void two_queues() {
        ASSERT_EQ(alloc(1, 0), k.word());
        ASSERT_EQ(alloc(1, 2), u.word());
    }

    bool quirks() const { return config_.rtl_quirks; }
    const TaicConfig& config() const { return config_; }

    std::uint64_t read(std::uint64_t offset, unsigned size = 8) { return taic_model_read(model, offset, size); }
    void write(std::uint64_t offset, std::uint64_t value, unsigned size = 8) {
        taic_model_write(model, offset, value, size);
    }
    std::uint64_t at(Index page, QueueRegister reg, std::uint64_t index = 0) const {
        return page_offset({config_.global_queues, config_.local_queues, config_.external_lines}, page) +
            offset_of(reg, index);
    }

    void alq(std::uint64_t value) { write(offset_of(AllocatorRegister::Allocate), value); }
    std::uint64_t alq() { return read(offset_of(AllocatorRegister::Allocate)); }
    std::uint64_t alloc(std::uint64_t os, std::uint64_t process) {
        alq(os);
        alq(process);
        return alq();
    }
    void free(std::uint64_t word) { write(offset_of(AllocatorRegister::Free), word); }
    void free(Index index) { free(index.word()); }
    void irq(unsigned line, std::uint64_t value = 1) {
        write(offset_of(AllocatorRegister::SimulateExternal, line), value);
    }
    void external(unsigned line, bool level) { taic_model_set_external(model, line, level); }

    void enq(Index page, std::uint64_t word) { write(at(page, QueueRegister::Enqueue), word); }
    std::uint64_t deq(Index page) { return read(at(page, QueueRegister::Dequeue)); }
    std::uint64_t error(Index page) { return read(at(page, QueueRegister::Error)); }
    void whart(Index page, std::uint64_t hart) { write(at(page, QueueRegister::BindHart), hart); }
    void extint(Index page, unsigned line, std::uint64_t handler) {
        write(at(page, QueueRegister::RegisterExternal, line), handler);
    }
    void rs(Index page, std::uint64_t os, std::uint64_t process, std::uint64_t irq) {
        pair(page, QueueRegister::RegisterSender, os, process, irq);
    }
    void cs(Index page, std::uint64_t os, std::uint64_t process, std::uint64_t irq) {
        pair(page, QueueRegister::CancelSender, os, process, irq);
    }
    void si(Index page, std::uint64_t os, std::uint64_t process, std::uint64_t irq) {
        pair(page, QueueRegister::Send, os, process, irq);
    }
    void rr(Index page, std::uint64_t os, std::uint64_t process, std::uint64_t irq, std::uint64_t handler) {
        pair(page, QueueRegister::RegisterReceiver, os, process, irq);
        write(at(page, QueueRegister::RegisterReceiver), handler);
    }

    bool line(unsigned hart, Line which) const { return lines_[hart * 2 + static_cast<unsigned>(which)]; }
    bool ssip(unsigned hart) const { return line(hart, Line::Supervisor); }
    bool usip(unsigned hart) const { return line(hart, Line::User); }
    unsigned lines_up() const {
        unsigned count = 0;
        for (const bool level : lines_) count += level ? 1 : 0;
        return count;
    }

    TaicGlobalQueueView view(unsigned gq) const { return taic_model_view_queue(model, gq); }
    unsigned send_slots(unsigned gq) const {
        unsigned count = 0;
        for (unsigned slot = 0; slot < config_.slots; ++slot) {
            const TaicSlotView view = taic_model_view_send_slot(model, gq, slot);
            count += (view.os | view.word) != 0 ? 1 : 0;
        }
        return count;
    }
    std::vector<std::uint64_t> handlers(unsigned gq) const { // of the used receive slots, in slot order
        std::vector<std::uint64_t> found;
        for (unsigned slot = 0; slot < config_.slots; ++slot) {
            const TaicSlotView view = taic_model_view_receive_slot(model, gq, slot);
            if ((view.os | view.word | view.handler) != 0) found.push_back(view.handler);
        }
        return found;
    }

    // The one guest error since the last call must contain `text`.
    void expect_guest_error(const std::string& text) {
        ASSERT_EQ(errors_.size(), 1U) << "expected: " << text;
        EXPECT_NE(errors_.front().find(text), std::string::npos) << errors_.front();
        errors_.clear();
    }
    std::size_t drop_guest_errors() {
        const std::size_t count = errors_.size();
        errors_.clear();
        return count;
    }
    unsigned events(TaicEvent event) const {
        unsigned count = 0;
        for (const TaicEvent seen : events_) count += seen == event ? 1 : 0;
        return count;
    }
    void keep_no_events() { record_events_ = false; }
    // Host side of a restored snapshot: levels are reported again whether they changed or not.
    void allow_repeated_levels() { repeated_levels_ = true; }

    TaicModel* model = nullptr;

private:
    struct alignas(16) Chunk {
        unsigned char bytes[16];
    };

    void pair(Index page, QueueRegister reg, std::uint64_t os, std::uint64_t process, std::uint64_t irq) {
        write(at(page, reg), os);
        write(at(page, reg), process << 32 | irq);
    }
    static void on_line(void* opaque, unsigned hart, unsigned line, bool level) {
        Bench& self = *static_cast<Bench*>(opaque);
        ASSERT_LT(hart, self.config_.harts);
        ASSERT_LT(line, 2U);
        EXPECT_TRUE(self.repeated_levels_ || self.lines_[hart * 2 + line] != level) << "reported without a change";
        self.lines_[hart * 2 + line] = level;
    }
    static void on_error(void* opaque, const char* message, std::uint64_t, std::uint64_t) {
        static_cast<Bench*>(opaque)->errors_.emplace_back(message);
    }
    static void on_trace(void* opaque, TaicEvent event, unsigned, unsigned, std::uint64_t, std::uint64_t) {
        Bench& self = *static_cast<Bench*>(opaque);
        if (self.record_events_) self.events_.push_back(event);
    }

    TaicConfig config_;
    std::vector<Chunk> storage_;
    std::vector<bool> lines_;
    std::vector<std::string> errors_;
    std::vector<TaicEvent> events_;
    bool record_events_ = true;
    bool repeated_levels_ = false;
};

// Runs one case under both settings; the case asks quirks() where they differ.
template <class Case>
void both(Case run) {
    for (const bool quirks : {false, true}) {
        SCOPED_TRACE(quirks ? "quirks on" : "quirks off");
        Bench bench(quirks);
        run(bench);
    }
}

template <class Case>
void both_with_two_queues(Case run) {
    both([&](Bench& t) {
        t.two_queues();
        run(t);
    });
}

} // namespace taic::test
