/* Upstream's path of the generated stubs. */
#pragma once

#include <sel4/absent_results.h>
#include <sel4/client.h>
