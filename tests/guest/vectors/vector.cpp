#include "tests/guest/vectors/vector.hpp"

namespace guest::vectors {

namespace {

constexpr Word read_only_notification = 733;
constexpr Word gpio_start = 0x1000'0000; // devices below 2^28: test device and RTC; the UART's region begins here

void make_at(Context& t, Word slot, Word type, Word bits = 0) {
    t.succeeds("set-up", t.invoke(t.untyped(), UntypedRetype, {type, bits, 0, 0, slot, 1}, {cnode}));
}

// A device untyped that no other case takes frames from; it is moved back afterwards.
Word device_untyped() {
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end; ++i) {
        const seL4_UntypedDesc& region = boot_info->untypedList[i - boot_info->untyped.start];
        if (region.isDevice != 0 && region.paddr > gpio_start && region.sizeBits >= 20) return i;
    }
    return 0;
}

void move(Context& t, Word from, Word to) {
    t.succeeds("move", t.invoke(cnode, CNodeMove, {to, depth, from, depth}, {cnode}));
}

void prepare(Context& t, std::string_view first_row) {
    make_at(t, ut24, seL4_UntypedObject, 24);
    make_at(t, mega, seL4_RISCV_Mega_Page);
    make_at(t, ut13, seL4_UntypedObject, 13);
    make_at(t, u13, seL4_UntypedObject, 13);
    make_at(t, u12, seL4_UntypedObject, 12);
    make_at(t, tcb, seL4_TCBObject);
    make_at(t, ep, seL4_EndpointObject);
    make_at(t, ntfn, seL4_NotificationObject);
    make_at(t, cn4, seL4_CapTableObject, 4);
    for (const Word table : {pt, pt2, pt3, vs}) make_at(t, table, seL4_RISCV_PageTableObject);
    for (const Word frame : {fr, fr2}) make_at(t, frame, seL4_RISCV_4K_Page);
    move(t, device_untyped(), devut);
    const auto copy = [&t](Word to, Word from, Word rights) {
        t.succeeds("set-up", t.invoke(cnode, CNodeCopy, {to, depth, from, depth, rights}, {cnode}));
    };
    copy(read_only_notification, ntfn, 2);
    if (first_row == "invoke_null") copy(ro, ep, 2); // the TCB section makes its own
}

void clean_up(Context& t) {
    move(t, devut, device_untyped());
    for (Word i = first_case_slot; i-- > first_vector_slot;) static_cast<void>(seL4_CNode_Delete(cnode, i, depth));
}

} // namespace

void run_row(Context& t, std::span<const Vector> rows, std::size_t index) {
    if (index == 0) prepare(t, rows[0].name);
    const Vector& row = rows[index];
    const Reply reply = t.invoke_span(row.cap, row.label, {row.words, row.length}, {row.caps, row.cap_count});
    Word details[5];
    for (unsigned i = 0; i < row.detail_count; ++i)
        details[i] = row.details[i] == any_word ? reply.words[i] : row.details[i];
    t.fails_span("result", reply, row.error, {details, row.detail_count});
    if (index + 1 == rows.size()) clean_up(t);
}

} // namespace guest::vectors
