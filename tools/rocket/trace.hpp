// What happens when, as text, an event a line; tools/lib/trace_events.py reads it and has the list of events.
#pragma once

#include "taic/model/taic_model.h"
#include "tools/rocket/view.hpp"
#include "tools/rocket/window.hpp"

#include <cstdio>
#include <vector>

namespace rocket {

// Code whose begin is of interest: coroutines and who resumes them.
struct Range {
    u64 begin, end;
};

class Trace final : public Watcher {
public:
    // `ranges` in ascending order, without overlap. After `most_bytes` nothing more is written.
    Trace(unsigned harts, const Window& window, std::vector<Range> ranges, u64 most_bytes, std::FILE* file);

    void look(unsigned hart, const HartView& view) override;
    void memory_read(u64) override {}
    void line(std::string_view text) override;
    void end_cycle() override;
    // In the cycle before the next end_cycle().
    void taic(TaicEvent event, unsigned global, unsigned local, u64 a, u64 b);
    void supervisor_line(unsigned hart, bool level);
    void finish();

private:
    static constexpr unsigned no_range = ~0u;
    struct Hart {
        HartView before{};
        bool served = true; // its access past the caches
        u64 asked = 0;      // when that began
        unsigned range = no_range;
    };

    [[gnu::format(printf, 2, 3)]] void put(const char* format, ...);
    void say_mode(unsigned hart, const HartView& view, bool traps);
    void find_range(unsigned hart, const HartView& view);
    unsigned accessing_hart();

    WindowState window_;
    std::vector<Range> ranges_;
    std::vector<Hart> harts_;
    std::FILE* file_;
    unsigned accessing_ = 0;
    u64 accessed_at_ = ~u64{0};
    u64 now_ = 0, most_bytes_, bytes_ = 0;
    bool open_ = false, full_ = false;
};

} // namespace rocket
