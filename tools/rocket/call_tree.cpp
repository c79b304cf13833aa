#include "tools/rocket/call_tree.hpp"

namespace rocket {

namespace {

constexpr u32 machine_return = 0x3020'0073, supervisor_return = 0x1020'0073;

struct Jump {
    bool calls, returns;
};
// Source: The RISC-V Instruction Set Manual, volume I, "Return-address stack prediction hints".
Jump jump(u32 instruction) {
    const u32 opcode = instruction & 0x7f, to = instruction >> 7 & 31, from = instruction >> 15 & 31;
    const auto links = [](u32 number) { return number == 1 || number == 5; };
    if (opcode == 0x6f) return {links(to), false};
    if (opcode != 0x67) return {false, false};
    return {links(to), links(from) && from != to};
}

} // namespace

u32 CallTree::find(const CallNode& node) {
    const auto found = numbers_.find(node);
    if (found != numbers_.end()) return found->second;
    if (nodes_.size() == most_nodes) return node.parent;
    const u32 number = static_cast<u32>(nodes_.size());
    numbers_.emplace(node, number);
    nodes_.push_back(node);
    return number;
}

u32 CallTree::root(u8 hart, Privilege privilege, u64 space) {
    const CallNode key{~u32{0}, space, hart, privilege};
    const u32 number = find(key);
    nodes_[number].parent = number;
    return number;
}

u32 CallTree::child(u32 parent, u64 site, Privilege privilege) {
    return find({parent, site, nodes_[parent].hart, privilege});
}

void CallStack::begin(const HartView& view) {
    now_.frames.clear();
    now_.privilege = view.privilege;
    now_.space = view.privilege == Privilege::User ? view.space : 0;
    now_.place = tree_->root(hart_, now_.privilege, now_.space);
    now_.known = true;
}

void CallStack::keep(Stack&& stack) {
    if (!stack.known || stack.privilege != Privilege::User) return;
    if (kept_.size() == most_kept) kept_.clear();
    kept_[{stack.space, stack.pointer}] = std::move(stack);
}

// `view` is the first instruction of the handler.
void CallStack::enter_trap(const HartView& view) {
    if (view.privilege == Privilege::Machine && last_privilege_ != Privilege::Machine) {
        const u32 below = now_.place;
        below_firmware_ = std::move(now_);
        begin(view);
        now_.place = tree_->child(below, last_counter_, Privilege::Machine);
    } else if (view.privilege == last_privilege_) {
        call(last_counter_, now_.pointer);
    } else {
        keep(std::move(now_));
        begin(view);
    }
}

// `view` is the first instruction behind the return.
void CallStack::leave_trap(const HartView& view) {
    if (last_privilege_ == Privilege::Machine && below_firmware_.known) {
        const bool same = below_firmware_.privilege == view.privilege;
        if (!same) keep(std::move(below_firmware_)); // the firmware hands the trap on
        if (same)
            now_ = std::move(below_firmware_);
        else
            begin(view);
        below_firmware_.known = false;
    } else if (view.privilege == last_privilege_) {
        return_to(view);
    } else {
        begin(view);
        tries_ = view.privilege == Privilege::User ? most_tries : 0;
    }
}

void CallStack::find_kept(const HartView& view) {
    --tries_;
    const auto found = kept_.find({now_.space, view.stack});
    if (found == kept_.end()) return;
    now_ = std::move(found->second);
    kept_.erase(found);
    tries_ = 0;
}

void CallStack::call(u64 site, u64 pointer) {
    drop_frames_below(pointer);
    if (now_.frames.size() == most_frames) return;
    now_.frames.push_back({site, pointer, now_.place});
    now_.place = tree_->child(now_.place, site);
}

void CallStack::return_to(const HartView& view) {
    for (std::size_t i = now_.frames.size(); i-- > 0;) {
        if (view.counter - now_.frames[i].site > 4)
            continue; // behind a call of 2 or 4 bytes, or what a trap interrupted
        now_.place = now_.frames[i].place;
        now_.frames.resize(i);
        return;
    }
    drop_frames_below(view.stack); // somebody has cut the stack
}

void CallStack::drop_frames_below(u64 pointer) {
    while (!now_.frames.empty() && now_.frames.back().stack < pointer) {
        now_.place = now_.frames.back().place;
        now_.frames.pop_back();
    }
}

void CallStack::step(const HartView& view) {
    if (last_ == Last::Trap)
        enter_trap(view);
    else if (last_ == Last::TrapReturn)
        leave_trap(view);
    else if (!now_.known || view.privilege != now_.privilege)
        begin(view);
    else if (last_ == Last::Return)
        return_to(view);
    else if (last_ == Last::Call)
        call(last_counter_, now_.pointer);
    if (tries_ != 0) find_kept(view);
    now_.pointer = view.stack;
    const auto [calls, returns] = jump(view.instruction);
    last_ = Last::Other;
    if (view.traps) {
        last_ = Last::Trap;
        tries_ = 0;
    } else if (view.instruction == machine_return || view.instruction == supervisor_return) {
        last_ = Last::TrapReturn;
    } else if (calls) {
        last_ = Last::Call;
    } else if (returns) {
        last_ = Last::Return;
    }
    last_counter_ = view.counter;
    last_privilege_ = view.privilege;
}

} // namespace rocket
