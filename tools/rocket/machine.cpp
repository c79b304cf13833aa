#include "tools/rocket/machine.hpp"

#include "taic/regs.hpp"

#include <algorithm>
#include <sys/mman.h>
#include <vector>

namespace rocket {

namespace {

constexpr u64 firmware_base = memory_base;
constexpr u64 firmware_tree = 0x8220'0000;
constexpr u64 trampoline_base = 0x83e0'0000;
constexpr u64 page = 4096;

// Of reset.S.
constexpr u64 words_at = 128, next_at = 192 + 16, trampoline_at = 256;

// Offsets of the test device behind sifive,test: where the trampoline is to go.
constexpr u64 next_tree = 0x100, next_entry = 0x108;
constexpr u64 pass = 0x5555, fail = 0x3333, reset_status = 3;

u8* map_memory() {
    void* at = mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? nullptr : static_cast<u8*>(at);
}
void unmap_memory(u8* at) { munmap(at, memory_size); }

template <class T>
T field(std::span<const u8> file, u64 at) {
    T value{};
    if (at <= file.size() && sizeof value <= file.size() - at) std::memcpy(&value, file.data() + at, sizeof value);
    return value;
}

bool within(u64 address, u64 base, u64 size) { return address - base < size; }

bool is_zero(const u8* at) {
    return std::all_of(at, at + page, [](u8 byte) { return byte == 0; });
}

} // namespace

Machine::Machine(unsigned harts, unsigned memory_bus_bytes)
    : harts_(harts),
      bus_bytes_(memory_bus_bytes),
      bytes_(map_memory(), unmap_memory),
      rom_(std::make_unique<u8[]>(rom_size)),
      memory_port_(memory_bus_bytes, false),
      device_port_(8, true) {
    set_taic("thesis");
}

bool Machine::set_taic(std::string_view kind) {
    TaicConfig config;
    if (!(kind == "rtl" ? taic_config_rtl(&config, harts_) : taic_config_thesis(&config, harts_))) return false;
    const TaicHost host{
        this,
        [](void* self, unsigned hart, unsigned line, bool level) {
            if (line == 0) static_cast<Machine*>(self)->set_supervisor_line(hart, level);
        },
        [](void* self, const char* message, u64 a, u64 b) { static_cast<Machine*>(self)->complain(message, a, b); },
        [](void* self, TaicEvent event, unsigned global, unsigned local, u64 a, u64 b) {
            const auto& heard = static_cast<Machine*>(self)->on_taic;
            if (heard) heard(event, global, local, a, b);
        }};
    taic_storage_ = std::make_unique<u64[]>(taic_model_size(&config) / sizeof(u64) + 2);
    taic_ = taic_model_init(taic_storage_.get(), &config, &host);
    return taic_ != nullptr;
}

void Machine::set_supervisor_line(unsigned hart, bool level) {
    if (supervisor_lines_[hart] != level && on_supervisor_line) on_supervisor_line(hart, level);
    supervisor_lines_[hart] = level;
}

bool Machine::place(std::span<const u8> bytes, u64 address) {
    if (!within(address, memory_base, memory_size) || bytes.size() > memory_base + memory_size - address) return false;
    std::copy(bytes.begin(), bytes.end(), bytes_.get() + (address - memory_base));
    return true;
}

bool Machine::place_firmware(std::span<const u8> reset, std::span<const u8> firmware, std::span<const u8> tree) {
    if (reset.size() <= trampoline_at || reset.size() > rom_size) return false;
    std::vector<u8> code(reset.begin(), reset.end());
    const auto fill = [&](u64 at, u64 word) { std::memcpy(code.data() + at, &word, sizeof word); };
    fill(words_at, harts_);
    fill(words_at + 8, firmware_tree);
    fill(words_at + 16, firmware_base);
    fill(next_at, trampoline_base);
    fill(code.size() - 8, test_base + next_tree);
    std::copy(code.begin(), code.end(), rom_.get());
    return place(firmware, firmware_base) && place(tree, firmware_tree) &&
        place(std::span(code).subspan(trampoline_at), trampoline_base);
}

u64 Machine::place_elf(std::span<const u8> file) {
    constexpr u64 entry_at = 24, headers_at = 32, header_size_at = 54, header_count_at = 56;
    constexpr u32 loadable = 1;
    if (field<u32>(file, 0) != 0x464c'457f) return 0;
    u64 entry = 0;
    for (unsigned i = 0; i < field<std::uint16_t>(file, header_count_at); ++i) {
        const u64 header = field<u64>(file, headers_at) + u64{i} * field<std::uint16_t>(file, header_size_at);
        if (field<u32>(file, header) != loadable) continue;
        const u64 offset = field<u64>(file, header + 8), virtual_at = field<u64>(file, header + 16);
        const u64 physical = field<u64>(file, header + 24), size = field<u64>(file, header + 32);
        if (offset > file.size() || size > file.size() - offset || !place(file.subspan(offset, size), physical))
            return 0;
        const u64 begin = field<u64>(file, entry_at);
        if (within(begin, virtual_at, size)) entry = physical + (begin - virtual_at);
        if (within(begin, physical, size)) entry = begin;
    }
    return entry;
}

void Machine::advance() {
    memory_port_.advance(cycle_, memory_);
    device_port_.advance(cycle_, devices_);
    ++cycle_;
    clock_.advance(cycle_ * nanoseconds_per_cycle);
}

void Machine::complain(const char* what, u64 a, u64 b) {
    if (!on_complaint) return;
    char text[160];
    std::snprintf(text, sizeof text, "%s: 0x%llx, 0x%llx at cycle %llu", what, static_cast<unsigned long long>(a),
                  static_cast<unsigned long long>(b), static_cast<unsigned long long>(cycle_));
    on_complaint(text);
}

// --- Memory

void Machine::MemoryTarget::read(u64 address, unsigned, u8* lanes) {
    address &= ~u64{machine_.bus_bytes_ - 1};
    if (within(address, memory_base, memory_size))
        std::memcpy(lanes, machine_.bytes_.get() + (address - memory_base), machine_.bus_bytes_);
    else
        std::memset(lanes, 0, machine_.bus_bytes_);
}

void Machine::MemoryTarget::write(u64 address, unsigned, const u8* lanes, u64 strobe) {
    address &= ~u64{machine_.bus_bytes_ - 1};
    if (!within(address, memory_base, memory_size)) return;
    u8* const at = machine_.bytes_.get() + (address - memory_base);
    for (unsigned i = 0; i < machine_.bus_bytes_; ++i) {
        if ((strobe >> i & 1) != 0) at[i] = lanes[i];
    }
}

u64 Machine::MemoryTarget::latency(u64, bool writes) const {
    return writes ? machine_.latencies.write : machine_.latencies.read;
}

// --- Devices

void Machine::DeviceTarget::read(u64 address, unsigned size, u8* lanes) {
    const unsigned bytes = 1u << size, first = address & 7;
    const u64 value = machine_.read_device(address, bytes);
    std::memset(lanes, 0, 8);
    std::memcpy(lanes + first, &value, std::min(bytes, 8 - first));
}

void Machine::DeviceTarget::write(u64 address, unsigned size, const u8* lanes, u64) {
    const unsigned bytes = 1u << size, first = address & 7;
    u64 value = 0;
    std::memcpy(&value, lanes + first, std::min(bytes, 8 - first));
    machine_.write_device(address, bytes, value);
}

u64 Machine::DeviceTarget::latency(u64 address, bool writes) const {
    const Latencies& latencies = machine_.latencies;
    if (!within(address, taic_base, taic_window)) return latencies.device;
    const u64 offset = address - taic_base, in_page = offset % taic::page_size;
    const bool queue = offset >= taic::page_size &&
        in_page == taic::offset_of(writes ? taic::QueueRegister::Enqueue : taic::QueueRegister::Dequeue);
    return queue ? latencies.taic_queue : latencies.taic_register;
}

u64 Machine::read_test_device(u64 offset) {
    if (offset == next_tree) return next_.tree;
    if (offset != next_entry) return 0;
    asked_ = true;
    return next_.entry;
}

void Machine::write_test_device(u64 value) {
    const int code = static_cast<int>(value >> 16 & 0xff);
    if ((value & 0xffff) == pass)
        status_ = 0;
    else if ((value & 0xffff) == fail)
        status_ = code != 0 ? code : 1;
    else
        status_ = reset_status;
}

u64 Machine::read_device(u64 address, unsigned bytes) {
    if (within(address, rom_base, rom_size)) {
        u64 value = 0;
        std::memcpy(&value, rom_.get() + (address - rom_base), bytes);
        return value;
    }
    if (within(address, test_base, page)) return read_test_device(address - test_base);
    if (within(address, clock_base, page)) return clock_.read(address & (page - 1), cycle_ * nanoseconds_per_cycle);
    if (within(address, uart_base, 32)) return uart_.read(static_cast<unsigned>(address - uart_base) / 4);
    if (within(address, taic_base, taic_window)) return taic_model_read(taic_, address - taic_base, bytes);
    complain("a read where nothing is", address);
    return 0;
}

void Machine::write_device(u64 address, unsigned bytes, u64 value) {
    if (within(address, test_base, page)) return write_test_device(value);
    if (within(address, clock_base, page))
        return clock_.write(address & (page - 1), static_cast<u32>(value), cycle_ * nanoseconds_per_cycle);
    if (within(address, uart_base, 32)) {
        const int sent = uart_.write(static_cast<unsigned>(address - uart_base) / 4, static_cast<u8>(value));
        if (sent >= 0 && on_character) on_character(static_cast<char>(sent));
        return;
    }
    if (within(address, taic_base, taic_window)) return taic_model_write(taic_, address - taic_base, value, bytes);
    complain("a write where nothing is", address, value);
}

// --- Snapshots: what is plain data as it is, and each page of memory that is not zero, behind its number.

void Machine::save(std::FILE* file) {
    const auto put = [&](const void* data, std::size_t size) { std::fwrite(data, size, 1, file); };
    put(&cycle_, sizeof cycle_);
    put(&uart_, sizeof uart_);
    put(&clock_, sizeof clock_);
    put(rom_.get(), rom_size);
    put(memory_port_.state(), AxiPort::state_size());
    put(device_port_.state(), AxiPort::state_size());
    for (u64 i = 0; i < memory_size / page; ++i) {
        const u8* const at = bytes_.get() + i * page;
        if (is_zero(at)) continue;
        put(&i, sizeof i);
        put(at, page);
    }
    const u64 end = ~u64{0};
    put(&end, sizeof end);
}

bool Machine::load(std::FILE* file) {
    const auto get = [&](void* data, std::size_t size) { return std::fread(data, size, 1, file) == 1; };
    if (!get(&cycle_, sizeof cycle_) || !get(&uart_, sizeof uart_) || !get(&clock_, sizeof clock_) ||
        !get(rom_.get(), rom_size) || !get(memory_port_.state(), AxiPort::state_size()) ||
        !get(device_port_.state(), AxiPort::state_size()))
        return false;
    for (u64 number = 0; get(&number, sizeof number);) {
        if (number == ~u64{0}) return true;
        if (number >= memory_size / page || !get(bytes_.get() + number * page, page)) return false;
    }
    return false;
}

} // namespace rocket
