// The executor's sources: waiting for channels beside the queue.
#include <sel4async/executor.hpp>
#include <sel4async/fences.hpp>

namespace sel4async {

void Executor::add(Source& source) {
    source.next = sources_;
    sources_ = &source;
    ++attention_;
}

void Executor::remove(Source& source) {
    for (Source** at = &sources_; *at != nullptr; at = &(*at)->next) {
        if (*at != &source) continue;
        *at = source.next;
        --attention_;
        return;
    }
}

bool Executor::sources_awaited() const {
    const Source* source = sources_;
    while (source != nullptr && !source->awaited()) source = source->next;
    return source != nullptr;
}

// True: something is there already. All are told in any case.
bool Executor::announce(std::uint32_t state) {
    bool news = false;
    for (Source* source = sources_; source != nullptr; source = source->next) news = source->announce(state) || news;
    return news;
}

bool Executor::sources_have_news() {
    Source* source = sources_;
    while (source != nullptr && !source->has_news()) source = source->next;
    return source != nullptr;
}

// Without TAIC, or on one hart: the thread sleeps until a peer, or the kernel, signals its notification. False: nobody
// waits for a channel.
bool Executor::await_sources() {
    if (!sources_awaited()) return false;
    if (parked_ != 0) { // their words signal nothing
        doorbell_->idle();
        return true;
    }
    __atomic_exchange_n(&buffer_->control().ustate, TAIL4_ASYNC_BLOCKED, __ATOMIC_ACQ_REL);
    full_fence(); // partner: the kernel's between kstate = DEAD and its look at ustate
    if (!announce(TAIL4_ASYNC_BLOCKED) && !queue_is_dead()) {
        ++statistics_.sleeps;
        doorbell_->wait();
    }
    awake();
    if (queue_is_dead()) die();
    return true;
}

} // namespace sel4async
