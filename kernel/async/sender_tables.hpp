// The tables by which threads send user interrupts, as arrays: who owns a table and who receives is not known here. An
// entry lets the holder of its table send one vector to one receiver; a table has at most one for both. So the entries
// of one vector of one receiver are at most as many as there are tables, and to take them away is one short step. All
// entries of a receiver, or of a table, may be many more: they go a bounded number at a time (remove_some_*), and until
// the last one is gone the number of the receiver or table must not be given to anybody else.
//
// The harts read the words themselves, without the lock; an entry is one word, written at once. Kernel lock held.
// Source: shared specification of user interrupts, sections 6.4 and 6.5.
#pragma once

#include "base/types.hpp"
#include "objects/user_interrupts.hpp"

namespace async {

// At most so many entries go in one step of remove_some_*.
inline constexpr u32 removal_step = 32;

base::Paddr sender_table_address(u32 table);

// The entry of `table` that sends `vector` to `receiver`; no_sender_entry: there is none.
u32 find_sender_entry(u32 table, u32 receiver, u32 vector);
// The lowest one that is free; no_sender_entry: the table is full.
u32 free_sender_entry(u32 table);
bool sender_table_empty(u32 table);
// The entry is free, and the table has no other one for the same.
void add_sender_entry(u32 table, u32 entry, u32 receiver, u32 vector);
void remove_sender_entry(u32 table, u32 entry);
// All entries of one vector of a receiver. False: there were none.
bool remove_senders_of_vector(u32 receiver, u32 vector);
// A step; true: there is no entry any more that names the receiver, or is in the table.
bool remove_some_of_receiver(u32 receiver);
bool remove_some_of_table(u32 table);

// For the invariant checker (and for tests that break things). Arrays, by table and entry, or by receiver and vector.
struct SenderTablesView {
    volatile u64* words; // by table and entry
    u64* used;           // bits, the same
    u64* vectors;        // by receiver: bits, the vectors that have a list
    u16* first;          // by receiver and vector: the list's first number; one more than an index into words
    u16* next;           // by table and entry
};
SenderTablesView sender_tables_view();

} // namespace async
