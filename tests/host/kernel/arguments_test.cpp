// Each call that takes a capability as an argument, with one that lacks the right, is of the wrong kind, or is in a
// state that forbids it.
#include "box.hpp"

#include "objects/async_queue.hpp"
#include "syscalls/handle.hpp"
#include "vspace/vspace.hpp"

#include <sel4/async_abi.h>

namespace kernel::test {

namespace {

using api::Syscall;
using arch::Reg;

// The rights as bits of a rights word.
constexpr u64 write = 1, read = 2, all = 15;

// The second 2 MiB, where nothing is.
constexpr u64 vaddr = 0x20'0000;

} // namespace

// One call whose capability `which` of `extra` is replaced; the error that this gives.
struct Argument {
    const char* what;
    u64 target;
    Label label;
    Words words;
    Words extra;
    unsigned which;
    Words unfit; // slots with capabilities that will not do
    Reply refusal;
};

class Arguments : public BoxTest {
protected:
    u64 unmapped_table() { return fresh(ObjectType::PageTable); }
    u64 table_of_a_dead_pool() {
        const u64 source = fresh(ObjectType::Untyped, 12);
        const u64 pool = machine.free_slot();
        const u64 table = fresh(ObjectType::PageTable);
        EXPECT_EQ(machine.call(asid_control, Label::RISCVASIDControlMakePool, {pool, 64}, {source, CN}), ok());
        EXPECT_EQ(machine.call(pool, Label::RISCVASIDPoolAssign, {}, {table}), ok());
        delete_slot(pool);
        return table;
    }
    u64 device(ObjectType type, u64 size_bits = 0) {
        const u64 at = machine.free_slot();
        EXPECT_EQ(machine.call(DEVUT, Label::UntypedRetype, {static_cast<u64>(type), size_bits, 0, 0, at, 1}, {CN}),
                  ok());
        return at;
    }
    // Each is refused, and the sound one is not.
    void expect(const Argument& row) {
        for (const u64 bad : row.unfit) {
            Words extra = row.extra;
            extra[row.which] = bad;
            EXPECT_EQ(machine.call(row.target, row.label, row.words, extra), row.refusal)
                << row.what << ", capability of type " << static_cast<unsigned>(machine.cap(bad).type());
        }
        EXPECT_EQ(machine.call(row.target, row.label, row.words, row.extra).code, 0U) << row.what;
        EXPECT_EQ(broken_invariant(machine), "");
    }

    u64 thread = fresh(ObjectType::Tcb);
    u64 ep = fresh(ObjectType::Endpoint);
    u64 ntfn = fresh(ObjectType::Notification);
    u64 frame = fresh(ObjectType::Page);
    u64 untyped = fresh(ObjectType::Untyped, 12);
    u64 queue = fresh(ObjectType::AsyncQueue, 15);
    u64 deaf = machine.copy(ntfn, write);
    u64 mute = machine.copy(ntfn, read);
};

TEST_F(Arguments, OfThreads) {
    const Reply illegal = error(ErrorCode::IllegalOperation);
    const Reply first = error(ErrorCode::InvalidCapability, {1});
    expect({"Bind", thread, Label::TCBBindNotification, {}, {ntfn}, 0, {deaf, ep, frame, thread}, illegal});
    expect({"buffer",
            thread,
            Label::TCBSetIPCBuffer,
            {0x1000},
            {frame},
            0,
            {device(ObjectType::Page), ep, thread, untyped},
            illegal});
    expect({"CSpace", thread, Label::TCBSetSpace, {0, 0, 0}, {CN, own_vspace}, 0, {ep, thread, frame}, illegal});
    expect({"VSpace",
            thread,
            Label::TCBSetSpace,
            {0, 0, 0},
            {CN, own_vspace},
            1,
            {ep, thread, unmapped_table()},
            illegal});
    expect({"authority", thread, Label::TCBSetPriority, {5}, {own_tcb}, 0, {ep, ntfn, frame, CN}, first});
    expect({"registers", thread, Label::TCBCopyRegisters, {0}, {own_tcb}, 0, {ep, ntfn, frame, CN}, first});
}

TEST_F(Arguments, OfThreadsInTheWrongState) {
    const Reply illegal = error(ErrorCode::IllegalOperation);
    EXPECT_EQ(machine.call(thread, Label::TCBUnbindNotification), illegal);
    Tcb& waiter = machine.spawn(255);
    machine.syscall(waiter, Syscall::Recv, ntfn);
    EXPECT_EQ(machine.call(thread, Label::TCBBindNotification, {}, {ntfn}), illegal);
    const u64 others[] = {fresh(ObjectType::Notification), fresh(ObjectType::Notification)};
    EXPECT_EQ(machine.call(thread, Label::TCBBindNotification, {}, {others[0]}), ok());
    EXPECT_EQ(machine.call(thread, Label::TCBBindNotification, {}, {others[1]}), illegal);
    EXPECT_EQ(machine.call(own_tcb, Label::TCBBindNotification, {}, {others[0]}), illegal);
    // What holds the last capability of a container is not replaced in one go.
    const u64 cnode = fresh(ObjectType::CapTable, 2);
    EXPECT_EQ(machine.call(thread, Label::TCBSetSpace, {0, 0, 0}, {cnode, own_vspace}), ok());
    EXPECT_EQ(machine.call(thread, Label::TCBSetSpace, {0, 0, 0}, {CN, own_vspace}), ok());
    EXPECT_EQ(machine.call(thread, Label::TCBSetSpace, {0, 0, 0}, {cnode, own_vspace}), ok());
    delete_slot(cnode);
    EXPECT_EQ(machine.call(thread, Label::TCBSetSpace, {0, 0, 0}, {CN, own_vspace}), illegal);
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(Arguments, MoreRegistersThanThereAre) {
    Words words(42, 7);
    words[0] = 0;
    words[1] = 40;
    EXPECT_EQ(machine.call(thread, Label::TCBWriteRegisters, words), ok());
    words.resize(40);
    EXPECT_EQ(machine.call(thread, Label::TCBWriteRegisters, words), error(ErrorCode::TruncatedMessage));
    for (const u64 count : {u64{0}, u64{arch::user_context_words} + 1})
        EXPECT_EQ(machine.call(thread, Label::TCBReadRegisters, {0, count}),
                  error(ErrorCode::RangeError, {1, arch::user_context_words}));
    EXPECT_EQ(machine.call(own_tcb, Label::TCBReadRegisters, {0, 1}), error(ErrorCode::IllegalOperation));
    EXPECT_EQ(machine.call(own_tcb, Label::TCBWriteRegisters, {0, 1, 1}), error(ErrorCode::IllegalOperation));
}

// A message is no longer than what can be read of it, whatever its length says.
TEST_F(Arguments, WithoutABuffer) {
    Tcb& me = machine.initial();
    EXPECT_EQ(machine.call(own_tcb, Label::TCBSetIPCBuffer, {0}, {own_buffer}), ok());
    me.context[Reg::A0] = thread;
    me.context[Reg::A1] = info_word(wire_label(Label::TCBWriteRegisters), 7);
    for (unsigned i = 0; i < ipc::register_words; ++i) ipc::message_register(me, i) = i == 1 ? 5 : 0;
    syscalls::handle(me, static_cast<i64>(Syscall::Call));
    EXPECT_EQ(me.context[Reg::A1] >> 12, static_cast<u64>(ErrorCode::TruncatedMessage));
}

// What cannot be found stops whoever waits for an outcome, and nobody else.
TEST_F(Arguments, ThatAreNotThere) {
    const u64 nothing = machine.free_slot();
    for (const Syscall number : {Syscall::NBSend, Syscall::Send}) {
        Tcb& sender = machine.spawn(255);
        machine.syscall(sender, number, CN, wire_label(Label::CNodeDelete), {ntfn, 64}, {nothing});
        machine.syscall(sender, number, CN, wire_label(Label::CNodeDelete), {ntfn, 64}, {u64{1} << 40});
        EXPECT_EQ(sender.runnable(), number == Syscall::NBSend);
    }
    // A Send hears of no error: its registers stay.
    Tcb& sender = machine.spawn(255);
    machine.syscall(sender, Syscall::Send, machine.copy(ep, read), 9, {1});
    EXPECT_EQ(sender.context[Reg::A1], info_word(9, 1));
}

TEST_F(Arguments, OfAddressSpaces) {
    const Reply first = error(ErrorCode::InvalidCapability, {1});
    const u64 dead = table_of_a_dead_pool();
    const u64 table = fresh(ObjectType::PageTable);
    expect({"table",
            table,
            Label::RISCVPageTableMap,
            {vaddr, 0},
            {own_vspace},
            0,
            {ep, frame, unmapped_table(), table},
            first});
    EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, 0}, {dead}), error(ErrorCode::FailedLookup, {0, 1}));
    // Refused for what it is, before anything else is looked at.
    EXPECT_EQ(machine.call(fresh(ObjectType::PageTable), Label::RISCVPageTableMap, {arch::user_top, 0}, {ep}), first);
    expect({"page",
            frame,
            Label::RISCVPageMap,
            {vaddr, 3, 0},
            {own_vspace},
            0,
            {ep, thread, unmapped_table(), table},
            first});
    const u64 pool = machine.free_slot();
    expect({"pool",
            asid_control,
            Label::RISCVASIDControlMakePool,
            {pool, 64},
            {untyped, CN},
            0,
            {ep, frame, fresh(ObjectType::Untyped, 13), device(ObjectType::Untyped, 12)},
            first});
    expect(
        {"space", pool, Label::RISCVASIDPoolAssign, {}, {unmapped_table()}, 0, {ep, frame, own_vspace, table}, first});
    // A frame goes on where it is, and where a table stands no page can be.
    const u64 other = fresh(ObjectType::PageTable);
    EXPECT_EQ(machine.call(pool, Label::RISCVASIDPoolAssign, {}, {other}), ok());
    EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, 0}, {other}).code,
              static_cast<u64>(ErrorCode::FailedLookup));
    const u64 levels[] = {fresh(ObjectType::PageTable), fresh(ObjectType::PageTable)};
    for (const u64 level : levels) EXPECT_EQ(machine.call(level, Label::RISCVPageTableMap, {vaddr, 0}, {other}), ok());
    EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, 0}, {other}), first);
    const u64 mega = machine.make(ObjectType::MegaPage);
    EXPECT_EQ(machine.call(mega, Label::RISCVPageMap, {vaddr, 3, 0}, {own_vspace}),
              error(ErrorCode::FailedLookup, {0, 2, 12}));
    EXPECT_EQ(machine.call(mega, Label::RISCVPageMap, {2 * vaddr, 3, 0}, {own_vspace}), ok());
    EXPECT_EQ(broken_invariant(machine), "");
}

class QueueArguments : public Arguments {
protected:
    QueueArguments() { EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {vaddr, 0}, {own_vspace}), ok()); }
    Reply bind(u64 flags, const Words& extra) { return machine.call(queue, Label::AsyncQueueBind, {flags}, extra); }
    Reply map(u64 at, u64 space = own_vspace) { return machine.call(queue, Label::AsyncQueueMap, {at}, {space}); }

    static constexpr u64 signals = TAIL4_ASYNC_BIND_NOTIFICATION;
    u64 table = fresh(ObjectType::PageTable);
    Words bind_extra{CN, own_vspace, ntfn};
};

TEST_F(QueueArguments, OfBind) {
    const std::pair<unsigned, Words> rows[] = {{0, {ep, frame, thread}}, {1, {ep, frame, CN}}, {2, {mute, ep, frame}}};
    for (const auto& [which, unfit] : rows) {
        for (const u64 bad : unfit) {
            Words extra = bind_extra;
            extra[which] = bad;
            EXPECT_EQ(bind(signals, extra), error(ErrorCode::InvalidCapability, {which + 1}))
                << which << ", capability of type " << static_cast<unsigned>(machine.cap(bad).type());
        }
    }
    for (const u64 flags : {u64{16} | signals, u64{1} << 32, u64{TAIL4_ASYNC_BIND_TAIC} | TAIL4_ASYNC_BIND_POLL,
                            u64{TAIL4_ASYNC_BIND_UINTC} | TAIL4_ASYNC_BIND_POLL, u64{TAIL4_ASYNC_BIND_UINTC}})
        EXPECT_EQ(bind(flags, bind_extra), error(ErrorCode::InvalidArgument, {0})) << flags;
    // Its badge would be the vector, and there are 64.
    bind_extra[2] = machine.mint(ntfn, 64);
    EXPECT_EQ(bind(signals | TAIL4_ASYNC_BIND_UINTC, bind_extra), error(ErrorCode::InvalidCapability, {3}));
    EXPECT_EQ(bind(signals, {CN, own_vspace}), error(ErrorCode::TruncatedMessage));
    bind_extra[2] = ntfn;
    EXPECT_EQ(bind(signals, bind_extra), ok());
    EXPECT_EQ(bind(signals, bind_extra), error(ErrorCode::IllegalOperation)); // once in its life
    EXPECT_EQ(machine.call(queue, Label::AsyncQueueUnbind), ok());
    EXPECT_EQ(bind(signals, bind_extra), error(ErrorCode::IllegalOperation));
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(QueueArguments, OfNoOtherSize) {
    for (const u64 bits : {api::min_async_queue_bits - 1, api::max_async_queue_bits + 1}) {
        const Words words{static_cast<u64>(ObjectType::AsyncQueue), bits, 0, 0, machine.free_slot(), 1};
        EXPECT_EQ(machine.call(memory, Label::UntypedRetype, words, {CN}), error(ErrorCode::InvalidArgument, {1}));
    }
}

TEST_F(QueueArguments, TheBindersLimitIsTheQueues) {
    EXPECT_EQ(machine.call(own_tcb, Label::TCBSetMCPriority, {200}, {own_tcb}), ok());
    EXPECT_EQ(bind(signals, bind_extra), ok());
    EXPECT_EQ(machine.cap(queue).as_async_queue()->max_priority, 200U);
}

TEST_F(QueueArguments, BeforeItIsBound) {
    const Reply illegal = error(ErrorCode::IllegalOperation);
    EXPECT_EQ(map(vaddr), illegal);
    EXPECT_EQ(machine.call(queue, Label::AsyncQueueMapDoorbell, {vaddr}, {own_vspace}), illegal);
    for (const Label label :
         {Label::AsyncQueueDrive, Label::AsyncQueueExecute, Label::AsyncQueueWake, Label::AsyncQueueUnbind})
        EXPECT_EQ(machine.call(queue, label, {1}), illegal) << static_cast<u64>(label);
    EXPECT_EQ(machine.cap(queue).as_async_queue()->state, objects::QueueState::Unbound);
}

TEST_F(QueueArguments, OfMap) {
    EXPECT_EQ(bind(signals, bind_extra), ok());
    const u64 size = tail4_async_shared_size(15);
    const Reply first = error(ErrorCode::InvalidCapability, {1});
    for (const u64 bad : {ep, frame, unmapped_table(), table}) EXPECT_EQ(map(vaddr, bad), first);
    EXPECT_EQ(map(vaddr, table_of_a_dead_pool()), error(ErrorCode::FailedLookup, {0, 1}));
    for (const u64 at : {arch::user_top, ~u64{0} - size + 1, arch::user_top - size / 2})
        EXPECT_EQ(map(at), error(ErrorCode::InvalidArgument, {0})) << at;
    EXPECT_EQ(map(vaddr + size / 2), error(ErrorCode::AlignmentError));
    EXPECT_EQ(map(2 * vaddr), error(ErrorCode::FailedLookup, {0, 2, 21}));
    EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr + size - 0x1000, 3, 0}, {own_vspace}), ok());
    EXPECT_EQ(map(vaddr), error(ErrorCode::DeleteFirst));
    EXPECT_EQ(map(vaddr + size), ok());
    EXPECT_EQ(map(vaddr + 2 * size), error(ErrorCode::InvalidCapability, {0})); // it is mapped
    // No device lends it a page; and if one did, once.
    const auto map_doorbell = [&] {
        return machine.call(queue, Label::AsyncQueueMapDoorbell, {vaddr + 2 * size}, {own_vspace});
    };
    EXPECT_EQ(map_doorbell(), error(ErrorCode::IllegalOperation));
    machine.cap(queue).as_async_queue()->doorbell_asid = 1;
    EXPECT_EQ(map_doorbell(), error(ErrorCode::InvalidCapability, {0}));
    machine.cap(queue).as_async_queue()->doorbell_asid = 0;
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(Arguments, OfInterruptsAndDomains) {
    const u64 handler = machine.free_slot();
    EXPECT_EQ(machine.call(irq_control, Label::IRQIssueIRQHandler, {3, handler, 64}, {CN}), ok());
    expect({"handler",
            handler,
            Label::IRQSetIRQHandler,
            {},
            {ntfn},
            0,
            {mute, ep, frame, thread},
            error(ErrorCode::InvalidCapability, {0})});
    expect({"domain",
            domain_cap,
            Label::DomainSetSet,
            {0},
            {thread},
            0,
            {ep, ntfn, frame, CN},
            error(ErrorCode::InvalidArgument, {1})});
}

// What is to receive a new capability is empty, and what gives one is not.
TEST_F(Arguments, SlotsAreEmptyOrFull) {
    const Reply taken = error(ErrorCode::DeleteFirst);
    const u64 empty = machine.free_slot(4);
    const Words cnode{CN};
    const struct {
        u64 target;
        Label label;
        Words words;
        Words extra;
    } rows[] = {
        {CN, Label::CNodeCopy, {ep, 64, ntfn, 64, all}, cnode},
        {CN, Label::CNodeMint, {ep, 64, ntfn, 64, all, 1}, cnode},
        {CN, Label::CNodeMove, {ep, 64, ntfn, 64}, cnode},
        {CN, Label::CNodeMutate, {ep, 64, ntfn, 64, 0}, cnode},
        {CN, Label::CNodeRotate, {ep, 64, 0, ntfn, 64, 0, thread, 64}, {CN, CN}},
        {CN, Label::CNodeSaveCaller, {ep, 64}, {}},
        {irq_control, Label::IRQIssueIRQHandler, {3, ep, 64}, cnode},
        {asid_control, Label::RISCVASIDControlMakePool, {ep, 64}, {untyped, CN}},
    };
    for (const auto& row : rows)
        EXPECT_EQ(machine.call(row.target, row.label, row.words, row.extra), taken) << static_cast<u64>(row.label);
    for (const Label label : {Label::CNodeCopy, Label::CNodeMint, Label::CNodeMove, Label::CNodeMutate})
        EXPECT_EQ(machine.call(CN, label, {empty, 64, empty + 1, 64, all, 1}, cnode),
                  error(ErrorCode::FailedLookup, {1, 2, 64}));
    EXPECT_EQ(machine.call(CN, Label::CNodeRotate, {empty, 64, 0, ep, 64, 0, empty + 1, 64}, {CN, CN}),
              error(ErrorCode::FailedLookup, {1, 2, 64}));
    EXPECT_EQ(machine.call(CN, Label::CNodeRotate, {empty, 64, 0, empty + 1, 64, 0, ep, 64}, {CN, CN}),
              error(ErrorCode::FailedLookup, {0, 2, 64}));
    for (const u64 pivot : {ntfn, empty}) // no pivot of itself
        EXPECT_EQ(machine.call(CN, Label::CNodeRotate, {empty, 64, 0, pivot, 64, 0, ntfn, 64}, {CN, CN}),
                  error(ErrorCode::IllegalOperation));
    EXPECT_EQ(broken_invariant(machine), "");
}

// Pages of a frame whose rights and attributes leave nothing: no entry, and surely no table.
TEST_F(Arguments, RightsOfAPage) {
    const u64 table = fresh(ObjectType::PageTable);
    constexpr u64 never_execute = 1;
    EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {vaddr, 0}, {own_vspace}), ok());
    u64* root = machine.cap(own_vspace).page_table();
    for (u64 held = 0; held < 4; ++held) {
        for (u64 asked = 0; asked < 4; ++asked) {
            for (const u64 attributes : {u64{0}, never_execute}) {
                SCOPED_TRACE(testing::Message() << held << ' ' << asked << ' ' << attributes);
                const u64 weak = machine.copy(frame, held);
                EXPECT_EQ(machine.call(weak, Label::RISCVPageMap, {vaddr, asked, attributes}, {own_vspace}), ok());
                const arch::Pte entry = *vspace::walk(root, vaddr, 12).entry;
                const bool readable = (held & asked & read) != 0;
                EXPECT_FALSE(entry.is_table());
                EXPECT_EQ(entry.valid(), readable || attributes == 0);
                const bool writable = readable && (held & asked & write) != 0;
                const arch::Pte wanted =
                    arch::Pte::make_user_leaf(machine.cap(frame).paddr(), readable, writable, attributes == 0);
                EXPECT_EQ(entry.raw(), entry.valid() ? wanted.raw() : 0);
                EXPECT_EQ(machine.call(weak, Label::RISCVPageUnmap), ok());
            }
        }
    }
}

TEST_F(Arguments, CancelBadgedSendsWantsEveryRight) {
    for (u64 rights = 0; rights <= all; ++rights) {
        const u64 weak = machine.mint(ep, 5, rights);
        EXPECT_EQ(machine.call(CN, Label::CNodeCancelBadgedSends, {weak, 64}),
                  rights == all ? ok() : error(ErrorCode::IllegalOperation));
    }
    // A badge word of all rights makes no endpoint of them.
    for (const u64 other : {machine.mint(ntfn, all), frame, thread, u64{CN}})
        EXPECT_EQ(machine.call(CN, Label::CNodeCancelBadgedSends, {other, 64}), error(ErrorCode::IllegalOperation));
}

} // namespace kernel::test
