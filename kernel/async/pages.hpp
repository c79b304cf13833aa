// A request to map or unmap a page, straight to decode and commit: what most requests are. Many of them in one turn
// share the look-up of the last table (`Find`: vspace::RunWalker), as long as nothing but leaves changes in between.
#pragma once

#include "async/request.hpp"
#include "syscalls/page_map.hpp"

namespace async {

inline bool maps_page(u32 op) {
    const auto label = static_cast<api::Label>(op);
    return label == api::Label::RISCVPageMap || label == api::Label::RISCVPageUnmap;
}

// What is no frame, or has no address space, goes the usual way to its error.
template <class Find>
[[gnu::always_inline]] inline syscalls::InvokeResult invoke_page(AsyncQueue& queue, CSpace& cspace, Find& find,
                                                                 syscalls::Results& results) {
    caps::Slot* frame = cspace.find(queue.request.cptr);
    if (frame == nullptr || !frame->cap.is(caps::CapType::Frame)) [[unlikely]]
        return invoke_request(queue, cspace, results);
    if (queue.request.op() == static_cast<u32>(api::Label::RISCVPageUnmap))
        return syscalls::commit_page_unmap({frame}, find);
    const caps::Slot* space = cspace.find(queue.caps[0]);
    if (space == nullptr) [[unlikely]]
        return invoke_request(queue, cspace, results);
    const auto decoded =
        syscalls::decode_page_map(*frame, space->cap, {queue.words[0], queue.words[1], queue.words[2]}, find);
    if (!decoded) [[unlikely]]
        return caps::fail(decoded.error());
    return syscalls::commit_page_map(decoded.value());
}

} // namespace async
