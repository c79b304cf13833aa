/* Stubs that upstream composes of others: without MCS there are none beside the generated ones. */
#pragma once

#include <sel4/client.h>
