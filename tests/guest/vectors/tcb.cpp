// Appendix D.1 of sel4-abi-riscv64.md, section "TCB", row by row.
#include "tests/guest/vectors/vector.hpp"

namespace guest::vectors {

namespace {

constexpr Vector rows[] = {
    {"mk_ro_ntfn", cn, CNodeCopy, 5, {711, 64, ntfn, 64, 1}, 1, {cn}, seL4_NoError, 0, {}},
    {"mk_ro_ep", cn, CNodeCopy, 5, {ro, 64, ep, 64, 2}, 1, {cn}, seL4_NoError, 0, {}},
    {"bad_label", tcb, CNodeCopy, 1, {0}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"read_self", 1, TCBReadRegisters, 2, {0, 32}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"read_0", tcb, TCBReadRegisters, 2, {0, 0}, 0, {}, seL4_RangeError, 2, {0x1, 0x20}},
    {"read_33", tcb, TCBReadRegisters, 2, {0, 33}, 0, {}, seL4_RangeError, 2, {0x1, 0x20}},
    {"read_2", tcb, TCBReadRegisters, 2, {0, 2}, 0, {}, seL4_NoError, 2, {0x0, 0x0}},
    {"read_trunc", tcb, TCBReadRegisters, 1, {0}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"write_self", 1, TCBWriteRegisters, 2, {0, 0}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"write_trunc", tcb, TCBWriteRegisters, 4, {0, 3, 1, 2}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"write_2", tcb, TCBWriteRegisters, 4, {0, 2, 0x1234, 0x5678}, 0, {}, seL4_NoError, 0, {}},
    {"read_4", tcb, TCBReadRegisters, 2, {0, 4}, 0, {}, seL4_NoError, 4, {0x1234, 0x5678, 0x0, 0x0}},
    {"copyregs_nocap", tcb, TCBCopyRegisters, 1, {0}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"copyregs_badcap", tcb, TCBCopyRegisters, 1, {0}, 1, {ep}, seL4_InvalidCapability, 1, {0x1}},
    {"setprio_nocap", tcb, TCBSetPriority, 1, {5}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"setprio_badcap", tcb, TCBSetPriority, 1, {5}, 1, {ep}, seL4_InvalidCapability, 1, {0x1}},
    {"setprio_256", tcb, TCBSetPriority, 1, {256}, 1, {1}, seL4_RangeError, 2, {0x0, 0xff}},
    {"setprio_auth_new_tcb", tcb, TCBSetPriority, 1, {1}, 1, {tcb}, seL4_RangeError, 2, {0x0, 0x0}},
    {"setmcp_256", tcb, TCBSetMCPriority, 1, {256}, 1, {1}, seL4_RangeError, 2, {0x0, 0xff}},
    {"schedparams_mcp_256", tcb, TCBSetSchedParams, 2, {256, 1}, 1, {1}, seL4_RangeError, 2, {0x0, 0xff}},
    {"schedparams_prio_256", tcb, TCBSetSchedParams, 2, {1, 256}, 1, {1}, seL4_RangeError, 2, {0x0, 0xff}},
    {"ipcbuf_not_frame", tcb, TCBSetIPCBuffer, 1, {0x1000}, 1, {ep}, seL4_IllegalOperation, 0, {}},
    {"ipcbuf_0_w_ep", tcb, TCBSetIPCBuffer, 1, {0}, 1, {ep}, seL4_NoError, 0, {}},
    {"ipcbuf_unaligned", tcb, TCBSetIPCBuffer, 1, {0x1010}, 1, {fr}, seL4_AlignmentError, 0, {}},
    {"ipcbuf_0x400", tcb, TCBSetIPCBuffer, 1, {0x400}, 1, {fr}, seL4_NoError, 0, {}},
    {"ipcbuf_nullcap", tcb, TCBSetIPCBuffer, 1, {0x400}, 1, {720}, seL4_IllegalOperation, 0, {}},
    {"setspace_bad_cnode", tcb, TCBSetSpace, 3, {0, 0, 0}, 2, {ep, 3}, seL4_IllegalOperation, 0, {}},
    {"setspace_bad_vspace", tcb, TCBSetSpace, 3, {0, 0, 0}, 2, {cn, ep}, seL4_IllegalOperation, 0, {}},
    {"setspace_unassigned_pt", tcb, TCBSetSpace, 3, {0, 0, 0}, 2, {cn, pt}, seL4_IllegalOperation, 0, {}},
    {"setspace_guard_too_big", tcb, TCBSetSpace, 3, {0, 52, 0}, 2, {cn, 3}, seL4_IllegalOperation, 0, {}},
    {"setspace_null_cnode", tcb, TCBSetSpace, 3, {0, 0, 0}, 2, {720, 3}, seL4_IllegalOperation, 0, {}},
    {"setspace_ok", tcb, TCBSetSpace, 3, {0, 0, 0}, 2, {cn, 3}, seL4_NoError, 0, {}},
    {"configure_trunc", tcb, TCBConfigure, 3, {0, 0, 0}, 3, {cn, 3, fr}, seL4_TruncatedMessage, 0, {}},
    {"configure_2_caps", tcb, TCBConfigure, 4, {0, 0, 0, 0}, 2, {cn, 3}, seL4_TruncatedMessage, 0, {}},
    {"configure_buf_0", tcb, TCBConfigure, 4, {0, 0, 0, 0}, 3, {cn, 3, 0}, seL4_NoError, 0, {}},
    {"bind_no_cap", tcb, TCBBindNotification, 0, {}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"bind_ep", tcb, TCBBindNotification, 0, {}, 1, {ep}, seL4_IllegalOperation, 0, {}},
    {"bind_write_only", tcb, TCBBindNotification, 0, {}, 1, {711}, seL4_IllegalOperation, 0, {}},
    {"unbind_unbound", tcb, TCBUnbindNotification, 0, {}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"bind", tcb, TCBBindNotification, 0, {}, 1, {ntfn}, seL4_NoError, 0, {}},
    {"bind_again", tcb, TCBBindNotification, 0, {}, 1, {ntfn}, seL4_IllegalOperation, 0, {}},
    {"bind_other_tcb", 1, TCBBindNotification, 0, {}, 1, {ntfn}, seL4_IllegalOperation, 0, {}},
    {"unbind", tcb, TCBUnbindNotification, 0, {}, 0, {}, seL4_NoError, 0, {}},
    {"settls_trunc", tcb, TCBSetTLSBase, 0, {}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"settls", tcb, TCBSetTLSBase, 1, {0x777}, 0, {}, seL4_NoError, 0, {}},
    {"setflags", tcb, TCBSetFlags, 2, {0, ~0ul}, 0, {}, seL4_NoError, 1, {0x1}},
    {"setflags_clear", tcb, TCBSetFlags, 2, {1, 0}, 0, {}, seL4_NoError, 1, {0x0}},
    {"setflags_both", tcb, TCBSetFlags, 2, {1, 1}, 0, {}, seL4_NoError, 1, {0x1}},
    {"setflags_clear_2", tcb, TCBSetFlags, 2, {~0ul, 0}, 0, {}, seL4_NoError, 1, {0x0}},
};

} // namespace

List tcb_section() { return list_of_vectors<rows>("vectors.tcb"); }

} // namespace guest::vectors
