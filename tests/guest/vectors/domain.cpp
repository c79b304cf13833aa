// Appendix D.1 of sel4-abi-riscv64.md, section "Domain", row by row.
#include "tests/guest/vectors/vector.hpp"

namespace guest::vectors {

namespace {

constexpr Vector rows[] = {
    {"set_trunc", 11, DomainSetSet, 0, {}, 1, {tcb}, seL4_TruncatedMessage, 0, {}},
    {"set_dom_1", 11, DomainSetSet, 1, {1}, 1, {tcb}, seL4_InvalidArgument, 1, {0x0}},
    {"set_nocap", 11, DomainSetSet, 1, {0}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"set_badcap", 11, DomainSetSet, 1, {0}, 1, {ep}, seL4_InvalidArgument, 1, {0x1}},
    {"set_ok", 11, DomainSetSet, 1, {0}, 1, {tcb}, seL4_NoError, 0, {}},
    {"sched_cfg_idx1", 11, DomainScheduleConfigure, 3, {1, 0, 5}, 0, {}, seL4_RangeError, 2, {0x0, 0x0}},
    {"sched_cfg_dom1", 11, DomainScheduleConfigure, 3, {0, 1, 5}, 0, {}, seL4_RangeError, 2, {0x0, 0x0}},
    {"sched_cfg_dur_too_large",
     11,
     DomainScheduleConfigure,
     3,
     {0, 0, 1ul << 56},
     0,
     {},
     seL4_InvalidArgument,
     1,
     {0x2}},
    {"sched_cfg_dur_0", 11, DomainScheduleConfigure, 3, {0, 0, 0}, 0, {}, seL4_InvalidArgument, 1, {0x2}},
    {"sched_cfg_ok", 11, DomainScheduleConfigure, 3, {0, 0, 5}, 0, {}, seL4_NoError, 0, {}},
    {"sched_setstart_1", 11, DomainScheduleSetStart, 1, {1}, 0, {}, seL4_InvalidArgument, 1, {0x0}},
    {"sched_setstart_2", 11, DomainScheduleSetStart, 1, {2}, 0, {}, seL4_RangeError, 2, {0x0, 0x1}},
    {"bad_label", 11, TCBResume, 0, {}, 0, {}, seL4_IllegalOperation, 0, {}},
};

} // namespace

List domain() { return list_of_vectors<rows>("vectors.domain"); }

} // namespace guest::vectors
