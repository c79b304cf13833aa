// What a check found: the name of the first broken invariant, the thing it is about and one more word. Later findings
// are dropped, as they mostly follow from the first. Counters say what the check has looked at.
#pragma once

#include "base/types.hpp"

namespace checks {

struct Finding {
    const char* name = nullptr; // null: everything holds
    u64 what = 0;               // address of the slot or object
    u64 detail = 0;
};

struct Cost {
    u64 slots = 0;   // in derivation lists
    u64 scanned = 0; // of CNodes, threads and queues, full or empty
    u64 threads = 0;
    u64 entries = 0; // of page tables
};

class Report {
public:
    bool ok() const { return finding_.name == nullptr; }
    // Returns `holds`.
    bool expect(bool holds, const char* name, const void* what, u64 detail = 0) {
        if (!holds && ok()) finding_ = {name, reinterpret_cast<u64>(what), detail};
        return holds;
    }
    const Finding& finding() const { return finding_; }

    Cost cost;

private:
    Finding finding_;
};

} // namespace checks
