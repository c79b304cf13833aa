#include "async/sender_tables.hpp"

#include "arch/arch.hpp"
#include "base/bits.hpp"
#include "uintr/regs.hpp"

namespace async {

namespace {

using objects::max_receivers;
using objects::max_sender_tables;
using objects::no_sender_entry;
using objects::sender_table_entries;

constexpr u32 entry_total = max_sender_tables * sender_table_entries;
constexpr u32 words_of_bits = sender_table_entries / 64;
static_assert(sender_table_entries == uintr::entries_per_page);
static_assert(entry_total < 0xffff);

// Read by the harts themselves: whole pages.
alignas(uintr::table_page_size) volatile u64 tables[max_sender_tables][sender_table_entries];

// Which entries of a table are used, and which vectors of a receiver anybody sends.
u64 used[max_sender_tables][words_of_bits];
u64 vectors[max_receivers];
// The entries of one vector of one receiver form a list. Numbers are one more than the index over all tables, 0 is
// none.
u16 first[max_receivers][uintr::vector_count];
u16 next[entry_total];

u32 number_of(u32 table, u32 entry) { return table * sender_table_entries + entry + 1; }
u32 table_of(u32 number) { return (number - 1) / sender_table_entries; }
u32 entry_of(u32 number) { return (number - 1) % sender_table_entries; }

// Takes the entry that `link`, in the list of this receiver and vector, leads to.
void remove_behind(u16& link, u32 receiver, u32 vector) {
    const u32 number = link, table = table_of(number), entry = entry_of(number);
    link = next[number - 1];
    if (first[receiver][vector] == 0) vectors[receiver] &= ~base::bit(vector);
    tables[table][entry] = 0;
    used[table][entry / 64] &= ~base::bit(entry % 64);
}

} // namespace

base::Paddr sender_table_address(u32 table) { return arch::to_paddr(const_cast<const u64*>(tables[table])); }

u32 find_sender_entry(u32 table, u32 receiver, u32 vector) {
    for (u32 number = first[receiver][vector]; number != 0; number = next[number - 1]) {
        if (table_of(number) == table) return entry_of(number);
    }
    return no_sender_entry;
}

u32 free_sender_entry(u32 table) {
    for (u32 i = 0; i < words_of_bits; ++i) {
        if (~used[table][i] != 0) return i * 64 + base::lowest_bit(~used[table][i]);
    }
    return no_sender_entry;
}

bool sender_table_empty(u32 table) {
    for (const u64 word : used[table]) {
        if (word != 0) return false;
    }
    return true;
}

void add_sender_entry(u32 table, u32 entry, u32 receiver, u32 vector) {
    const u32 number = number_of(table, entry);
    next[number - 1] = first[receiver][vector];
    first[receiver][vector] = static_cast<u16>(number);
    vectors[receiver] |= base::bit(vector);
    used[table][entry / 64] |= base::bit(entry % 64);
    tables[table][entry] = uintr::SenderEntry::make(receiver, vector).raw;
}

void remove_sender_entry(u32 table, u32 entry) {
    const uintr::SenderEntry word{tables[table][entry]};
    u16* link = &first[word.receiver()][word.vector()];
    while (*link != number_of(table, entry)) link = &next[*link - 1];
    remove_behind(*link, word.receiver(), word.vector());
}

bool remove_senders_of_vector(u32 receiver, u32 vector) {
    u16& head = first[receiver][vector];
    const bool any = head != 0;
    while (head != 0) remove_behind(head, receiver, vector);
    return any;
}

bool remove_some_of_receiver(u32 receiver) {
    for (u32 i = 0; i < removal_step && vectors[receiver] != 0; ++i) {
        const u32 vector = base::lowest_bit(vectors[receiver]);
        remove_behind(first[receiver][vector], receiver, vector);
    }
    return vectors[receiver] == 0;
}

bool remove_some_of_table(u32 table) {
    u32 left = removal_step;
    for (u32 i = 0; i < words_of_bits; ++i) {
        for (; used[table][i] != 0; --left) {
            if (left == 0) return false;
            remove_sender_entry(table, i * 64 + base::lowest_bit(used[table][i]));
        }
    }
    return true;
}

SenderTablesView sender_tables_view() { return {&tables[0][0], &used[0][0], vectors, &first[0][0], next}; }

} // namespace async
