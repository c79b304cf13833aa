// Makes a global queue fit for its next owner while it stays allocated: at run time the published hardware can neither
// allocate nor free safely (race R3), so whoever lends queues has to clean them by hand. The tables cannot be read, and
// the last owner may have written anything into them. So what can be known to stand there is taken back, and then the
// queue has to prove that it is empty: as many pairs as it has slots are registered and used, which works only if every
// slot was free. A queue that fails is not to be lent: no foreign registration can be found by guessing (pool.hpp).
// How a registration is taken back: newer hardware drops it with handler 0; the published one keeps a slot until a word
// arrives (no cancel_receiver), so it is made one-shot, and its sender sends. Nobody may have the page mapped. An owner
// who died within a multi-write sequence blocks the published hardware for good (H4); nothing here can help.
// Source: shared TAIC specification, sections 3.6, 3.8, 3.10 (Q1, Q2), 7.1, 7.3.
#pragma once

#include "taic/driver.hpp"

namespace taic {

template <Bus B>
class Cleaner {
public:
    // `self` is the queue's identity, `slots` the size of its tables, `nonce` lives on: no probe has the word of
    // another, ever. `neutral` is a word that means nothing to any owner.
    struct Setup {
        Peer self;
        std::uint32_t slots;
        std::uint32_t external_lines;
        TaskWord neutral;
        std::uint64_t* nonce;
        bool replaces; // what is_replacing() said about this hardware
    };
    Cleaner(LocalQueue<B> queue, const Setup& setup) : queue_(queue), setup_(setup) {}

    // Of a queue that is as new: does a second registration of a pair replace the first? If not, each takes a slot
    // (Q2).
    bool is_replacing() {
        const HandlerWord word = new_word();
        queue_.register_sender(setup_.self);
        queue_.register_receiver(setup_.self, word);
        queue_.register_receiver(setup_.self, word);
        queue_.send(setup_.self);
        queue_.send(setup_.self);
        const std::uint32_t words = drain();
        queue_.cancel_sender(setup_.self);
        neutralise();
        return words == 1;
    }

    // No line, no external interrupts, no half-done sequence, no words.
    void quieten() {
        queue_.unbind_hart();
        for (std::uint32_t line = 0; line < setup_.external_lines; ++line)
            static_cast<void>(queue_.register_external(line, HandlerWord::none()));
        end_sequence();
        drain();
    }

    // The queue may have registered itself to send there, any number of times.
    void forget_receiver(Peer receiver) {
        for (std::uint32_t i = 0; i < (setup_.replaces ? 1 : setup_.slots); ++i) queue_.cancel_sender(receiver);
    }

    // It may have registered itself to receive from there; send() lets `sender` send. On published hardware this takes
    // back one such registration, so it is to be repeated while free_slots() grows.
    template <class Send>
    void forget_sender(Peer sender, Send send) {
        if (setup_.replaces) {
            queue_.register_receiver(sender, HandlerWord::none());
            return;
        }
        queue_.register_receiver(sender, new_word()); // where it stood, and in a free slot
        send();
        send();
        drain();
    }

    // Slots that are free in both tables; all are as they were afterwards.
    std::uint32_t free_slots() {
        const std::uint64_t first = *setup_.nonce + 1;
        *setup_.nonce += setup_.slots;
        for (std::uint32_t i = 0; i < setup_.slots; ++i) {
            queue_.register_sender(probe(i));
            queue_.register_receiver(probe(i), HandlerWord::make(first + i, false, false));
        }
        std::uint32_t good = 0;
        for (std::uint32_t i = 0; i < setup_.slots; ++i) {
            queue_.send(probe(i));
            // This very word, once: the last one comes again when nobody receives (Q1).
            const bool arrived = queue_.dequeue().id() == first + i;
            good += drain() == 0 && arrived ? 1U : 0U;
        }
        for (std::uint32_t i = 0; i < setup_.slots; ++i) {
            queue_.cancel_sender(probe(i));
            if (setup_.replaces) queue_.register_receiver(probe(i), HandlerWord::none());
        }
        neutralise();
        return good;
    }

private:
    static constexpr std::uint32_t first_probe = 0x5000'0000; // tags that nobody has a reason to use
    static constexpr std::uint32_t most_words = 4096;         // more than any device holds

    // Whichever was open: it is given up for the first whole one of another register. The first here is not enough, as
    // its own would be one store out of step from then on.
    void end_sequence() {
        queue_.cancel_sender(setup_.self);
        queue_.register_sender(setup_.self);
        queue_.cancel_sender(setup_.self);
    }
    Peer probe(std::uint32_t i) const { return {setup_.self.os, setup_.self.process, first_probe + i}; }
    HandlerWord new_word() { return HandlerWord::make(++*setup_.nonce, false, false); }
    std::uint32_t drain() {
        std::uint32_t words = 0;
        while (words < most_words && !queue_.dequeue().empty()) ++words;
        return words;
    }
    // What the hardware delivers instead when a word finds no receiver (Q1).
    void neutralise() {
        static_cast<void>(queue_.enqueue(setup_.neutral));
        drain();
    }

    LocalQueue<B> queue_;
    Setup setup_;
};

} // namespace taic
