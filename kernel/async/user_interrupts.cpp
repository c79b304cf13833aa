// User interrupts: registrations, sender tables, and what a switch of threads exchanges. Source: shared specification
// of user interrupts, sections 6.4 to 6.7; objects/user_interrupts.hpp.
#include "objects/user_interrupts.hpp"

#include "arch/arch.hpp"
#include "async/uintc_device.hpp"
#include "base/bits.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"

namespace objects {

u32 parked_receivers[base::max_harts];

namespace {

constexpr u32 entry_total = max_sender_tables * sender_table_entries;

// Read by the harts themselves: whole pages. An entry is one word, written at once.
alignas(uintr::table_page_size) volatile u64 tables[max_sender_tables][sender_table_entries];
static_assert(sender_table_entries == uintr::entries_per_page);

static_assert(entry_total < 0xffff);
EntryLink links[entry_total];

Tcb* senders[max_sender_tables];
Tcb* receivers[max_receivers];
u64 parked[max_receivers / 64];

u32 receiver_of(const Tcb& thread) { return thread.user_interrupts.receiver - u32{1}; }
u32 table_of(const Tcb& thread) { return thread.user_interrupts.sender_table - u32{1}; }
bool is_receiver(const Tcb& thread) { return thread.user_interrupts.receiver != 0; }
bool is_sender(const Tcb& thread) { return thread.user_interrupts.sender_table != 0; }

volatile u64& word_of(u32 number) {
    return tables[(number - 1) / sender_table_entries][(number - 1) % sender_table_entries];
}
u32 number_of(u32 table, u32 entry) { return table * sender_table_entries + entry + 1; }

// Receivers and tables have numbers of their own, so no two threads share an id.
void set_id(Tcb& thread) {
    const UserInterrupts& part = thread.user_interrupts;
    const u32 id = part.receiver != 0 ? part.receiver : part.sender_table != 0 ? max_receivers + part.sender_table : 0;
    thread.interrupt_id = static_cast<u16>(id);
}

void link(u32 number, Tcb& receiver) {
    const u16 first = receiver.user_interrupts.first_entry;
    links[number - 1] = {first, 0};
    if (first != 0) links[first - 1].previous = static_cast<u16>(number);
    receiver.user_interrupts.first_entry = static_cast<u16>(number);
}

void remove_entry(u32 number) {
    const uintr::SenderEntry entry{word_of(number)};
    word_of(number) = 0;
    const EntryLink link = links[number - 1];
    if (link.next != 0) links[link.next - 1].previous = link.previous;
    if (link.previous != 0)
        links[link.previous - 1].next = link.next;
    else
        receivers[entry.receiver()]->user_interrupts.first_entry = link.next;
}

// A hart that sleeps guards those it had; it has to look at a new one.
void count_parked(base::HartIndex hart, bool more) {
    u32& count = parked_receivers[hart];
    __atomic_store_n(&count, more ? count + 1 : count - 1, __ATOMIC_RELAXED); // under the lock; partner: an idle hart
    if (more && hart != smp::this_hart().index_) smp::kick_at_unlock(base::bit(hart));
}

void set_parked(Tcb& thread, bool value) {
    const u32 receiver = receiver_of(thread);
    u64& word = parked[receiver / 64];
    const u64 bit = base::bit(receiver % 64);
    if (((word & bit) != 0) == value) return;
    word ^= bit;
    count_parked(thread.affinity, value);
}
bool is_parked(const Tcb& thread) {
    return (parked[receiver_of(thread) / 64] & base::bit(receiver_of(thread) % 64)) != 0;
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
        const base::Paddr table = arch::to_paddr(const_cast<const u64*>(tables[table_of(thread)]));
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

// Each parked receiver of the calling hart; it may be woken meanwhile.
template <class Use>
void for_own_parked(Use use) {
    const u32 own = smp::this_hart().index_;
    for (u32 i = 0; i < max_receivers / 64; ++i) {
        for (u64 word = parked[i]; word != 0; word &= word - 1) {
            Tcb& thread = *receivers[i * 64 + base::lowest_bit(word)];
            if (thread.affinity == own) use(thread);
        }
    }
}

u32 acquire_table(Tcb& thread) {
    for (u32 i = 0; i < max_sender_tables; ++i) {
        if (senders[i] != nullptr) continue;
        senders[i] = &thread;
        return i;
    }
    base::panic("no sender table after the check", __FILE__, __LINE__);
}

void release_table(Tcb& thread) {
    const u32 table = table_of(thread);
    for (u32 entry = 0; entry < sender_table_entries; ++entry) {
        if (tables[table][entry] != 0) remove_entry(number_of(table, entry));
    }
    senders[table] = nullptr;
    thread.user_interrupts.sender_table = 0;
}

} // namespace

UserInterruptView user_interrupt_view() { return {senders, receivers, &tables[0][0], links, parked}; }

bool user_interrupts_present() { return async::uintc_present(); }
bool receiver_available() { return async::entry_available(); }

u32 existing_sender_entry(const Tcb& thread, const Tcb& receiver, u32 vector) {
    if (!is_sender(thread) || !is_receiver(receiver)) return no_sender_entry;
    const u64 wanted = uintr::SenderEntry::make(receiver_of(receiver), vector).raw;
    for (u32 entry = 0; entry < sender_table_entries; ++entry) {
        if (tables[table_of(thread)][entry] == wanted) return entry;
    }
    return no_sender_entry;
}

u32 find_sender_entry(const Tcb& thread, const Tcb& receiver, u32 vector) {
    if (!is_sender(thread)) {
        for (const Tcb* owner : senders) {
            if (owner == nullptr) return 0;
        }
        return no_sender_entry;
    }
    const u32 existing = existing_sender_entry(thread, receiver, vector);
    if (existing != no_sender_entry) return existing;
    for (u32 entry = 0; entry < sender_table_entries; ++entry) {
        if (tables[table_of(thread)][entry] == 0) return entry;
    }
    return no_sender_entry;
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
    const u32 number = number_of(table_of(thread), entry);
    if (word_of(number) != 0) return; // registered before
    link(number, receiver);
    word_of(number) = uintr::SenderEntry::make(receiver_of(receiver), vector).raw;
}

void remove_sender_entry(Tcb& thread, u32 entry) { remove_entry(number_of(table_of(thread), entry)); }

void remove_senders(Tcb& receiver, u32 vector) {
    if (!is_receiver(receiver)) return;
    bool removed = false;
    for (u32 number = receiver.user_interrupts.first_entry; number != 0;) {
        const u32 next = links[number - 1].next;
        if (uintr::SenderEntry{word_of(number)}.vector() == vector) {
            remove_entry(number);
            removed = true;
        }
        number = next;
    }
    if (removed) finish_sends(); // the vector may get another meaning at once
}

void unregister_receiver(Tcb& thread) {
    if (!is_receiver(thread)) return;
    take_out(thread);
    while (thread.user_interrupts.first_entry != 0) remove_entry(thread.user_interrupts.first_entry);
    finish_sends();
    set_parked(thread, false);
    const u32 receiver = receiver_of(thread);
    receivers[receiver] = nullptr;
    thread.user_interrupts.receiver = 0;
    async::release_entry(receiver);
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
    async::deactivate_entry(receiver_of(thread));
    count_parked(from, false);
    count_parked(to, true);
}

void poll_parked_receivers() {
    for_own_parked([](Tcb& thread) {
        if (async::entry_pending(receiver_of(thread))) wake(thread);
    });
}

bool guard_parked_receivers() {
    if (arch::user_interrupt_pending()) return false;
    for_own_parked([](const Tcb& thread) { async::activate_entry(receiver_of(thread)); });
    arch::watch_user_interrupts(true);
    return true;
}

void end_guard() {
    arch::watch_user_interrupts(false);
    for_own_parked([](const Tcb& thread) { async::deactivate_entry(receiver_of(thread)); });
}

} // namespace objects
