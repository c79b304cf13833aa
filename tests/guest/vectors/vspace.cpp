// Appendix D.1 of sel4-abi-riscv64.md, section "VSpace", row by row.
#include "tests/guest/vectors/vector.hpp"

namespace guest::vectors {

namespace {

constexpr Vector first[] = {
    {"frame_map_to_unassigned", fr, RISCVPageMap, 3, {0x10000000, 3, 0}, 1, {vs}, seL4_InvalidCapability, 1, {0x1}},
    {"assign", 6, RISCVASIDPoolAssign, 0, {}, 1, {vs}, seL4_NoError, 0, {}},
    {"assign_again", 6, RISCVASIDPoolAssign, 0, {}, 1, {vs}, seL4_InvalidCapability, 1, {0x1}},
    {"assign_ep", 6, RISCVASIDPoolAssign, 0, {}, 1, {ep}, seL4_InvalidCapability, 1, {0x1}},
    {"assign_nocap", 6, RISCVASIDPoolAssign, 0, {}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"pool_bad_label", 6, TCBResume, 0, {}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"pt_map_trunc", pt, RISCVPageTableMap, 1, {0}, 1, {vs}, seL4_TruncatedMessage, 0, {}},
    {"pt_map_vaddr_top", pt, RISCVPageTableMap, 2, {0x3ffffff000, 0}, 1, {vs}, seL4_InvalidArgument, 1, {0x0}},
    {"pt_map_to_ep", pt, RISCVPageTableMap, 2, {0x10000000, 0}, 1, {ep}, seL4_InvalidCapability, 1, {0x1}},
    {"pt_map_to_unassigned_pt", pt, RISCVPageTableMap, 2, {0x10000000, 0}, 1, {pt2}, seL4_InvalidCapability, 1, {0x1}},
    {"frame_map_no_l1", fr, RISCVPageMap, 3, {0x10000000, 3, 0}, 1, {vs}, seL4_FailedLookup, 3, {0x0, 0x2, 0x1e}},
    {"pt_map_unaligned_ok", pt, RISCVPageTableMap, 2, {0x10000123, 0}, 1, {vs}, seL4_NoError, 0, {}},
    {"pt_map_already", pt, RISCVPageTableMap, 2, {0x20000000, 0}, 1, {vs}, seL4_InvalidCapability, 1, {0x0}},
    {"frame_map_no_l2", fr, RISCVPageMap, 3, {0x10000000, 3, 0}, 1, {vs}, seL4_FailedLookup, 3, {0x0, 0x2, 0x15}},
    {"mega_map_ok", mega, RISCVPageMap, 3, {0x10200000, 3, 0}, 1, {vs}, seL4_NoError, 0, {}},
    {"mega_map_remap_same", mega, RISCVPageMap, 3, {0x10200000, 2, 1}, 1, {vs}, seL4_NoError, 0, {}},
    {"mega_map_other_addr", mega, RISCVPageMap, 3, {0x10400000, 2, 1}, 1, {vs}, seL4_InvalidArgument, 1, {0x0}},
    {"pt2_map_over_mega", pt2, RISCVPageTableMap, 2, {0x10200000, 0}, 1, {vs}, seL4_DeleteFirst, 0, {}},
    {"pt2_map", pt2, RISCVPageTableMap, 2, {0x10000000, 0}, 1, {vs}, seL4_NoError, 0, {}},
    {"pt3_map_full", pt3, RISCVPageTableMap, 2, {0x10000000, 0}, 1, {vs}, seL4_DeleteFirst, 0, {}},
    {"frame_map_via_pt", fr, RISCVPageMap, 3, {0x10000000, 3, 0}, 1, {pt}, seL4_InvalidCapability, 1, {0x1}},
    {"frame_map_bad_align", fr, RISCVPageMap, 3, {0x10000010, 3, 0}, 1, {vs}, seL4_AlignmentError, 0, {}},
    {"frame_map_top", fr, RISCVPageMap, 3, {0x3ffffff000, 3, 0}, 1, {vs}, seL4_InvalidArgument, 1, {0x0}},
    {"frame_map_last", fr, RISCVPageMap, 3, {0x3fffffe000, 3, 0}, 1, {vs}, seL4_FailedLookup, 3, {0x0, 0x2, 0x1e}},
    {"frame_map_wrap", fr, RISCVPageMap, 3, {0xfffffffffffff000, 3, 0}, 1, {vs}, seL4_InvalidArgument, 1, {0x0}},
    {"frame_map", fr, RISCVPageMap, 3, {0x10000000, 3, 0}, 1, {vs}, seL4_NoError, 0, {}},
    {"fr2_map_same", fr2, RISCVPageMap, 3, {0x10000000, 3, 0}, 1, {vs}, seL4_DeleteFirst, 0, {}},
    {"copy_frame", cn, CNodeCopy, 5, {740, 64, fr, 64, 2}, 1, {cn}, seL4_NoError, 0, {}},
    {"map_copy_elsewhere", 740, RISCVPageMap, 3, {0x10001000, 3, 0}, 1, {vs}, seL4_NoError, 0, {}},
    {"map_mapped_in_other_vspace",
     fr,
     RISCVPageMap,
     3,
     {0x10000000, 3, 0},
     1,
     {3},
     seL4_FailedLookup,
     3,
     {0x0, 0x2, 0x15}},
    {"getaddr", fr, RISCVPageGetAddress, 0, {}, 0, {}, seL4_NoError, 1, {any_word}},
    {"unmap", fr, RISCVPageUnmap, 0, {}, 0, {}, seL4_NoError, 0, {}},
    {"unmap_again", fr, RISCVPageUnmap, 0, {}, 0, {}, seL4_NoError, 0, {}},
    {"frame_bad_label", fr, TCBResume, 0, {}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"pt_unmap_vspace", vs, RISCVPageTableUnmap, 0, {}, 0, {}, seL4_RevokeFirst, 0, {}},
    {"copy_mapped_pt", cn, CNodeCopy, 5, {741, 64, pt2, 64, 15}, 1, {cn}, seL4_NoError, 0, {}},
    {"pt_unmap_with_copy", pt2, RISCVPageTableUnmap, 0, {}, 0, {}, seL4_RevokeFirst, 0, {}},
    {"del_copy", cn, CNodeDelete, 2, {741, 64}, 0, {}, seL4_NoError, 0, {}},
    {"pt_unmap", pt2, RISCVPageTableUnmap, 0, {}, 0, {}, seL4_NoError, 0, {}},
    {"pt_unmap_again", pt2, RISCVPageTableUnmap, 0, {}, 0, {}, seL4_NoError, 0, {}},
};

constexpr Vector second[] = {
    {"740_remap_after_pt_unmap",
     740,
     RISCVPageMap,
     3,
     {0x10001000, 3, 0},
     1,
     {vs},
     seL4_FailedLookup,
     3,
     {0x0, 0x2, 0x15}},
    {"frame_rights_0_map_xn",
     fr2,
     RISCVPageMap,
     3,
     {0x10000000, 0, 1},
     1,
     {vs},
     seL4_FailedLookup,
     3,
     {0x0, 0x2, 0x15}},
    {"asidctl_bad_label", 5, TCBResume, 0, {}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"makepool_trunc", 5, RISCVASIDControlMakePool, 1, {750}, 2, {u12, cn}, seL4_TruncatedMessage, 0, {}},
    {"makepool_13", 5, RISCVASIDControlMakePool, 2, {750, 64}, 2, {u13, cn}, seL4_InvalidCapability, 1, {0x1}},
    {"makepool_ep", 5, RISCVASIDControlMakePool, 2, {750, 64}, 2, {ep, cn}, seL4_InvalidCapability, 1, {0x1}},
    {"makepool_occupied", 5, RISCVASIDControlMakePool, 2, {ep, 64}, 2, {u12, cn}, seL4_DeleteFirst, 0, {}},
    {"makepool", 5, RISCVASIDControlMakePool, 2, {750, 64}, 2, {u12, cn}, seL4_NoError, 0, {}},
    {"makepool_used_ut", 5, RISCVASIDControlMakePool, 2, {751, 64}, 2, {u12, cn}, seL4_RevokeFirst, 0, {}},
};

constexpr auto rows = join(first, second);

} // namespace

List vspace_section() { return list_of_vectors<rows>("vectors.vspace"); }

} // namespace guest::vectors
