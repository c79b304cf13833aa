#include "tests/guest/latency/operations.hpp"

#include <atomic>
#include <sel4/async_abi.h>
#include <sel4/async_ops.h>

namespace guest::latency {

namespace {

constexpr Word queue_bits = 15;
constexpr Word shared = 0x2000'0000; // where the queue is mapped
constexpr Word window = shared + (1 << 20);

// A bound queue whose requests are carried out by Drive.
class Driven {
public:
    explicit Driven(Context& t) : t_(t) {
        for (int level = 0; level < 2; ++level) {
            const Word table = t.make(seL4_RISCV_PageTableObject);
            // The first may be there already.
            static_cast<void>(t.invoke(table, RISCVPageTableMap, {shared, 0}, {vspace}));
        }
        queue_ = t.make(seL4_TaiL4_AsyncQueueObject, queue_bits);
        t.succeeds("bind the queue", t.invoke(queue_, AsyncQueueBind, {0}, {cnode, vspace}));
        t.succeeds("map the queue", t.invoke(queue_, AsyncQueueMap, {shared}, {vspace}));
    }

    void submit(std::uint32_t op, Word cptr, Words words, Word cap) {
        if (t_.failed()) return;
        tail4_AsyncSlot& slot = at<tail4_AsyncSlot>(tail4_async_slots_offset(queue_bits))[tail_];
        slot = {};
        slot.op = op;
        slot.generation = 1;
        slot.cptr = cptr;
        unsigned i = 0;
        for (const Word word : words) slot.words[i++] = word;
        slot.cap = cap;
        at<std::uint32_t>(tail4_async_sq_offset())[tail_] = tail_;
        ++tail_;
    }

    void drive(const char* what) {
        if (t_.failed()) return;
        std::atomic_ref(at<tail4_AsyncControl>(0)->sq_tail).store(tail_, std::memory_order_release);
        begin();
        Word done = 0;
        while (done < tail_ && !t_.failed()) {
            const Reply reply = t_.invoke(queue_, AsyncQueueDrive, {tail_});
            t_.succeeds("drive", reply);
            done += reply.words[0];
        }
        judge(t_, what, call_bound);
        for (unsigned i = 0; i < tail_; ++i)
            t_.equal("outcome", at<tail4_AsyncSlot>(tail4_async_slots_offset(queue_bits))[i].status, 0);
    }

private:
    template <class T>
    static T* at(Word offset) {
        return reinterpret_cast<T*>(shared + offset);
    }

    Context& t_;
    Word queue_ = 0;
    std::uint32_t tail_ = 0;
};

void retypes(Context& t) {
    const Word node = t.make(seL4_CapTableObject, 12);
    Driven queue(t);
    for (Word first = 0; first < 4096; first += 256)
        queue.submit(TAIL4_OP_UntypedRetype, t.untyped(), {seL4_EndpointObject, 0, node, depth, first, 256}, cnode);
    queue.drive("drive 16 retypes of 256 endpoints");
}

void mappings(Context& t) {
    constexpr Word count = 64;
    const Word frames = t.make(seL4_RISCV_4K_Page, 0, count);
    Driven queue(t);
    for (Word i = 0; i < count; ++i)
        queue.submit(TAIL4_OP_RISCVPageMap, frames + i, {window + i * page_size, 3, 0}, vspace);
    queue.drive("drive 64 page mappings");
}

// Workers that want to run and may not, as they are no more important than this thread: each is taken from among all.
void ready_workers(Context& t) {
    constexpr Word count = 1792, at_once = 256;
    const Word first = boot_info->empty.end - count; // a case has too few slots of its own
    for (Word made = 0; made < count; made += at_once)
        t.succeeds("make queues",
                   t.invoke(t.untyped(), UntypedRetype,
                            {seL4_TaiL4_AsyncQueueObject, queue_bits, 0, 0, first + made, at_once}, {cnode}));
    for (Word i = 0; i < count; ++i) t.succeeds("bind", t.invoke(first + i, AsyncQueueBind, {0}, {cnode, vspace}));
    begin();
    for (Word i = 0; i < count; ++i) t.succeeds("wake", t.invoke(first + i, AsyncQueueWake));
    judge(t, "wake the workers of 1,792 queues", step_bound);
    begin();
    for (Word i = count; i-- > count / 2;) t.succeeds("unbind", t.invoke(first + i, AsyncQueueUnbind));
    judge(t, "unbind half of 1,792 queues with ready workers", step_bound);
    begin();
    t.revoke(t.untyped());
    judge(t, "revoke the memory of 896 queues with ready workers", step_bound);
}

constexpr Case cases[] = {{"retypes", retypes}, {"mappings", mappings}, {"ready_workers", ready_workers}};

} // namespace

List driving_cases() { return list_of<cases>("driving"); }

} // namespace guest::latency
