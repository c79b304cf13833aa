// `co_await op::page_map(...)`: every operation of the kernel as an awaitable, with the arguments of the generated
// builder (sel4async/methods.hpp). An Operation keeps only its arguments in the coroutine frame; the request is built
// straight into the slot. A plain Request can be awaited, too, at the price of one more copy.
#pragma once

#include <cstddef>
#include <sel4async/methods.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sel4async {

// Which words and capabilities of the slot a builder fills, found by asking it, at compile time, with all bits set.
struct Shape {
    std::size_t words = 0;
    std::size_t caps = 0;
};
template <class T>
consteval T all_bits() {
    if constexpr (std::is_same_v<T, bool>)
        return true;
    else
        return static_cast<T>(~T{});
}
template <auto Builder, class... Args>
consteval Shape shape_of() {
    const Request full = Builder(all_bits<Args>()...);
    Shape shape;
    for (std::size_t i = 0; i < TAIL4_ASYNC_SLOT_WORDS; ++i) shape.words = full.words[i] != 0 ? i + 1 : shape.words;
    for (std::size_t i = 0; i < TAIL4_ASYNC_SLOT_CAPS; ++i) shape.caps = full.caps[i] != 0 ? i + 1 : shape.caps;
    return shape;
}

// Requests that do not always fit one slot, and so are built before one is chosen.
template <auto Builder>
inline constexpr bool may_be_wide = std::is_same_v<decltype(Builder), decltype(&debug_put_string)> ||
    std::is_same_v<decltype(Builder), decltype(&tcb_read_registers)> ||
    std::is_same_v<decltype(Builder), decltype(&tcb_write_registers)>;

// Arguments, and what to make of them.
template <auto Builder, class... Args>
struct Bound {
    std::tuple<Args...> arguments;

    Request request() const { return std::apply(Builder, arguments); }

    // Only what the operation uses is stored; written out without loops, so that no Request is ever in memory.
    void fill_slot(tail4_AsyncSlot& slot, std::uint32_t vec, std::uint32_t generation) const {
        constexpr Shape shape = shape_of<Builder, Args...>();
        store(slot, request(), vec, generation, std::make_index_sequence<shape.words>(),
              std::make_index_sequence<shape.caps>());
    }

private:
    template <std::size_t... Words, std::size_t... Caps>
    static void store(tail4_AsyncSlot& slot, const Request& request, std::uint32_t vec, std::uint32_t generation,
                      std::index_sequence<Words...>, std::index_sequence<Caps...>) {
        slot.op = request.op;
        slot.flags = 0;
        // Two stores: to join them costs more instructions than it saves.
        *static_cast<volatile std::uint32_t*>(&slot.vec) = vec;
        *static_cast<volatile std::uint32_t*>(&slot.generation) = generation;
        slot.cptr = request.cptr;
        ((slot.words[Words] = request.words[Words]), ...);
        ((further_cap(slot, Caps) = request.caps[Caps]), ...);
    }
};

// The same for who wants the error code alone: a Reply is 72 bytes of the frame, two lines of the cache for each task.
template <auto Builder, class... Args>
struct BoundError : Bound<Builder, Args...> {};

template <auto Builder>
struct Operation;
template <class... Args, Request (*Builder)(Args...)>
struct Operation<Builder> {
    constexpr Bound<Builder, Args...> operator()(Args... args) const { return {std::tuple<Args...>{args...}}; }
    // co_await op::page_map.error(...): seL4_Error, or one of reply.hpp's.
    constexpr BoundError<Builder, Args...> error(Args... args) const { return {{std::tuple<Args...>{args...}}}; }
};

// A request whose results beyond word 8 are wanted: they are copied to `out`.
struct WithResults {
    Request request;
    std::uint64_t* out;
    std::uint32_t count;
};

namespace op {

inline constexpr Operation<&sel4async::nop> nop;
inline constexpr Operation<&sel4async::debug_put_char> debug_put_char;
inline constexpr Operation<&sel4async::debug_put_string> debug_put_string;
inline constexpr Operation<&sel4async::untyped_retype> untyped_retype;
inline constexpr Operation<&sel4async::tcb_read_registers> tcb_read_registers;
inline constexpr Operation<&sel4async::tcb_write_registers> tcb_write_registers;
inline constexpr Operation<&sel4async::tcb_copy_registers> tcb_copy_registers;
inline constexpr Operation<&sel4async::tcb_configure> tcb_configure;
inline constexpr Operation<&sel4async::tcb_set_priority> tcb_set_priority;
inline constexpr Operation<&sel4async::tcb_set_mc_priority> tcb_set_mc_priority;
inline constexpr Operation<&sel4async::tcb_set_sched_params> tcb_set_sched_params;
inline constexpr Operation<&sel4async::tcb_set_ipc_buffer> tcb_set_ipc_buffer;
inline constexpr Operation<&sel4async::tcb_set_space> tcb_set_space;
inline constexpr Operation<&sel4async::tcb_suspend> tcb_suspend;
inline constexpr Operation<&sel4async::tcb_resume> tcb_resume;
inline constexpr Operation<&sel4async::tcb_bind_notification> tcb_bind_notification;
inline constexpr Operation<&sel4async::tcb_unbind_notification> tcb_unbind_notification;
inline constexpr Operation<&sel4async::tcb_set_affinity> tcb_set_affinity;
inline constexpr Operation<&sel4async::tcb_set_tls_base> tcb_set_tls_base;
inline constexpr Operation<&sel4async::tcb_set_flags> tcb_set_flags;
inline constexpr Operation<&sel4async::cnode_revoke> cnode_revoke;
inline constexpr Operation<&sel4async::cnode_delete> cnode_delete;
inline constexpr Operation<&sel4async::cnode_cancel_badged_sends> cnode_cancel_badged_sends;
inline constexpr Operation<&sel4async::cnode_copy> cnode_copy;
inline constexpr Operation<&sel4async::cnode_mint> cnode_mint;
inline constexpr Operation<&sel4async::cnode_move> cnode_move;
inline constexpr Operation<&sel4async::cnode_mutate> cnode_mutate;
inline constexpr Operation<&sel4async::cnode_rotate> cnode_rotate;
inline constexpr Operation<&sel4async::cnode_save_caller> cnode_save_caller;
inline constexpr Operation<&sel4async::irq_control_get> irq_control_get;
inline constexpr Operation<&sel4async::irq_control_get_trigger> irq_control_get_trigger;
inline constexpr Operation<&sel4async::irq_handler_ack> irq_handler_ack;
inline constexpr Operation<&sel4async::irq_handler_set_notification> irq_handler_set_notification;
inline constexpr Operation<&sel4async::irq_handler_clear> irq_handler_clear;
inline constexpr Operation<&sel4async::domain_set_set> domain_set_set;
inline constexpr Operation<&sel4async::domain_set_schedule_configure> domain_set_schedule_configure;
inline constexpr Operation<&sel4async::domain_set_schedule_set_start> domain_set_schedule_set_start;
inline constexpr Operation<&sel4async::page_table_map> page_table_map;
inline constexpr Operation<&sel4async::page_table_unmap> page_table_unmap;
inline constexpr Operation<&sel4async::page_map> page_map;
inline constexpr Operation<&sel4async::page_unmap> page_unmap;
inline constexpr Operation<&sel4async::page_get_address> page_get_address;
inline constexpr Operation<&sel4async::asid_control_make_pool> asid_control_make_pool;
inline constexpr Operation<&sel4async::asid_pool_assign> asid_pool_assign;

} // namespace op

} // namespace sel4async
