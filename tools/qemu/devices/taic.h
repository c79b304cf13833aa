/*
 * TAIC, the task-aware interrupt controller: the QEMU side.
 *
 * The device's behaviour lives in the model that this device links
 * (taic_model.h); this header is what a board needs to place it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_TAIC_H
#define HW_INTC_TAIC_H

#include "hw/sysbus.h"
#include "hw/intc/taic_model.h"

#define TYPE_TAIC "taic"

#define TAIC_MMIO_SIZE 0x1000000

/*
 * GPIO outputs: 0 .. n-1 are the supervisor software interrupts of the n
 * harts, n .. 2n-1 the user software interrupts.  GPIO inputs: the external
 * lines.
 */
DeviceState *taic_create(hwaddr base, const char *profile, uint32_t num_harts);

/* The geometry in use; valid once the device exists. */
const TaicConfig *taic_config(DeviceState *dev);

#endif
