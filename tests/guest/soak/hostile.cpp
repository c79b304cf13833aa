// The hostile processes. None needs an executor: they write slots and rings by hand.
#include "taic/driver.hpp"
#include "taic/mmio_bus.hpp"
#include "tests/guest/soak/orders.hpp"

#include <sel4async/methods.hpp>

namespace soak {

namespace {

using sel4async::Request;

constexpr std::uint32_t batch = 32;
constexpr std::uint64_t none = ~std::uint64_t{0};
constexpr std::uint32_t bad_op = 0xffff;
constexpr std::uint64_t processes = 8; // of TAIC, and more than there are
constexpr std::uint8_t depth = 64;

class Hostile {
public:
    explicit Hostile(sel4async::Queue& queue)
        : queue_(queue),
          buffer_(queue.buffer()),
          random_(orders.seed),
          taic_(taic::MmioBus(machine::child_taic), 0, 0) {}

    void scribble();
    void never_drain();
    void never_submit();
    void flood();
    void die();
    void replay();
    void hog();

private:
    // Each time round, so that the parent sees who has come to a stop.
    void beat() { add(orders.rounds); }
    std::uint32_t next_slot() { return slot_++ % buffer_.capacity(); }
    void put(const Request& request, std::uint32_t vec = 0) {
        const std::uint32_t index = next_slot();
        fill(&buffer_.slot(index), request, vec, buffer_.begin(index, this), 0);
        buffer_.push(index);
        if (request.op == bad_op || vec >= buffer_.control().vectors) ++bad_;
    }
    void put_batch(std::uint32_t count = batch) {
        for (std::uint32_t i = 0; i < count; ++i) put(some_request());
    }
    void publish() {
        const std::uint32_t count = buffer_.unpublished();
        add(orders.announced, count);
        add(orders.bad_announced, bad_);
        buffer_.publish();
        add(orders.submitted, count);
        add(orders.bad_submitted, bad_);
        bad_ = 0;
    }
    void ring() {
        add(orders.rings);
        queue_.doorbell().ring();
    }
    bool drive(std::uint64_t budget) { return queue_.doorbell().drive(budget); }
    // Requests that the kernel has not carried out; `none`: the queue is dead.
    std::uint64_t outstanding() const {
        const auto info = seL4_TaiL4_AsyncQueue_Info(machine::ChildQueue);
        const bool lives = info.error == seL4_NoError && info.dead_reason == TAIL4_ASYNC_ALIVE;
        return lives ? orders.submitted - info.completions : none;
    }
    // Until there is room again, whatever interrupts come. False: the queue is dead.
    bool drive_all() {
        while (drive(buffer_.capacity())) {
            if (outstanding() <= batch) return true;
        }
        return false;
    }
    Request some_request();
    Request last_request();
    void disturb_taic();

    sel4async::Queue& queue_;
    sel4async::SlotBuffer& buffer_;
    Random random_;
    taic::LocalQueue<taic::MmioBus> taic_;
    std::uint32_t slot_ = 0;
    std::uint32_t bad_ = 0;
};

// Valid ones, failing ones, and such as are rejected.
Request Hostile::some_request() {
    switch (random_.below(8)) {
    case 0: return sel4async::nop();
    case 1: return sel4async::page_unmap(own_frame);
    case 2:
        return sel4async::cnode_copy(machine::ChildCSpace, free_slot, depth, machine::ChildCSpace, own_frame, depth, 3);
    case 3: return sel4async::cnode_delete(machine::ChildCSpace, free_slot, depth);
    case 4: return sel4async::tcb_set_priority(machine::ChildTcb, machine::ChildTcb, 255);
    case 5: return sel4async::page_get_address(random_.next());
    case 6: return {.op = random_.one_in(4) ? bad_op : sel4async::nop().op};
    default: return sel4async::page_get_address(own_frame);
    }
}

// Any word anywhere, mostly in the slots so that the queue also lives on; in between requests that look like some.
void Hostile::scribble() {
    auto* words = reinterpret_cast<volatile std::uint64_t*>(machine::child_queue);
    const std::uint64_t count = tail4_async_shared_size(queue_bits) / sizeof(std::uint64_t);
    while (true) {
        beat();
        const std::uint64_t first = random_.one_in(32) ? 0 : count / 2;
        for (unsigned i = 0; i < 50; ++i) {
            const std::uint64_t what = random_.next();
            words[first + random_.below(count - first)] = random_.one_in(2) ? what : what & 0xff;
        }
        // A count that was hit: what goes on for ever is given up.
        for (std::uint32_t i = random_.one_in(8) ? 0 : buffer_.capacity(); i < buffer_.capacity(); ++i)
            __atomic_fetch_or(&buffer_.slot(i).flags, TAIL4_ASYNC_SLOT_CANCEL, __ATOMIC_RELAXED);
        for (std::uint32_t i = 0; i < batch; ++i) {
            const std::uint32_t index = next_slot();
            tail4_AsyncSlot& slot = buffer_.slot(index);
            slot.op = static_cast<std::uint32_t>(random_.below(48));
            slot.flags = static_cast<std::uint32_t>(random_.one_in(4) ? random_.below(32) : 0);
            slot.cptr = random_.below(12);
            // Of many operations a few only: one of 2^60 would be all that this queue ever does.
            if (index % TAIL4_ASYNC_WIDE_SLOTS == 0) {
                auto* more = reinterpret_cast<std::uint64_t*>(&buffer_.slot(index + 1)) - TAIL4_ASYNC_SLOT_WORDS;
                more[TAIL4_ASYNC_EACH_COUNT] = random_.below(64);
            }
            buffer_.push(index);
        }
        buffer_.publish();
        if (random_.one_in(2)) ring();
        if (!drive(random_.below(64))) return;
    }
}

void Hostile::never_drain() {
    do {
        beat();
        put_batch();
        publish();
        if (random_.one_in(2)) ring();
    } while (drive_all());
}

void Hostile::never_submit() {
    tail4_AsyncControl& control = buffer_.control();
    do {
        beat();
        __atomic_store_n(&control.ustate, static_cast<std::uint32_t>(random_.below(6)), __ATOMIC_RELAXED);
        __atomic_store_n(&control.kstate, static_cast<std::uint32_t>(random_.below(3)), __ATOMIC_RELAXED);
        __atomic_store_n(&control.sq_priority, static_cast<std::uint32_t>(random_.next()), __ATOMIC_RELAXED);
        ring();
        static_cast<void>(seL4_TaiL4_AsyncQueue_Wake(machine::ChildQueue));
        seL4_Signal(machine::ChildNotification);
        if (random_.one_in(256)) seL4_Yield();
    } while (drive(random_.next()));
}

// The kernel serves it when it likes: nobody drives.
void Hostile::flood() {
    while (true) {
        beat();
        for (unsigned i = 0; i < 64; ++i) ring();
        static_cast<void>(seL4_TaiL4_AsyncQueue_Wake(machine::ChildQueue));
        const std::uint64_t waiting = outstanding();
        if (waiting == none) return;
        if (waiting > buffer_.capacity() - batch) continue;
        put_batch(1 + static_cast<std::uint32_t>(random_.below(batch)));
        publish();
    }
}

// A request that ends its own process, or takes it what it needs, with others behind it.
Request Hostile::last_request() {
    switch (random_.below(3)) {
    case 0: return sel4async::tcb_suspend(machine::ChildTcb);
    case 1: return sel4async::cnode_delete(machine::ChildCSpace, machine::ChildQueue, depth);
    default: return sel4async::cnode_delete(machine::ChildCSpace, machine::ChildCSpace, depth);
    }
}

void Hostile::die() {
    for (std::uint64_t good = random_.below(64); good != 0; --good) {
        beat();
        put_batch();
        publish();
        if (random_.one_in(2)) ring();
        if (!drive_all()) return;
    }
    const std::uint64_t step = random_.below(7);
    put_batch();
    if (step == 0) return; // written, and in the ring, but not published
    if (step == 6) put(last_request());
    if (step == 6) put_batch(8);
    publish();
    if (step == 1) return; // published
    ring();
    if (step == 2) return; // rung
    if (step == 3) static_cast<void>(drive(7));
    if (step == 4) static_cast<void>(drive(batch)); // all is done, nothing drained
    // 5: by the parent's hand, at any moment
    while (step >= 5) {
        beat();
        if (!drive(1) || random_.one_in(50)) return;
    }
}

// Its own page is all it reaches: words to every process and vector, forged task words, registrations of anything.
void Hostile::disturb_taic() {
    const tail4_AsyncControl& control = buffer_.control();
    const taic::Peer somebody{control.kernel_os_id, static_cast<std::uint32_t>(random_.below(processes)),
                              static_cast<std::uint32_t>(random_.below(32))};
    switch (random_.below(5)) {
    case 0: taic_.send(somebody); break;
    case 1: taic_.register_sender(somebody); break;
    case 2: taic_.register_receiver(somebody, taic::HandlerWord{random_.next()}); break;
    case 3: static_cast<void>(taic_.enqueue(taic::TaskWord{random_.next()})); break;
    default: static_cast<void>(taic_.dequeue());
    }
}

void Hostile::replay() {
    auto* ring_words = reinterpret_cast<volatile std::uint32_t*>(machine::child_queue + tail4_async_sq_offset());
    do {
        beat();
        // Awake or watching: then the kernel sends the vector of each request.
        const bool watches = random_.one_in(2);
        __atomic_store_n(&buffer_.control().ustate, watches ? TAIL4_ASYNC_POLLING : TAIL4_ASYNC_RUNNING,
                         __ATOMIC_SEQ_CST);
        for (std::uint32_t i = 0; i < batch; ++i)
            put(sel4async::page_get_address(own_frame),
                random_.one_in(4) ? static_cast<std::uint32_t>(random_.below(40)) : 0);
        publish();
        ring();
        // The last batch again, from the ring as it stands: same slots, same generations, same vectors.
        if (!drive_all()) return;
        const std::uint32_t mask = buffer_.capacity() - 1;
        const std::uint32_t tail = buffer_.control().sq_tail;
        for (std::uint32_t i = 0; i < batch; ++i) {
            const std::uint32_t index = ring_words[(tail - batch + i) & mask];
            if (buffer_.slot(index).vec >= buffer_.control().vectors) ++bad_;
            buffer_.push(index);
        }
        publish();
        for (unsigned i = 0; queue_.has_taic() && i < 8; ++i) disturb_taic();
    } while (drive_all());
}

// Makes and revokes large objects, without driving: the kernel's own time for other people's work.
void Hostile::hog() {
    while (true) {
        beat();
        ring();
        const std::uint64_t waiting = outstanding();
        if (waiting == none) return;
        if (waiting > buffer_.capacity() - batch) continue;
        for (std::uint32_t i = 0; i < batch; i += 2) {
            put(sel4async::untyped_retype(own_untyped, seL4_CapTableObject, untyped_bits - seL4_SlotBits,
                                          machine::ChildCSpace, 0, 0, free_slot + 1, 1));
            put(sel4async::cnode_revoke(machine::ChildCSpace, own_untyped, depth));
        }
        publish();
    }
}

} // namespace

void hostile_main(sel4async::Queue& queue) {
    Hostile hostile(queue);
    switch (orders.role) {
    case Role::Scribbles: return hostile.scribble();
    case Role::NeverDrains: return hostile.never_drain();
    case Role::NeverSubmits: return hostile.never_submit();
    case Role::Floods: return hostile.flood();
    case Role::Dies: return hostile.die();
    case Role::Replays: return hostile.replay();
    case Role::Hogs: return hostile.hog();
    case Role::Honest: return;
    }
}

} // namespace soak
