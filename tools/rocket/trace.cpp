#include "tools/rocket/trace.hpp"

#include "tools/rocket/mark.hpp"

#include <algorithm>
#include <cstdarg>

namespace rocket {

namespace {

unsigned long long number(u64 value) { return value; }

const char* name_of(TaicEvent event) {
    switch (event) {
    case TAIC_EVENT_ALLOC: return "alloc";
    case TAIC_EVENT_FREE: return "free";
    case TAIC_EVENT_ENQUEUE: return "enqueue";
    case TAIC_EVENT_DEQUEUE: return "dequeue";
    case TAIC_EVENT_REGISTER_SENDER: return "register_sender";
    case TAIC_EVENT_CANCEL_SENDER: return "cancel_sender";
    case TAIC_EVENT_REGISTER_RECEIVER: return "register_receiver";
    case TAIC_EVENT_SEND: return "send";
    case TAIC_EVENT_WAKE: return "wake";
    case TAIC_EVENT_WHART: return "whart";
    case TAIC_EVENT_EXTINT: return "extint";
    case TAIC_EVENT_ERROR_READ: return "error_read";
    case TAIC_EVENT_REGISTER_EXTINT: return "register_extint";
    case TAIC_EVENT_DROP: return "drop";
    }
    return nullptr;
}

} // namespace

Trace::Trace(unsigned harts, const Window& window, std::vector<Range> ranges, u64 most_bytes, std::FILE* file)
    : window_(window), ranges_(std::move(ranges)), harts_(harts), file_(file), most_bytes_(most_bytes) {
    std::fprintf(file_, "trace 1 cycles 10 %u\n", harts);
}

void Trace::put(const char* format, ...) {
    if (!open_ || full_) return;
    std::va_list arguments;
    va_start(arguments, format);
    const int written = std::vfprintf(file_, format, arguments);
    va_end(arguments);
    bytes_ += written > 0 ? static_cast<u64>(written) : 0;
    if (bytes_ <= most_bytes_) return;
    full_ = true;
    std::fprintf(file_, "x %llu\n", number(now_));
}

void Trace::say_mode(unsigned hart, const HartView& view, bool traps) {
    const unsigned mode = static_cast<unsigned>(view.privilege);
    if (traps)
        put("m %llu %u %u %llx %llx\n", number(now_), hart, mode, number(harts_[hart].before.cause),
            number(harts_[hart].before.counter));
    else
        put("m %llu %u %u - %llx\n", number(now_), hart, mode, number(view.counter));
}

// Once for each time that execution gets into a range: from another one, or through its first instruction.
void Trace::find_range(unsigned number_of_hart, const HartView& view) {
    Hart& hart = harts_[number_of_hart];
    const auto above = std::upper_bound(ranges_.begin(), ranges_.end(), view.counter,
                                        [](u64 counter, const Range& range) { return counter < range.begin; });
    if (above == ranges_.begin() || view.counter >= (above - 1)->end) return;
    const unsigned range = static_cast<unsigned>(above - 1 - ranges_.begin());
    const bool first = view.counter == ranges_[range].begin;
    if (range == hart.range && !first) return;
    hart.range = range;
    if (first)
        put("f %llu %u %u 1 %llx\n", number(now_), number_of_hart, range, number(view.argument));
    else
        put("f %llu %u %u 0 -\n", number(now_), number_of_hart, range);
}

void Trace::look(unsigned number_of_hart, const HartView& view) {
    Hart& hart = harts_[number_of_hart];
    if (hart.before.traps || view.privilege != hart.before.privilege) {
        say_mode(number_of_hart, view, hart.before.traps);
        hart.range = no_range;
    }
    if (view.sleeps != hart.before.sleeps) put("s %llu %u %d\n", number(now_), number_of_hart, view.sleeps ? 1 : 0);
    if (view.device != hart.before.device) {
        hart.served = !view.device;
        hart.asked = now_;
    }
    if (view.retires && open_) find_range(number_of_hart, view);
    if (view.retires) window_.mark(mark_number(view.instruction));
    hart.before = view;
}

void Trace::line(std::string_view text) {
    window_.line(text);
    put("c %llu %.*s\n", number(now_), static_cast<int>(text.size()), text.data());
}

void Trace::end_cycle() {
    ++now_;
    if (window_.open() == open_) return;
    if (open_) put("g %llu\n", number(now_));
    open_ = !open_;
    for (unsigned i = 0; open_ && i < harts_.size(); ++i) {
        harts_[i].range = no_range;
        say_mode(i, harts_[i].before, false);
        if (harts_[i].before.sleeps) put("s %llu %u 1\n", number(now_), i);
    }
}

// The bus does not say whose access it is: it is the oldest that waits.
unsigned Trace::accessing_hart() {
    if (accessed_at_ == now_) return accessing_; // one access a cycle, but it may do several things
    bool any = false;
    for (unsigned i = 0; i < harts_.size(); ++i) {
        if (harts_[i].served || (any && harts_[accessing_].asked <= harts_[i].asked)) continue;
        accessing_ = i;
        any = true;
    }
    harts_[accessing_].served = true;
    accessed_at_ = now_;
    return accessing_;
}

void Trace::taic(TaicEvent event, unsigned global, unsigned local, u64 a, u64 b) {
    const char* const name = name_of(event);
    if (name != nullptr)
        put("t %llu %u %s %u %u %llx %llx\n", number(now_), accessing_hart(), name, global, local, number(a),
            number(b));
}

void Trace::supervisor_line(unsigned hart, bool level) { put("l %llu %u %d\n", number(now_), hart, level ? 1 : 0); }

void Trace::finish() {
    if (open_) put("g %llu\n", number(now_));
    open_ = false;
}

} // namespace rocket
