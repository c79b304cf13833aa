// Invocations of the asynchronous queue, checked. Errors follow the forms of seL4's own objects.
#pragma once

#include "arch/arch.hpp"
#include "objects/async_queue.hpp"
#include "syscalls/invocation.hpp"

namespace syscalls {

struct AsyncOperation {
    enum class Kind : u8 { Bind, Map, MapDoorbell, Drive, Execute, Info, Unbind, Wake };
    Kind kind;
    objects::AsyncQueue* queue;
    objects::QueueBinding binding{}; // Bind
    u64* root = nullptr;             // Map, MapDoorbell
    base::Asid asid = 0;
    base::Vaddr vaddr = 0;
    u64 budget = 0; // Drive; Execute: the slot
};

Result<AsyncOperation> decode_async(const Invocation& call);

} // namespace syscalls
