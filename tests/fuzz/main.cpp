// What libFuzzer calls. README.md beside this file says how to use the binary.
#include "failure.hpp"
#include "interpreter.hpp"
#include "world.hpp"

#include <cstdio>
#include <cstdlib>

extern "C" {
int LLVMFuzzerInitialize(int* count, char*** arguments);
int LLVMFuzzerTestOneInput(const u8* data, usize size);
}

namespace fuzz {

void fail(const char* message, const char* detail) {
    std::fprintf(stderr, "FOUND: %s %s\n", message, detail);
    print_run();
    std::abort();
}

} // namespace fuzz

int LLVMFuzzerInitialize(int*, char***) {
    fuzz::boot_all();
    return 0;
}

int LLVMFuzzerTestOneInput(const u8* data, usize size) {
    const fuzz::Program program = fuzz::read_program(data, size);
    fuzz::run_program(program);
    return 0;
}
