// The operations of the TAIC model, one group per source file.
// Invariants: `gq`, `lq`, `line` are checked against the geometry by the dispatcher (model.cpp); words, ids,
// harts and the operand of free() come from the guest unchecked. After every operation the lines are right.
// Source: shared TAIC specification, section 3.
#pragma once

#include "taic/model/state.hpp"

namespace taic::model {

// lines.cpp
void set_flags(TaicModel& model, std::uint32_t gq, bool ssip, bool usip);
void bind_hart(TaicModel& model, std::uint32_t gq, std::uint64_t hart);
unsigned level_of(const TaicModel& model, std::uint64_t hart); // bit 0 SSIP, bit 1 USIP

// queue.cpp
bool full(const TaicModel& model, std::uint32_t gq);
void enqueue(TaicModel& model, std::uint32_t gq, std::uint32_t lq, std::uint64_t word);
std::uint64_t dequeue(TaicModel& model, std::uint32_t gq, std::uint32_t lq);
void insert_wake(TaicModel& model, std::uint32_t gq, std::uint64_t word);
void place_window(TaicModel& model, std::uint32_t gq, std::uint32_t lq);

// interrupts.cpp
void external_edge(TaicModel& model, std::uint32_t line);
void take_external(TaicModel& model, std::uint32_t gq);
void serve_sends(TaicModel& model);
void send(TaicModel& model, std::uint32_t gq, std::uint64_t os, std::uint64_t word);

// registration.cpp
void register_external(TaicModel& model, std::uint32_t gq, std::uint32_t line, std::uint64_t handler);
void sequence_write(TaicModel& model, std::uint32_t gq, QueueRegister reg, std::uint64_t value);
bool accepts_registers(TaicModel& model, std::uint32_t gq);

// allocator.cpp
void write_allocate(TaicModel& model, std::uint64_t value);
std::uint64_t read_allocate(TaicModel& model);
void free_local_queue(TaicModel& model, std::uint64_t operand);

} // namespace taic::model
