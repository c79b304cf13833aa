// An intrusive FIFO of threads: `links` chooses which membership (wait or ready) it uses. The two-word form fits into
// an Endpoint; the empty queue is all zero.
#pragma once

#include "objects/tcb.hpp"

namespace objects {

template <ThreadLinks Tcb::*links>
struct ThreadQueue {
    Tcb* head = nullptr;
    Tcb* tail = nullptr;

    bool empty() const { return head == nullptr; }

    [[gnu::always_inline]] void push_back(Tcb& thread) {
        (thread.*links) = {tail, nullptr};
        (tail != nullptr ? (tail->*links).next : head) = &thread;
        tail = &thread;
    }
    void push_front(Tcb& thread) {
        (thread.*links) = {nullptr, head};
        (head != nullptr ? (head->*links).prev : tail) = &thread;
        head = &thread;
    }
    [[gnu::always_inline]] void remove(Tcb& thread) {
        const ThreadLinks own = thread.*links;
        (own.prev != nullptr ? (own.prev->*links).next : head) = own.next;
        (own.next != nullptr ? (own.next->*links).prev : tail) = own.prev;
        (thread.*links) = {};
    }
    [[gnu::always_inline]] void remove_head() {
        Tcb& first = *head;
        head = (first.*links).next;
        (head != nullptr ? (head->*links).prev : tail) = nullptr;
        (first.*links) = {};
    }
    Tcb& pop_front() {
        Tcb& first = *head;
        remove_head();
        return first;
    }
};

using WaitQueue = ThreadQueue<&Tcb::wait_links>;
using ReadyQueue = ThreadQueue<&Tcb::ready_links>;

} // namespace objects
