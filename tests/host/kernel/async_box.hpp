// A box with an asynchronous queue in it, and the user's end of that queue.
#pragma once

#include "box.hpp"

#include "objects/async_queue.hpp"

#include <sel4/async_ops.h>
#include <sel4/async_request.hpp>

namespace kernel::test {

class Async : public BoxTest {
protected:
    explicit Async(u64 flags = TAIL4_ASYNC_BIND_NOTIFICATION, u32 harts = 1, unsigned domains = 1)
        : BoxTest(harts, domains) {
        bind(flags);
    }

    void bind(u64 flags = TAIL4_ASYNC_BIND_NOTIFICATION) {
        EXPECT_EQ(machine.call(index, Label::AsyncQueueBind, {flags}, {CN, own_vspace, ntfn}), ok());
    }
    tail4_AsyncControl& control() { return *queue->control; }
    // Submits the request in `slot`; its words and capabilities are set by the caller.
    tail4_AsyncSlot& submit(u32 slot, u32 op, u64 cptr = 0, const Words& words = {}, const Words& caps = {}) {
        tail4_AsyncSlot& request = queue->shared[slot];
        request = {};
        request.op = op;
        request.generation = ++generation;
        request.cptr = cptr;
        std::copy(words.begin(), words.end(), request.words);
        for (usize i = 0; i < caps.size(); ++i) sel4async::further_cap(request, i) = caps[i];
        publish(slot);
        return request;
    }
    void publish(u32 slot) {
        queue->sq[control().sq_tail & queue->slot_mask] = slot;
        ++control().sq_tail;
    }
    u64 drive(u64 budget = 1000) {
        const Reply reply = machine.call(index, Label::AsyncQueueDrive, {budget});
        EXPECT_EQ(reply.code, 0U);
        return reply.words.empty() ? 0 : reply.words[0];
    }
    Reply outcome(const tail4_AsyncSlot& slot) {
        EXPECT_EQ(slot.done, slot.generation);
        const u32 count = tail4_async_result_words(slot.status);
        return {tail4_async_error(slot.status), {slot.words, slot.words + count}};
    }
    bool active() { return machine.cap(ntfn).as_notification()->active(); }

    u64 index = fresh(ObjectType::AsyncQueue, 15);
    u64 ntfn = fresh(ObjectType::Notification);
    objects::AsyncQueue* queue = machine.cap(index).as_async_queue();
    u32 generation = 0;
};

} // namespace kernel::test
