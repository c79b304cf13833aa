// Who called whom, as far as retired instructions tell: a tree of call sites, and per hart the place in it.
//
// A hart's place follows calls and returns (jal and jalr through ra or t0, as the ABI has them). A trap begins a stack
// of its own; a thread finds its stack again by its page tables and its stack pointer, which are what they were when it
// was interrupted. Firmware is above what it interrupted. A coroutine is above who resumed it, not above who awaits it.
#pragma once

#include "tools/rocket/view.hpp"

#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rocket {

struct CallNode {
    u32 parent; // itself: a root
    u64 site;   // of the call; of a root: the page tables' root in user mode
    u8 hart;
    Privilege privilege;
    bool operator==(const CallNode&) const = default;
};

class CallTree {
public:
    u32 root(u8 hart, Privilege privilege, u64 space);
    u32 child(u32 parent, u64 site) { return child(parent, site, nodes_[parent].privilege); }
    u32 child(u32 parent, u64 site, Privilege privilege);
    const std::vector<CallNode>& nodes() const { return nodes_; }

private:
    static constexpr std::size_t most_nodes = 1u << 20; // then calls stay where they are
    struct Hash {
        std::size_t operator()(const CallNode& node) const {
            return (node.site ^ node.site >> 32) * 0x9e37'79b9'7f4a'7c15 + (u64{node.parent} << 20) + node.hart * 8u +
                static_cast<u8>(node.privilege);
        }
    };
    u32 find(const CallNode& node);

    std::vector<CallNode> nodes_;
    std::unordered_map<CallNode, u32, Hash> numbers_;
};

// Where a hart is. Told of each cycle in which an instruction retires or a trap begins.
class CallStack {
public:
    CallStack(CallTree& tree, u8 hart) : tree_(&tree), hart_(hart) {}
    // Before the cycle is counted: its instruction is then at place().
    void step(const HartView& view);
    u32 place() const { return now_.place; }
    std::size_t depth() const { return now_.frames.size(); }

private:
    static constexpr std::size_t most_frames = 128, most_kept = 1024;
    enum class Last : u8 { Other, Call, Return, Trap, TrapReturn };
    static constexpr unsigned most_tries = 16;
    struct Frame {
        u64 site, stack; // of the call or of what was interrupted; sp there
        u32 place;       // of the caller
    };
    struct Stack {
        std::vector<Frame> frames;
        u32 place = 0;
        Privilege privilege = Privilege::Machine;
        u64 space = 0, pointer = 0; // of the last instruction
        bool known = false;
    };

    void begin(const HartView& view);
    void keep(Stack&& stack);
    void enter_trap(const HartView& view);
    void leave_trap(const HartView& view);
    void find_kept(const HartView& view);
    void call(u64 site, u64 pointer);
    void return_to(const HartView& view);
    void drop_frames_below(u64 pointer);

    CallTree* tree_;
    u8 hart_;
    Stack now_, below_firmware_;
    std::map<std::pair<u64, u64>, Stack> kept_; // of user threads, by page tables and sp
    Last last_ = Last::Other;
    u64 last_counter_ = 0;
    unsigned tries_ = 0; // left: the kernel's load of sp may end behind the first instructions of the user
    Privilege last_privilege_ = Privilege::Machine;
};

} // namespace rocket
