#include "boot/platform.hpp"

#include "boot/isa.hpp"
#include "boot/platform_memory.hpp"
#include <algorithm>

namespace boot {
namespace {

using Step = base::Result<base::Ok, BootError>;

constexpr u32 supervisor_external = 9;
constexpr u32 max_plic_sources = 1023;
constexpr u32 qemu_source_count = 96;
constexpr usize max_contexts = 256; // bounds the work on a hostile interrupts-extended
constexpr u64 taic_page = 0x1000;
constexpr u32 max_taic_windows = 4096;
constexpr u32 max_taic_lines = 64; // what the model allows: a set of lines fits a word

template <usize n>
Step collect(const TreeWalk& node, List<Range, n>& into) {
    for (usize i = 0;; ++i) {
        const std::optional<Range> range = TRY(node.reg(i));
        if (!range) return base::Ok{};
        if (!range->empty() && !into.push_back(*range)) return base::Failure{BootError::TreeTooManyDevices};
    }
}

// The first reg entry, which the node must have.
base::Result<Range, BootError> window_of(const TreeWalk& node) {
    const std::optional<Range> range = TRY(node.reg(0));
    if (!range || range->empty()) return base::Failure{BootError::TreeBadReg};
    return *range;
}

std::optional<u32> cell_of(const TreeWalk& node, std::string_view name) {
    const std::optional<Bytes> value = node.property(name);
    return value ? read_cell(*value, 0) : std::nullopt;
}

// A property of 1, 4 or 8 bytes; nullopt: malformed.
std::optional<u32> number_or(const TreeWalk& node, std::string_view name, u32 otherwise) {
    const std::optional<Bytes> value = node.property(name);
    if (!value) return otherwise;
    const std::optional<u64> number = read_number(*value);
    if (!number || *number > ~u32{0}) return std::nullopt;
    return static_cast<u32>(*number);
}

// First pass: memory and harts, which the devices refer to.
class CoreReader {
public:
    CoreReader(const DeviceTree& tree, u64 boot_hart, Platform& platform)
        : platform_(platform), boot_hart_(boot_hart), mmu_named_(any_mmu_type(tree)) {}

    Step visit(const TreeWalk& node) {
        if (node.depth() <= 2) current_ = nullptr;
        if (node.depth() == 1) return visit_top(node);
        if (node.depth() == 2) return visit_second(node);
        if (node.depth() == 3 && current_ != nullptr && node.property("interrupt-controller")) {
            current_->phandle = cell_of(node, "phandle").value_or(0);
        }
        return base::Ok{};
    }

private:
    Step visit_top(const TreeWalk& node) {
        if (node.base_name() == "memory" && node.enabled()) take_memory(node, platform_);
        if (node.name() == "cpus") take_timebase(node);
        return base::Ok{};
    }

    Step visit_second(const TreeWalk& node) {
        if (node.parent_name() == "reserved-memory" && !disabled(node)) return take_reserved(node, platform_);
        if (node.parent_name() == "cpus" && node.base_name() == "cpu" && node.enabled()) return take_hart(node);
        return base::Ok{};
    }

    // Any other status than that does not say that nothing is reserved.
    static bool disabled(const TreeWalk& node) {
        const std::optional<Bytes> status = node.property("status");
        return status && read_string(*status) == "disabled";
    }

    static bool any_mmu_type(const DeviceTree& tree) {
        for (TreeWalk node = tree.walk(); node.next();) {
            if (node.depth() == 2 && node.parent_name() == "cpus" && node.property("mmu-type")) return true;
        }
        return false;
    }

    void take_timebase(const TreeWalk& node) {
        const std::optional<Bytes> value = node.property("timebase-frequency");
        if (value && platform_.timebase_frequency == 0) {
            platform_.timebase_frequency = read_number(*value).value_or(0);
        }
    }

    Step take_hart(const TreeWalk& node) {
        take_timebase(node);
        const std::optional<u64> id = node.unit();
        if (!id) platform_.note(node.name(), "not used: it has no number");
        if (!id || platform_.hart_index(*id)) return base::Ok{};
        const HartIsa isa = read_isa(node, mmu_named_);
        const bool boots = *id == boot_hart_;
        // The last place is the boot hart's, wherever it stands.
        const bool room =
            platform_.harts.size() + (boots || platform_.hart_index(boot_hart_) ? 0 : 1) < base::max_harts;
        if (isa.lacks != nullptr) platform_.note(node.name(), isa.lacks);
        if (isa.lacks != nullptr && boots) return base::Failure{BootError::UnfitBootHart};
        if (isa.lacks == nullptr && !room) platform_.note(node.name(), "not used: the kernel runs on 8 harts at most");
        if (isa.lacks != nullptr || !room) return base::Ok{};
        const bool fits = platform_.harts.push_back({.id = *id, .fpu = isa.fpu});
        ASSERT(fits);
        current_ = &platform_.harts[platform_.harts.size() - 1];
        return base::Ok{};
    }

    Platform& platform_;
    u64 boot_hart_;
    bool mmu_named_;
    Hart* current_ = nullptr; // of the cpu node the walk is in
};

// Second pass: devices. The first enabled node of a kind wins.
class DeviceReader {
public:
    DeviceReader(const DeviceTree& tree, Platform& platform) : tree_(tree), platform_(platform) {}

    Step visit(const TreeWalk& node) {
        const std::optional<Bytes> kinds = node.property("compatible");
        if (!kinds || !node.enabled()) return base::Ok{};
        const auto is = [&](std::string_view kind) { return has_string(*kinds, kind); };
        if (is("riscv,plic0") || is("sifive,plic-1.0.0")) {
            if (!platform_.plic) return take_plic(node);
            ++platform_.spare_plics;
            return set_aside(node);
        }
        if (is("riscv,taic0")) return platform_.taic ? set_aside(node) : take_taic(node);
        if (is("riscv,clint0") || is("sifive,clint0")) {
            if (platform_.clint) return set_aside(node);
            platform_.clint = TRY(window_of(node));
        } else if (is("riscv,uintc0")) {
            if (platform_.uintc) return set_aside(node);
            platform_.uintc = TRY(window_of(node));
        } else if (!platform_.test_device && (is("sifive,test0") || is("sifive,test1"))) {
            platform_.test_device = TRY(window_of(node));
        } else if (!platform_.uart && (is("ns16550a") || is("ns16550"))) {
            return take_uart(node);
        }
        return base::Ok{};
    }

    Step take_uart(const TreeWalk& node) {
        Uart uart{.window = TRY(window_of(node))};
        uart.reg_offset = cell_of(node, "reg-offset").value_or(0);
        uart.reg_shift = cell_of(node, "reg-shift").value_or(0);
        uart.interrupt = cell_of(node, "interrupts").value_or(0);
        const u64 span = u64{8} << std::min(uart.reg_shift, u32{32});
        if (uart.reg_offset >= uart.window.size() || span > uart.window.size() - uart.reg_offset) {
            return base::Failure{BootError::TreeBadReg};
        }
        platform_.uart = uart;
        return base::Ok{};
    }

private:
    // One more of a kind of which we drive one.
    Step set_aside(const TreeWalk& node) { return collect(node, platform_.spare_devices); }

    // QEMU's virt machine counted source 0, which does not exist, until version 7.2: its last source is 95. Elsewhere
    // the number is true, this one too.
    u32 real_sources(u32 said) const {
        const std::optional<TreeWalk> root = tree_.find_path("/");
        return said == qemu_source_count && root && root->compatible("riscv-virtio") ? said - 1 : said;
    }

    Step take_plic(const TreeWalk& node) {
        Plic plic{.window = TRY(window_of(node))};
        const std::optional<u32> sources = cell_of(node, "riscv,ndev");
        if (!sources || *sources == 0 || *sources > max_plic_sources) {
            return base::Failure{BootError::BadInterruptController};
        }
        plic.sources = real_sources(*sources);
        platform_.plic = plic;
        const std::optional<Bytes> wires = node.property("interrupts-extended");
        return wires ? take_contexts(*wires) : base::Ok{};
    }

    // Entry n of interrupts-extended is the target of context n: phandle, then as many cells as that node wants.
    Step take_contexts(Bytes wires) {
        const usize cells = wires.size() / 4;
        usize at = 0;
        for (u32 context = 0; context < max_contexts && at < cells; ++context) {
            const u32 phandle = *read_cell(wires, at);
            const auto hart = std::find_if(platform_.harts.begin(), platform_.harts.end(),
                                           [&](const Hart& each) { return each.phandle == phandle && phandle != 0; });
            const bool known = hart != platform_.harts.end();
            const u32 width = known ? 1 : TRY(interrupt_cells(phandle));
            if (width >= cells - at) return base::Failure{BootError::BadInterruptController};
            if (known && *read_cell(wires, at + 1) == supervisor_external) hart->plic_context = context;
            at += width + 1;
        }
        return base::Ok{};
    }

    base::Result<u32, BootError> interrupt_cells(u32 phandle) const {
        const std::optional<TreeWalk> target = tree_.find_phandle(phandle);
        if (!target) return base::Failure{BootError::BadInterruptController};
        return cell_of(*target, "#interrupt-cells").value_or(1);
    }

    Step take_taic(const TreeWalk& node) {
        Taic taic{.window = TRY(window_of(node))};
        const auto global_queues = number_or(node, "gq-num", taic.global_queues);
        const auto local_queues = number_or(node, "lq-num", taic.local_queues);
        const auto slots = number_or(node, "slots", taic.slots);
        const auto depth = number_or(node, "depth", taic.depth);
        const auto lines = number_or(node, "external-lines", taic.external_lines);
        if (!global_queues || !local_queues || !slots || !depth || !lines) return base::Failure{BootError::BadTaic};
        const u64 windows = u64{*global_queues} * *local_queues;
        const bool sane = *global_queues != 0 && *local_queues != 0 && *global_queues <= max_taic_windows &&
            *local_queues <= max_taic_windows && windows <= max_taic_windows && *slots != 0 && *depth != 0 &&
            *lines <= max_taic_lines && (windows + 1) * taic_page <= taic.window.size();
        if (!sane) return base::Failure{BootError::BadTaic};
        platform_.taic = Taic{taic.window,
                              *global_queues,
                              *local_queues,
                              *slots,
                              *depth,
                              *lines,
                              node.property("taic,external-sources").value_or(Bytes{})};
        return base::Ok{};
    }

    const DeviceTree& tree_;
    Platform& platform_;
};

// Arguments, initrd, and the console as stdout-path names it (aliases are left to the search by kind).
Step take_chosen(const DeviceTree& tree, DeviceReader& devices, Platform& platform) {
    const std::optional<TreeWalk> chosen = tree.find_path("/chosen");
    if (!chosen) return base::Ok{};
    if (const auto text = chosen->property("bootargs")) platform.arguments = BootArgs{read_string(*text)};

    const std::optional<Bytes> start = chosen->property("linux,initrd-start");
    const std::optional<Bytes> end = chosen->property("linux,initrd-end");
    if (start || end) {
        const std::optional<u64> first = start ? read_number(*start) : std::nullopt;
        const std::optional<u64> last = end ? read_number(*end) : std::nullopt;
        if (!first || !last || *first > *last) return base::Failure{BootError::BadInitrd};
        platform.initrd = {*first, *last};
    }

    const std::optional<Bytes> console = chosen->property("stdout-path");
    if (!console) return base::Ok{};
    std::string_view path = read_string(*console);
    path = {path.data(), find_char(path, ':')}; // options such as the baud rate follow
    const std::optional<TreeWalk> node = tree.find_path(path);
    const bool usable = node && node->enabled() && (node->compatible("ns16550a") || node->compatible("ns16550"));
    return usable ? devices.take_uart(*node) : base::Ok{};
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

} // namespace

std::optional<std::string_view> BootArgs::find(std::string_view key) const {
    std::optional<std::string_view> found;
    usize at = 0;
    while (at < text_.size()) {
        usize end = at;
        while (end < text_.size() && !is_blank(text_[end])) ++end;
        std::string_view word{text_.data() + at, end - at};
        at = end + 1;
        if (key.empty() || !word.starts_with(key)) continue;
        word.remove_prefix(key.size());
        if (word.empty()) found = word;
        if (word.starts_with('=')) found = std::string_view{word.data() + 1, word.size() - 1};
    }
    return found;
}

std::optional<u64> BootArgs::find_number(std::string_view key) const {
    std::optional<std::string_view> text = find(key);
    if (!text) return std::nullopt;
    u64 radix = 10;
    if (text->starts_with("0x")) {
        radix = 16;
        text->remove_prefix(2);
    }
    if (text->empty()) return std::nullopt;
    u64 value = 0;
    for (const char c : *text) {
        u64 digit = radix;
        if (c >= '0' && c <= '9') digit = static_cast<u64>(c - '0');
        if (c >= 'a' && c <= 'f') digit = static_cast<u64>(c - 'a') + 10;
        if (c >= 'A' && c <= 'F') digit = static_cast<u64>(c - 'A') + 10;
        if (digit >= radix || value > (~u64{0} - digit) / radix) return std::nullopt;
        value = value * radix + digit;
    }
    return value;
}

std::optional<usize> Platform::hart_index(u64 hart_id) const {
    for (usize i = 0; i < harts.size(); ++i) {
        if (harts[i].id == hart_id) return i;
    }
    return std::nullopt;
}

base::Result<base::Ok, BootError> read_platform(Bytes blob, u64 boot_hart, Platform& platform) {
    const DeviceTree tree = TRY(DeviceTree::open(blob));
    take_reservations(tree, platform);

    CoreReader core{tree, boot_hart, platform};
    for (TreeWalk node = tree.walk(); node.next();) TRY(core.visit(node));
    if (platform.memory.empty()) return base::Failure{BootError::NoMemory};
    if (platform.harts.empty()) return base::Failure{BootError::NoHarts};
    if (!platform.hart_index(boot_hart)) return base::Failure{BootError::NoBootHart};
    if (platform.timebase_frequency == 0) return base::Failure{BootError::NoTimebase};
    platform.fpu = std::all_of(platform.harts.begin(), platform.harts.end(), [](const Hart& hart) { return hart.fpu; });

    DeviceReader devices{tree, platform};
    TRY(take_chosen(tree, devices, platform));
    for (TreeWalk node = tree.walk(); node.next();) TRY(devices.visit(node));
    return base::Ok{};
}

} // namespace boot
