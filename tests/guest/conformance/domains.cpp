// More domains than one (4.8, 6.5): the errors of that kernel, and that time belongs to the domain whose turn it is.
// The row boots with domains=4 on one hart.
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word domains = seL4_CapDomain;
constexpr Word forever = (1ul << 56) - 1;
constexpr Word tick = second / 500; // 2 ms

Reply set(Context& t, const Thread& thread, Word domain) {
    return t.invoke(domains, DomainSetSet, {domain}, {thread.tcb});
}
void slice(Context& t, Word index, Word domain, Word ticks) {
    t.succeeds("schedule entry", t.invoke(domains, DomainScheduleConfigure, {index, domain, ticks}));
}
void start_at(Context& t, Word index) { t.succeeds("start", t.invoke(domains, DomainScheduleSetStart, {index})); }

// Domain 0 alone, for ever, as at boot.
void only_domain_0(Context& t) {
    slice(t, 0, 0, forever);
    start_at(t, 0);
    for (Word i = 1; i < 4; ++i) slice(t, i, 0, 0);
}

void spin(Word ticks) {
    const Word end = now() + ticks * tick;
    while (now() < end) {
    }
}

void count(Thread& thread) {
    while (thread.in[0] == 0) thread.progress.fetch_add(1);
}

void errors(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    t.expect({{"domain 4", domains, DomainSetSet, {4}, {tcb}, seL4_InvalidArgument, {0}},
              {"domain 4 + 256", domains, DomainSetSet, {260}, {tcb}, seL4_InvalidArgument, {0}},
              {"no thread", domains, DomainSetSet, {3}, {}, seL4_TruncatedMessage},
              {"endpoint", domains, DomainSetSet, {3}, {t.endpoint()}, seL4_InvalidArgument, {1}},
              {"domain 3", domains, DomainSetSet, {3}, {tcb}},
              {"index 99", domains, DomainScheduleConfigure, {99, 9, forever + 1}, {}, seL4_RangeError, {0, 98}},
              {"domain 4", domains, DomainScheduleConfigure, {98, 4, forever + 1}, {}, seL4_RangeError, {0, 3}},
              {"too long", domains, DomainScheduleConfigure, {98, 3, forever + 1}, {}, seL4_InvalidArgument, {2}},
              {"no time", domains, DomainScheduleConfigure, {98, 3, 0}, {}, seL4_InvalidArgument, {1}},
              {"no time, domain first", domains, DomainScheduleConfigure, {0, 3, 0}, {}, seL4_InvalidArgument, {1}},
              {"the start needs time", domains, DomainScheduleConfigure, {0, 0, 0}, {}, seL4_InvalidArgument, {2}},
              {"end marker", domains, DomainScheduleConfigure, {98, 0, 0}, {}},
              {"start 100", domains, DomainScheduleSetStart, {100}, {}, seL4_RangeError, {0, 99}},
              {"start at a marker", domains, DomainScheduleSetStart, {98}, {}, seL4_InvalidArgument, {0}},
              {"start at the last", domains, DomainScheduleSetStart, {99}, {}, seL4_InvalidArgument, {0}},
              {"start", domains, DomainScheduleSetStart, {0}, {}}});
}

void others_wait(Context& t) {
    Thread& thread = t.thread(Above);
    t.succeeds("domain 1", set(t, thread, 1));
    t.start(thread, count);
    spin(10);
    t.equal("a higher priority of another domain", thread.progress.load(), 0);
    t.expect({{"an equal", thread.tcb, TCBSetPriority, {Own}, {self}}});
    t.succeeds("domain 0", set(t, thread, 0));
    t.check(t.wait_progress(thread, 1), "runs in domain 0");
    t.succeeds("suspend", t.invoke(thread.tcb, TCBSuspend));
}

void schedule(Context& t) {
    Thread& one = t.thread(Below);
    Thread& two = t.thread(Below);
    t.succeeds("domain 1", set(t, one, 1));
    t.succeeds("domain 2", set(t, two, 2));
    t.start(one, count);
    t.start(two, count);
    slice(t, 0, 0, 3);
    slice(t, 1, 1, 3);
    start_at(t, 0);
    spin(40);
    t.check(one.progress.load() != 0, "domain 1 has its turn, whatever the priority");
    t.equal("domain 2 has none", two.progress.load(), 0);
    slice(t, 2, 2, 3);
    spin(40);
    t.check(two.progress.load() != 0, "now it has");
    only_domain_0(t);
    const Word seen = one.progress.load() + two.progress.load();
    spin(20);
    t.equal("both stand", one.progress.load() + two.progress.load(), seen);
}

// A domain in which nobody runs is idle until its time is over.
void idle_domain(Context& t) {
    slice(t, 0, 0, 2);
    slice(t, 1, 3, 10);
    start_at(t, 0);
    Word longest = 0;
    const Word end = now() + 60 * tick;
    for (Word last = now(); last < end;) {
        const Word time = now();
        longest = time - last > longest ? time - last : longest;
        last = time;
    }
    only_domain_0(t);
    t.check(longest > 8 * tick, "ten ticks of silence");
    t.check(longest < 14 * tick, "and no more");
}

void start_in_the_middle(Context& t) {
    Thread& thread = t.thread(Below);
    t.succeeds("domain 1", set(t, thread, 1));
    t.start(thread, count);
    slice(t, 1, 1, 2);
    slice(t, 2, 0, forever);
    start_at(t, 1); // at once, in this call
    t.check(thread.progress.load() != 0, "domain 1 has run when the call comes back");
    only_domain_0(t);
}

void children_inherit(Context& t) {
    // A TCB made while another domain's turn it is belongs to that.
    Thread& maker = t.thread(Above);
    maker.in[0] = t.untyped();
    maker.in[1] = t.slot();
    maker.buffer->caps_or_badges[0] = cnode;
    maker.buffer->msg[4] = maker.in[1];
    maker.buffer->msg[5] = 1;
    t.succeeds("domain 1", set(t, maker, 1));
    t.start(maker, [](Thread& me) {
        sel4_Registers registers{me.in[0], tag(UntypedRetype, 6, 1), seL4_TCBObject, 0, 0, 0};
        sel4_ecall(seL4_SysCall, &registers);
        me.out[0] = registers.a1;
    });
    slice(t, 0, 0, 2);
    slice(t, 1, 1, 2);
    start_at(t, 0);
    spin(20);
    t.check(maker.done.load() != 0, "made");
    t.equal("without an error", maker.out[0], 0);
    only_domain_0(t);
    Thread& child = t.thread(Above);
    const Word own_tcb = child.tcb;
    child.tcb = maker.in[1];
    t.expect({{"configure", child.tcb, TCBConfigure, {0, 0, 0, 0}, {cnode, vspace, 0}},
              {"an equal", child.tcb, TCBSetPriority, {Own}, {self}}});
    t.start(child, count);
    spin(10);
    t.equal("not in domain 0", child.progress.load(), 0);
    t.succeeds("domain 0", set(t, child, 0));
    t.check(t.wait_progress(child, 1), "moved there");
    t.succeeds("suspend", t.invoke(child.tcb, TCBSuspend));
    child.tcb = own_tcb;
}

void messages_between_domains(Context& t) {
    const Word ep = t.endpoint();
    Thread& server = t.thread(Above);
    t.succeeds("domain 1", set(t, server, 1));
    t.issue(server, Word(seL4_SysRecv), {ep, 0, 0, 0, 0, 0});
    slice(t, 0, 0, 2);
    slice(t, 1, 1, 2);
    start_at(t, 0);
    spin(10); // it waits now
    only_domain_0(t);
    t.send(ep, tag(6));
    t.equal("not its turn", server.done.load(), 0);
    slice(t, 0, 0, 2);
    slice(t, 1, 1, 2);
    start_at(t, 0);
    spin(10);
    t.finished(server);
    t.equal("message", server.file.x[A1], tag(6));
    only_domain_0(t);
}

void own_domain(Context& t) {
    slice(t, 0, 0, 2);
    slice(t, 1, 1, 2);
    start_at(t, 0);
    for (const Word domain : {1ul, 0ul, 1ul, 0ul}) t.expect({{"oneself", domains, DomainSetSet, {domain}, {self}}});
    only_domain_0(t);
}

constexpr Case cases[] = {
    {"errors", errors},
    {"others_wait", others_wait},
    {"schedule", schedule},
    {"idle_domain", idle_domain},
    {"start_in_the_middle", start_in_the_middle},
    {"children_inherit", children_inherit},
    {"messages_between_domains", messages_between_domains},
    {"own_domain", own_domain},
};

} // namespace

List domain_cases() { return list_of<cases>("domains"); }

} // namespace guest
