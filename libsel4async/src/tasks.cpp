// The end of a task, and who is told of it.
#include <sel4async/task.hpp>

namespace sel4async::detail {

void PromiseBase::finish(std::coroutine_handle<> self) {
    if (root)
        strand->executor->close_strand(*strand);
    else
        strand->executor->go_on(*strand, continuation);
    if (joins != nullptr || group != nullptr || shared) tell(false);
    if (root && detached && joins == nullptr) self.destroy();
}

void PromiseBase::tell(bool was_killed) {
    Join* const first = group;
    if (first != nullptr) first->ended(*first, *this, was_killed);
    group = nullptr;
    for (Join* join = shared ? strand->executor->sharing() : nullptr; join != nullptr;) {
        Join* next = join->next;
        if (join != first) join->ended(*join, *this, was_killed);
        join = next;
    }
    for (Join* join = joins; join != nullptr;) {
        Join* next = join->next;
        join->ended(*join, *this, was_killed);
        join = next;
    }
}

void PromiseBase::add(Join& join) {
    Join** end = &joins;
    while (*end != nullptr) end = &(*end)->next;
    *end = &join;
}

void PromiseBase::remove(const Join& join) {
    Join** at = &joins;
    while (*at != nullptr && *at != &join) at = &(*at)->next;
    if (*at != nullptr) *at = join.next;
}

} // namespace sel4async::detail
