// The names in C++20. Without other headers: <assert.h> of the host declares __assert_fail() with an unsigned line.
#pragma GCC diagnostic ignored "-Wold-style-cast" // it is C that C++ reads
#pragma GCC diagnostic ignored "-Wredundant-tags"
#include "names.inc"

extern "C" int names_in_cxx20();
extern "C" int names_in_cxx20() { return count_failures(); }
