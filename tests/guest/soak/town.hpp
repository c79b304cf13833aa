// The parent's side of the soak: one nursery per process, so that each dies and comes back by itself. Who is to be
// buried is looked at first: its queue's counts must fit what its child has counted.
#pragma once

#include "rootserver/testing/suite.hpp"
#include "tests/guest/soak/orders.hpp"

namespace soak {

// What kernel and children have counted, of queues that are gone.
struct Ledger {
    std::uint64_t requests = 0;
    std::uint64_t completions = 0;
    std::uint64_t rejected = 0;
    std::uint64_t rings = 0;
    std::uint64_t deaths = 0;
    std::uint64_t queue_deaths = 0; // by what its client had written
    std::uint64_t settled = 0;      // queues that were driven to their end, and every request was accounted for
};

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t calls = 200'000;
    sel4async::DoorbellKind doorbell = sel4async::DoorbellKind::Taic;
    bool other_harts = false;
};

class Inhabitant {
public:
    [[nodiscard]] bool init(machine::Memory& memory, Role role);
    // A new process. False: something is used up, so something has leaked.
    [[nodiscard]] bool spawn(const Options& options, Random& random);
    // Has done nothing since the last time.
    bool idle();
    // Its queue has a doorbell, or it has come to its end.
    bool settled_in() const { return told().kind != 0 || done(); }
    // Ends the process, in one of several ways.
    void bury(testing::Context& t, Random& random, Ledger& ledger);
    // Lets an honest process come to its end and counts what it did.
    void retire(testing::Context& t);

    bool alive() const { return alive_; }
    bool done() const { return process_.at(orders).done != 0; }
    Role role() const { return role_; }
    const volatile Orders& told() const { return process_.at(orders); }
    std::uint64_t requests() const { return seL4_TaiL4_AsyncQueue_Info(process_.queue).requests; }

private:
    bool keeps_rules() const {
        return role_ != Role::Honest && role_ != Role::Scribbles && role_ != Role::NeverSubmits;
    }
    void settle(testing::Context& t, Ledger& ledger);

    machine::Nursery nursery_;
    machine::Process process_;
    Role role_ = Role::Honest;
    seL4_CPtr frame_ = 0;
    seL4_CPtr page_ = 0;
    seL4_CPtr untyped_ = 0;
    seL4_CPtr done_ = 0;
    std::uint64_t seen_ = 0;
    bool alive_ = false;
};

inline constexpr seL4_Word priority = 100; // of all processes and of their parent

} // namespace soak
