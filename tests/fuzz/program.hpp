// A program: what an input of the fuzzer means. One byte names the kind of machine, then come operations of a fixed
// size, so that libFuzzer's and our own mutations move, repeat and exchange whole operations. Every byte string is a
// program: numbers too large for a choice wrap around.
#pragma once

#include "base/types.hpp"

#include <string>

namespace fuzz {

enum class Act : u8 {
    Invoke,    // a Call of a kernel object by the hart's thread
    Request,   // a request into a queue's ring; no kernel entry
    Drive,     // AsyncQueueDrive, Wake
    Execute,   // a request past the ring
    Message,   // any other system call
    Tick,      // the timer
    Interrupt, // a device's source goes up or down
    Software,  // another hart's interrupt, with nothing behind it
    Share,     // something into the memory that a queue shares
    Ring,      // a queue's user rings the doorbell
    Taic,      // a store to the queue's TAIC page
    Uipi,      // a user interrupt by the hart's thread
    Exception, // by the hart's thread
    Idle,      // a hart that spins goes on
    GoOn,      // a delayed entry goes on
    count
};

inline constexpr unsigned argument_count = 8;

// As it stands in an input.
struct Op {
    u8 act;
    u8 where; // hart, and how: see below
    u8 what;  // the label, system call, queue ...
    u8 whom;  // the target
    u8 arguments[argument_count];
};
static_assert(sizeof(Op) == 12);

// Bits of `where` above the hart.
inline constexpr u8 holds_interrupts = 4; // what is pending stays so for now
inline constexpr u8 is_delayed = 8;       // the entry: other harts may come first
inline constexpr u8 leaves_restart = 16;  // a preempted call is not made again at once
inline constexpr unsigned preempt_shift = 5;

// The act of a byte: the frequent ones have many.
Act act_of(u8 byte);
u8 byte_of(Act act);

// What an argument may be when it shall make sense.
enum class Is : u8 {
    Nothing,
    Slot,
    Depth,
    Type,
    Bits,
    Count,
    Small,
    Address,
    Rights,
    Badge,
    Odd,
    Priority,
    Hart,
    Domain,
    Flags, // of Bind
    Guard,
    // Capabilities
    Thread,
    Endpoint,
    Notification,
    Node,
    Space,
    Frame,
    Table,
    Untyped,
    Handler,
    Queue,
};

struct Shape {
    u16 label;
    Is target;
    Is words[8];
    Is caps[3];
    const char* name;
};
const Shape& shape_of(u8 byte);
unsigned shape_count();

// The value an argument byte stands for.
u64 value_of(Is is, u8 byte);

struct Request {
    const Shape* shape;
    u64 target;
    u64 words[8];
    unsigned length;
    u64 caps[3];
    unsigned extra;
};
Request request_of(const Op& op);

inline constexpr unsigned most_ops = 64;
struct Program {
    unsigned kind = 0;
    Op ops[most_ops];
    unsigned count = 0;
};
Program read_program(const u8* data, usize size);
usize write_program(const Program& program, u8* data, usize size);

std::string describe(const Op& op);

} // namespace fuzz
