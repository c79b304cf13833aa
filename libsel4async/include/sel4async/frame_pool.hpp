// Where coroutine frames live: a fixed arena given by the program, cut into 64-byte classes that are reused last in,
// first out. Nothing is ever given back to the arena. An empty pool is an answer, not a failure: the task made then is
// invalid. One thread makes and ends tasks; the pool has no lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sel4async/places.hpp>

namespace sel4async {

class FramePool {
public:
    static constexpr std::size_t granule = 64;
    static constexpr std::size_t classes = 64; // frames up to 4 KiB

    // `arena` aligned to 16; replaces what was there, so no task may be alive. Of a large one the first bytes are
    // left out (places.hpp).
    void use(void* arena, std::size_t bytes) {
        const std::size_t at = reinterpret_cast<std::uintptr_t>(arena) % places::neighbours;
        const std::size_t out = bytes < 4 * places::neighbours ? 0 : (places::frames - at) % places::neighbours;
        next_ = static_cast<unsigned char*>(arena) + out;
        left_ = bytes - out;
        for (Free*& head : free_) head = nullptr;
    }

    void* take(std::size_t size) noexcept {
        const std::size_t kind = (size + granule - 1) / granule;
        if (kind >= classes) return nullptr;
        if (Free* block = free_[kind]; block != nullptr) {
            free_[kind] = block->next;
            return block;
        }
        if (kind * granule > left_) return nullptr;
        void* block = next_;
        next_ += kind * granule;
        left_ -= kind * granule;
        return block;
    }

    void give(void* memory, std::size_t size) noexcept {
        const std::size_t kind = (size + granule - 1) / granule;
        auto* block = static_cast<Free*>(memory);
        block->next = free_[kind];
        free_[kind] = block;
    }

    std::size_t left() const { return left_; }

private:
    struct Free {
        Free* next;
    };
    Free* free_[classes] = {};
    unsigned char* next_ = nullptr;
    std::size_t left_ = 0;
};

inline constinit FramePool frame_pool;

} // namespace sel4async
