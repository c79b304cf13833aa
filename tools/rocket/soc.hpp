// The SoC that Verilator made, in a machine: one cycle at a time, and what can be seen of its harts.
#pragma once

#include "tools/rocket/machine.hpp"

#include <memory>

namespace rocket {

// The write-back stage of a hart.
struct HartView {
    bool valid; // an instruction ends in this cycle
    u64 counter;
    u32 instruction, privilege;
};
// Its page-table walker.
struct WalkView {
    bool walks, for_fetch;
};

class Soc {
public:
    Soc();
    ~Soc();
    Soc(const Soc&) = delete;
    Soc& operator=(const Soc&) = delete;

    // Real harts, and bytes of the memory port.
    static unsigned harts();
    static unsigned memory_bus_bytes();

    void reset();
    void step(Machine& machine);
    HartView hart(unsigned number) const;
    WalkView walk(unsigned number) const;

    bool save(const std::string& path);
    bool load(const std::string& path);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace rocket
