// The SoC that Verilator made, in a machine: one cycle at a time, and what can be seen of its harts.
#pragma once

#include "tools/rocket/machine.hpp"

#include <memory>

namespace rocket {

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
    void step(Machine& machine, Watcher* watcher = nullptr);
    HartView hart(unsigned number) const;

    bool save(const std::string& path);
    bool load(const std::string& path);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace rocket
