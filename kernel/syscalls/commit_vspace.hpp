// Carries out checked address-space operations.
#pragma once

#include "syscalls/decode_vspace.hpp"

namespace syscalls {

Outcome commit_table_map(const TableMap& op);
Outcome commit_table_unmap(const TableUnmap& op);
Outcome commit_make_pool(const MakePool& op);
Outcome commit_assign_asid(const AssignAsid& op);

} // namespace syscalls
