// A plugin of QEMU's TCG for tools/run --trace: says in QEMU's log when a hart gets into another mode or into code of
// interest. Time is counted in executed instructions: with --icount one host thread runs all harts, and what the
// devices say stands in between, in order. clock=host: nanoseconds of the host, for harts that are threads of it; what
// a device says has a time and a thread of its own then. QEMU 7.2 shows a plugin no register, so modes are told by
// addresses. Lines, as tools/lib/trace_events.py has them, and besides:
//   v T H ID   from here on hart H runs; the host's thread
//   n T        a look at the clock
//   k T H N    hart H passed a mark (tools/rocket/mark.hpp)
// Source: QEMU, docs/devel/tcg-plugins.rst, API version 1; what of qemu-plugin.h is used is declared here.
#include "tools/rocket/mark.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <deque>
#include <fstream>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

extern "C" {
using Id = std::uint64_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
using OfHart = void (*)(Id, unsigned hart);
using Executed = void (*)(unsigned hart, void* data);
void qemu_plugin_register_vcpu_tb_trans_cb(Id id, void (*heard)(Id, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb* block, Executed heard, int flags, void* data);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn* instruction, Executed heard, int flags, void* data);
void qemu_plugin_register_vcpu_idle_cb(Id id, OfHart heard);
void qemu_plugin_register_vcpu_resume_cb(Id id, OfHart heard);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, std::size_t index);
const void* qemu_plugin_insn_data(const qemu_plugin_insn* instruction);
std::size_t qemu_plugin_insn_size(const qemu_plugin_insn* instruction);
void qemu_plugin_outs(const char* text);

[[gnu::visibility("default")]] extern int qemu_plugin_version;
[[gnu::visibility("default")]] int qemu_plugin_install(Id id, const void* info, int count, char** arguments);
}
int qemu_plugin_version = 1;

namespace {

using u64 = std::uint64_t;

constexpr unsigned most_harts = 64;
constexpr int no_range = -1;
constexpr u64 clock_step = 64; // instructions between two lines, at most so many when something happens in between
constexpr u64 firmware = 0x8000'0000, behind_firmware = 0x8020'0000; // where OpenSBI lies on QEMU's board
constexpr unsigned user_mode = 0, kernel_mode = 1, firmware_mode = 3;

struct Range {
    u64 begin, end;
};
// Code that runs from its begin to its end, unless a trap breaks it off.
struct Block {
    u64 begin;
    std::size_t instructions;
    unsigned mode;
    int range;
    bool first;
};
struct Hart {
    unsigned mode = ~0u;
    int range = no_range;
};

std::vector<Range> ranges;
std::deque<Block> blocks; // QEMU keeps pointers to them
std::array<Hart, most_harts> harts;
std::mutex translating;
bool host_clock;
u64 executed, said_at; // without the host's clock
unsigned running = ~0u;

u64 now() {
    if (!host_clock) return executed;
    std::timespec time{};
    clock_gettime(CLOCK_REALTIME, &time); // as QEMU's own lines
    return static_cast<u64>(time.tv_sec) * 1'000'000'000 + static_cast<u64>(time.tv_nsec);
}

template <class... Args>
void say(const char* format, Args... args) {
    char text[128];
    std::snprintf(text, sizeof text, format, args...);
    qemu_plugin_outs(text);
    if (!host_clock) said_at = executed;
}

unsigned mode_of(u64 address) {
    if ((address >> 63) != 0) return kernel_mode;
    if (address < firmware) return user_mode;
    return address < behind_firmware ? firmware_mode : kernel_mode; // the kernel before paging is on
}

int range_of(u64 address) {
    const auto above = std::upper_bound(ranges.begin(), ranges.end(), address,
                                        [](u64 at, const Range& range) { return at < range.begin; });
    if (above == ranges.begin() || address >= (above - 1)->end) return no_range;
    return static_cast<int>(above - 1 - ranges.begin());
}

void on_block(unsigned number, void* data) {
    const Block& block = *static_cast<const Block*>(data);
    if (number >= most_harts) return;
    Hart& hart = harts[number];
    if (host_clock ? hart.mode == ~0u : running != number) {
        if (!host_clock) running = number;
        say("v %" PRIu64 " %u %d\n", now(), number, static_cast<int>(gettid()));
    }
    if (hart.mode != block.mode) {
        hart = {block.mode, no_range};
        say("m %" PRIu64 " %u %u - %" PRIx64 "\n", now(), number, block.mode, block.begin);
    }
    if (block.range != no_range && (block.first || block.range != hart.range)) {
        hart.range = block.range;
        say("f %" PRIu64 " %u %d %d -\n", now(), number, block.range, block.first ? 1 : 0);
    }
    if (host_clock) return;
    if (executed - said_at >= clock_step) say("n %" PRIu64 "\n", executed);
    executed += block.instructions;
}

void on_mark(unsigned hart, void* number) {
    say("k %" PRIu64 " %u %d\n", now(), hart, *static_cast<const int*>(number));
}

void on_translation(Id, qemu_plugin_tb* block) {
    static std::array<int, rocket::most_marks> marks;
    const u64 begin = qemu_plugin_tb_vaddr(block);
    const std::size_t count = qemu_plugin_tb_n_insns(block);
    const int range = range_of(begin);
    const std::lock_guard<std::mutex> guard(translating);
    const bool first = range != no_range && ranges[static_cast<std::size_t>(range)].begin == begin;
    blocks.push_back({begin, count, mode_of(begin), range, first});
    qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, 0, &blocks.back());
    for (std::size_t i = 0; i < count; ++i) {
        qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, i);
        std::uint32_t word = 0;
        if (qemu_plugin_insn_size(instruction) != sizeof word) continue;
        std::memcpy(&word, qemu_plugin_insn_data(instruction), sizeof word);
        const int number = rocket::mark_number(word);
        if (number < 0) continue;
        int& mark = marks[static_cast<std::size_t>(number)];
        mark = number;
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_mark, 0, &mark);
    }
}

void on_idle(Id, unsigned hart) { say("s %" PRIu64 " %u 1\n", now(), hart); }
void on_resume(Id, unsigned hart) { say("s %" PRIu64 " %u 0\n", now(), hart); }

} // namespace

int qemu_plugin_install(Id id, const void*, int count, char** arguments) {
    for (int i = 0; i < count; ++i) {
        const std::string argument = arguments[i], name = "ranges=";
        host_clock = host_clock || argument == "clock=host";
        if (argument == "clock=host") continue;
        if (argument.rfind(name, 0) != 0) return 1;
        std::ifstream list(argument.substr(name.size()));
        for (Range range{}; list >> std::hex >> range.begin >> range.end;) ranges.push_back(range);
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_vcpu_idle_cb(id, on_idle);
    qemu_plugin_register_vcpu_resume_cb(id, on_resume);
    return 0;
}
