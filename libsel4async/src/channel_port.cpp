#include <bit>
#include <cstddef>
#include <sel4async/channel_port.hpp>
#include <sel4async/fences.hpp>

namespace sel4async {

namespace {

// Shared memory is read and written in whole words, each once. Volatile, not atomic: the order comes from the tail, and
// a relaxed atomic store is an exchange in GCC 12's code.
using SharedWord [[gnu::may_alias]] = volatile std::uint64_t;
constexpr std::uint32_t header_words = offsetof(tail4_ChannelMessage, words) / sizeof(std::uint64_t);
static_assert(header_words == 2);

SharedWord* words_of(tail4_ChannelMessage& message) { return reinterpret_cast<SharedWord*>(&message); }
const SharedWord* words_of(const tail4_ChannelMessage& message) {
    return reinterpret_cast<const SharedWord*>(&message);
}

std::uint64_t pair(std::uint32_t low, std::uint32_t high) { return low | std::uint64_t{high} << 32; }
std::uint32_t low_of(std::uint64_t pair) { return static_cast<std::uint32_t>(pair); }
std::uint32_t high_of(std::uint64_t pair) { return static_cast<std::uint32_t>(pair >> 32); }

} // namespace

bool ChannelPort::attach(const Setup& setup, ChannelSide side) {
    const auto address = reinterpret_cast<std::uintptr_t>(setup.memory);
    if (address == 0 || address % TAIL4_CHANNEL_MESSAGE_SIZE != 0 || !std::has_single_bit(setup.slots) ||
        setup.slots < TAIL4_CHANNEL_MIN_SLOTS || setup.slots > TAIL4_CHANNEL_MAX_SLOTS || setup.sleeper == nullptr)
        return false;
    *this = {};
    auto* control = static_cast<tail4_ChannelControl*>(setup.memory);
    auto* requests = reinterpret_cast<tail4_ChannelMessage*>(address + TAIL4_CHANNEL_CONTROL_SIZE);
    tail4_ChannelMessage* replies = requests + setup.slots;
    const bool client = side == ChannelSide::Client;
    out_ = client ? &control->requests : &control->replies;
    in_ = client ? &control->replies : &control->requests;
    out_messages_ = client ? requests : replies;
    in_messages_ = client ? replies : requests;
    setup_ = setup;
    mask_ = setup.slots - 1;
    dead_ = false;
    return true;
}

// --- Sending

std::uint32_t ChannelPort::room(std::uint32_t wanted) {
    const std::uint32_t known = slots() - (out_tail_ - out_head_);
    if (known >= wanted || dead_) return dead_ ? 0 : known;
    const std::uint32_t head = __atomic_load_n(&out_->head, __ATOMIC_ACQUIRE); // partner: release() of the peer
    // It only grows, up to what was published.
    if (head - out_head_ > published_ - out_head_) {
        die();
        return 0;
    }
    out_head_ = head;
    return slots() - (out_tail_ - out_head_);
}

void ChannelPort::put(const tail4_ChannelMessage& message) {
    SharedWord* to = words_of(out_messages_[out_tail_ & mask_]);
    to[0] = pair(message.ticket, message.generation);
    to[1] = pair(message.kind, message.length);
    to += header_words;
    for (std::uint32_t i = 0; i < message.length; ++i) to[i] = message.words[i];
    ++out_tail_;
}

void ChannelPort::publish() {
    if (dead_ || unpublished() == 0) return;
    published_ = out_tail_;
    store_release(out_->tail, out_tail_); // partner: available() of the peer
    full_fence();                         // partner: the fence of the peer's announce()
    std::uint32_t state = __atomic_load_n(&out_->state, __ATOMIC_RELAXED);
    if (state == TAIL4_ASYNC_RUNNING || state == TAIL4_ASYNC_NOTIFIED) return;
    if (state == TAIL4_ASYNC_DEAD) {
        die();
        return;
    }
    // Once: if it changed meanwhile, the peer has looked or will look.
    if (!__atomic_compare_exchange_n(&out_->state, &state, TAIL4_ASYNC_NOTIFIED, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED))
        if (state == TAIL4_ASYNC_RUNNING || state == TAIL4_ASYNC_DEAD) return;
    ++rings_;
    Bell& bell = state == TAIL4_ASYNC_POLLING && setup_.poller != nullptr ? *setup_.poller : *setup_.sleeper;
    bell.ring();
}

// --- Receiving

std::uint32_t ChannelPort::available() {
    if (dead_) return 0;
    if (in_tail_ != in_head_) return in_tail_ - in_head_;
    // Before the tail: what it published before it left is still read. Partner: die() of the peer.
    const bool left = __atomic_load_n(&out_->state, __ATOMIC_ACQUIRE) == TAIL4_ASYNC_DEAD;
    const std::uint32_t tail = __atomic_load_n(&in_->tail, __ATOMIC_ACQUIRE); // partner: publish() of the peer
    if (tail - in_head_ > slots() || (left && tail == in_head_)) {
        die();
        return 0;
    }
    in_tail_ = tail;
    return in_tail_ - in_head_;
}

tail4_ChannelMessage ChannelPort::take() {
    const SharedWord* from = words_of(in_messages_[in_head_ & mask_]);
    const std::uint64_t who = from[0];
    const std::uint64_t what = from[1];
    ++in_head_;
    tail4_ChannelMessage message; // NOLINT(cppcoreguidelines-pro-type-member-init): as many words as there are
    message.ticket = low_of(who);
    message.generation = high_of(who);
    message.kind = low_of(what);
    message.length = high_of(what) < TAIL4_CHANNEL_WORDS ? high_of(what) : std::uint32_t{TAIL4_CHANNEL_WORDS};
    from += header_words;
    for (std::uint32_t i = 0; i < message.length; ++i) message.words[i] = from[i];
    return message;
}

void ChannelPort::release() {
    if (released_ == in_head_) return;
    released_ = in_head_;
    store_release(in_->head, in_head_); // partner: room() of the peer
}

// --- Waiting

bool ChannelPort::announce(std::uint32_t state) {
    if (dead_) return true;
    if (state == TAIL4_ASYNC_POLLING && !setup_.watches) return available() != 0 || dead_; // looks as before
    if (__atomic_exchange_n(&in_->state, state, __ATOMIC_ACQ_REL) == TAIL4_ASYNC_DEAD) {
        die(); // whoever built it said so
        return true;
    }
    if (state == TAIL4_ASYNC_RUNNING) return false;
    full_fence(); // partner: the fence of the peer's publish()
    return available() != 0 || dead_;
}

void ChannelPort::close() {
    if (dead_) return;
    die();
    setup_.sleeper->ring();
}

// What the peer learns from our state word; where it looks for it is available() and publish().
void ChannelPort::die() {
    dead_ = true;
    __atomic_store_n(&in_->state, TAIL4_ASYNC_DEAD, __ATOMIC_RELEASE);
}

void bury_channel(void* memory) {
    auto* control = static_cast<tail4_ChannelControl*>(memory);
    __atomic_store_n(&control->requests.state, TAIL4_ASYNC_DEAD, __ATOMIC_RELEASE);
    __atomic_store_n(&control->replies.state, TAIL4_ASYNC_DEAD, __ATOMIC_RELEASE);
}

} // namespace sel4async
