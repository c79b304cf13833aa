// The processor's own part: interrupt bits, address spaces, TLB, FPU, clearing memory.
#include "arch/arch.hpp"
#include "arch/riscv/csr.hpp"

extern "C" u64 kernel_root_table[512];

namespace arch {

// Without any ASID bit every switch flushes (axu15eg.md 3.8).
u64 asid_mask = 0;
bool fpu_present = false;

namespace {

constexpr unsigned first_kernel_entry = 256;
constexpr unsigned root_entries = 512;
constexpr u64 enabled_interrupts = software_interrupt | timer_interrupt | external_interrupt;
constexpr u64 asid_field = base::mask(16) << 44;

u64 kernel_satp() { return satp_word(to_paddr(kernel_root_table), 0); }

// The kernel keeps the FPU off; it is on in here.
void store_fpu(FpuState& state) {
    u64 fcsr = 0;
    asm volatile(".option push\n .option arch, +d\n"
                 ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
                 " fsd f\\n, (\\n * 8)(%1)\n"
                 ".endr\n"
                 " frcsr %0\n"
                 ".option pop"
                 : "=&r"(fcsr)
                 : "r"(state.f_)
                 : "memory");
    state.fcsr_ = fcsr;
}

void restore_fpu(const FpuState& state) {
    asm volatile(".option push\n .option arch, +d\n"
                 ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
                 " fld f\\n, (\\n * 8)(%1)\n"
                 ".endr\n"
                 " fscsr %0\n"
                 ".option pop"
                 :
                 : "r"(state.fcsr_), "r"(state.f_)
                 : "memory");
}

} // namespace

void enable_interrupts() { write_csr<Csr::Sie>(enabled_interrupts); }
void enable_user_counters() { set_csr<Csr::Scounteren>(7); }
u64 pending_interrupts() { return read_csr<Csr::Sip>() & enabled_interrupts; }
void clear_software_interrupt() { clear_csr<Csr::Sip>(software_interrupt); }
void raise_software_interrupt() { set_csr<Csr::Sip>(software_interrupt); }
void wait_for_interrupt() { asm volatile("wfi" : : : "memory"); }

void init_address_spaces() {
    write_csr<Csr::Satp>(kernel_satp() | asid_field);
    asid_mask = read_csr<Csr::Satp>() >> 44 & base::mask(16);
    write_csr<Csr::Satp>(kernel_satp());
    local_flush_all();
}

void copy_kernel_mappings(u64* root) {
    for (unsigned i = first_kernel_entry; i < root_entries; ++i) root[i] = kernel_root_table[i];
}

AddressSpace make_address_space(base::Paddr root, base::Asid asid) {
    return {satp_word(root, asid & asid_mask), asid_mask == base::mask(16) ? u64{0} : u64{1}};
}
void set_kernel_address_space() { load_address_space(make_address_space(to_paddr(kernel_root_table), 0)); }

void local_flush_asid(base::Asid asid) { asm volatile("sfence.vma zero, %0" : : "r"(asid & asid_mask) : "memory"); }
void local_flush_all() { asm volatile("sfence.vma" : : : "memory"); }

void local_fence_i() { asm volatile("fence.i" : : : "memory"); }

bool fpu_answers() {
    set_csr<Csr::Sstatus>(sstatus_fs_dirty);
    const bool kept = fpu_use() != 0; // the field is zero for good without an FPU
    clear_csr<Csr::Sstatus>(sstatus_fs_mask);
    return kept;
}

void fpu_save(FpuState& state) {
    set_csr<Csr::Sstatus>(sstatus_fs_dirty);
    store_fpu(state);
    clear_csr<Csr::Sstatus>(sstatus_fs_mask);
}

void fpu_load(const FpuState& state) {
    set_csr<Csr::Sstatus>(sstatus_fs_dirty);
    restore_fpu(state);
    clear_csr<Csr::Sstatus>(sstatus_fs_mask);
}

void fpu_exchange(FpuState& saved, const FpuState& loaded) {
    set_csr<Csr::Sstatus>(sstatus_fs_dirty);
    store_fpu(saved);
    restore_fpu(loaded);
    clear_csr<Csr::Sstatus>(sstatus_fs_mask);
}

u64 fpu_use() { return read_csr<Csr::Sstatus>() & sstatus_fs_mask; }

void clear(void* start, usize size) {
    auto* word = static_cast<u64*>(start);
    auto* end = word + size / sizeof(u64);
    for (; end - word >= 8; word += 8) {
        word[0] = 0;
        word[1] = 0;
        word[2] = 0;
        word[3] = 0;
        word[4] = 0;
        word[5] = 0;
        word[6] = 0;
        word[7] = 0;
    }
    for (; word != end; ++word) *word = 0;
}

} // namespace arch
