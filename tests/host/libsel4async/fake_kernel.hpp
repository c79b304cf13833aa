// The kernel's end of a queue for host tests: an area in plain memory, a step() that serves requests as the kernel does
// (async_abi.h, with links and cancellation), and a doorbell that records what the executor does with it. TAIC is a
// deque of words, the clock a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <sel4/errors.h>
#include <sel4async/doorbell.hpp>
#include <sel4async/slot_buffer.hpp>
#include <utility>
#include <vector>

class FakeKernel final : public sel4async::Doorbell {
public:
    explicit FakeKernel(bool drives, std::uint32_t size_bits = 15, std::uint32_t vectors = 4)
        : drives_(drives),
          bits_(size_bits),
          memory_(new Memory[tail4_async_shared_size(size_bits) / sizeof(Memory)]()) {
        tail4_AsyncControl& c = control();
        c.magic = TAIL4_ASYNC_MAGIC;
        c.version = TAIL4_ASYNC_VERSION;
        c.size_bits = size_bits;
        c.slots = tail4_async_slots(size_bits);
        c.vectors = drives ? 1 : vectors;
        c.kstate = TAIL4_ASYNC_BLOCKED;
    }

    void* area() { return memory_.get(); }
    tail4_AsyncControl& control() { return *static_cast<tail4_AsyncControl*>(area()); }
    std::uint32_t* sq() { return at<std::uint32_t>(tail4_async_sq_offset()); }
    std::uint32_t* cq() { return at<std::uint32_t>(tail4_async_cq_offset(bits_)); }
    tail4_AsyncSlot& slot(std::uint32_t i) { return at<tail4_AsyncSlot>(tail4_async_slots_offset(bits_))[i]; }

    // Serves up to `budget` requests. The outcome: words[0] of a GetAddress is cptr * 4096, cptr 13 fails.
    std::uint64_t step(std::uint64_t budget) {
        const std::uint32_t mask = control().slots - 1;
        std::uint64_t served = 0;
        for (; !begun_.empty(); begun_.pop_back()) serve(begun_.back());
        while (control().kstate != TAIL4_ASYNC_DEAD && head_ != control().sq_tail && served < budget) {
            const std::uint32_t index = sq()[head_++ & mask];
            if (index > mask) {
                control().kstate = TAIL4_ASYNC_DEAD;
                return served;
            }
            order.push_back(slot(index).cptr);
            priorities.push_back(control().sq_priority);
            serve(index);
            ++served;
        }
        return served;
    }

    void complete(std::uint32_t index) {
        tail4_AsyncSlot& s = slot(index);
        completed_twice = completed_twice || s.done == s.generation;
        s.done = s.generation;
        if (past_the_rings_) return;
        if (control().ustate == TAIL4_ASYNC_POLLING && s.vec != 0) {
            if (!loses_words) words.push_back(armed[s.vec]);
            return;
        }
        cq()[control().cq_tail & (control().slots - 1)] = index;
        ++control().cq_tail;
        if (control().ustate == TAIL4_ASYNC_POLLING) {
            control().ustate = TAIL4_ASYNC_NOTIFIED;
            words.push_back(armed[0]);
        } else if (control().ustate == TAIL4_ASYNC_BLOCKED) {
            control().ustate = TAIL4_ASYNC_NOTIFIED;
            ++signals;
        }
    }

    // --- Doorbell
    bool drives() const override { return drives_; }
    bool drive(std::uint64_t budget) override {
        ++drive_calls;
        budgets.push_back(budget);
        if (!mute) step(budget < per_drive ? budget : per_drive);
        return control().kstate != TAIL4_ASYNC_DEAD;
    }
    std::uint64_t execute(std::uint32_t index) override {
        if (!executes) return TAIL4_ASYNC_NOT_BEGUN;
        ++executed;
        flags_executed |= slot(index).flags;
        if (preempts) {
            begun_.push_back(index);
            return TAIL4_ASYNC_BEGUN;
        }
        past_the_rings_ = true;
        serve(index);
        past_the_rings_ = false;
        return TAIL4_ASYNC_COMPLETE;
    }
    void ring() override {
        ++rings;
        rung_ = true;
    }
    std::uint64_t poll() override {
        ++polls;
        // The other hart's turn: it works while this one looks, unless the test wants it asleep.
        if (rung_ && polls >= work_after_polls) step(~std::uint64_t{0});
        if (words.empty()) return 0;
        const std::uint64_t word = words.front();
        words.pop_front();
        return word;
    }
    void arm(std::uint32_t vector, std::uint64_t handler) override {
        ++arms;
        armed[vector] = handler;
    }
    void wait() override {
        ++waits;
        if (dies_in_sleep)
            control().kstate = TAIL4_ASYNC_DEAD;
        else
            step(~std::uint64_t{0});
    }
    std::uint64_t now() override { return time += tick; }
    void idle() override {
        ++idles;
        if (word_when_idle != 0) words.push_back(std::exchange(word_when_idle, 0));
        time += 10;
    }

    std::map<std::uint32_t, std::uint64_t> armed;
    std::deque<std::uint64_t> words;
    std::deque<std::uint64_t> budgets;
    std::uint64_t rings = 0, polls = 0, arms = 0, waits = 0, signals = 0, drive_calls = 0;
    std::uint64_t work_after_polls = 0;
    std::uint64_t per_drive = ~std::uint64_t{0};
    std::uint64_t time = 0, tick = 0, idles = 0;
    std::uint64_t cancellations = 0;
    std::vector<std::uint64_t> order;      // capabilities of the requests, as fetched
    std::vector<std::uint32_t> priorities; // sq_priority at each fetch
    std::uint64_t word_when_idle = 0;      // somebody enqueues it meanwhile, once
    bool dies_in_sleep = false;            // the queue, while its user waits
    bool mute = false;
    bool loses_words = false; // of direct wake-ups
    bool completed_twice = false;
    bool executes = false; // what is alone goes past the rings
    bool preempts = false; // and goes on with the next drive()
    std::uint64_t executed = 0;
    std::uint32_t flags_executed = 0;
    struct Operation {
        std::uint64_t cptr, word, cap;
        bool operator==(const Operation&) const = default;
    };
    std::vector<Operation> operations; // of requests with many

private:
    struct alignas(64) Memory {
        unsigned char bytes[64];
    };

    template <class T>
    T* at(std::size_t offset) {
        return static_cast<T*>(static_cast<void*>(static_cast<unsigned char*>(area()) + offset));
    }
    // Many operations, of which that of capability 13 fails.
    void repeat(tail4_AsyncSlot& s) {
        const auto* steps = reinterpret_cast<const std::uint64_t*>(&s + 1) - TAIL4_ASYNC_SLOT_WORDS;
        std::uint64_t cptr = s.cptr;
        std::uint64_t done = 0;
        for (; done < steps[TAIL4_ASYNC_EACH_COUNT] && cptr != 13; ++done) {
            operations.push_back(
                {cptr, s.words[0] + done * steps[TAIL4_ASYNC_EACH_WORDS], s.cap + done * steps[TAIL4_ASYNC_EACH_CAPS]});
            cptr += steps[TAIL4_ASYNC_EACH_CPTR];
        }
        const bool failed = cptr == 13 && done < steps[TAIL4_ASYNC_EACH_COUNT];
        s.words[0] = failed ? 77 : 0;
        s.words[TAIL4_ASYNC_EACH_DONE] = done;
        s.status = tail4_async_status(failed ? seL4_InvalidCapability : seL4_NoError, TAIL4_ASYNC_SLOT_WORDS);
    }
    void serve(std::uint32_t index) {
        tail4_AsyncSlot& s = slot(index);
        std::uint32_t error = s.cptr == 13 ? seL4_InvalidCapability : seL4_NoError;
        std::uint32_t count = 0;
        const bool stopped = chain_broken_ || (s.flags & TAIL4_ASYNC_SLOT_CANCEL) != 0;
        chain_broken_ = (s.flags & TAIL4_ASYNC_SLOT_LINK) != 0 && (stopped || error != 0);
        if (stopped) {
            ++cancellations;
            s.status = tail4_async_status(TAIL4_ASYNC_CANCELLED, 0);
            complete(index);
            return;
        }
        if ((s.flags & TAIL4_ASYNC_SLOT_EACH) != 0) {
            repeat(s);
            complete(index);
            return;
        }
        if (s.op == TAIL4_OP_RISCVPageGetAddress && error == 0) {
            s.words[0] = s.cptr * 4096;
            count = 1;
        } else if (error != 0) {
            s.words[0] = 77;
            count = 1;
        }
        s.status = tail4_async_status(error, count);
        complete(index);
    }

    bool drives_;
    std::uint32_t bits_;
    std::unique_ptr<Memory[]> memory_;
    std::uint32_t head_ = 0;
    bool rung_ = false;
    bool chain_broken_ = false;
    bool past_the_rings_ = false;
    std::vector<std::uint32_t> begun_;
};
