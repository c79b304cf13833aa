#include "base/panic.hpp"

#include <cstdio>
#include <cstdlib>

void base::panic(const char* message, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: %s\n", file, line, message);
    std::abort();
}
