// Threads in one address space: a driver that waits for interrupts and for clients at once, clients that sleep, and a
// fault handler that executes, for a worker, an instruction that the processor does not have.
//
//   tools/run --root build/debug/rootserver/examples/sel4/timer.elf
#include "rootserver/examples/sel4/support.h"

#include <array>
#include <cstdint>

namespace {

constexpr seL4_Word own_cnode = seL4_CapInitThreadCNode;

// --- Threads: a TCB, a stack, an IPC buffer and thread-local storage, all in one fresh page and the one behind it.

class Thread {
public:
    using Entry = void (*)();

    Thread(seL4_Word priority, seL4_CPtr fault_endpoint = 0) : tcb_(new_object(seL4_TCBObject, 0)) {
        const seL4_CPtr buffer_frame = new_object(seL4_RISCV_4K_Page, 0);
        const seL4_CPtr stack_frame = new_object(seL4_RISCV_4K_Page, 0);
        map_page(table_memory(), seL4_CapInitThreadVSpace, buffer_frame, buffer(), seL4_ReadWrite);
        map_page(table_memory(), seL4_CapInitThreadVSpace, stack_frame, buffer() + page_size, seL4_ReadWrite);
        next_address += 2 * seL4_Word{page_size};
        check(
            seL4_TCB_Configure(tcb_, fault_endpoint, own_cnode, 0, seL4_CapInitThreadVSpace, 0, buffer(), buffer_frame),
            "configure a thread");
        check(seL4_TCB_SetPriority(tcb_, seL4_CapInitThreadTCB, priority), "set a priority");
    }

    void start(Entry entry) {
        seL4_UserContext registers{};
        asm("mv %0, gp" : "=r"(registers.gp));
        registers.pc = reinterpret_cast<seL4_Word>(&begin);
        registers.sp = buffer() + 2 * seL4_Word{page_size};
        registers.tp = buffer() + storage_offset; // libsel4 finds the IPC buffer through it
        registers.a0 = buffer();
        registers.a1 = reinterpret_cast<seL4_Word>(entry);
        registers.a2 = tcb_;
        check(seL4_TCB_WriteRegisters(tcb_, 1, 0, sizeof(registers) / sizeof(seL4_Word), &registers), "start a thread");
    }

    seL4_CPtr tcb() const { return tcb_; }

private:
    static constexpr seL4_Word storage_offset = sizeof(seL4_IPCBuffer);

    seL4_Word buffer() const { return address_; }

    // Where every thread begins; when its entry returns there is nothing left to do, so it stops itself.
    [[noreturn]] static void begin(seL4_IPCBuffer* buffer, Entry entry, seL4_CPtr tcb) {
        seL4_SetIPCBuffer(buffer);
        entry();
        while (true) static_cast<void>(seL4_TCB_Suspend(tcb));
    }

    static inline seL4_Word next_address = 0x5000'0000;

    seL4_CPtr tcb_;
    seL4_Word address_ = next_address;
};

// --- The device: a clock with an alarm (goldfish RTC). Its registers have 32 bits, its times are nanoseconds.

class Clock {
public:
    static constexpr seL4_Word interrupt = 11;
    static constexpr seL4_Word paddr = 0x10'1000;

    explicit Clock(seL4_Word vaddr) : registers_(reinterpret_cast<volatile std::uint32_t*>(vaddr)) {
        map_page(table_memory(), seL4_CapInitThreadVSpace, device_frame(paddr), vaddr, seL4_ReadWrite);
    }

    seL4_Word now() const {
        const seL4_Word low = registers_[TimeLow]; // latches the high word
        return seL4_Word{registers_[TimeHigh]} << 32 | low;
    }
    // A time in the past rings at once.
    void ring_at(seL4_Word time) {
        registers_[InterruptEnable] = 1;
        registers_[AlarmHigh] = static_cast<std::uint32_t>(time >> 32);
        registers_[AlarmLow] = static_cast<std::uint32_t>(time);
    }
    void silence() { registers_[ClearInterrupt] = 1; }

private:
    enum Register { TimeLow, TimeHigh, AlarmLow, AlarmHigh, InterruptEnable, ClearAlarm, AlarmStatus, ClearInterrupt };

    volatile std::uint32_t* registers_;
};

// --- The driver. One thread waits for clients and for the interrupt in the same call, because the notification of the
// interrupt is bound to it. The badge tells which of the two came.

constexpr seL4_Word interrupt_badge = 1ul << 63;
constexpr seL4_Word millisecond = 1'000'000;

struct Sleeper {
    seL4_CPtr reply; // the slot of its reply capability
    seL4_Word wake_at = 0;
    bool waiting = false;
};

seL4_CPtr service = 0;
seL4_CPtr handler = 0;
Clock* alarm_clock = nullptr;
std::array<Sleeper, 2> sleepers{};

Sleeper* next_to_wake() {
    Sleeper* next = nullptr;
    for (Sleeper& sleeper : sleepers) {
        if (sleeper.waiting && (next == nullptr || sleeper.wake_at < next->wake_at)) next = &sleeper;
    }
    return next;
}

// The client stays blocked in its call for as long as its reply capability lies in our slot.
void fall_asleep(seL4_Word duration) {
    for (Sleeper& sleeper : sleepers) {
        if (sleeper.waiting) continue;
        check(seL4_CNode_SaveCaller(own_cnode, sleeper.reply, seL4_WordBits), "save a caller");
        sleeper.wake_at = alarm_clock->now() + duration;
        sleeper.waiting = true;
        return;
    }
}

void wake_who_is_due() {
    for (Sleeper* next = next_to_wake(); next != nullptr && next->wake_at <= alarm_clock->now();
         next = next_to_wake()) {
        next->waiting = false;
        seL4_Send(next->reply, seL4_MessageInfo_new(0, 0, 0, 0)); // uses the reply capability up
    }
}

void drive() {
    while (true) {
        seL4_Word badge = 0;
        static_cast<void>(seL4_Recv(service, &badge));
        if (badge == interrupt_badge) {
            // First the device must be quiet, then the kernel may let the next interrupt in.
            alarm_clock->silence();
            check(seL4_IRQHandler_Ack(handler), "acknowledge the interrupt");
            wake_who_is_due();
        } else {
            fall_asleep(seL4_GetMR(0));
        }
        if (const Sleeper* next = next_to_wake(); next != nullptr) alarm_clock->ring_at(next->wake_at);
    }
}

// The interrupt becomes a signal with our badge, the signal a message of the bound thread.
void connect_interrupt(const Thread& driver) {
    const seL4_CPtr notification = new_object(seL4_NotificationObject, 0);
    const seL4_CPtr badged = new_slots(1);
    handler = new_slots(1);
    check(seL4_CNode_Mint(own_cnode, badged, seL4_WordBits, own_cnode, notification, seL4_WordBits, seL4_AllRights,
                          interrupt_badge),
          "badge the notification");
    check(seL4_IRQControl_Get(seL4_CapIRQControl, Clock::interrupt, own_cnode, handler, seL4_WordBits),
          "get the interrupt");
    check(seL4_IRQHandler_SetNotification(handler, badged), "connect the interrupt");
    check(seL4_TCB_BindNotification(driver.tcb(), notification), "bind the notification");
}

// --- Its clients. They tell the initial thread how they fare; only that one prints.

seL4_CPtr reports = 0;

void report(seL4_Word who, seL4_Word value) {
    seL4_SetMR(0, value);
    seL4_Send(reports, seL4_MessageInfo_new(who, 0, 0, 1));
}

void sleep_and_report(seL4_Word who, seL4_Word milliseconds) {
    seL4_SetMR(0, milliseconds * millisecond);
    static_cast<void>(seL4_Call(service, seL4_MessageInfo_new(0, 0, 0, 1)));
    report(who, milliseconds);
}

void slow_client() { sleep_and_report(1, 600); }
void fast_client() { sleep_and_report(2, 50); }

void print_report(const char* verb, const char* unit) {
    const seL4_MessageInfo_t message = seL4_Recv(reports, nullptr);
    print("thread ");
    print_number(seL4_MessageInfo_get_label(message));
    print(verb);
    print_number(seL4_GetMR(0));
    print(unit);
}

// --- A worker that counts bits with an instruction of its own, and the handler that makes it true.

void count_bits() {
    register seL4_Word value asm("a0") = 0xf0f0'0f0f'1111'0001;
    asm volatile(".insn r CUSTOM_0, 0, 0, a0, a0, x0" : "+r"(value));
    report(3, value);
}

// The worker waits for our reply, so its registers stand still: read, mended, written back. The empty reply lets it go
// on at the program counter that it has now.
void execute_missing_instruction(seL4_CPtr fault_endpoint, seL4_CPtr tcb) {
    constexpr seL4_Word count = sizeof(seL4_UserContext) / sizeof(seL4_Word);
    const seL4_MessageInfo_t fault = seL4_Recv(fault_endpoint, nullptr);
    check(seL4_MessageInfo_get_label(fault) == seL4_Fault_UserException ? seL4_NoError : seL4_IllegalOperation,
          "some other fault");
    print("thread 3 needs an instruction that is missing\n");
    // The reply capability would be lost with the next receive, not with other calls.
    seL4_UserContext registers{};
    check(seL4_TCB_ReadRegisters(tcb, 0, 0, count, &registers), "read the worker's registers");
    seL4_Word bits = 0;
    for (seL4_Word rest = registers.a0; rest != 0; rest &= rest - 1) ++bits;
    registers.a0 = bits;
    registers.pc += 4;
    check(seL4_TCB_WriteRegisters(tcb, 0, 0, count, &registers), "write the worker's registers");
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
}

} // namespace

void program(void* argument) {
    const auto* info = static_cast<const seL4_BootInfo*>(argument);
    seL4_SetIPCBuffer(info->ipcBuffer);
    support_init(info);
    service = new_object(seL4_EndpointObject, 0);
    reports = new_object(seL4_EndpointObject, 0);
    const seL4_CPtr faults = new_object(seL4_EndpointObject, 0);
    for (Sleeper& sleeper : sleepers) sleeper.reply = new_slots(1);

    Clock clock(0x7000'0000);
    alarm_clock = &clock;
    Thread driver(200);
    connect_interrupt(driver);
    driver.start(drive);
    Thread slow(100);
    Thread fast(100);
    slow.start(slow_client);
    fast.start(fast_client);
    print_report(" slept for ", " ms\n");
    print_report(" slept for ", " ms\n");

    Thread worker(100, faults);
    worker.start(count_bits);
    execute_missing_instruction(faults, worker.tcb());
    print_report(" counted ", " bits\n");
    print("timer: done\n");
    seL4_DebugHalt();
}
