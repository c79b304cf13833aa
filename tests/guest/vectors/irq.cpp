// Appendix D.1 of sel4-abi-riscv64.md, section "IRQ", row by row.
#include "tests/guest/vectors/vector.hpp"

namespace guest::vectors {

namespace {

constexpr Vector rows[] = {
    {"get_irq_0", 4, IRQIssueIRQHandler, 3, {0, 730, 64}, 1, {cn}, seL4_RangeError, 2, {0x1, max_irq}},
    {"get_irq_95", 4, IRQIssueIRQHandler, 3, {95, 730, 64}, 1, {cn}, seL4_NoError, 0, {}},
    {"get_irq_95_again", 4, IRQIssueIRQHandler, 3, {95, 731, 64}, 1, {cn}, seL4_RevokeFirst, 0, {}},
    {"get_irq_96_the_timer", 4, IRQIssueIRQHandler, 3, {96, 731, 64}, 1, {cn}, seL4_RevokeFirst, 0, {}},
    {"get_irq_beyond", 4, IRQIssueIRQHandler, 3, {max_irq + 1, 731, 64}, 1, {cn}, seL4_RangeError, 2, {0x1, max_irq}},
    {"get_irq_2_64_1", 4, IRQIssueIRQHandler, 3, {~0ul, 731, 64}, 1, {cn}, seL4_RangeError, 2, {0x1, max_irq}},
    {"get_occupied", 4, IRQIssueIRQHandler, 3, {94, ep, 64}, 1, {cn}, seL4_DeleteFirst, 0, {}},
    {"get_trunc", 4, IRQIssueIRQHandler, 2, {94, 731}, 1, {cn}, seL4_TruncatedMessage, 0, {}},
    {"trigger", 4, RISCVIRQIssueIRQHandlerTrigger, 4, {94, 1, 732, 64}, 1, {cn}, seL4_NoError, 0, {}},
    {"irqctl_bad_label", 4, TCBResume, 2, {94, 731}, 1, {cn}, seL4_IllegalOperation, 0, {}},
    {"handler_bad_label", 730, TCBResume, 0, {}, 0, {}, seL4_IllegalOperation, 0, {}},
    {"handler_ack", 730, IRQAckIRQ, 0, {}, 0, {}, seL4_NoError, 0, {}},
    {"handler_set_nocap", 730, IRQSetIRQHandler, 0, {}, 0, {}, seL4_TruncatedMessage, 0, {}},
    {"handler_set_ep", 730, IRQSetIRQHandler, 0, {}, 1, {ep}, seL4_InvalidCapability, 1, {0x0}},
    {"handler_set_ro_ntfn", 730, IRQSetIRQHandler, 0, {}, 1, {733}, seL4_InvalidCapability, 1, {0x0}},
    {"handler_set_ntfn", 730, IRQSetIRQHandler, 0, {}, 1, {ntfn}, seL4_NoError, 0, {}},
    {"handler_clear", 730, IRQClearIRQHandler, 0, {}, 0, {}, seL4_NoError, 0, {}},
    {"copy_handler", cn, CNodeCopy, 5, {734, 64, 730, 64, 15}, 1, {cn}, seL4_NoError, 0, {}},
    {"del_orig", cn, CNodeDelete, 2, {730, 64}, 0, {}, seL4_NoError, 0, {}},
    {"get_irq_95_still_held", 4, IRQIssueIRQHandler, 3, {95, 730, 64}, 1, {cn}, seL4_RevokeFirst, 0, {}},
    {"revoke_irqctl", cn, CNodeRevoke, 2, {4, 64}, 0, {}, seL4_NoError, 0, {}},
    {"get_irq_95_2", 4, IRQIssueIRQHandler, 3, {95, 730, 64}, 1, {cn}, seL4_NoError, 0, {}},
};

} // namespace

List irq() { return list_of_vectors<rows>("vectors.irq"); }

} // namespace guest::vectors
