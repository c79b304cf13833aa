// Replays appendix D: every probe as a Call of the initial thread, its answer word by word.
#include "vectors.hpp"

#include "invariants.hpp"

namespace kernel::test {

class Vectors : public testing::Test {
protected:
    Vectors() {
        retype(ObjectType::Tcb, 0, tcb);
        retype(ObjectType::Endpoint, 0, ep);
        retype(ObjectType::Notification, 0, ntfn);
        for (const u64 table : {pt, pt2, pt3, vs}) retype(ObjectType::PageTable, 0, table);
        for (const u64 frame : {fr, fr2}) retype(ObjectType::Page, 0, frame);
        retype(ObjectType::MegaPage, 0, mega);
        retype(ObjectType::Untyped, 12, u12);
        retype(ObjectType::Untyped, 13, u13);
        retype(ObjectType::CapTable, 4, cn4);
        constexpr u64 read_only_ntfn = 733;
        EXPECT_EQ(machine.call(CN, Label::CNodeCopy, {read_only_ntfn, 64, ntfn, 64, 2}, {CN}), ok());
    }

    void retype(ObjectType type, u64 size_bits, u64 at) {
        EXPECT_EQ(machine.call(memory, Label::UntypedRetype, {static_cast<u64>(type), size_bits, 0, 0, at, 1}, {CN}),
                  ok());
    }

    void replay(const std::vector<Probe>& probes) {
        for (const Probe& probe : probes) {
            Reply expected = error(probe.code, probe.result);
            for (u64& word : expected.words) {
                if (word == address_of_frame) word = base::raw(machine.cap(fr).paddr());
            }
            EXPECT_EQ(machine.call(probe.cap, probe.label, probe.words, probe.extra), expected) << probe.name;
            EXPECT_EQ(broken_invariant(machine), "") << probe.name;
        }
    }

    Machine machine;
};

TEST_F(Vectors, Untyped) { replay(untyped_probes); }
TEST_F(Vectors, CNode) { replay(cnode_probes); }
TEST_F(Vectors, Tcb) { replay(tcb_probes); }
TEST_F(Vectors, Irq) { replay(irq_probes); }
TEST_F(Vectors, Domain) { replay(domain_probes); }

// The frame copy 740 of this section is made from `fr`; the sections before it do not matter to it.
TEST_F(Vectors, VSpace) { replay(vspace_probes); }

TEST_F(Vectors, Misc) {
    EXPECT_EQ(machine.call(CN, Label::CNodeCopy, {ro, 64, ep, 64, 2}, {CN}), ok());
    const Reply refused = error(ErrorCode::InvalidCapability, {0});
    for (const u64 cap : {u64{720}, u64{ro}, u64{733}}) EXPECT_EQ(machine.call(cap, Label::Invalid, {0}), refused);
}

// The same decoders below the system call, with nothing of the thread's registers between.
TEST_F(Vectors, ThroughInvoke) {
    for (const Probe& probe : tcb_probes) {
        Slot* extra[3] = {};
        for (usize i = 0; i < probe.extra.size(); ++i) extra[i] = &machine.slot(probe.extra[i]);
        u64 words[120] = {};
        std::copy(probe.words.begin(), probe.words.end(), words);
        const syscalls::Invocation call{.slot = &machine.slot(probe.cap),
                                        .label = probe.label,
                                        .length = static_cast<unsigned>(probe.words.size()),
                                        .extra_count = static_cast<unsigned>(probe.extra.size()),
                                        .extra = extra,
                                        .registers = words,
                                        .buffer_words = words,
                                        .caller = &machine.initial(),
                                        .queue = nullptr};
        syscalls::Results results;
        const syscalls::InvokeResult outcome = syscalls::invoke(call, results);
        ASSERT_EQ(outcome.ok(), probe.code == ErrorCode::NoError) << probe.name;
        Reply reply = outcome
            ? ok({results.words, results.words + results.count})
            : error(outcome.error().code, {outcome.error().words, outcome.error().words + outcome.error().count});
        EXPECT_EQ(reply, error(probe.code, probe.result)) << probe.name;
    }
}

} // namespace kernel::test
