/* Upstream generates message info, rights and CNode data; here they are written out. */
#pragma once

#include <sel4/shared_types.h>
