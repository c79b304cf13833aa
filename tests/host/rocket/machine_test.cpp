// The machine around the SoC: addresses, latencies, what is loaded, snapshots.
#include "taic/regs.hpp"
#include "tools/rocket/machine.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <vector>

namespace rocket {
namespace {

class MachineTest : public testing::Test {
protected:
    u64 read(AxiTarget& target, u64 address, unsigned size = 3) {
        u8 lanes[AxiPort::widest] = {};
        target.read(address, size, lanes);
        u64 value = 0;
        std::memcpy(&value, lanes + (address & 7), 8 - (address & 7));
        return size == 3 ? value : value & ((u64{1} << (8u << size)) - 1);
    }
    void write(AxiTarget& target, u64 address, u64 value, unsigned size = 3) {
        u8 lanes[AxiPort::widest] = {};
        std::memcpy(lanes + (address & 7), &value, 8 - (address & 7));
        target.write(address, size, lanes, ((u64{1} << (1u << size)) - 1) << (address & 7));
    }
    u64 memory(u64 address) { return read(machine.memory(), address); }
    u64 device(u64 address) { return read(machine.devices(), address); }

    Machine machine{2, 8};
};

TEST_F(MachineTest, MemoryKeepsTheBytesThatWereStrobed) {
    write(machine.memory(), memory_base + 16, 0x1122'3344'5566'7788);
    write(machine.memory(), memory_base + 18, 0xaaaa, 1);
    EXPECT_EQ(memory(memory_base + 16), 0x1122'3344'aaaa'7788U);
    EXPECT_EQ(memory(memory_base + memory_size), 0U); // nothing is there
}

TEST_F(MachineTest, TheGuestEndsTheRun) {
    EXPECT_EQ(machine.status(), -1);
    write(machine.devices(), test_base, 0x5555, 2);
    EXPECT_EQ(machine.status(), 0);
    write(machine.devices(), test_base, 0x0007'3333, 2);
    EXPECT_EQ(machine.status(), 7);
    write(machine.devices(), test_base, 0x3333, 2);
    EXPECT_EQ(machine.status(), 1);
}

TEST_F(MachineTest, TheConsoleIsHeard) {
    std::string heard;
    machine.on_character = [&](char character) { heard += character; };
    write(machine.devices(), uart_base, 'h', 0);
    write(machine.devices(), uart_base, 'i', 0);
    EXPECT_EQ(heard, "hi");
}

TEST_F(MachineTest, TaicTakesItsTimeOneAccessAfterTheOther) {
    const u64 queue = taic_base + taic::page_size;
    const AxiTarget& devices = machine.devices();
    EXPECT_EQ(devices.latency(queue + taic::offset_of(taic::QueueRegister::Enqueue), true), 6U);
    EXPECT_EQ(devices.latency(queue + taic::offset_of(taic::QueueRegister::Dequeue), false), 6U);
    EXPECT_EQ(devices.latency(queue + taic::offset_of(taic::QueueRegister::Send), true), 2U);
    EXPECT_EQ(devices.latency(taic_base, false), 2U);
    EXPECT_EQ(devices.latency(uart_base, true), 1U);
    EXPECT_EQ(machine.memory().latency(memory_base, false), 30U);
}

TEST_F(MachineTest, DevicesAreReachedOneAccessAtATimeAndMemoryIsNot) {
    const auto second_beat = [&](AxiPort& port, AxiTarget& target, u64 address) {
        const u64 begin = machine.cycle();
        for (const u32 number : {1U, 2U}) port.accept_read({address, number, 0, 3}, begin, target);
        for (unsigned beats = 0; beats < 2;) {
            machine.advance();
            if (!port.read_valid()) continue;
            port.take_read();
            ++beats;
        }
        return machine.cycle() - begin;
    };
    const u64 dequeue = taic_base + taic::page_size + taic::offset_of(taic::QueueRegister::Dequeue);
    EXPECT_EQ(second_beat(machine.device_port(), machine.devices(), dequeue), 12U);
    EXPECT_EQ(second_beat(machine.memory_port(), machine.memory(), memory_base), 31U);
}

// A word goes through a queue of the model; its first word raises the line of the hart that the queue is bound to.
TEST_F(MachineTest, TaicIsBehindItsWindow) {
    write(machine.devices(), taic_base, 1);
    write(machine.devices(), taic_base, 0);
    const u64 index = device(taic_base);
    ASSERT_NE(index, taic::all_ones);
    const u64 queue = taic_base + taic::page_offset({4, 8, 32}, taic::Index::from_word(index));
    write(machine.devices(), queue + taic::offset_of(taic::QueueRegister::Enqueue), 0x40);
    EXPECT_EQ(device(queue + taic::offset_of(taic::QueueRegister::Dequeue)), 0x40U);
    EXPECT_FALSE(machine.supervisor_line(0) || machine.supervisor_line(1));
}

TEST_F(MachineTest, TheTrampolineWaitsForAnAnswer) {
    EXPECT_FALSE(machine.asked());
    EXPECT_EQ(device(test_base + 0x108), 0U);
    EXPECT_TRUE(machine.asked());
    machine.set_next({0x83f0'0000, 0x8020'0000});
    EXPECT_EQ(device(test_base + 0x108), 0x8020'0000U);
    EXPECT_EQ(device(test_base + 0x100), 0x83f0'0000U);
}

TEST_F(MachineTest, WhatDoesNotFitIsRefused) {
    const std::vector<u8> page(4096, 7);
    EXPECT_TRUE(machine.place(page, memory_base + memory_size - 4096));
    EXPECT_FALSE(machine.place(page, memory_base + memory_size - 4095));
    EXPECT_FALSE(machine.place(page, 0));
    EXPECT_FALSE(machine.place_firmware({}, page, page));
}

// An ELF64 file of one segment.
std::vector<u8> elf(u64 entry, u64 virtual_at, u64 physical, u64 offset, u64 size) {
    std::vector<u8> file(200, 0);
    const auto put = [&](u64 at, u64 value, unsigned bytes) { std::memcpy(file.data() + at, &value, bytes); };
    put(0, 0x464c'457f, 4);
    put(24, entry, 8);
    put(32, 64, 8); // program headers
    put(54, 56, 2);
    put(56, 1, 2);
    put(64, 1, 4);
    put(72, offset, 8);
    put(80, virtual_at, 8);
    put(88, physical, 8);
    put(96, size, 8);
    file[160] = 0x5a;
    return file;
}

TEST_F(MachineTest, KernelsAreEnteredAtTheirPhysicalAddress) {
    EXPECT_EQ(machine.place_elf(elf(0xffff'0004, 0xffff'0000, 0x8020'0000, 160, 40)), 0x8020'0004U);
    EXPECT_EQ(memory(0x8020'0000), 0x5aU);
    EXPECT_EQ(machine.place_elf(elf(0x8020'0008, 0xffff'0000, 0x8020'0000, 160, 40)), 0x8020'0008U);
}

TEST_F(MachineTest, BrokenFilesAreRefused) {
    EXPECT_EQ(machine.place_elf({}), 0U);
    EXPECT_EQ(machine.place_elf(std::vector<u8>(64, 0)), 0U);
    EXPECT_EQ(machine.place_elf(elf(0x8020'0000, 0x8020'0000, 0x8020'0000, 160, 41)), 0U); // past the file's end
    EXPECT_EQ(machine.place_elf(elf(0x8020'0000, 0x8020'0000, 0x8020'0000, ~u64{0}, 40)), 0U);
    EXPECT_EQ(machine.place_elf(elf(0x1000, 0x1000, 0x1000, 160, 40)), 0U); // no such memory
}

TEST_F(MachineTest, ASnapshotHoldsAllThatIsNotInTheSoC) {
    write(machine.memory(), memory_base + 0x12'3000, 42);
    write(machine.devices(), clock_base + 16, 1, 2);
    write(machine.devices(), clock_base + 8, 0, 2);
    machine.advance();
    machine.memory_port().accept_read({memory_base + 0x12'3000, 5, 0, 3}, machine.cycle(), machine.memory());
    std::FILE* const file = std::tmpfile();
    machine.save(file);
    std::rewind(file);
    Machine other{2, 8};
    ASSERT_TRUE(other.load(file));
    EXPECT_EQ(read(other.memory(), memory_base + 0x12'3000), 42U);
    EXPECT_EQ(other.cycle(), machine.cycle());
    EXPECT_EQ(other.interrupt_lines(), 2U);
    while (!other.memory_port().read_valid()) other.advance();
    EXPECT_EQ(other.memory_port().read_id(), 5U);
    std::rewind(file);
    std::FILE* const half = std::tmpfile();
    for (int i = 0; i < 100; ++i) std::fputc(std::fgetc(file), half);
    std::rewind(half);
    EXPECT_FALSE(Machine(2, 8).load(half));
    std::fclose(file);
    std::fclose(half);
}

} // namespace
} // namespace rocket
