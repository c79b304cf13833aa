// The instruction cases of the conformance list, section 8.4, and the CSR masks of 8.2, on a hart made of the model's
// rules, a device and a piece of memory. What needs a real hart (traps, delivery) is in tools/qemu/test.
#include "tests/host/uintr/bench.hpp"

#include <map>

namespace uintr::test {

namespace {

constexpr std::uint64_t table = 0x8010'0000;

// Executes `uipi` as section 3.2 says; memory that was never written does not exist.
class Hart {
public:
    explicit Hart(std::uint32_t entries = 512) : device(entries) {
        suist = SenderTable::make(table, 1).raw;
        suirs = ReceiverStatus::make(5).raw;
        device.low(5, 3);
        fill(table, 1);
        put(0, SenderEntry::make(5, 7));
    }

    void fill(std::uint64_t base, std::uint64_t pages) {
        for (std::uint64_t at = base; at < base + pages * table_page_size; at += 8) memory[at] = 0;
    }
    void put(std::uint64_t index, SenderEntry entry) { memory[table + 8 * index] = entry.raw; }

    void send(std::uint64_t index) {
        std::uint64_t address = 0, offset = 0, vector = 0;
        if (!uintr_sender_entry_address(uintr_legal_suist(suist), index, &address)) return;
        const auto found = memory.find(address);
        if (found == memory.end()) return; // bus error
        if (!uintr_send_target(found->second, device.config().entries, &offset, &vector)) return;
        EXPECT_TRUE(uintc_model_write(device.model, offset, vector, 8));
    }
    std::uint64_t read() {
        std::uint64_t offset = 0, value = 0;
        if (!receiver(&offset)) return 0;
        EXPECT_TRUE(uintc_model_read(device.model, offset + at(ReceiverRegister::High), 8, &value));
        return value;
    }
    void write(std::uint64_t bits) { store(ReceiverRegister::High, bits); }
    void activate() { store(ReceiverRegister::Active, 1); }
    void deactivate() { store(ReceiverRegister::Active, 0); }

    Bench device;
    std::uint64_t suist = 0, suirs = 0;
    std::map<std::uint64_t, std::uint64_t> memory;

private:
    static std::uint64_t at(ReceiverRegister reg) { return offset_of(0, reg); }
    bool receiver(std::uint64_t* offset) {
        return uintr_receiver_offset(uintr_legal_suirs(suirs), device.config().entries, offset);
    }
    void store(ReceiverRegister reg, std::uint64_t value) {
        std::uint64_t offset = 0;
        if (!receiver(&offset)) return;
        EXPECT_TRUE(uintc_model_write(device.model, offset + at(reg), value, 8));
    }
};

} // namespace

TEST(UintrConformance, Case26_CsrMasks) {
    EXPECT_EQ(uintr_legal_suist(all_ones), 0x80ff'ffff'ffff'ffffU);
    EXPECT_EQ(uintr_legal_suirs(all_ones), 0x8000'0000'0000'ffffU);
}

TEST(UintrConformance, Case43_SendToItself) {
    Hart hart;
    hart.send(0);
    EXPECT_TRUE(hart.device.line(0));
    EXPECT_EQ(hart.read(), 0x80U);
    EXPECT_FALSE(hart.device.line(0));
    EXPECT_EQ(hart.read(), 0U);
}

TEST(UintrConformance, Case64_DisabledInstructionsDoNothing) {
    Hart hart;
    hart.device.send(5, 1);
    hart.device.send(0, 1);
    hart.suist = 0;
    hart.suirs = 5;
    hart.send(0);
    EXPECT_EQ(hart.read(), 0U);
    hart.write(0xff);
    hart.deactivate();
    hart.activate();
    EXPECT_EQ(hart.device.low(5), 3U);
    EXPECT_EQ(hart.device.low(0), 0U);
    EXPECT_EQ(hart.device.high(5), 2U);
    EXPECT_EQ(hart.device.high(0), 2U);
}

TEST(UintrConformance, Case65_WriteThenRead) {
    Hart hart;
    hart.write(0x1'0003);
    EXPECT_TRUE(hart.device.line(0));
    EXPECT_EQ(hart.read(), 0x1'0003U);
    EXPECT_EQ(hart.read(), 0U);
}

TEST(UintrConformance, Case66_ActivateLeavesModeAndHart) {
    Hart hart;
    hart.device.low(5, 0x3'0002);
    hart.activate();
    EXPECT_EQ(hart.device.low(5), 0x3'0003U);
    hart.deactivate();
    EXPECT_EQ(hart.device.low(5), 0x3'0002U);
}

TEST(UintrConformance, Case67_ReceiverBeyondTheDevice) {
    Hart hart;
    hart.suirs = ReceiverStatus::make(512).raw;
    hart.write(1);
    hart.activate();
    EXPECT_EQ(hart.read(), 0U);
    for (std::uint32_t r = 0; r < 512; ++r) EXPECT_EQ(uintc_model_pending(hart.device.model, r), 0U);
}

TEST(UintrConformance, Case68_InvalidEntry) {
    Hart hart;
    hart.put(0, {SenderEntry::make(5, 7).raw & ~SenderEntry::valid_bit});
    hart.send(0);
    EXPECT_EQ(hart.read(), 0U);
}

TEST(UintrConformance, Case69_ReservedBitsAreIgnored) {
    Hart hart;
    hart.put(0, {SenderEntry::make(5, 7).raw | 0x0000'ffff'0000'fffeU});
    hart.send(0);
    EXPECT_EQ(hart.read(), 0x80U);
}

TEST(UintrConformance, Case70_IndexAgainstSize) {
    Hart hart;
    hart.fill(table + table_page_size, 1);
    hart.put(511, SenderEntry::make(5, 1));
    hart.put(512, SenderEntry::make(5, 2));
    hart.send(511);
    EXPECT_EQ(hart.read(), 2U);
    hart.send(512);
    EXPECT_EQ(hart.read(), 0U);
    hart.suist = SenderTable::make(table, 2).raw;
    hart.send(512);
    EXPECT_EQ(hart.read(), 4U);
    hart.suist = SenderTable::make(table, 0).raw;
    hart.send(0);
    EXPECT_EQ(hart.read(), 0U);
}

TEST(UintrConformance, Case71_NoIndexLeavesTheTable) {
    Hart hart;
    const std::uint64_t forged = table - 0x1000;
    hart.memory[forged] = SenderEntry::make(5, 9).raw;
    hart.memory[table - 8] = SenderEntry::make(5, 9).raw;
    hart.send(all_ones);               // -1: the word below the table
    hart.send(std::uint64_t{1} << 61); // times 8 is 0: entry 0
    hart.send((forged - table) / 8);   // wraps to the forged entry
    hart.send((std::uint64_t{1} << 61) + 1);
    EXPECT_EQ(hart.read(), 0U);
}

TEST(UintrConformance, Case72_ReceiverAndVectorOutOfRange) {
    Hart hart;
    hart.put(0, SenderEntry::make(600, 7));
    hart.put(1, SenderEntry::make(5, 64));
    hart.put(2, SenderEntry::make(0xffff, 0xffff));
    for (const std::uint64_t index : {0U, 1U, 2U}) hart.send(index);
    EXPECT_EQ(hart.read(), 0U);
}

TEST(UintrConformance, Case73_TableWithoutMemory) {
    Hart hart;
    hart.suist = SenderTable::make(0xfff'0000'0000, 1).raw;
    hart.send(0);
    EXPECT_EQ(hart.read(), 0U);
}

TEST(UintrConformance, Case75_ReadClearsWhateverTheDestination) {
    Hart hart;
    hart.write(1);
    (void)hart.read(); // rd = x0 differs in nothing but the value's fate
    EXPECT_EQ(uintc_model_pending(hart.device.model, 5), 0U);
}

TEST(UintrConformance, Case76_Encodings) {
    constexpr std::uint32_t a0 = 10;
    EXPECT_EQ(encode(Uipi::Send, 0, 0), 0x0000'607bU);
    EXPECT_EQ(encode(Uipi::Send, 0, a0), 0x0005'607bU);
    EXPECT_EQ(encode(Uipi::Read, 0, 0), 0x0200'607bU);
    EXPECT_EQ(encode(Uipi::Read, a0, 0), 0x0200'657bU);
    EXPECT_EQ(encode(Uipi::Write, 0, 0), 0x0400'607bU);
    EXPECT_EQ(encode(Uipi::Write, 0, a0), 0x0405'607bU);
    EXPECT_EQ(encode(Uipi::Activate, 0, 0), 0x0600'607bU);
    EXPECT_EQ(encode(Uipi::Deactivate, 0, 0), 0x0800'607bU);
}

TEST(UintrConformance, Case78_AnEditedEntryCountsFromTheNextSend) {
    Hart hart;
    hart.send(0);
    hart.put(0, SenderEntry::make(5, 8));
    hart.send(0);
    EXPECT_EQ(hart.read(), 0x180U);
    hart.put(0, {});
    hart.send(0);
    EXPECT_EQ(hart.read(), 0U);
}

TEST(UintcModel, SmallDeviceBoundsBothSides) {
    Hart hart(6);
    hart.put(1, SenderEntry::make(6, 0));
    hart.send(1);
    hart.send(0);
    EXPECT_EQ(hart.read(), 0x80U);
    hart.suirs = ReceiverStatus::make(6).raw;
    hart.write(1);
    EXPECT_EQ(hart.read(), 0U);
}

} // namespace uintr::test
