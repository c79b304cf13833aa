// ROCKET_HARTS real harts of ROCKET_TILES; the names inside the design are those of its Chisel modules.
#include "tools/rocket/soc.hpp"

#include <Vsoc.h>
#include <Vsoc___024root.h>
#include <verilated.h>
#include <verilated_save.h>

double sc_time_stamp() { return 0; }

namespace rocket {

#if ROCKET_HARTS == 1
#define ROCKET_EACH(use) use(0, )
#elif ROCKET_HARTS == 2
#define ROCKET_EACH(use) use(0, ) use(1, _1)
#else
#define ROCKET_EACH(use) use(0, ) use(1, _1) use(2, _2) use(3, _3)
#endif
#define ROCKET_TILE(suffix) ExampleRocketSystem__DOT__tile_prci_domain##suffix##__DOT__tile_reset_domain_tile
#define ROCKET_JOIN2(a, b) a##__DOT__##b
#define ROCKET_JOIN(a, b) ROCKET_JOIN2(a, b)
#define ROCKET_IN(suffix, path) ROCKET_JOIN(ROCKET_TILE(suffix), path)

namespace {

constexpr int reset_cycles = 50;
constexpr int answers_dirty = 2, answers_clean = 3; // states of a data cache that had a line which is asked for
constexpr int register_file_sp = 31 - 2, register_file_a0 = 31 - 10; // the file is kept upside down, without x0

u64 sign_extended(u64 counter) {
    return static_cast<u64>(static_cast<std::int64_t>(counter << 24) >> 24);
} // of 40 bits

template <std::size_t words>
void put(VlWide<words>& port, const u8* from) {
    std::memcpy(port.m_storage, from, words * 4);
}
void put(QData& port, const u8* from) { std::memcpy(&port, from, sizeof port); }
template <std::size_t words>
void get(const VlWide<words>& port, u8* to) {
    std::memcpy(to, port.m_storage, words * 4);
}
void get(const QData& port, u8* to) { std::memcpy(to, &port, sizeof port); }

// What one of the two ports exchanges in a cycle.
struct Exchange {
    bool read_address, write_address, data, read, answer, last;
    AxiAddress to_read, to_write;
    u64 strobe;
    u8 lanes[AxiPort::widest];
};

void finish(const Exchange& exchange, AxiPort& port, u64 now, AxiTarget& target) {
    if (exchange.read) port.take_read();
    if (exchange.answer) port.take_answer();
    if (exchange.read_address) port.accept_read(exchange.to_read, now, target);
    if (exchange.write_address) port.accept_write(exchange.to_write);
    if (exchange.data) port.accept_data(exchange.lanes, exchange.strobe, exchange.last);
}

} // namespace

#define ROCKET_DRIVE(name, port)                                                                                       \
    top.name##_axi4_0_ar_ready = port.read_address_ready();                                                            \
    top.name##_axi4_0_aw_ready = port.write_address_ready();                                                           \
    top.name##_axi4_0_w_ready = port.write_data_ready();                                                               \
    top.name##_axi4_0_b_valid = port.answer_valid();                                                                   \
    top.name##_axi4_0_b_bits_id = static_cast<u8>(port.answer_id());                                                   \
    top.name##_axi4_0_r_valid = port.read_valid();                                                                     \
    if (port.read_valid()) {                                                                                           \
        top.name##_axi4_0_r_bits_id = static_cast<u8>(port.read_id());                                                 \
        top.name##_axi4_0_r_bits_last = port.read_last();                                                              \
        put(top.name##_axi4_0_r_bits_data, port.read_data());                                                          \
    }

#define ROCKET_SAMPLE(name, port, exchange)                                                                            \
    exchange.read_address = top.name##_axi4_0_ar_valid && port.read_address_ready();                                   \
    exchange.write_address = top.name##_axi4_0_aw_valid && port.write_address_ready();                                 \
    exchange.data = top.name##_axi4_0_w_valid && port.write_data_ready();                                              \
    exchange.read = port.read_valid() && top.name##_axi4_0_r_ready;                                                    \
    exchange.answer = port.answer_valid() && top.name##_axi4_0_b_ready;                                                \
    if (exchange.read_address)                                                                                         \
        exchange.to_read = {top.name##_axi4_0_ar_bits_addr, top.name##_axi4_0_ar_bits_id,                              \
                            top.name##_axi4_0_ar_bits_len, top.name##_axi4_0_ar_bits_size};                            \
    if (exchange.write_address)                                                                                        \
        exchange.to_write = {top.name##_axi4_0_aw_bits_addr, top.name##_axi4_0_aw_bits_id,                             \
                             top.name##_axi4_0_aw_bits_len, top.name##_axi4_0_aw_bits_size};                           \
    if (exchange.data) {                                                                                               \
        exchange.strobe = top.name##_axi4_0_w_bits_strb;                                                               \
        exchange.last = top.name##_axi4_0_w_bits_last;                                                                 \
        get(top.name##_axi4_0_w_bits_data, exchange.lanes);                                                            \
    }

struct Soc::Parts {
    VerilatedContext context;
    Vsoc top{&context};

    void hold(bool value) {
        top.reset = value;
        top.debug_reset = value;
        top.debug_clockeddmi_dmiReset = value;
        top.resetctrl_hartIsInReset_0 = value;
#if ROCKET_TILES > 1
        top.resetctrl_hartIsInReset_1 = value;
#endif
#if ROCKET_TILES > 2
        top.resetctrl_hartIsInReset_2 = value;
        top.resetctrl_hartIsInReset_3 = value;
#endif
    }
    void clock(bool value) {
        top.clock = value;
        top.eval();
    }
};

Soc::Soc() : parts_(std::make_unique<Parts>()) {}
Soc::~Soc() = default;

unsigned Soc::harts() { return ROCKET_HARTS; }
unsigned Soc::memory_bus_bytes() { return sizeof(Vsoc::mem_axi4_0_r_bits_data); }

void Soc::reset() {
    Vsoc& top = parts_->top;
    top.debug_dmactiveAck = 0;
    parts_->hold(true);
    for (int i = 0; i < reset_cycles; ++i) { // the debug module's clocks run in reset only
        for (const bool value : {false, true}) {
            top.debug_clock = top.debug_clockeddmi_dmiClock = value;
            parts_->clock(value);
        }
    }
    parts_->hold(false);
}

void Soc::step(Machine& machine, Watcher* watcher) {
    Vsoc& top = parts_->top;
    AxiPort& memory = machine.memory_port();
    AxiPort& devices = machine.device_port();
    ROCKET_DRIVE(mem, memory)
    ROCKET_DRIVE(mmio, devices)
#define ROCKET_LINE(number, suffix)                                                                                    \
    top.rootp->ROCKET_IN(suffix, core__DOT__csr__DOT__taic_ssip) = machine.supervisor_line(number);
    ROCKET_EACH(ROCKET_LINE)
    top.interrupts = static_cast<u8>(machine.interrupt_lines());
    parts_->clock(false);
    Exchange of_memory{}, of_devices{};
    ROCKET_SAMPLE(mem, memory, of_memory)
    ROCKET_SAMPLE(mmio, devices, of_devices)
    if (watcher != nullptr) {
        for (unsigned i = 0; i < ROCKET_HARTS; ++i) watcher->look(i, hart(i));
        if (of_memory.read_address) watcher->memory_read(of_memory.to_read.address);
    }
    parts_->clock(true);
    finish(of_memory, memory, machine.cycle(), machine.memory());
    finish(of_devices, devices, machine.cycle(), machine.devices());
    machine.advance();
}

#define ROCKET_VIEW(which, suffix)                                                                                     \
    if (number == which) {                                                                                             \
        view.counter = sign_extended(root->ROCKET_IN(suffix, core__DOT__wb_reg_pc));                                   \
        view.stack = root->ROCKET_IN(suffix, core__DOT__rf)[register_file_sp];                                         \
        view.argument = root->ROCKET_IN(suffix, core__DOT__rf)[register_file_a0];                                      \
        view.space = root->ROCKET_IN(suffix, core__DOT__csr__DOT__reg_satp_ppn);                                       \
        view.cause = root->ROCKET_IN(suffix, core__DOT__csr__DOT__cause);                                              \
        view.instruction = root->ROCKET_IN(suffix, core__DOT__wb_reg_inst);                                            \
        view.privilege = static_cast<Privilege>(root->ROCKET_IN(suffix, core__DOT__csr__DOT__reg_mstatus_prv));        \
        view.valid = root->ROCKET_IN(suffix, core__DOT__wb_reg_valid) != 0;                                            \
        view.traps = root->ROCKET_IN(suffix, core__DOT__csr_io_trace_0_exception) != 0;                                \
        view.retires = view.valid && root->ROCKET_IN(suffix, core__DOT__csr_io_exception) == 0 &&                      \
            root->ROCKET_IN(suffix, core__DOT__wb_reg_replay) == 0 &&                                                  \
            root->ROCKET_IN(suffix, dcacheArb_io_requestor_1_s2_nack) == 0;                                            \
        view.sleeps = root->ROCKET_IN(suffix, core__DOT__csr__DOT__reg_wfi) != 0;                                      \
        view.walks = root->ROCKET_IN(suffix, ptw__DOT__state) != 0;                                                    \
        view.walks_for_fetch = root->ROCKET_IN(suffix, ptw__DOT__r_req_dest) != 0;                                     \
        view.data_miss = root->ROCKET_IN(suffix, dcache__DOT__cached_grant_wait) != 0;                                 \
        view.fetch_miss = root->ROCKET_IN(suffix, frontend__DOT__icache__DOT__refill_valid) != 0;                      \
        view.device = root->ROCKET_IN(suffix, dcache__DOT__uncachedInFlight_0) != 0;                                   \
        view.gives_line = root->ROCKET_IN(suffix, dcache__DOT__release_state) == answers_dirty ||                      \
            root->ROCKET_IN(suffix, dcache__DOT__release_state) == answers_clean;                                      \
    }

HartView Soc::hart(unsigned number) const {
    const Vsoc___024root* const root = parts_->top.rootp;
    HartView view;
    ROCKET_EACH(ROCKET_VIEW)
    return view;
}

bool Soc::save(const std::string& path) {
    VerilatedSave file;
    file.open(path);
    if (!file.isOpen()) return false;
    file << parts_->top;
    file.close();
    return true;
}

bool Soc::load(const std::string& path) {
    VerilatedRestore file;
    file.open(path);
    if (!file.isOpen()) return false;
    file >> parts_->top;
    file.close();
    return true;
}

} // namespace rocket
