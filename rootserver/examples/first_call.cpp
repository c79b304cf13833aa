// One call: where a frame lies in memory.
#include "rootserver/examples/program.hpp"

sel4async::Task<bool> example::program(Program& p) {
    const sel4async::CPtr frame = p.memory.frame();
    const sel4async::Reply reply = co_await sel4async::op::page_get_address(frame);
    if (!reply.ok()) { // the error of the synchronous call, or one of ours
        machine::print("error ", reply.error(), '\n');
        co_return false;
    }
    machine::print("the frame lies at ", machine::Hex{reply.word(0)}, '\n');
    co_return true;
}
