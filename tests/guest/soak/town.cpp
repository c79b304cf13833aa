#include "tests/guest/soak/town.hpp"

namespace soak {

namespace {

using testing::Context;

constexpr std::uint64_t large_budget = 4096;

void erase(seL4_CPtr cap) {
    static_cast<void>(seL4_CNode_Revoke(seL4_CapInitThreadCNode, cap, seL4_WordBits));
    static_cast<void>(seL4_CNode_Delete(seL4_CapInitThreadCNode, cap, seL4_WordBits));
}

} // namespace

bool Inhabitant::init(machine::Memory& memory, Role role) {
    role_ = role;
    frame_ = memory.frame();
    page_ = memory.frame();
    untyped_ = memory.make(seL4_UntypedObject, untyped_bits);
    done_ = memory.make(seL4_NotificationObject, 0);
    return frame_ != 0 && page_ != 0 && untyped_ != 0 && done_ != 0 && nursery_.init(memory, 1);
}

bool Inhabitant::spawn(const Options& options, Random& random) {
    using machine::Nursery;
    if (!nursery_.make(process_, child_main, done_) || !nursery_.make_queue(process_, queue_bits) ||
        !Nursery::give(process_, own_frame, frame_, seL4_AllRights) ||
        !Nursery::give(process_, own_page, page_, seL4_AllRights) ||
        !Nursery::give(process_, own_untyped, untyped_, seL4_AllRights) ||
        seL4_TCB_SetSchedParams(process_.tcb, seL4_CapInitThreadTCB, priority, priority) != seL4_NoError)
        return false;
    volatile Orders& told = process_.at(orders);
    told.role = role_;
    told.doorbell = options.doorbell;
    told.other_harts = options.other_harts;
    told.seed = random.next();
    told.frame_address = seL4_RISCV_Page_GetAddress(frame_).paddr;
    seen_ = 0;
    alive_ = true;
    return Nursery::start(process_);
}

bool Inhabitant::idle() {
    const std::uint64_t now = told().rounds;
    const bool stands = now == seen_;
    seen_ = now;
    return stands;
}

// submitted = completed + rejected + outstanding; driven to the end, nothing is outstanding.
void Inhabitant::settle(Context& t, Ledger& ledger) {
    auto info = seL4_TaiL4_AsyncQueue_Info(process_.queue);
    const bool alone = t.fixture().harts == 1;
    while (true) {
        const auto driven = seL4_TaiL4_AsyncQueue_Drive(process_.queue, large_budget);
        if (driven.error != seL4_NoError) return; // it unbound itself
        info = seL4_TaiL4_AsyncQueue_Info(process_.queue);
        // While a worker on another hart serves the queue nothing is driven, so what is left is no verdict.
        const bool served = info.requests == info.completions && info.requests >= process_.at(orders).submitted;
        if (driven.executed == 0 && (served || alone)) break;
        if (driven.executed == 0) seL4_Yield();
    }
    const volatile Orders& told = process_.at(orders);
    t.equal("requests left", info.requests - info.completions, 0);
    t.check(info.requests >= told.submitted && info.requests <= told.announced, "requests that nobody submitted");
    t.check(info.rejected >= told.bad_submitted && info.rejected <= told.bad_announced, "rejected requests");
    if (!t.failed()) ++ledger.settled;
}

void Inhabitant::bury(Context& t, Random& random, Ledger& ledger) {
    if (!alive_) return;
    alive_ = false;
    t.same_error("suspend", seL4_TCB_Suspend(process_.tcb), seL4_NoError);
    const auto before = seL4_TaiL4_AsyncQueue_Info(process_.queue);
    const bool bad = before.dead_reason == TAIL4_ASYNC_BAD_INDEX || before.dead_reason == TAIL4_ASYNC_BAD_TAIL;
    t.check(!bad || role_ == Role::Scribbles, "a queue died of what its client did not do");
    if (keeps_rules() && before.dead_reason == TAIL4_ASYNC_ALIVE && random.one_in(2)) settle(t, ledger);
    const auto info = seL4_TaiL4_AsyncQueue_Info(process_.queue);
    t.check(info.requests - info.completions <= 1, "requests in flight");
    t.check(info.rejected <= info.completions, "more rejected than completed");
    t.equal("wrong answers", told().wrong, 0);
    ledger.requests += info.requests;
    ledger.completions += info.completions;
    ledger.rejected += info.rejected;
    ledger.rings += told().rings;
    ledger.queue_deaths += bad ? 1 : 0;
    ++ledger.deaths;
    switch (random.below(4)) {
    case 0: erase(process_.queue); break;
    case 1: erase(process_.vspace); break;
    case 2: erase(process_.cspace); break;
    default: break; // all at once
    }
    t.check(nursery_.clear(), "a process does not go");
    t.same_error("its untyped", seL4_CNode_Revoke(seL4_CapInitThreadCNode, untyped_, seL4_WordBits), seL4_NoError);
}

void Inhabitant::retire(Context& t) {
    process_.at(orders).stop = true;
    while (!done()) seL4_Yield();
    const auto info = seL4_TaiL4_AsyncQueue_Info(process_.queue);
    t.equal("requests of the honest", info.requests, told().submitted);
    t.equal("completions of the honest", info.completions, told().submitted);
    t.equal("right answers of the honest", told().good, told().submitted);
    t.equal("rejected requests of the honest", info.rejected, 0);
    t.equal("wrong answers of the honest", told().wrong, 0);
}

} // namespace soak
