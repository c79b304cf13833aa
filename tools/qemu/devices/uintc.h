/*
 * UINTC, the user interrupt controller: the QEMU side.
 *
 * The device's behaviour lives in the model that this device links
 * (uintc_model.h); this header is what a board needs to place it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_UINTC_H
#define HW_INTC_UINTC_H

#include "hw/sysbus.h"
#include "hw/intc/uintc_model.h"

#define TYPE_UINTC "uintc"

/* GPIO outputs: the user software interrupts of the harts. */
DeviceState *uintc_create(hwaddr base, uint32_t num_harts);

/* The number of receiver entries; the window has UINTC_ENTRY_SIZE for each. */
uint32_t uintc_entries(DeviceState *dev);

#endif
