#include "tests/guest/harness/alarm.hpp"

#include "tests/guest/harness/image.hpp"

namespace guest {

namespace {

constexpr Word device_page = 0x10'1000;

enum Register : Word {
    TimeLow = 0x00,
    TimeHigh = 0x04,
    AlarmLow = 0x08,
    AlarmHigh = 0x0c,
    InterruptEnable = 0x10,
    ClearAlarm = 0x14,
    AlarmStatus = 0x18,
    ClearInterrupt = 0x1c,
};

Word device = 0;

volatile std::uint32_t& at(Register where) { return *reinterpret_cast<volatile std::uint32_t*>(device + where); }

seL4_CPtr device_frame(machine::Memory& memory) {
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end; ++i) {
        const seL4_UntypedDesc& region = boot_info->untypedList[i - boot_info->untyped.start];
        if (region.isDevice == 0 || device_page < region.paddr || device_page - region.paddr >= 1ul << region.sizeBits)
            continue;
        const seL4_CPtr slot = memory.slots();
        if (machine::Memory::retype(i, seL4_RISCV_4K_Page, 0, slot) != seL4_NoError) return 0;
        const seL4_RISCV_Page_GetAddress_t found = seL4_RISCV_Page_GetAddress(slot);
        return found.error == 0 && found.paddr == device_page ? slot : 0;
    }
    return 0;
}

} // namespace

bool map_alarm() {
    if (device != 0) return true;
    machine::Memory& memory = whole_run_memory();
    const seL4_CPtr frame = device_frame(memory);
    const Word vaddr = memory.addresses(page_size);
    if (frame == 0 || memory.make_tables(vaddr, page_size) != seL4_NoError || memory.map(frame, vaddr) != seL4_NoError)
        return false;
    device = vaddr;
    silence_alarm();
    return true;
}

void set_alarm(Word after) {
    // The low word first: reading it latches the high one. An alarm in the past rings when its low word is written.
    const Word low = at(TimeLow);
    const Word time = after == 0 ? 0 : (Word{at(TimeHigh)} << 32 | low) + after;
    at(InterruptEnable) = 1;
    at(AlarmHigh) = static_cast<std::uint32_t>(time >> 32);
    at(AlarmLow) = static_cast<std::uint32_t>(time);
}

void silence_alarm() {
    at(ClearAlarm) = 1;
    at(ClearInterrupt) = 1;
    at(InterruptEnable) = 0;
}

bool alarm_is_silent() { return at(AlarmStatus) == 0; }

} // namespace guest
