// User interrupts (UINTC): which threads receive, which may send to them. A thread becomes a receiver through the
// notification bound to it, and a sender by a notification capability whose badge is the vector. A receiver that waits
// for that notification (or receives, being bound to it) when a bit arrives is woken as if it had been signalled; if it
// had been, before it was bound, it gets that. All memory is fixed: receiver entries are the device's; the kernel's
// image has 16 sender tables of a page, one for each sending thread. No entry outlives the capability that made it. The
// end of a receiver or sender takes a bounded number of entries at once; what is left names a receiver, or is in a
// table, that nobody has, and goes step by step before that number is given out again. A thread with either part has an
// interrupt_id in its TCB, which no other thread shares, so the scheduler and the IPC fast path see with the comparison
// they make anyway whether state has to be exchanged (Tcb::same_place). Defined in async/; kernel lock held. Source:
// shared specification of user interrupts, section 6.
#pragma once

#include "objects/endpoint.hpp"

namespace objects {

inline constexpr u32 max_receivers = 512;
inline constexpr u32 max_sender_tables = 16;
inline constexpr u32 sender_table_entries = 512;
inline constexpr u32 receiver_words = max_receivers / 64; // of a set of receivers, in bits

// Of a sender table; no_sender_entry: none.
inline constexpr u32 no_sender_entry = ~u32{0};

bool user_interrupts_present();
bool receiver_available();
// The entry by which `thread` sends `vector` to `receiver`, or a free one for it; no_sender_entry: out of memory.
u32 find_sender_entry(const Tcb& thread, const Tcb& receiver, u32 vector);
// The same, without a new one.
u32 existing_sender_entry(const Tcb& thread, const Tcb& receiver, u32 vector);

// A step on the way to a number for a new receiver, or a table for a new sender, after the check that there is one;
// true: it can be registered. Between two steps the kernel may be left, and then begins with the checks again.
bool make_room_for_receiver(const Tcb& thread);
bool make_room_for_sender(const Tcb& thread);

// Checked by decode (syscalls/decode_uintr), and there is room. The receiver is a thread with a bound notification.
void register_receiver(Tcb& thread);
void register_sender(Tcb& thread, Tcb& receiver, u32 vector, u32 entry);
void unregister_receiver(Tcb& thread);
void remove_sender_entry(Tcb& thread, u32 entry);
// A capability that made entries is gone: nobody sends `vector` to this receiver any more.
void remove_senders(Tcb& receiver, u32 vector);
// The thread ends, or its notification is unbound.
void end_user_interrupts(Tcb& thread);

// The kernel as sender: for an asynchronous queue, and for a device whose interrupt signals a notification that a
// receiver is bound to (the signal comes as well). A thread that is no receiver any more gets nothing: false.
bool send_user_interrupt(Tcb& thread, u32 vector);

// --- For the scheduler.
// Exchanges what the calling hart has loaded for what `next` needs; null: for nothing.
void exchange_user_interrupts(Tcb* next);
// The calling hart chooses another thread, or the same again: stores the owner's state. If it has blocked, its bits
// wake it from here on.
void leave_user_interrupts(Tcb& owner);
// How many receivers are parked, by the hart they belong to. An idle hart reads its own count without the lock
// (relaxed; who parks a receiver on another hart kicks that).
extern u32 parked_receivers[base::max_harts];
inline bool has_parked_receivers(base::HartIndex hart) {
    return __atomic_load_n(&parked_receivers[hart], __ATOMIC_RELAXED) != 0;
}
// Those of the calling hart: wakes those that have bits. Before the hart sleeps, and at a tick of a busy one. It looks
// at 32 of them at most and wakes eight; the next look goes on behind the last.
void poll_parked_receivers();
// The calling hart sleeps, without the lock. It makes the entries active in its own name, with user interrupts as the
// kernel's own: a bit that comes since the poll ends the sleep. False: more than 32 are parked here, or TAIC has a line
// to the same pin, and a process has raised that; then nothing is guarded, and the hart polls again at the next tick.
// Source: section 6.6, design 3, with a hart that is idle anyway.
bool guard_parked_receivers();
// After a sleep that was guarded: the entries are nobody's again.
void end_guard();
// The thread belongs to another hart from here on.
void move_parked_receiver(const Tcb& thread, base::HartIndex from, base::HartIndex to);

// --- For the invariant checker (and for tests that break things).

struct UserInterruptView {
    Tcb** senders;                 // by table: whose it is
    Tcb** receivers;               // by receiver entry: whose it is
    u64* leftovers;                // bits, by receiver entry: nobody's, but some tables name it
    u64 (*parked)[receiver_words]; // by hart; bits, by receiver entry: waits for a signal, and its bits wake it
};
UserInterruptView user_interrupt_view();

} // namespace objects
