// Programs for readers.
#include "program.hpp"

#include "world.hpp"

#include <cstdio>

namespace fuzz {

namespace {

std::string number(u64 value) {
    char text[24];
    std::snprintf(text, sizeof text, value < 4096 ? "%llu" : "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

struct Named {
    u64 first, count;
    const char* name;
};
constexpr Named named[] = {{self, 1, "node"},
                           {space, 2, "space"},
                           {pool, 1, "pool"},
                           {asid_control, 1, "asidcontrol"},
                           {irq_control, 1, "irqcontrol"},
                           {domain_control, 1, "domaincontrol"},
                           {threads, thread_count, "T"},
                           {endpoints, 2, "E"},
                           {notifications, 3, "N"},
                           {badged_endpoints, 2, "badgedE"},
                           {badged_notifications, 3, "badgedN"},
                           {small_node, 1, "smallnode"},
                           {untypeds, 4, "U"},
                           {queues, queue_count, "Q"},
                           {frames, 4, "F"},
                           {tables, 3, "PT"},
                           {handlers, 2, "IRQ"},
                           {last_node, 1, "lastnode"}};

std::string slot_name(u64 slot) {
    for (const Named& each : named) {
        if (slot < each.first || slot >= each.first + each.count) continue;
        return each.count == 1 ? each.name : each.name + number(slot - each.first);
    }
    return "slot" + number(slot);
}

std::string describe_request(const Op& op) {
    const Request request = request_of(op);
    std::string text = request.shape->name + (" " + slot_name(request.target));
    for (unsigned i = 0; i < request.length; ++i) {
        const Is is = request.shape->words[i];
        const bool slot = is == Is::Slot || is == Is::Endpoint;
        text += i == 0 ? " (" : ", ";
        text += slot ? slot_name(request.words[i]) : number(request.words[i]);
    }
    if (request.length != 0) text += ")";
    for (unsigned i = 0; i < request.extra; ++i) text += (i == 0 ? " caps " : ", ") + slot_name(request.caps[i]);
    return text;
}

std::string bytes(const Op& op) {
    std::string text = " what " + number(op.what) + " whom " + number(op.whom) + " [";
    for (const u8 byte : op.arguments) text += " " + number(byte);
    return text + " ]";
}

constexpr const char* names[] = {"Invoke", "Request", "Drive", "Execute", "Message",   "Tick", "Interrupt", "Software",
                                 "Share",  "Ring",    "Taic",  "Uipi",    "Exception", "Idle", "GoOn"};

} // namespace

std::string describe(const Op& op) {
    const Act act = act_of(op.act);
    std::string text = names[static_cast<unsigned>(act)];
    if (act == Act::Request) {
        text += " (into Q" + number(op.where % 4U % queue_count) + ", flags " + number(op.where >> 2 & 15U) + "): ";
        return text + describe_request(op);
    }
    text = "hart " + number(op.where & 3U) + ": " + text;
    if ((op.where & is_delayed) != 0) text += " [delayed]";
    if ((op.where & holds_interrupts) != 0) text += " [holds interrupts]";
    if ((op.where & leaves_restart) != 0) text += " [leaves restart]";
    if (op.where >> preempt_shift != 0) text += " [tick at look " + number(op.where >> preempt_shift) + "]";
    if (act == Act::Invoke || act == Act::Execute) return text + " " + describe_request(op);
    return text + bytes(op);
}

} // namespace fuzz
