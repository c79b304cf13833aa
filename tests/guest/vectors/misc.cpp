// Appendix D.1 of sel4-abi-riscv64.md, section "misc", row by row.
#include "tests/guest/vectors/vector.hpp"

namespace guest::vectors {

namespace {

constexpr Vector rows[] = {
    {"invoke_null", 720, 0, 1, {0}, 0, {}, seL4_InvalidCapability, 1, {0x0}},
    {"invoke_ro_ep", ro, 0, 1, {0}, 0, {}, seL4_InvalidCapability, 1, {0x0}},
    {"invoke_wo_ntfn_read_only", 733, 0, 1, {0}, 0, {}, seL4_InvalidCapability, 1, {0x0}},
};

} // namespace

List misc() { return list_of_vectors<rows>("vectors.misc"); }

} // namespace guest::vectors
