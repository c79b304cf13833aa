// Appendix D.1 of sel4-abi-riscv64.md, section "Untyped", row by row.
#include "tests/guest/vectors/vector.hpp"

namespace guest::vectors {

namespace {

constexpr Vector rows[] = {
    {"bad_label", ut24, TCBResume, 1, {0}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"trunc", ut24, UntypedRetype, 5, {1, 0, 0, 0, 0}, 1, {cn}, seL4_TruncatedMessage, 0, {}},
    {"nocap", ut24, UntypedRetype, 6, {1, 0, 0, 0, 0, 1}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"type_objecttypecount", ut24, UntypedRetype, 6, {9, 0, 0, 0, 500, 1}, 1, {cn}, seL4_InvalidArgument, 1, {0x0}},
    {"untyped_size_39", ut24, UntypedRetype, 6, {0, 39, 0, 0, 500, 1}, 1, {cn}, seL4_RangeError, 2, {0x0, 0x26}},
    {"tcb_size_64", ut24, UntypedRetype, 6, {1, 64, 0, 0, 500, 1}, 1, {cn}, seL4_RangeError, 2, {0x0, 0x26}},
    {"cnode_size_0", ut24, UntypedRetype, 6, {4, 0, 0, 0, 500, 1}, 1, {cn}, seL4_InvalidArgument, 1, {0x1}},
    {"untyped_size_3", ut24, UntypedRetype, 6, {0, 3, 0, 0, 500, 1}, 1, {cn}, seL4_InvalidArgument, 1, {0x1}},
    {"depth_65", ut24, UntypedRetype, 6, {1, 0, 0, 65, 500, 1}, 1, {cn}, seL4_RangeError, 2, {0x1, 0x40}},
    {"depth_64_idx_cn_self",
     ut24,
     UntypedRetype,
     6,
     {1, 0, cn, 64, 8192, 1},
     1,
     {cn},
     seL4_RangeError,
     2,
     {0x0, 0x1fff}},
    {"depth_13_idx_cn_guard_mism",
     ut24,
     UntypedRetype,
     6,
     {1, 0, cn, 13, 8192, 1},
     1,
     {cn},
     seL4_FailedLookup,
     5,
     {0x0, 0x4, 0xd, 0x0, 0x33}},
    {"root_tcb_depth0", ut24, UntypedRetype, 6, {1, 0, 0, 0, 500, 1}, 1, {1}, seL4_FailedLookup, 3, {0x0, 0x2, 0x0}},
    {"root_tcb_depth5", ut24, UntypedRetype, 6, {1, 0, 0, 5, 500, 1}, 1, {1}, seL4_FailedLookup, 2, {0x0, 0x1}},
    {"node_tcb_via_idx",
     ut24,
     UntypedRetype,
     6,
     {1, 0, 1, 64, 500, 1},
     1,
     {cn},
     seL4_FailedLookup,
     3,
     {0x0, 0x2, 0x40}},
    {"offset_8192", ut24, UntypedRetype, 6, {1, 0, 0, 0, 8192, 1}, 1, {cn}, seL4_RangeError, 2, {0x0, 0x1fff}},
    {"window_0", ut24, UntypedRetype, 6, {1, 0, 0, 0, 500, 0}, 1, {cn}, seL4_RangeError, 2, {0x1, 0x100}},
    {"window_257", ut24, UntypedRetype, 6, {1, 0, 0, 0, 500, 257}, 1, {cn}, seL4_RangeError, 2, {0x1, 0x100}},
    {"window_overrun", ut24, UntypedRetype, 6, {1, 0, 0, 0, 8190, 3}, 1, {cn}, seL4_RangeError, 2, {0x1, 0x2}},
    {"occupied", ut24, UntypedRetype, 6, {1, 0, 0, 0, 1, 1}, 1, {cn}, seL4_DeleteFirst, 0, {}},
    {"no_mem_fresh", ut13, UntypedRetype, 6, {1, 0, 0, 0, 500, 5}, 1, {cn}, seL4_NotEnoughMemory, 1, {0x2000}},
    {"dev_tcb", devut, UntypedRetype, 6, {1, 0, 0, 0, 500, 1}, 1, {cn}, seL4_InvalidArgument, 1, {0x1}},
    {"dev_pt", devut, UntypedRetype, 6, {8, 0, 0, 0, 500, 1}, 1, {cn}, seL4_InvalidArgument, 1, {0x1}},
    {"ok_1_endpoint", ut13, UntypedRetype, 6, {2, 0, 0, 0, 500, 1}, 1, {cn}, seL4_NoError, 0, {}},
    {"no_mem_16_used", ut13, UntypedRetype, 6, {1, 0, 0, 0, 501, 4}, 1, {cn}, seL4_NotEnoughMemory, 1, {0x1ff0}},
    {"copy_of_untyped_with_child", cn, CNodeCopy, 5, {502, 64, ut13, 64, 15}, 1, {cn}, seL4_RevokeFirst, 0, {}},
    {"revoke", cn, CNodeRevoke, 2, {ut13, 64}, 0, {}, seL4_NoError, 0, {}},
    {"copy_of_untyped_no_child", cn, CNodeCopy, 5, {502, 64, ut13, 64, 15}, 1, {cn}, seL4_NoError, 0, {}},
    {"retype_src_after_copy", ut13, UntypedRetype, 6, {2, 0, 0, 0, 500, 1}, 1, {cn}, seL4_NotEnoughMemory, 1, {0x0}},
    {"retype_copy", 502, UntypedRetype, 6, {2, 0, 0, 0, 500, 1}, 1, {cn}, seL4_NoError, 0, {}},
    {"copy_again_src", cn, CNodeCopy, 5, {503, 64, ut13, 64, 15}, 1, {cn}, seL4_RevokeFirst, 0, {}},
    {"revoke_2", cn, CNodeRevoke, 2, {ut13, 64}, 0, {}, seL4_NoError, 0, {}},
};

} // namespace

List untyped() { return list_of_vectors<rows>("vectors.untyped"); }

} // namespace guest::vectors
