// A machine with TAIC: the model (taic/model) is the device under the kernel, and the user's side of a lent queue talks
// to the same model through its page. What the kernel believes of the device is compared with what stands there.
#pragma once

#include "async_box.hpp"

#include "async/executor.hpp"
#include "async/taic_device.hpp"
#include "lifetime/deletion.hpp"
#include "taic/model/taic_model.h"

#include <gmock/gmock.h>
#include <map>

namespace kernel::test {

class TaicModelDevice {
public:
    static constexpr u64 start = 0x3000'0000'0000;
    static constexpr u32 hart_ids = 8;

    // `before`: what stands in it when the kernel starts.
    explicit TaicModelDevice(
        bool rtl, void (*before)(TaicModelDevice&) = [](TaicModelDevice&) {}) {
        EXPECT_TRUE(rtl ? taic_config_rtl(&config, hart_ids) : taic_config_thesis(&config, hart_ids));
        storage_.resize(taic_model_size(&config) / sizeof(Chunk) + 1);
        const TaicHost host{this, nullptr, nullptr, nullptr};
        model = taic_model_init(storage_.data(), &config, &host);
        fake::cpu.windows.push_back({start, taic::window_size, [this](u64 offset) { return read(offset); },
                                     [this](u64 offset, u64 value) { write(offset, value); }});
        before(*this);
        EXPECT_TRUE(async::init_taic(
            {base::Paddr{start}, {config.global_queues, config.local_queues, config.external_lines}, config.slots}));
    }
    TaicModelDevice(const TaicModelDevice&) = delete;
    TaicModelDevice& operator=(const TaicModelDevice&) = delete;
    ~TaicModelDevice() { fake::cpu.windows.clear(); }

    u64 page(taic::Index index) const {
        return taic::page_offset({config.global_queues, config.local_queues, config.external_lines}, index);
    }
    u64 read(u64 offset) { return taic_model_read(model, offset, 8); }
    void write(u64 offset, u64 value) { taic_model_write(model, offset, value, 8); }
    TaicGlobalQueueView view(taic::Index index) const { return taic_model_view_queue(model, index.global); }

    using Pairs = std::map<std::pair<u64, u64>, u32>; // os and word: how often it stands there
    Pairs senders(taic::Index index) const {
        Pairs found;
        for (u32 slot = 0; slot < config.slots; ++slot) {
            const TaicSlotView view = taic_model_view_send_slot(model, index.global, slot);
            if ((view.os | view.word) != 0) ++found[{view.os, view.word}];
        }
        return found;
    }
    std::map<std::pair<u64, u64>, u64> receivers(taic::Index index) const { // the handler of each
        std::map<std::pair<u64, u64>, u64> found;
        for (u32 slot = 0; slot < config.slots; ++slot) {
            const TaicSlotView view = taic_model_view_receive_slot(model, index.global, slot);
            if ((view.os | view.word | view.handler) == 0) continue;
            EXPECT_TRUE(found.insert({{view.os, view.word}, view.handler}).second) << "twice";
        }
        return found;
    }

    // The user's access: its page at address 0.
    struct PageBus {
        TaicModelDevice* device;
        u64 page;
        u64 read64(u64 offset) const { return device->read(page + offset); }
        void write64(u64 offset, u64 value) const { device->write(page + offset, value); }
        void publish() const {}
        void acquire() const {}
        void settle() const {}
    };
    taic::LocalQueue<PageBus> page_of(u32 process) {
        return {PageBus{this, base::raw(async::process_page(process)) - start}, 0, config.external_lines};
    }

    TaicConfig config{};
    TaicModel* model = nullptr;

private:
    struct alignas(16) Chunk {
        unsigned char bytes[16];
    };
    std::vector<Chunk> storage_;
};

// All that the kernel keeps of the device's state, against the device.
inline void expect_agreement(const TaicModelDevice& device) {
    const taic::Index kernel = async::kernel_index();
    TaicModelDevice::Pairs believed;
    for (u32 process = 0; process < async::max_processes; ++process) {
        for (u32 vector = 0; vector < 64; ++vector) {
            if (async::send_registered(process, vector))
                ++believed[{async::os_id, taic::Peer{0, process, vector}.word()}];
        }
    }
    const u64 itself = taic::Peer{0, 0, async::kernel_vector}.word();
    if (async::rings_itself()) ++believed[{async::os_id, itself}];
    EXPECT_EQ(device.senders(kernel), believed);
    std::map<std::pair<u64, u64>, u64> doorbells;
    for (u32 process = 1; process < device.config.global_queues; ++process) {
        doorbells[{async::os_id, taic::Peer{0, process, async::kernel_vector}.word()}] =
            taic::HandlerWord::make(process, true, true).raw;
    }
    if (async::rings_itself()) doorbells[{async::os_id, itself}] = taic::HandlerWord::make(0, true, true).raw;
    EXPECT_EQ(device.receivers(kernel), doorbells);
    const u32 service = async::service_hart();
    EXPECT_EQ(device.view(kernel).hart,
              service == async::no_service_hart ? taic::all_ones : smp::harts[service].hart_id_);
}

// Nothing of its last owner is left in the queue of this process.
inline void expect_clean(const TaicModelDevice& device, u32 process) {
    SCOPED_TRACE(testing::Message() << "process " << process);
    const taic::Index index = async::process_index(process);
    const TaicGlobalQueueView view = device.view(index);
    EXPECT_EQ(view.os, async::os_id);
    EXPECT_EQ(view.process, process);
    EXPECT_EQ(view.hart, taic::all_ones);
    EXPECT_EQ(view.stored, 0U);
    EXPECT_EQ(view.open_sequence, 0U);
    EXPECT_EQ(view.unit_sequence, 0U);
    EXPECT_FALSE(view.ssip || view.usip);
    EXPECT_TRUE(device.receivers(index).empty());
    const TaicModelDevice::Pairs kernel{{{async::os_id, taic::Peer{0, 0, async::kernel_vector}.word()}, 1}};
    EXPECT_EQ(device.senders(index), kernel);
}

// A queue bound to TAIC, and its user's end.
class TaicUser {
public:
    TaicUser(TaicModelDevice& device, objects::AsyncQueue& queue)
        : device_(&device), queue_(&queue), process_(queue.taic_process) {
        queue.control->ustate = TAIL4_ASYNC_POLLING;
    }
    u32 process() const { return process_; }
    objects::AsyncQueue& queue() { return *queue_; }
    tail4_AsyncControl& control() { return *queue_->control; }
    taic::LocalQueue<TaicModelDevice::PageBus> page() { return device_->page_of(process_); }

    // From now on vector v delivers the word of id v + 1.
    void listen(u32 vector) {
        page().register_receiver({async::os_id, 0, vector}, taic::HandlerWord::make(vector + 1, true, false));
    }
    tail4_AsyncSlot& submit(u32 slot, u32 op, u32 vec, u32 flags = 0) {
        tail4_AsyncSlot& request = queue_->shared[slot];
        request = {};
        request.op = op;
        request.vec = vec;
        request.flags = flags;
        request.generation = ++generation_;
        queue_->sq[control().sq_tail & queue_->slot_mask] = slot;
        ++control().sq_tail;
        return request;
    }
    // The words that have come, as vectors.
    std::vector<u64> woken() {
        std::vector<u64> vectors;
        for (taic::TaskWord word = page().dequeue(); !word.empty(); word = page().dequeue())
            vectors.push_back(word.id() - 1);
        return vectors;
    }
    // The slots in the completion ring; the user polls again.
    std::vector<u32> completed() {
        std::vector<u32> slots;
        for (; seen_ != control().cq_tail; ++seen_) slots.push_back(queue_->cq[seen_ & queue_->slot_mask]);
        control().ustate = TAIL4_ASYNC_POLLING;
        return slots;
    }

private:
    TaicModelDevice* device_;
    objects::AsyncQueue* queue_;
    u32 process_;
    u32 generation_ = 0;
    u32 seen_ = 0;
};

// Both geometries: true is that of the published hardware.
class Taic : public BoxTest, public testing::WithParamInterface<bool> {
protected:
    Taic() : BoxTest(2) {
        for (u64& room : rooms) room = fresh(ObjectType::Untyped, queue_bits);
    }

    // The slot of a new queue's capability. Its memory is that of the process it gets: free again with it.
    u64 bind() {
        const u64 slot = machine.free_slot();
        const u64 type = static_cast<u64>(ObjectType::AsyncQueue);
        EXPECT_EQ(
            machine.call(rooms[async::free_process()], Label::UntypedRetype, {type, queue_bits, 0, 0, slot, 1}, {CN}),
            ok());
        const u64 flags = TAIL4_ASYNC_BIND_TAIC | TAIL4_ASYNC_BIND_NOTIFICATION;
        EXPECT_EQ(machine.call(slot, Label::AsyncQueueBind, {flags}, {CN, own_vspace, ntfn}), ok());
        return slot;
    }
    TaicUser user(u64 slot) { return {device, *machine.cap(slot).as_async_queue()}; }
    void drive(u64 slot) { EXPECT_EQ(machine.call(slot, Label::AsyncQueueDrive, {1000}).code, 0U); }
    u32 vectors() const { return async::vectors_per_process(); }
    void expect_wakes(TaicUser& owner, u64 slot) {
        for (u32 vector = 1; vector < vectors(); ++vector) {
            owner.listen(vector);
            owner.submit(1, TAIL4_OP_Nop, vector);
            drive(slot);
            EXPECT_THAT(owner.woken(), testing::ElementsAre(vector));
        }
        EXPECT_THAT(owner.completed(), testing::IsEmpty());
    }

    TaicModelDevice device{GetParam()};
    static constexpr u64 queue_bits = 15;
    u64 rooms[async::max_processes] = {};
    u64 ntfn = fresh(ObjectType::Notification);
};

} // namespace kernel::test
