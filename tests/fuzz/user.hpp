// What users and devices do.
#pragma once

#include "program.hpp"

namespace fuzz {

void carry_out(const Op& op);

} // namespace fuzz
