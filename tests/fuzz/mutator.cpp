// Mutations that know what an operation is: libFuzzer's own would seldom keep one whole.
#include "program.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>

extern "C" {
usize LLVMFuzzerMutate(u8* data, usize size, usize max_size);
usize LLVMFuzzerCustomMutator(u8* data, usize size, usize max_size, unsigned seed);
usize LLVMFuzzerCustomCrossOver(const u8* first, usize first_size, const u8* second, usize second_size, u8* out,
                                usize max_out, unsigned seed);
}

namespace fuzz {

namespace {

class Mutator {
public:
    Mutator(Program& program, unsigned seed) : program_(program), random_(seed) {}

    void once() {
        switch (below(16)) {
        case 0: program_.kind = below(kinds_of_machines); break;
        case 1:
        case 2: erase(below(program_.count + 1), 1 + below(3)); break;
        case 3: duplicate(); break;
        case 4: exchange(); break;
        case 5:
        case 6: batch(); break;
        case 7: same_target(); break;
        case 8:
        case 9:
        case 10: change_argument(); break;
        case 11: change_how(); break;
        default: insert(below(program_.count + 1), random_op()); break;
        }
    }

private:
    static constexpr unsigned kinds_of_machines = 256; // wraps around

    unsigned below(unsigned limit) { return limit == 0 ? 0 : static_cast<unsigned>(random_() % limit); }
    u8 byte() { return static_cast<u8>(random_()); }
    Op& any() { return program_.ops[below(program_.count)]; }

    void insert(unsigned at, const Op& op) {
        if (program_.count == most_ops) --program_.count;
        at = std::min(at, program_.count);
        std::copy_backward(program_.ops + at, program_.ops + program_.count, program_.ops + program_.count + 1);
        program_.ops[at] = op;
        ++program_.count;
    }
    void erase(unsigned at, unsigned count) {
        at = std::min(at, program_.count);
        count = std::min(count, program_.count - at);
        std::copy(program_.ops + at + count, program_.ops + program_.count, program_.ops + at);
        program_.count -= count;
    }
    void duplicate() {
        if (program_.count != 0) insert(below(program_.count + 1), Op{any()});
    }
    void exchange() {
        if (program_.count != 0) std::swap(any(), any());
    }

    // Few bits of `where` at a time: most of them make the usual thing unusual.
    u8 random_where() {
        u8 where = byte() % 4;
        if (below(4) == 0) where |= static_cast<u8>(1U << (2 + below(6)));
        return where;
    }
    Op random_op() {
        Op op{byte(), random_where(), byte(), byte(), {}};
        for (u8& argument : op.arguments) argument = byte();
        return op;
    }
    // Requests that meet in one kernel entry, most of them about one thread.
    void batch() {
        const u8 queue = byte() % 4;
        const u8 target = byte() % 6;
        unsigned at = below(program_.count + 1);
        for (unsigned left = 2 + below(4); left != 0; --left) {
            Op op = random_op();
            op.act = byte_of(Act::Request);
            op.where = queue;
            if (below(2) == 0) op.what = static_cast<u8>(below(11));
            op.whom = target;
            if (below(4) == 0) op.arguments[0] = static_cast<u8>(8 + target); // its slot
            insert(at++, op);
        }
        Op drive = random_op();
        drive.act = byte_of(Act::Drive);
        drive.whom = queue % 3;
        drive.arguments[0] = 0;
        if (below(3) != 0) insert(at, drive);
    }
    void same_target() {
        if (program_.count < 2) return;
        const unsigned i = below(program_.count - 1);
        program_.ops[i + 1].whom = program_.ops[i].whom;
    }
    void change_argument() {
        if (program_.count == 0) return;
        Op& op = any();
        switch (below(8)) {
        case 0: op.act = byte(); break;
        case 1: op.what = byte(); break;
        case 2: op.whom = byte(); break;
        case 3: op.arguments[below(argument_count)] ^= static_cast<u8>(1U << below(8)); break;
        default: op.arguments[below(argument_count)] = byte(); break;
        }
    }
    void change_how() {
        if (program_.count != 0) any().where ^= static_cast<u8>(1U << below(8));
    }

    Program& program_;
    std::minstd_rand random_;
};

} // namespace

} // namespace fuzz

usize LLVMFuzzerCustomMutator(u8* data, usize size, usize max_size, unsigned seed) {
    fuzz::Program program = fuzz::read_program(data, size);
    fuzz::Mutator mutator(program, seed);
    for (unsigned times = 1 + seed % 4; times != 0; --times) mutator.once();
    return fuzz::write_program(program, data, max_size);
}

usize LLVMFuzzerCustomCrossOver(const u8* first, usize first_size, const u8* second, usize second_size, u8* out,
                                usize max_out, unsigned seed) {
    const fuzz::Program one = fuzz::read_program(first, first_size);
    const fuzz::Program two = fuzz::read_program(second, second_size);
    fuzz::Program child;
    child.kind = one.kind;
    const unsigned head = one.count == 0 ? 0 : seed % (one.count + 1);
    const unsigned tail = two.count == 0 ? 0 : seed / 64 % (two.count + 1);
    for (unsigned i = 0; i < head; ++i) child.ops[child.count++] = one.ops[i];
    for (unsigned i = tail; i < two.count && child.count < fuzz::most_ops; ++i) child.ops[child.count++] = two.ops[i];
    return fuzz::write_program(child, out, max_out);
}
