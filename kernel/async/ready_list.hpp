// Queues of one domain whose workers want to run: first in, first out within a priority, the highest priority first.
// The links are in the queues, so a queue stands here at most once, and leaves in a few instructions. Kernel lock held.
// Source: async-design.md 9.13, 9.20, 10.13.
#pragma once

#include "objects/async_queue.hpp"

namespace async {

class ReadyList {
public:
    bool empty() const { return (words_[0] | words_[1] | words_[2] | words_[3]) == 0; }

    const objects::AsyncQueue* first(u8 priority) const { return lines_[priority].head; }

    // The priority of the next queue; -1: there is none.
    int highest() const {
        for (int word = 3; word >= 0; --word) {
            if (words_[word] != 0) return 64 * word + 63 - __builtin_clzll(words_[word]);
        }
        return -1;
    }

    void push(objects::AsyncQueue& queue) {
        Line& line = lines_[queue.priority];
        queue.ready_priority = queue.priority;
        queue.in_ready_list = true;
        queue.previous_ready = line.tail;
        queue.next_ready = nullptr;
        (line.tail == nullptr ? line.head : line.tail->next_ready) = &queue;
        line.tail = &queue;
        words_[queue.priority / 64] |= base::bit(queue.priority % 64);
    }

    objects::AsyncQueue* pop() {
        const int priority = highest();
        if (priority < 0) return nullptr;
        objects::AsyncQueue* queue = lines_[priority].head;
        remove(*queue);
        return queue;
    }

    // It may stand anywhere in its line, or in none.
    void remove(objects::AsyncQueue& queue) {
        if (!queue.in_ready_list) return;
        queue.in_ready_list = false;
        Line& line = lines_[queue.ready_priority];
        objects::AsyncQueue* before = queue.previous_ready;
        objects::AsyncQueue* behind = queue.next_ready;
        (before == nullptr ? line.head : before->next_ready) = behind;
        (behind == nullptr ? line.tail : behind->previous_ready) = before;
        if (line.head == nullptr) words_[queue.ready_priority / 64] &= ~base::bit(queue.ready_priority % 64);
    }

private:
    struct Line {
        objects::AsyncQueue* head;
        objects::AsyncQueue* tail;
    };
    Line lines_[256];
    u64 words_[4]; // which lines are not empty
};

} // namespace async
