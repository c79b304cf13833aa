// Ready queues: one array of words per global queue, each local queue a window of it (section 3.4).
// With quirks on the window counters are as narrow as the published hardware's and a wake does not look
// whether there is room (Q4, Q5); with quirks off they cannot wrap.
#include "taic/model/operations.hpp"

namespace taic::model {

static std::uint32_t wrapped(const TaicModel& model, std::uint32_t value) {
    return model.quirks() ? value % model.config.depth : value;
}

bool full(const TaicModel& model, std::uint32_t gq) { return model.queue(gq).stored == model.config.depth; }

static std::uint32_t tail_of(const TaicModel& model, std::uint32_t gq, std::uint32_t lq) {
    const Window& window = model.windows(gq)[lq];
    return wrapped(model, window.head + window.count);
}

// Words behind `stored` are reachable only through windows that a quirk has made wrong.
static std::uint32_t shift_end(const TaicModel& model, std::uint32_t gq) {
    return model.quirks() ? model.config.depth : model.queue(gq).stored;
}

static void push(TaicModel& model, std::uint32_t gq, std::uint32_t lq, std::uint64_t word, bool at_head) {
    const std::uint32_t position = at_head ? model.windows(gq)[lq].head : tail_of(model, gq, lq);
    Window& target = model.windows(gq)[lq];
    target.count = wrapped(model, target.count + 1);
    for (std::uint32_t above = lq + 1; above < model.config.local_queues; ++above) {
        Window& window = model.windows(gq)[above];
        window.head = wrapped(model, window.head + 1);
    }
    if (full(model, gq)) return; // the hardware has moved its windows by now
    const View<std::uint64_t> words = model.words(gq);
    const std::uint32_t end = shift_end(model, gq);
    for (std::uint32_t i = end < words.size ? end : words.size - 1; i > position; --i) words[i] = words[i - 1];
    words[position] = word;
    ++model.queue(gq).stored;
}

static std::uint64_t pop(TaicModel& model, std::uint32_t gq, std::uint32_t lq) {
    Window& source = model.windows(gq)[lq];
    const std::uint32_t position = source.head;
    if (source.count != 0) --source.count;
    for (std::uint32_t above = lq + 1; above < model.config.local_queues; ++above) {
        Window& window = model.windows(gq)[above];
        window.head = model.quirks() ? wrapped(model, window.head + model.config.depth - 1) : window.head - 1;
    }
    if (model.queue(gq).stored == 0) return 0;
    const View<std::uint64_t> words = model.words(gq);
    const std::uint32_t end = shift_end(model, gq);
    const std::uint64_t word = words[position];
    for (std::uint32_t i = position; i + 1 < end; ++i) words[i] = words[i + 1];
    words[end - 1] = 0;
    --model.queue(gq).stored;
    return word;
}

void enqueue(TaicModel& model, std::uint32_t gq, std::uint32_t lq, std::uint64_t word) {
    GlobalQueue& queue = model.queue(gq);
    const std::uint64_t error = full(model, gq) ? ErrorBit::full : !queue.initialised() ? ErrorBit::not_initialised : 0;
    if (error != 0) {
        queue.error |= error;
        model.trace(TAIC_EVENT_DROP, gq, lq, error, word);
        return;
    }
    queue.last_word = word;
    push(model, gq, lq, word, false);
    if (model.quirks()) set_flags(model, gq, false, false); // Q3
    model.trace(TAIC_EVENT_ENQUEUE, gq, lq, word, queue.stored);
}

// The local queue to pop from; local_queues if there is nothing (quirks off only: the hardware's priority
// encoder answers its last index when no bit is set, and Q5 lives on that).
static std::uint32_t source_of(const TaicModel& model, std::uint32_t gq, std::uint32_t lq, bool line_was_up) {
    const View<Window> windows = model.windows(gq);
    if (line_was_up && (model.quirks() || windows[0].count != 0)) return 0;
    if (windows[lq].count != 0) return lq;
    for (std::uint32_t other = 0; other < windows.size; ++other) {
        if (windows[other].count != 0) return other;
    }
    return model.quirks() ? windows.size - 1 : windows.size;
}

std::uint64_t dequeue(TaicModel& model, std::uint32_t gq, std::uint32_t lq) {
    GlobalQueue& queue = model.queue(gq);
    const bool line_was_up = queue.ssip != 0 || queue.usip != 0;
    set_flags(model, gq, false, false);
    const std::uint64_t error = !queue.initialised() ? ErrorBit::not_initialised
        : (queue.allocated & bit(lq)) == 0           ? ErrorBit::not_allocated
                                                     : 0;
    if (error != 0) {
        queue.error |= error;
        model.trace(TAIC_EVENT_DROP, gq, lq, error, 0);
        return 0;
    }
    const std::uint32_t source = source_of(model, gq, lq, line_was_up);
    const std::uint64_t word = source == model.config.local_queues ? 0 : pop(model, gq, source);
    model.trace(TAIC_EVENT_DEQUEUE, gq, lq, word, source);
    if (queue.pending_external != 0) take_external(model, gq); // there is room again
    return word;
}

// Always local queue 0, whether allocated or not. With quirks off the caller has checked for room.
void insert_wake(TaicModel& model, std::uint32_t gq, std::uint64_t word) {
    const GlobalQueue& queue = model.queue(gq);
    const bool preempt = HandlerWord{word}.preempt();
    const bool kernel = queue.process == 0;
    push(model, gq, 0, word, preempt);
    if (preempt || model.quirks()) set_flags(model, gq, preempt && kernel, preempt && !kernel); // Q3
    model.trace(TAIC_EVENT_WAKE, gq, 0, word, queue.stored);
}

// The hardware derives a window's place from its left neighbour at allocation; a no-op while windows agree.
void place_window(TaicModel& model, std::uint32_t gq, std::uint32_t lq) {
    model.windows(gq)[lq].head = lq == 0 ? 0 : tail_of(model, gq, lq - 1);
}

} // namespace taic::model
