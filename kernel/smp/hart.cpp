#include "smp/hart.hpp"

namespace smp {

Hart harts[base::max_harts];
u32 hart_count = 1;

} // namespace smp
