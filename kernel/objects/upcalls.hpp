// The few calls from objects, ipc and vspace to the scheduler, and from deletion to everything: declared here, on the
// left of the layering, and defined on the right (scheduler/, ipc/, vspace/, async/). Kernel lock held.
#pragma once

#include "objects/endpoint.hpp"

namespace objects {

// --- scheduler/
// The only writers of the ready queues; the state of a thread that is not running is changed by set_state() only. One
// that stops has no place any more: it leaves its ready queue, or is not the candidate.
void set_state(Tcb& thread, ThreadState state);
// `thread` has become runnable: run it now if it beats the current thread, else queue it (sel4-abi-riscv64.md 6.3).
void possible_switch_to(Tcb& thread);
void enqueue(Tcb& thread); // at the head of its ready queue
void append(Tcb& thread);  // at the tail
void dequeue(Tcb& thread); // or ends its candidacy: before anything changes that its place depends on
void reschedule_required();
// The thread executing the current kernel entry; never null while a system call runs.
Tcb& current_thread();
Tcb* current_or_null();
// Make the hart that runs `thread` (if another one) leave user mode and save its registers.
void stall_remote(Tcb& thread);
// The FPU registers of `thread` are in memory (Tcb::fpu) and no hart owns them any more.
void release_fpu(Tcb& thread);
// The capability in this slot goes: a thread that runs, anywhere, and has it as its VSpace, leaves the address space
// now.
void leave_space_of(const caps::Slot& slot);
// The thread's object ends: it leaves the list of all threads.
void forget_thread(Tcb& thread);
// After a step of a long operation: true when an interrupt, or another hart that wants the kernel lock, is waiting and
// the rest has to wait for it. seL4 looks for interrupts after each hundredth step only, and for harts not at all; here
// a look is a few instructions.
bool preemption_point();

// --- ipc/
void cancel_ipc(Tcb& thread);
// Restarts the first of the threads that wait; true: another one does.
bool cancel_first(Endpoint& endpoint);
bool cancel_first(Notification& notification);
void suspend(Tcb& thread);
void unbind_notification(Tcb& thread);
void signal(Notification& notification, u64 badge);
// The bound thread, which waits for the notification or receives, goes on as if it had been signalled with nothing new:
// with what is there. A signal does less: a thread that began to receive before an active notification was bound to it
// waits on, as in seL4.
void wake_bound(Notification& notification);

// --- vspace/
// Loads the address space of `thread`; null: the kernel's own.
void activate_vspace(const Tcb* thread);
void unmap_frame(caps::FrameSize size, base::Asid asid, base::Vaddr vaddr, base::Paddr paddr);
void unmap_page_table(base::Asid asid, base::Vaddr vaddr, u64* table);
void delete_asid_pool(u64 asid_base, AsidPool* pool);

// --- async/
// First half of a queue's end: disarm the doorbell, mark it dead, take it from the workers, unmap it.
void retire(AsyncQueue& queue);

} // namespace objects
