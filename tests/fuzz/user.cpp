#include "user.hpp"

#include "harts.hpp"
#include "processor.hpp"
#include "world.hpp"

#include "api/labels.hpp"
#include "async/taic_device.hpp"
#include "caps/lookup.hpp"
#include "ipc/message.hpp"
#include "scheduler/scheduler.hpp"
#include "syscalls/handle.hpp"
#include "taic/regs.hpp"

#include <algorithm>
#include <iterator>

namespace fuzz {

namespace {

using api::Syscall;
using arch::Reg;
using objects::AsyncQueue;
using objects::Tcb;

constexpr u64 ecall_at = 0x10000;
constexpr u32 no_hart = base::max_harts;

u32 hart_of(const Op& op) { return op.where % 4U % smp::hart_count; }

// The operation's hart if it is in user mode, else another that is.
u32 user_hart(const Op& op) {
    for (u32 i = 0; i < smp::hart_count; ++i) {
        const u32 hart = (hart_of(op) + i) % smp::hart_count;
        if (mode_of(hart) == Mode::User) return hart;
    }
    return no_hart;
}

Tcb& thread_on(u32 hart) { return *scheduler::state_of(hart).current; }

u64 wire_label(u64 label) {
    if (label >= api::first_fixed_label) return label;
    for (u64 wire = 0; wire < 64; ++wire) {
        if (static_cast<u64>(api::label_of(true, wire)) == label) return wire;
    }
    return 0;
}

struct Call {
    Syscall number = Syscall::Call;
    u64 cptr = 0;
    u64 label = 0;
    u64 words[8] = {};
    unsigned length = 0;
    u64 caps[3] = {};
    unsigned extra = 0;
    u64 receive_slot = free;
};

void fill_in(Tcb& thread, const Call& call) {
    arch::Context& context = thread.context;
    context[Reg::A0] = call.cptr;
    context[Reg::A1] = ipc::MessageInfo::make(call.label, 0, call.extra, call.length).word;
    context[Reg::A7] = static_cast<u64>(static_cast<i64>(call.number));
    for (unsigned i = 0; i < 4; ++i) ipc::message_register(thread, i) = call.words[i];
    // The thread's own view of its buffer: it writes what the kernel will read.
    auto* buffer = const_cast<ipc::Buffer*>(const_cast<const ipc::Buffer*>(ipc::send_buffer(thread)));
    if (buffer == nullptr) return;
    std::copy(call.words + 4, call.words + 8, buffer->msg + 4);
    std::copy(std::begin(call.caps), std::end(call.caps), buffer->caps_or_badges);
    buffer->receive_cnode = self;
    buffer->receive_index = call.receive_slot;
    buffer->receive_depth = 64;
}

void execute_ecall(u32 hart, bool delayed) {
    arch::Context& context = *user_context(hart);
    context.fault_ip_ = ecall_at;
    context.next_ip_ = ecall_at + 4;
    trap(hart, {.trap = Trap::SystemCall, .delayed = delayed});
}

// The initial thread would wait for good, or end in a fault that nobody hears of.
bool may_block(const Tcb& thread, const Call& call) {
    if (!is_initial(thread)) return false;
    const caps::Slot* slot = caps::find_slot(thread.slot(objects::TcbSlot::CSpace).cap, call.cptr);
    return slot == nullptr || slot->empty() || slot->cap.is(caps::CapType::Endpoint);
}
Syscall without_blocking(Syscall number) {
    switch (number) {
    case Syscall::Recv: return Syscall::NBRecv;
    case Syscall::ReplyRecv: return Syscall::Reply;
    default: return Syscall::NBSend;
    }
}

void system_call(const Op& op, Call call) {
    const u32 hart = user_hart(op);
    if (hart == no_hart) return;
    Tcb& thread = thread_on(hart);
    if (is_initial(thread) && (call.number == Syscall::Recv || call.number == Syscall::ReplyRecv))
        call.number = without_blocking(call.number);
    else if (may_block(thread, call) && call.number != Syscall::Yield)
        call.number = call.number == Syscall::NBRecv ? Syscall::Yield : without_blocking(call.number);
    fill_in(thread, call);
    processor.preempt_in[hart] = op.where >> preempt_shift;
    execute_ecall(hart, (op.where & is_delayed) != 0);
    finish_entries();
    if ((op.where & leaves_restart) != 0) return;
    constexpr unsigned tries = 8;
    for (unsigned i = 0; i < tries && mode_of(hart) == Mode::User; ++i) {
        if (user_context(hart) != &thread.context || thread.context.next_ip_ != ecall_at) break;
        processor.preempt_in[hart] = i < 2 ? op.where >> preempt_shift : 0;
        execute_ecall(hart, false);
        finish_entries();
    }
    processor.preempt_in[hart] = 0;
}

Call call_of(const Request& request) {
    Call call;
    call.cptr = request.target;
    call.label = wire_label(request.shape->label);
    std::copy(std::begin(request.words), std::end(request.words), call.words);
    call.length = request.length;
    std::copy(std::begin(request.caps), std::end(request.caps), call.caps);
    call.extra = request.extra;
    return call;
}

Call queue_call(u64 queue, api::Label label, u64 argument) {
    Call call;
    call.cptr = queue;
    call.label = static_cast<u64>(label);
    call.words[0] = argument;
    call.length = 1;
    return call;
}

void message(const Op& op) {
    constexpr Syscall numbers[] = {Syscall::Call, Syscall::Call,  Syscall::Send,   Syscall::NBSend,    Syscall::Recv,
                                   Syscall::Recv, Syscall::Reply, Syscall::NBRecv, Syscall::ReplyRecv, Syscall::Yield};
    Call call;
    call.number = numbers[op.what % std::size(numbers)];
    call.cptr = value_of(op.whom % 2 == 0 ? Is::Endpoint : Is::Notification, op.whom / 2);
    call.label = op.arguments[0];
    call.length = op.arguments[1] % 9;
    call.extra = op.arguments[2] < 0xc0 ? 0 : op.arguments[2] % 4;
    for (unsigned i = 0; i < 3; ++i) call.caps[i] = op.arguments[3 + i] % slot_count;
    call.receive_slot = op.arguments[6] % slot_count;
    system_call(op, call);
}

// --- A queue's shared memory, as its user writes it.

void put_request(AsyncQueue& queue, const Op& op, u32 index) {
    const Request request = request_of(op);
    tail4_AsyncSlot& slot = queue.shared[index];
    slot.op = request.shape->label;
    slot.flags = 0;
    slot.vec = 0;
    slot.generation = index + 1;
    slot.cptr = request.target;
    std::copy(std::begin(request.words), std::end(request.words), slot.words);
    slot.cap = request.caps[0];
    std::copy(std::begin(request.caps) + 1, std::end(request.caps), slot.more_caps);
}

// Makes a wide request one of many operations, of few slots and pages.
void repeat(tail4_AsyncSlot& slot, const Op& op) {
    auto* words = reinterpret_cast<u64*>(&slot + 1) - TAIL4_ASYNC_SLOT_WORDS;
    std::fill(words + TAIL4_ASYNC_SLOT_WORDS, words + TAIL4_ASYNC_EACH_END, 0);
    slot.flags |= TAIL4_ASYNC_SLOT_EACH;
    words[TAIL4_ASYNC_EACH_COUNT] = op.arguments[6] % 70;
    words[TAIL4_ASYNC_EACH_CPTR] = op.arguments[5] % 3;
    words[TAIL4_ASYNC_EACH_WORDS] = u64{op.arguments[4]} % 3 << (op.arguments[4] < 0x80 ? 12 : 0);
    words[TAIL4_ASYNC_EACH_WORDS + 4] = op.arguments[3] % 3;
    words[TAIL4_ASYNC_EACH_CAPS] = op.arguments[2] % 2;
}

void submit(const Op& op) {
    AsyncQueue* queue = queue_at(queues + op.where % 4U % queue_count);
    if (queue == nullptr || queue->control == nullptr) return;
    tail4_AsyncControl& control = *queue->control;
    const u32 flags = op.where >> 2 & 15U;
    const bool wide = (flags & TAIL4_ASYNC_SLOT_WIDE) != 0;
    const auto mask = static_cast<u32>(queue->slot_mask);
    const u32 index = (wide ? control.sq_tail * TAIL4_ASYNC_WIDE_SLOTS : control.sq_tail) & mask;
    put_request(*queue, op, index);
    constexpr u8 has_vector = 64;
    constexpr u8 is_unknown = 128;
    tail4_AsyncSlot& slot = queue->shared[index];
    slot.flags = flags;
    if (wide && op.arguments[7] >= 0x80) repeat(slot, op);
    if ((op.where & has_vector) != 0) slot.vec = op.arguments[7] % 40;
    if ((op.where & is_unknown) != 0 && op.arguments[6] < 32) slot.op = op.arguments[6] + 0x1f0U;
    queue->sq[control.sq_tail & mask] = index;
    ++control.sq_tail;
}

void share(const Op& op) {
    AsyncQueue* queue = queue_at(queues + op.whom % queue_count);
    if (queue == nullptr || queue->control == nullptr) return;
    tail4_AsyncControl& control = *queue->control;
    const u32 small = op.arguments[0] % 6;
    const u64 where = op.arguments[1] & queue->slot_mask;
    switch (op.what % 10) {
    case 0:
    case 1:
    case 2: control.ustate = small; break;
    case 3: control.kstate = small; break;
    case 4: control.sq_priority = op.arguments[0] % 10; break;
    case 5:
        control.sq_tail += op.arguments[0] < 0xe0 ? small : static_cast<u32>(value_of(Is::Odd, op.arguments[1]));
        break;
    case 6: queue->sq[where] = op.arguments[0]; break;
    case 7: queue->shared[where].flags |= TAIL4_ASYNC_SLOT_CANCEL; break;
    case 8: queue->shared[where].generation = op.arguments[0]; break;
    default: {
        auto* words = reinterpret_cast<u64*>(&control);
        words[(u64{op.arguments[1]} << 3 | (op.arguments[2] & 7U)) % 2048] = value_of(Is::Odd, op.arguments[0]);
    }
    }
}

// --- Devices

u64 page_of(const AsyncQueue& queue) { return taic_offset(async::process_page(queue.taic_process)); }

void send_to_kernel(const AsyncQueue& queue) {
    const u64 reg = page_of(queue) + offset_of(taic::QueueRegister::Send);
    taic_write(reg, async::os_id);
    taic_write(reg, taic::Peer{async::os_id, 0, async::kernel_vector}.word());
}

void ring(const Op& op) {
    const u64 at = queues + op.whom % queue_count;
    AsyncQueue* queue = queue_at(at);
    if (queue == nullptr || queue->control == nullptr) return;
    if (queue->control->kstate == TAIL4_ASYNC_BLOCKED) queue->control->kstate = TAIL4_ASYNC_NOTIFIED;
    if (queue->taic_process == 0)
        system_call(op, queue_call(at, api::Label::AsyncQueueWake, 0));
    else
        send_to_kernel(*queue);
}

void use_taic(const Op& op) {
    using taic::QueueRegister;
    AsyncQueue* queue = queue_at(queues + op.whom % queue_count);
    if (queue == nullptr || queue->taic_process == 0) return;
    const u64 page = page_of(*queue);
    const taic::Peer peer{async::os_id, op.arguments[0] % 5U, op.arguments[1] % 8U};
    const u64 handler = op.arguments[2];
    constexpr QueueRegister sequences[] = {QueueRegister::RegisterSender, QueueRegister::CancelSender,
                                           QueueRegister::Send, QueueRegister::RegisterReceiver};
    switch (op.what % 8) {
    case 0: taic_write(page + offset_of(QueueRegister::Enqueue), handler); break;
    case 1: static_cast<void>(taic_read(page + offset_of(QueueRegister::Dequeue))); break;
    case 2: taic_write(page + offset_of(QueueRegister::BindHart), op.arguments[2] % (smp::hart_count + 2)); break;
    case 3: // anything, perhaps in the middle of a sequence
        taic_write(page + 8 * (op.arguments[3] % 12U), value_of(Is::Odd, op.arguments[2]));
        break;
    default: {
        const QueueRegister which = sequences[op.what % 4];
        taic_write(page + offset_of(which), async::os_id);
        taic_write(page + offset_of(which), peer.word());
        if (which == QueueRegister::RegisterReceiver) taic_write(page + offset_of(which), handler);
    }
    }
}

void except(const Op& op) {
    constexpr u64 causes[] = {2, 2, 5, 7, 12, 13, 15, 8 + 1};
    const u32 hart = user_hart(op);
    if (hart == no_hart || is_initial(thread_on(hart))) return;
    processor.fpu_use = op.arguments[0] % 2 == 0 ? 0 : arch::sstatus_fs_dirty;
    arch::Context& context = *user_context(hart);
    context.fault_ip_ = context.next_ip_ = ecall_at;
    trap(hart,
         {.trap = Trap::Exception,
          .cause = causes[op.what % std::size(causes)],
          .value = value_of(Is::Address, op.arguments[1]),
          .delayed = (op.where & is_delayed) != 0});
}

void let_spin(const Op& op) {
    constexpr u32 longest = 4100; // until it gives up
    const u32 hart = hart_of(op);
    if (mode_of(hart) != Mode::Spinning) return;
    set_spin_looks(op.what % 2 == 0 ? longest : 2);
    go_on(hart);
    set_spin_looks(2);
}

void execute(const Op& op) {
    const u64 at = queues + op.arguments[7] % queue_count;
    AsyncQueue* queue = queue_at(at);
    if (queue == nullptr || queue->control == nullptr) return;
    const auto last = static_cast<u32>(queue->slot_mask);
    put_request(*queue, op, last);
    system_call(op, queue_call(at, api::Label::AsyncQueueExecute, last));
}

} // namespace

void carry_out(const Op& op) {
    const u64 queue = queues + op.whom % queue_count;
    switch (act_of(op.act)) {
    case Act::Invoke: system_call(op, call_of(request_of(op))); break;
    case Act::Request: submit(op); break;
    case Act::Drive: {
        const bool wakes = op.what % 8 == 7;
        system_call(op,
                    queue_call(queue, wakes ? api::Label::AsyncQueueWake : api::Label::AsyncQueueDrive,
                               op.arguments[0] < 0x80 ? 64 : op.arguments[0] % 8));
        break;
    }
    case Act::Execute: execute(op); break;
    case Act::Message: message(op); break;
    case Act::Tick: processor.timer[hart_of(op)] = true; break;
    case Act::Interrupt: set_source(first_source + op.what % 3, op.arguments[0] % 2 == 0); break;
    case Act::Software: processor.software[hart_of(op)] = true; break;
    case Act::Share: share(op); break;
    case Act::Ring: ring(op); break;
    case Act::Taic: use_taic(op); break;
    case Act::Uipi:
        if (mode_of(hart_of(op)) == Mode::User) send_by_table(hart_of(op), op.arguments[0] % 4);
        break;
    case Act::Exception: except(op); break;
    case Act::Idle: let_spin(op); break;
    case Act::GoOn:
        if (mode_of(hart_of(op)) == Mode::Delayed) go_on(hart_of(op));
        break;
    case Act::count: break;
    }
}

} // namespace fuzz
