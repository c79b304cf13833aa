// Case 19 of the conformance list: random operations against the equation of the lines.
#include "tests/host/uintr/bench.hpp"

#include <array>
#include <random>

namespace uintr::test {

namespace {

constexpr std::uint32_t entry_count = 32;
constexpr std::uint32_t hart_count = 4;

// The equation itself, with no counter to get wrong.
class Reference {
public:
    void write(std::uint32_t receiver, ReceiverRegister reg, std::uint64_t value) {
        Entry& entry = entries_[receiver];
        switch (reg) {
        case ReceiverRegister::Send:
            if (value < 64) entry.pending |= std::uint64_t{1} << value;
            break;
        case ReceiverRegister::Low:
            entry.active = (value & 1) != 0;
            entry.hart = value >> 16 & 0xffff;
            break;
        case ReceiverRegister::High: entry.pending |= value; break;
        case ReceiverRegister::Active: entry.active = (value & 1) != 0; break;
        }
    }
    std::uint64_t take(std::uint32_t receiver) { return std::exchange(entries_[receiver].pending, 0U); }
    unsigned lines() const {
        unsigned lines = 0;
        for (const Entry& entry : entries_) {
            if (entry.active && entry.pending != 0 && entry.hart < hart_count) lines |= 1U << entry.hart;
        }
        return lines;
    }

private:
    struct Entry {
        std::uint64_t pending, hart;
        bool active;
    };
    std::array<Entry, entry_count> entries_{};
};

std::uint64_t random_value(std::mt19937_64& random, ReceiverRegister reg) {
    switch (reg) {
    case ReceiverRegister::Send: return random() % 66;
    case ReceiverRegister::Low: return (random() % 6) << 16 | (random() & 3); // harts 4 and 5 do not exist
    case ReceiverRegister::High: return random() % 4 == 0 ? random() : 0;
    case ReceiverRegister::Active: return random();
    }
    return 0;
}

} // namespace

TEST(UintrConformance, Case19_RandomOperationsKeepTheEquation) {
    constexpr std::array registers{ReceiverRegister::Send, ReceiverRegister::Low, ReceiverRegister::High,
                                   ReceiverRegister::Active};
    Bench t(entry_count, hart_count);
    Reference reference;
    std::mt19937_64 random(20230219);
    for (int step = 0; step < 1'000'000; ++step) {
        const auto receiver = static_cast<std::uint32_t>(random() % entry_count);
        if (random() % 3 == 0) {
            ASSERT_EQ(t.high(receiver), reference.take(receiver));
        } else {
            const ReceiverRegister reg = registers[random() % registers.size()];
            const std::uint64_t value = random_value(random, reg);
            t.write(receiver, reg, value);
            reference.write(receiver, reg, value);
        }
        const unsigned expected = reference.lines();
        for (unsigned hart = 0; hart < hart_count; ++hart) {
            ASSERT_EQ(t.line(hart), (expected >> hart & 1) != 0) << "step " << step << " hart " << hart;
        }
    }
    EXPECT_GT(t.transitions(), 10'000U);
    EXPECT_GT(t.drop_errors(), 0U); // vectors 64 and 65
}

} // namespace uintr::test
