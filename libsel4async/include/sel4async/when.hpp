// Groups of tasks: when_all waits for all of them, when_any for the first, then cancels the others and waits until they
// have ended, so nobody runs on behind the back of who waited. Tasks that were not started are started as strands of
// the own level. Results stay in the tasks: result(). Cancelled, the group cancels its tasks. A task may be a member
// twice, and of several groups, and be awaited besides; but a group does not wait for the task that waits for it: that
// one counts as one without a frame. The tasks of a span stay at their places until the group is over.
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
        if (any && first_ != none) cancel_others(nullptr);
        if (left_ == 0) return false;
        interrupt = [](Wait& wait, Strand&) { static_cast<GroupAwaiter&>(wait).cancel_others(nullptr); };
        leave = [](Wait& wait, Strand&) { static_cast<GroupAwaiter&>(wait).give_up(); };
        strand_->enter(*this);
        waits_ = true;
        return true;
    }
    auto await_resume() noexcept {
        if (waits_) strand_->exit(*this);
        if (shares_) strand_->executor->unshare(*this);
        if constexpr (any)
            return first_;
        else
            return good_;
    }

private:
    static constexpr std::size_t none = ~std::size_t{0};

    void begin(std::size_t i) {
        const Member member = members_.at(i);
        PromiseBase* const promise = member.promise;
        bool good = promise != nullptr && !promise->killed;
        if (good && promise->strand == nullptr) {
            Options options = strand_->executor->defaults();
            options.level = strand_->level;
            good = promise->start(member.handle, *strand_->executor, options);
        }
        const bool over = !good || member.handle.done();
        const bool own = !over && promise->strand == strand_; // it waits for us
        good_ = good_ && good && !own;
        if (!over && !own)
            wait_for(i, *promise);
        else if (first_ == none)
            first_ = i;
    }
    // Once, although it be a member twice; other groups may wait for it, too.
    void wait_for(std::size_t i, PromiseBase& promise) {
        if (promise.group == this) return;
        if (promise.group == nullptr) {
            promise.group = this;
        } else {
            for (std::size_t before = 0; before < i; ++before) {
                if (members_.at(before).promise == &promise) return;
            }
            promise.shared = true;
            if (!shares_) strand_->executor->share(*this);
            shares_ = true;
        }
        ++left_;
    }
    template <class Act>
    void for_each_running(Act act) {
        for (std::size_t i = 0; i < members_.size(); ++i) {
            const Member member = members_.at(i);
            if (member.promise != nullptr && (member.promise->group == this || member.promise->shared) &&
                !member.handle.done() && !member.promise->killed)
                act(*member.promise);
        }
    }
    void cancel_others(const PromiseBase* but) {
        for_each_running([this, but](PromiseBase& promise) {
            if (&promise != but) strand_->executor->cancel(*promise.strand);
        });
    }
    void give_up() {
        for_each_running([this](PromiseBase& promise) {
            if (promise.group == this) promise.group = nullptr;
        });
        if (shares_) strand_->executor->unshare(*this);
    }
    // Told of each end of a task that more groups share, it looks for itself whether that is one of its own.
    void one_ended(const PromiseBase& child, bool killed) {
        bool mine = child.group == this;
        const bool first = first_ == none;
        for (std::size_t i = 0; i < members_.size(); ++i) {
            if (members_.at(i).promise != &child) continue;
            mine = true;
            if (first_ == none) first_ = i;
            members_.forget(i); // from here on its owner may destroy it
        }
        if (!mine || left_ == 0) return;
        --left_;
        good_ = good_ && !killed;
        if (any && first) cancel_others(&child);
        if (left_ == 0) strand_->executor->make_ready(*strand_);
    }

    Strand* strand_;
    Members members_;
    std::size_t left_ = 0;
    std::size_t first_ = none;
    bool good_ = true;
    bool waits_ = false;
    bool shares_ = false;
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
