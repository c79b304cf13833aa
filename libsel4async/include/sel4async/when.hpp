// Groups of tasks: when_all waits for all of them, when_any for the first, then cancels the others and waits until they
// have ended, so nobody runs on behind the back of who waited. Tasks that were not started are started as strands of
// the own level. Results stay in the tasks: result(). Cancelled, the group cancels its tasks.
#pragma once

#include <array>
#include <cstddef>
#include <sel4async/task.hpp>
#include <span>

namespace sel4async {

namespace detail {

struct Member {
    PromiseBase* promise;
    std::coroutine_handle<> handle;
};
template <class T>
Member member_of(const Task<T>& task) {
    return {task.promise(), task.handle()};
}

template <std::size_t count>
struct Pack {
    std::array<Member, count> members;
    std::size_t size() const { return count; }
    Member at(std::size_t i) const { return members[i]; }
    void forget(std::size_t i) { members[i].promise = nullptr; }
};
template <class T>
struct Row {
    std::span<Task<T>> tasks;
    std::size_t size() const { return tasks.size(); }
    Member at(std::size_t i) const { return member_of(tasks[i]); }
    void forget(std::size_t) const {}
};

template <class Members, bool any>
class GroupAwaiter : Join, Wait {
public:
    GroupAwaiter(Strand& strand, const Members& members) : strand_(&strand), members_(members) {}

    bool await_ready() const noexcept { return members_.size() == 0; }
    bool await_suspend(std::coroutine_handle<>) noexcept {
        ended = [](Join& join, PromiseBase& child, bool killed) {
            static_cast<GroupAwaiter&>(join).one_ended(child, killed);
        };
        for (std::size_t i = 0; i < members_.size(); ++i) begin(i);
        if (any && first_ != none) cancel_others();
        if (left_ == 0) return false;
        interrupt = [](Wait& wait, Strand&) { static_cast<GroupAwaiter&>(wait).cancel_others(); };
        leave = [](Wait& wait, Strand&) {
            auto& group = static_cast<GroupAwaiter&>(wait);
            group.for_each_running([](PromiseBase& promise) { promise.join = nullptr; });
        };
        strand_->enter(*this);
        waits_ = true;
        return true;
    }
    auto await_resume() noexcept {
        if (waits_) strand_->exit(*this);
        if constexpr (any)
            return first_;
        else
            return good_;
    }

private:
    static constexpr std::size_t none = ~std::size_t{0};

    void begin(std::size_t i) {
        const Member member = members_.at(i);
        bool runs = member.promise != nullptr;
        if (runs && member.promise->strand == nullptr) {
            Options options = strand_->executor->defaults();
            options.level = strand_->level;
            runs = member.promise->start(member.handle, *strand_->executor, options);
            good_ = good_ && runs;
        } else {
            good_ = good_ && runs;
            runs = runs && !member.handle.done();
        }
        if (runs) {
            member.promise->join = this;
            ++left_;
        } else if (first_ == none) {
            first_ = i;
        }
    }
    template <class Act>
    void for_each_running(Act act) {
        for (std::size_t i = 0; i < members_.size(); ++i) {
            PromiseBase* promise = members_.at(i).promise;
            if (promise != nullptr && promise->join == this) act(*promise);
        }
    }
    void cancel_others() {
        for_each_running([this](PromiseBase& promise) { strand_->executor->cancel(*promise.strand); });
    }
    void one_ended(const PromiseBase& child, bool killed) {
        --left_;
        good_ = good_ && !killed;
        const bool first = first_ == none;
        for (std::size_t i = 0; i < members_.size(); ++i) {
            if (members_.at(i).promise != &child) continue;
            if (first) first_ = i;
            members_.forget(i); // from here on its owner may destroy it
        }
        if (any && first) cancel_others();
        if (left_ == 0) strand_->executor->make_ready(*strand_);
    }

    Strand* strand_;
    Members members_;
    std::size_t left_ = 0;
    std::size_t first_ = none;
    bool good_ = true;
    bool waits_ = false;
};

template <class Members, bool any>
struct Group {
    Members members;
    GroupAwaiter<Members, any> on(Strand& strand) const { return {strand, members}; }
};

} // namespace detail

// True: all ran to their end. False: one had no frame, found no strand, or was killed.
template <class... T>
detail::Group<detail::Pack<sizeof...(T)>, false> when_all(Task<T>&... tasks) {
    return {{{detail::member_of(tasks)...}}};
}
template <class T, std::size_t extent>
detail::Group<detail::Row<T>, false> when_all(std::span<Task<T>, extent> tasks) {
    return {{tasks}};
}
// The number of the task that ended first.
template <class... T>
detail::Group<detail::Pack<sizeof...(T)>, true> when_any(Task<T>&... tasks) {
    return {{{detail::member_of(tasks)...}}};
}
template <class T, std::size_t extent>
detail::Group<detail::Row<T>, true> when_any(std::span<Task<T>, extent> tasks) {
    return {{tasks}};
}

} // namespace sel4async
