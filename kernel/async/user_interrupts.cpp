// User interrupts: registrations, who waits, and what a switch of threads exchanges. Source: shared specification of
// user interrupts, sections 6.4 to 6.7; objects/user_interrupts.hpp.
#include "objects/user_interrupts.hpp"

#include "arch/arch.hpp"
#include "async/sender_tables.hpp"
#include "async/uintc_device.hpp"
#include "base/bits.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"

namespace objects {

u32 parked_receivers[base::max_harts];

namespace {

Tcb* senders[max_sender_tables];
Tcb* receivers[max_receivers];
// Receivers whose thread is gone, and which some tables still name.
u64 leftovers[receiver_words];
// By hart: those that wait on it, those that its sleep guards, and where its next look begins.
u64 parked[base::max_harts][receiver_words];
u64 guarded[base::max_harts][receiver_words];
u32 next_look[base::max_harts];

// How many receivers a hart looks at, or guards, at once, and how many of them it wakes.
constexpr u32 most_looks = 32;
constexpr u32 most_wakes = 8;

constexpr u32 no_leftover = max_receivers;

u32 receiver_of(const Tcb& thread) { return thread.user_interrupts.receiver - u32{1}; }
u32 table_of(const Tcb& thread) { return thread.user_interrupts.sender_table - u32{1}; }
bool is_receiver(const Tcb& thread) { return thread.user_interrupts.receiver != 0; }
bool is_sender(const Tcb& thread) { return thread.user_interrupts.sender_table != 0; }

// Receivers and tables have numbers of their own, so no two threads share an id.
void set_id(Tcb& thread) {
    const UserInterrupts& part = thread.user_interrupts;
    const u32 id = part.receiver != 0 ? part.receiver : part.sender_table != 0 ? max_receivers + part.sender_table : 0;
    thread.interrupt_id = static_cast<u16>(id);
}

// A hart that sleeps guards those it had; it has to look at a new one.
void count_parked(base::HartIndex hart, bool more) {
    u32& count = parked_receivers[hart];
    __atomic_store_n(&count, more ? count + 1 : count - 1, __ATOMIC_RELAXED); // under the lock; partner: an idle hart
    if (more && hart != smp::this_hart().index_) smp::kick_at_unlock(base::bit(hart));
}

void set_parked(Tcb& thread, bool value) {
    const u32 receiver = receiver_of(thread);
    u64& word = parked[thread.affinity][receiver / 64];
    const u64 bit = base::bit(receiver % 64);
    if (((word & bit) != 0) == value) return;
    word ^= bit;
    count_parked(thread.affinity, value);
}
bool is_parked(const Tcb& thread) {
    const u32 receiver = receiver_of(thread);
    return (parked[thread.affinity][receiver / 64] & base::bit(receiver % 64)) != 0;
}

// A signal of its notification would let it go on.
bool waits_for_signal(const Tcb& thread) {
    if (thread.bound_notification == nullptr) return false;
    return thread.state == ThreadState::BlockedOnReceive ||
        (thread.state == ThreadState::BlockedOnNotification && thread.blocked_on == thread.bound_notification);
}

// Nobody but the thread itself can wait for a notification that is bound to it.
void wake(Tcb& thread) {
    if (waits_for_signal(thread)) wake_bound(*thread.bound_notification);
    ASSERT(!waits_for_signal(thread));
    set_parked(thread, false);
}

void load(Tcb& thread) {
    if (is_sender(thread)) {
        const base::Paddr table = async::sender_table_address(table_of(thread));
        arch::set_sender_table(uintr::SenderTable::make(base::raw(table), 1));
    }
    if (!is_receiver(thread)) return;
    set_parked(thread, false);
    arch::load_user_interrupts(thread.user_interrupts.state, uintr::ReceiverStatus::make(receiver_of(thread)));
    async::activate_entry(receiver_of(thread)); // last: from here on the line may rise
}

void store(Tcb& thread) {
    if (is_sender(thread)) arch::set_sender_table({});
    if (!is_receiver(thread)) return;
    async::deactivate_entry(receiver_of(thread)); // first: the line belongs to this thread
    arch::save_user_interrupts(thread.user_interrupts.state);
}

// Takes the state out of whatever hart has it; a thread that runs elsewhere is stopped, queued and chosen anew.
void take_out(Tcb& thread) {
    stall_remote(thread);
    if (scheduler::own_state().interrupt_owner == &thread) exchange_user_interrupts(nullptr);
}

// Its registrations have changed: a thread that runs here goes on with the new ones.
void put_back(Tcb& thread) {
    set_id(thread);
    if (current_or_null() == &thread) exchange_user_interrupts(&thread);
}

// A send that had read its entry before it was removed has arrived when this returns.
void finish_sends() {
    scheduler::enter_others([](const scheduler::State& state) { return state.interrupt_owner != nullptr; });
}

// Each parked receiver of the calling hart, from `from` on and around, until `use` has had enough; it may be woken.
template <class Use>
void for_own_parked(u32 from, Use use) {
    const u64 before = base::bit(from % 64) - 1; // of the word it begins in, these come last
    for (u32 turn = 0; turn <= receiver_words; ++turn) {
        const u32 i = (from / 64 + turn) % receiver_words;
        u64 word = parked[smp::this_hart().index_][i];
        if (turn == 0) word &= ~before;
        if (turn == receiver_words) word &= before;
        for (; word != 0; word &= word - 1) {
            if (!use(*receivers[i * 64 + base::lowest_bit(word)])) return;
        }
    }
}

u32 acquire_table(Tcb& thread) {
    for (u32 i = 0; i < max_sender_tables; ++i) {
        if (senders[i] != nullptr || !async::sender_table_empty(i)) continue;
        senders[i] = &thread;
        return i;
    }
    base::panic("no sender table after the check", __FILE_NAME__, __LINE__);
}

// What is left in it goes when the table is wanted: nobody's hart has it.
void release_table(Tcb& thread) {
    const u32 table = table_of(thread);
    static_cast<void>(async::remove_some_of_table(table));
    senders[table] = nullptr;
    thread.user_interrupts.sender_table = 0;
}

u32 first_leftover() {
    for (u32 i = 0; i < receiver_words; ++i) {
        if (leftovers[i] != 0) return i * 64 + base::lowest_bit(leftovers[i]);
    }
    return no_leftover;
}

// Its number is nobody's from here on; it is given out again when no table names it any more.
void release_receiver(u32 receiver) {
    const bool named = !async::remove_some_of_receiver(receiver);
    finish_sends();
    receivers[receiver] = nullptr;
    if (!named) return async::release_entry(receiver);
    async::deactivate_entry(receiver); // a hart may guard it
    leftovers[receiver / 64] |= base::bit(receiver % 64);
}

} // namespace

UserInterruptView user_interrupt_view() { return {senders, receivers, leftovers, parked}; }

bool user_interrupts_present() { return async::uintc_present(); }
bool receiver_available() { return async::entry_available() || first_leftover() != no_leftover; }

u32 existing_sender_entry(const Tcb& thread, const Tcb& receiver, u32 vector) {
    if (!is_sender(thread) || !is_receiver(receiver)) return no_sender_entry;
    return async::find_sender_entry(table_of(thread), receiver_of(receiver), vector);
}

u32 find_sender_entry(const Tcb& thread, const Tcb& receiver, u32 vector) {
    if (!is_sender(thread)) {
        for (const Tcb* owner : senders) {
            if (owner == nullptr) return 0;
        }
        return no_sender_entry;
    }
    const u32 existing = existing_sender_entry(thread, receiver, vector);
    return existing != no_sender_entry ? existing : async::free_sender_entry(table_of(thread));
}

bool make_room_for_receiver(const Tcb& thread) {
    if (is_receiver(thread) || async::entry_available()) return true;
    const u32 receiver = first_leftover();
    if (!async::remove_some_of_receiver(receiver)) return false;
    finish_sends();
    leftovers[receiver / 64] &= ~base::bit(receiver % 64);
    async::release_entry(receiver);
    return true;
}

bool make_room_for_sender(const Tcb& thread) {
    if (is_sender(thread)) return true;
    u32 leftover = max_sender_tables;
    for (u32 i = 0; i < max_sender_tables; ++i) {
        if (senders[i] != nullptr) continue;
        if (async::sender_table_empty(i)) return true;
        leftover = i;
    }
    return async::remove_some_of_table(leftover);
}

void register_receiver(Tcb& thread) {
    if (is_receiver(thread)) return;
    take_out(thread);
    const u32 receiver = async::acquire_entry();
    receivers[receiver] = &thread;
    // Nothing of the CSRs as they are now: they may be another thread's. The new receiver sets its own.
    thread.user_interrupts.state = {};
    thread.user_interrupts.receiver = static_cast<u16>(receiver + 1);
    put_back(thread);
    if (waits_for_signal(thread)) set_parked(thread, true);
}

void register_sender(Tcb& thread, Tcb& receiver, u32 vector, u32 entry) {
    if (!is_sender(thread)) {
        take_out(thread);
        thread.user_interrupts.sender_table = static_cast<u16>(acquire_table(thread) + 1);
        put_back(thread);
    }
    if (existing_sender_entry(thread, receiver, vector) == entry) return; // registered before
    async::add_sender_entry(table_of(thread), entry, receiver_of(receiver), vector);
}

void remove_sender_entry(Tcb& thread, u32 entry) { async::remove_sender_entry(table_of(thread), entry); }

void remove_senders(Tcb& receiver, u32 vector) {
    if (!is_receiver(receiver)) return;
    if (!async::remove_senders_of_vector(receiver_of(receiver), vector)) return;
    finish_sends(); // the vector may get another meaning at once
}

void unregister_receiver(Tcb& thread) {
    if (!is_receiver(thread)) return;
    take_out(thread);
    set_parked(thread, false);
    release_receiver(receiver_of(thread));
    thread.user_interrupts.receiver = 0;
    put_back(thread);
}

void end_user_interrupts(Tcb& thread) {
    if (thread.interrupt_id == 0) return;
    unregister_receiver(thread);
    if (is_sender(thread)) {
        take_out(thread);
        release_table(thread);
        put_back(thread);
    }
}

bool send_user_interrupt(Tcb& thread, u32 vector) {
    if (!is_receiver(thread)) return false;
    async::send_to_entry(receiver_of(thread), vector);
    if (is_parked(thread)) {
        async::deactivate_entry(
            receiver_of(thread)); // its hart may guard it in its sleep, and will not know it any more
        wake(thread);
    }
    return true;
}

void exchange_user_interrupts(Tcb* next) {
    scheduler::State& state = scheduler::own_state();
    if (state.interrupt_owner == next && next != nullptr) return;
    if (state.interrupt_owner != nullptr) store(*state.interrupt_owner);
    const bool any = next != nullptr && next->interrupt_id != 0;
    state.interrupt_owner = any ? next : nullptr;
    if (any) load(*next);
}

void leave_user_interrupts(Tcb& thread) {
    exchange_user_interrupts(nullptr);
    if (!is_receiver(thread) || !waits_for_signal(thread)) return;
    set_parked(thread, true);
    if (async::entry_pending(receiver_of(thread))) wake(thread); // it came before the entry was inactive
}

void move_parked_receiver(const Tcb& thread, base::HartIndex from, base::HartIndex to) {
    if (!is_receiver(thread) || !is_parked(thread)) return;
    const u32 receiver = receiver_of(thread);
    async::deactivate_entry(receiver);
    parked[from][receiver / 64] &= ~base::bit(receiver % 64);
    parked[to][receiver / 64] |= base::bit(receiver % 64);
    count_parked(from, false);
    count_parked(to, true);
}

// Each look begins behind the last one, so everybody's turn comes however many there are.
void poll_parked_receivers() {
    u32& from = next_look[smp::this_hart().index_];
    u32 looks = 0;
    u32 wakes = 0;
    for_own_parked(from, [&](Tcb& thread) {
        from = (receiver_of(thread) + 1) % max_receivers;
        if (async::entry_pending(receiver_of(thread))) {
            wake(thread);
            ++wakes;
        }
        return ++looks < most_looks && wakes < most_wakes;
    });
}

bool guard_parked_receivers() {
    const u32 own = smp::this_hart().index_;
    if (parked_receivers[own] > most_looks || arch::user_interrupt_pending()) return false;
    for (u32 i = 0; i < receiver_words; ++i) guarded[own][i] = parked[own][i];
    for_own_parked(0, [](const Tcb& thread) {
        async::activate_entry(receiver_of(thread));
        return true;
    });
    arch::watch_user_interrupts(true);
    return true;
}

// Who has left or moved meanwhile was made inactive then, and its number may be somebody else's.
void end_guard() {
    arch::watch_user_interrupts(false);
    const u32 own = smp::this_hart().index_;
    for (u32 i = 0; i < receiver_words; ++i) {
        for (u64 word = guarded[own][i] & parked[own][i]; word != 0; word &= word - 1)
            async::deactivate_entry(i * 64 + base::lowest_bit(word));
    }
}

} // namespace objects
