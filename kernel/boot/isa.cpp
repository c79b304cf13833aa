#include "boot/isa.hpp"

namespace boot {
namespace {

enum Extension : u32 {
    Rv64 = 1,
    M = 2,
    A = 4,
    F = 8,
    D = 16,
    C = 32,
    Zicsr = 64,
    Zifencei = 128,
    Zaamo = 256,
    Zalrsc = 512,
    Zca = 1024,
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr u32 by_letter(char letter) {
    switch (letter) {
    case 'm': return M;
    case 'a': return A;
    case 'f': return F;
    case 'd':
    case 'q': return F | D;
    case 'c': return C;
    case 'g': return M | A | F | D | Zicsr | Zifencei;
    default: return 0;
    }
}

// In any case.
bool begins_with(std::string_view word, std::string_view name) {
    if (word.size() < name.size()) return false;
    for (usize i = 0; i < name.size(); ++i) {
        if (lower(word[i]) != name[i]) return false;
    }
    return true;
}

// The same, perhaps with a version behind it.
bool is_named(std::string_view word, std::string_view name) {
    return begins_with(word, name) && (word.size() == name.size() || is_digit(word[name.size()]));
}

u32 by_name(std::string_view word) {
    if (is_named(word, "zicsr")) return Zicsr;
    if (is_named(word, "zifencei")) return Zifencei;
    if (is_named(word, "zaamo")) return Zaamo;
    if (is_named(word, "zalrsc")) return Zalrsc;
    if (is_named(word, "zca")) return Zca;
    return word.empty() || (word.size() > 1 && !is_digit(word[1])) ? 0 : by_letter(lower(word[0]));
}

// Behind a letter: digits, or digits, p, digits.
usize behind_version(std::string_view text, usize at) {
    const usize start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == start || at + 1 >= text.size() || lower(text[at]) != 'p' || !is_digit(text[at + 1])) return at;
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

// riscv,isa: "rv64", letters, and names that begin with z, s or x and end at an underscore.
u32 parse_string(std::string_view text) {
    constexpr std::string_view base = "rv64";
    if (!begins_with(text, base)) return 0;
    u32 found = Rv64;
    usize at = base.size();
    while (at < text.size()) {
        const char letter = lower(text[at]);
        if (letter == 'z' || letter == 's' || letter == 'x') {
            const std::string_view rest{text.data() + at, text.size() - at};
            const usize length = find_char(rest, '_');
            found |= by_name({rest.data(), length});
            at += length;
        } else {
            found |= by_letter(letter);
            at = behind_version(text, at + 1);
        }
    }
    // Before 2019 `i` had both, and such strings name neither; one that names the one names the other if it is there.
    return (found & Zicsr) != 0 ? found : found | Zicsr | Zifencei;
}

// riscv,isa-base and riscv,isa-extensions: all there is, name by name.
u32 parse_list(std::string_view base, Bytes names) {
    u32 found = is_named(base, "rv64i") ? u32{Rv64 | Zicsr} : 0;
    each_string(names, [&](std::string_view word) { found |= by_name(word); });
    return found;
}

bool has_sv39(const TreeWalk& cpu, bool mmu_named) {
    const std::optional<Bytes> type = cpu.property("mmu-type");
    if (!type) return !mmu_named;
    const std::string_view text = read_string(*type);
    return text != "riscv,none" && text != "riscv,sv32";
}

const char* lacking(u32 found) {
    const auto has = [&](u32 wanted) { return (found & wanted) == wanted; };
    if (!has(Rv64)) return "not used: it is no RV64 processor";
    if (!has(M)) return "not used: it lacks the M extension";
    if (!has(A) && !has(Zaamo | Zalrsc)) return "not used: it lacks the A extension";
    if (!has(C) && !has(Zca)) return "not used: it lacks the C extension";
    if (!has(Zifencei)) return "not used: it lacks the Zifencei extension";
    return nullptr;
}

} // namespace

HartIsa read_isa(const TreeWalk& cpu, bool mmu_named) {
    const std::optional<Bytes> base = cpu.property("riscv,isa-base");
    const std::optional<Bytes> names = cpu.property("riscv,isa-extensions");
    const std::optional<Bytes> old = cpu.property("riscv,isa");
    const std::string_view text = old ? read_string(*old) : std::string_view{};
    HartIsa isa;
    if ((base && names) || !text.empty()) { // else the tree says nothing, and there is nothing to refuse
        const u32 found = base && names ? parse_list(read_string(*base), *names) : parse_string(text);
        isa.lacks = lacking(found);
        isa.fpu = (found & D) != 0;
    }
    if (isa.lacks == nullptr && !has_sv39(cpu, mmu_named)) isa.lacks = "not used: it lacks an MMU with Sv39";
    return isa;
}

} // namespace boot
