#include "rootserver/examples/program.hpp"

#include "rootserver/machine/device_tree.hpp"
#include "rootserver/machine/power.hpp"

extern "C" [[noreturn]] void root_main(const seL4_BootInfo* info);

namespace {

constexpr seL4_Word queue_bits = 16; // 128 slots

alignas(64) unsigned char frames[std::size_t{256} * 1024];
example::Program the_program;

bool run(const machine::TreeFacts& facts) {
    example::Program& p = the_program;
    machine::QueuePlace place;
    const machine::ConnectionOptions options{.doorbell = sel4async::DoorbellKind::Taic,
                                             .other_harts = p.memory.info().numNodes > 1};
    sel4async::frame_pool.use(frames, sizeof(frames)); // all memory the coroutines will ever have
    if (!machine::make_place(p.memory, place, queue_bits) ||
        machine::connect(place, p.queue, options) != seL4_NoError ||
        p.queue.kind() != machine::expected_doorbell(options.doorbell, facts, options.other_harts) ||
        !p.executor.init(p.queue.buffer(), p.queue.doorbell()))
        return false;
    sel4async::Task<bool> task = example::program(p);
    return task.start(p.executor) && p.executor.run() == sel4async::Stopped::Finished && task.result();
}

} // namespace

void root_main(const seL4_BootInfo* info) {
    seL4_SetIPCBuffer(info->ipcBuffer);
    the_program.memory.init(*info);
    const machine::TreeFacts facts = machine::read_tree(*info);
    static_cast<void>(machine::prepare_power_off(the_program.memory, facts.test_device.address));
    machine::print("BEGIN 1\nCASE example\n");
    const bool good = run(facts);
    machine::print(good ? "SUCCESS example\nEND\n" : "FAIL example it said so\nEND\n");
    machine::power_off(good);
}
